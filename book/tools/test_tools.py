#!/usr/bin/env python3
"""Do the checks of the book notice what they are there for? Each test breaks something in a copy of
the repository and runs the check."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """#include <vector>
namespace ladder {
// not a brace: {
template <class T>
int twice(T x) {  // {
  const char* text = "}";
  return 2 * x;
}

class Tape {
 public:
  Tape(int a) : a_{a}, b_(twice(a)) {}
  int a_, b_;
};

int Tape_use() {
  // 1. First.
  int a = twice(1);

  // 2. Second.
  int b = a;
  return b;
}
}  // namespace ladder
"""

PAGE = """# 1 · A page

$a + b$ and a [link](README.md#the-book).

<!-- code: 01_x/x.cpp#function:twice -->
<!-- /code -->
<!-- code: 01_x/x.cpp#step:1; step:2; type:Tape -->
<!-- /code -->
It is <!-- number: r.json rows[name=b].value %.2f -->?<!-- /number -->, and not <!-- number: missing.json a.b %.2f -->?<!-- /number -->.

<!-- table: r.json rows | name=name | value=value %.1f -->
<!-- /table -->

<!-- output: 01_x --samples 3 | first 1 -->
<!-- /output -->

```sh
build/release/bin/01_x --samples 3
./run.sh 01 --samples 2
```

<!-- nav -->
<!-- /nav -->
"""


class Checks(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        book = self.folder / "book"
        shutil.copytree(ROOT / "book" / "tools", book / "tools",
                        ignore=shutil.ignore_patterns("__pycache__"))
        self.write("README.md", "# House\n")
        self.write("run.sh", "")
        self.write("names.txt", "emma\n")
        self.write("01_x/x.cpp", SOURCE)
        self.write("book/README.md", "# The book\n\n1. [A page](page.md)\n")
        self.write("book/page.md", PAGE)
        self.write("book/results/r.json", '{"rows": [{"name": "a", "value": 1}, {"name": "b", "value": 2.5}]}')
        program = self.write("build/release/bin/01_x", "#!/bin/sh\n"
                             "[ \"$1\" = --help ] && echo '  --samples N  names' || printf 'emma\\nava\\n'\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (book / "figures").mkdir()
        self.run_tool("diagrams")
        for picture in sorted((book / "figures").glob("*.svg")):
            self.append("book/page.md", f"<!-- figure: {picture.stem} | It -->\n<!-- /figure -->\n")
        self.run_tool("fill", expect=0)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def append(self, name, text):
        with open(self.folder / name, "a", encoding="utf-8") as file:
            file.write(text)

    def replace(self, name, old, new):
        text = (self.folder / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.write(name, text.replace(old, new, 1))

    def run_tool(self, *arguments, expect=None):
        result = subprocess.run(
            [sys.executable, str(self.folder / "book/tools/book.py"), *arguments], text=True,
            capture_output=True, env={**os.environ, "MICROGPT_NAMES": str(self.folder / "names.txt")})
        if expect is not None:
            self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def check_fails(self, what, message):
        self.assertIn(message, self.run_tool("check", what, expect=1))

    def test_what_is_filled_passes(self):
        for what in ("listings", "numbers", "outputs", "commands", "links", "figures"):
            self.run_tool("check", what, expect=0)
        page = (self.folder / "book/page.md").read_text(encoding="utf-8")
        self.assertIn("template <class T>\nint twice(T x) {  // {\n", page)
        self.assertIn("// 1. First.\nint a = twice(1);\n\n// 2. Second.\nint b = a;\nreturn b;\n\nclass Tape {",
                      page)
        self.assertIn("b_(twice(a)) {}\n  int a_, b_;\n};\n```", page)
        self.assertIn("-->2.50<!-- /number -->", page)
        self.assertIn("-->–<!-- /number -->", page)
        self.assertIn("| name | value |\n|---|---:|\n| a | 1.0 |\n| b | 2.5 |", page)
        self.assertIn("```text\nemma\n…\n```", page)
        self.assertIn("[Contents](README.md)", page)

    def test_listing_out_of_date(self):
        self.replace("01_x/x.cpp", "return 2 * x", "return x + x")
        self.check_fails("listings", "book/page.md:10: out of date: '  return 2 * x;' should be '  return x + x;'")

    def test_function_gone(self):
        self.replace("01_x/x.cpp", "int twice(", "int thrice(")
        self.check_fails("listings", "there is no function:twice in 01_x/x.cpp")

    def test_file_moved(self):
        (self.folder / "01_x/room").mkdir()
        (self.folder / "01_x/x.cpp").rename(self.folder / "01_x/room/x.cpp")
        self.check_fails("listings", "should be '<!-- code: 01_x/room/x.cpp#function:twice -->'")
        self.run_tool("fill", expect=0)
        self.run_tool("check", "listings", expect=0)

    def test_marker_not_closed(self):
        self.replace("book/page.md", "<!-- /code -->", "")
        self.check_fails("listings", "not closed")

    def test_number_typed_by_hand(self):
        self.replace("book/page.md", "-->2.50<!--", "-->2.51<!--")
        self.check_fails("numbers", "out of date")

    def test_number_at_the_beginning_of_a_line(self):
        self.replace("book/page.md", "and not <!--", "and not\n<!--")
        self.check_fails("numbers", "begin it with a word")

    def test_measured_anew(self):
        self.replace("book/results/r.json", "2.5", "2.75")
        self.check_fails("numbers", "out of date")

    def test_program_prints_something_else(self):
        self.replace("build/release/bin/01_x", "emma", "olivia")
        self.check_fails("outputs", "'emma' should be 'olivia'")

    def test_option_gone(self):
        self.replace("build/release/bin/01_x", "--samples N", "--names N")
        self.check_fails("commands", "01_x has no option --samples")

    def test_program_gone(self):
        self.replace("book/page.md", "bin/01_x --samples 3\n./", "bin/02_y\n./")
        self.check_fails("commands", "there is no program 02_y")

    def test_link_to_nothing(self):
        self.replace("book/page.md", "(README.md#the-book)", "(REDME.md)")
        self.check_fails("links", "book/page.md:3: there is no REDME.md")

    def test_heading_gone(self):
        self.replace("book/README.md", "# The book", "# A book")
        self.check_fails("links", "there is no heading #the-book in book/README.md")

    def test_page_left_out(self):
        self.write("book/more.md", "# More\n")
        self.check_fails("links", "book/more.md: not in the contents")

    def test_diagram_changed_by_hand(self):
        self.append("book/figures/gpt.svg", "<!-- more -->")
        self.check_fails("figures", "book/figures/gpt.svg: not what diagrams.py draws")

    def test_chart_older_than_its_data(self):
        self.write("book/figures/c.vl.json", '{"data": {"url": "../results/r.json"}}')
        self.check_fails("figures", "book/figures/c.svg: not drawn yet")
        stamp = subprocess.run([sys.executable, "-c", "import figures as f, pathlib as p; "
                                "print(f.stamp_of(p.Path('../figures/c.vl.json')))"], text=True,
                               cwd=self.folder / "book/tools", capture_output=True).stdout.strip()
        self.write("book/figures/c.svg", f"<svg><!-- made from {stamp} --></svg>")
        self.append("book/page.md", "![It](figures/c.svg)\n")
        self.run_tool("check", "figures", expect=0)
        self.replace("book/results/r.json", "2.5", "2.75")
        self.check_fails("figures", "book/figures/c.svg: older than its specification or results")

    def test_breakdown_as_it_is_printed(self):
        table = ("cycles a token embed norms q,k,v attend MLP head draw sum whole\n"
                 "tables 19 - - 158 146 56 96 475 406\n  at peak - - - 11 67 14 - 91 -\n"
                 "int16 - - - - - - - - 508\n  at peak - - - 11 34 14 - 58 -\n"
                 "streams_int8 - 5 - 56 36 17 18 132 126\n")
        code = "import measure, sys; print(measure.breakdown_rows(sys.stdin.read()))"
        rows = subprocess.run([sys.executable, "-c", code], text=True, input=table, capture_output=True,
                              cwd=self.folder / "book/tools", check=True).stdout
        self.assertIn("{'engine': 'tables', 'part': 'Q, K, V', 'cycles': None, 'whole': 406.0}", rows)
        self.assertIn("{'engine': 'streams_int8', 'part': 'MLP', 'cycles': 36.0, 'whole': 126.0}", rows)
        self.assertNotIn("at peak", rows)
        self.assertNotIn("int16',", rows)
        self.assertNotIn("sum", rows)

    def test_output_does_not_depend_on_where_the_corpus_lies(self):
        self.replace("build/release/bin/01_x", "printf 'emma\\nava\\n'", "echo ${#MICROGPT_NAMES}")
        self.run_tool("fill", expect=0)
        page = (self.folder / "book/page.md").read_text(encoding="utf-8")
        self.assertIn("```text\n9\n```", page)  # the length of "names.txt"

    def test_without_programs_it_is_skipped(self):
        shutil.rmtree(self.folder / "build")
        self.assertIn("the programs are not built", self.run_tool("check", "commands", expect=4))

    def test_markdown_for_the_site(self):
        text = subprocess.run([sys.executable, str(self.folder / "book/tools/filter_markdown.py"),
                               str(self.folder / "book/page.md")], text=True, capture_output=True).stdout
        self.assertTrue(text.startswith("# 1 · A page {#book_page}\n"), text[:80])
        self.assertIn("\\f$a + b\\f$", text)
        self.assertIn('<a href="book_contents.html">link</a>', text)
        self.assertIn('<a href="source:01_x/x.cpp">', text)
        self.assertNotIn("<!--", re.sub(r"```.*?```", "", text, flags=re.S))


if __name__ == "__main__":
    unittest.main()
