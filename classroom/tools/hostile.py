"""Submissions that try to cheat or to break the grader, made from stage 1's starter.

Each is a name, a function that writes it into a folder, and what its report must say. `CODE` goes at the
top of count_model.cpp, so that it runs before and beside what the student should have written.
"""

import os
import zipfile

MODEL = "01_counting_bigram/count_model.cpp"
FAKE = r"""
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <vector>
"""


def code(text, body="", call="attack();"):
    """A file that does `call` when the program begins (text declares it), and has the starter below."""
    def write(folder, starter):
        (folder / "01_counting_bigram").mkdir()
        begin = f"{FAKE}{text}\nnamespace {{ const int begun = ({call.rstrip(';')}, 0); }}\n" if call else f"{FAKE}{text}\n"
        (folder / MODEL).write_text(begin + (body or starter))
    return write


def empty(_folder, _starter):
    pass


def symlink(folder, _starter):
    (folder / "01_counting_bigram").mkdir()
    os.symlink("/etc/passwd", folder / MODEL)


def binary(folder, _starter):
    (folder / "01_counting_bigram").mkdir()
    (folder / MODEL).write_bytes(b"\x7fELF\0\0\0" * 100)


def large(folder, _starter):
    (folder / "01_counting_bigram").mkdir()
    with open(folder / MODEL, "wb") as file:
        file.truncate(1 << 30)


def dots(folder, starter):
    with zipfile.ZipFile(folder / "work.zip", "w") as archive:
        archive.writestr("../../../" + MODEL, starter)


ZERO = "ended the program"
SYSTEM = "asked the operating system"
ENDS = "is 0, and it should not be zero"

# name, writer, what the message of the first task has to contain, whether it takes seconds
ALL = [
    ("exit before the tests", code("", call="exit(0)"), ZERO),
    ("prints a fake report", code(
        'void attack() { printf("ok\\nok\\nok\\n100 of 100 points\\n"); fflush(stdout); }'), ENDS),
    ("writes a fake answer", code(
        "void attack() { double all[64] = {}; for (int fd = 3; fd < 10; ++fd)"
        " if (write(fd, all, sizeof(all)) < 0) continue; }"), "wrote where only the grader writes"),
    ("replaces main", code("int main() { return 0; }", call=""), "a main() of its own"),
    ("overrides operator==", code(
        "#include <Eigen/Core>\nnamespace ladder { template <class A> bool operator==(const A&, double) {"
        " return true; } template <class A> bool operator<=(const A&, double) { return true; } }",
        call=""), ENDS),
    ("replaces the test macros", code(
        "#define CHECK(x)\n#define REQUIRE(x)\n#define that(x, y)\n#define near(...)", call=""), ENDS),
    ("takes the place of the grader's checks", code(
        "#include <string>\nnamespace ladder::classroom { struct Probes; void add_probes(Probes&) {} }",
        call=""), "it cannot be linked"),
    ("hard-codes the expected numbers", code("", "#include \"01_counting_bigram/count_model.hpp\"\n"
        "namespace ladder {\nMatrix count_pairs(const std::vector<Tokens>&, int v) {\n"
        "  Matrix m = Matrix::Ones(v, v); m(0, 0) = 37; return m; }\n"
        "Matrix probabilities_from_counts(const Matrix& c, double) {\n"
        "  return Matrix::Constant(c.rows(), c.cols(), 1.0 / c.cols()); }\n"
        "double mean_nll(const Matrix&, const Matrix&) { return 2.4546; }\n"
        "double add_one_nll(const std::vector<Tokens>&, const std::vector<Tokens>&, int) {"
        " return 2.4546; }\n}\n", call=""), "the sum of all counts"),
    ("includes the hidden tests", code('#include "@ROOT@/classroom/hidden/01.cpp"', call=""),
     "does not compile"),
    ("includes the key by a macro", code(
        '#define WHERE "@ROOT@/01_counting_bigram/count_model.cpp"\n#include WHERE', call=""),
     "does not compile"),
    ("assembles the key in", code('asm(".incbin \\"@ROOT@/classroom/hidden/01.cpp\\"");', call=""),
     "incbin"),
    ("reads the key from disk", code(
        'void attack() { if (FILE* f = fopen("@ROOT@/classroom/hidden/01.cpp", "r")) fclose(f); }'), SYSTEM),
    ("an endless loop", code("void attack() { volatile int i = 0; while (true) i = i + 1; }"),
     "endless loop"),
    ("a fork bomb", code("void attack() { while (true) fork(); }"), SYSTEM),
    ("fills memory", code(
        "void attack() { for (;;) { auto* p = new char[50 << 20]; for (int i = 0; i < (50 << 20);"
        " i += 4096) p[i] = 1; } }"), "memory"),
    ("fills the disk", code(
        'void attack() { for (;;) puts("a line that fills the disk, again and again and again"); }'),
     "printed more than is allowed"),
    ("opens a socket", code("void attack() { socket(AF_INET, SOCK_STREAM, 0); }"), SYSTEM),
    ("writes outside its directory", code(
        'void attack() { FILE* f = fopen("@OUTSIDE@", "w"); if (f) fclose(f); }'), SYSTEM),
    ("is empty", empty, "was not handed in"),
    ("does not compile", code("this is no C++", call=""), "does not compile"),
    ("is a symlink", symlink, "symbolic link"),
    ("is a binary", binary, "binary"),
    ("is a file of 1 GB", large, "1073741824 bytes"),
    ("has a path with dots", dots, "was not handed in"),
    ("reads /dev/zero while it is compiled", code('#include "/dev/zero"', call=""), "does not compile"),
]
SLOW = {"an endless loop", "includes the key by a macro", "overrides operator==",
        "replaces the test macros", "takes the place of the grader's checks"}


def write(folder, starter, words, chosen):
    """Writes the chosen ones as folders; returns {folder name: what its report must say}."""
    wanted = {}
    for name, writer, message in ALL:
        if name not in chosen:
            continue
        place = folder / name.replace(" ", "_").replace("/", "_")
        place.mkdir(parents=True)
        writer(place, starter)
        for path in place.rglob("*.cpp"):
            if not path.is_symlink() and path.stat().st_size < 100_000:
                text = path.read_text(errors="replace")
                for word, value in words.items():
                    text = text.replace(word, value)
                if b"\0" not in path.read_bytes():
                    path.write_text(text)
        if name == "has a path with dots":
            (place / "work.zip").rename(folder / "dots.zip")
            place.rmdir()
            place = folder / "dots.zip"
        wanted[place.name] = message
    return wanted
