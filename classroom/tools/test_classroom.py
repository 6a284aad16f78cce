#!/usr/bin/env python3
"""Tests of the classroom's tools that compile nothing."""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
import unittest
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent))
import make
import report
import spec
import submission

ASKED = SimpleNamespace(may_change=["01_x/a.cpp", "common/b.cpp"])


def result(scores, message="row 3 sums to 0.9"):
    tasks = [{"id": f"t{i}", "title": "T", "number": i, "score": score, "max_score": 10, "look": "a.cpp",
              "message": "" if score == 10 else message, "printed": "",
              "tests": [{"name": "rows sum to 1", "edge": 0, "hidden": False, "passed": score == 10,
                         "message": "" if score == 10 else message}]} for i, score in enumerate(scores)]
    return {"stage": "01_x", "seed": 1, "walls": "w", "notes": [], "score": sum(scores),
            "max_score": 10 * len(scores), "tasks": tasks}


class Taking(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name)
        self.addCleanup(self.place.cleanup)

    def test_files_are_found_at_their_place_deeper_and_alone(self):
        for where in ("01_x/a.cpp", "repo/01_x/a.cpp", "a.cpp"):
            with self.subTest(where):
                folder = self.folder / where.replace("/", "_")
                make.write(folder / where, "int a;\n")
                self.assertEqual(submission.take(ASKED, folder).files, {"01_x/a.cpp": "int a;\n"})

    def test_an_archive_gives_only_what_was_asked_for(self):
        path = self.folder / "s.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("01_x/a.cpp", "int a;\n")
            archive.writestr("../common/b.cpp", "int b;\n")
            archive.writestr("Makefile", "all:\n")
        taken = submission.take(ASKED, path)
        self.assertEqual(list(taken.files), ["01_x/a.cpp"])
        self.assertIn("outside", taken.notes[0])
        self.assertFalse((self.folder / "common").exists())

    def test_a_link_in_a_tar_is_refused(self):
        path = self.folder / "s.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            link = tarfile.TarInfo("01_x/a.cpp")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
            data = b"\0\1\2"
            binary = tarfile.TarInfo("common/b.cpp")
            binary.size = len(data)
            archive.addfile(binary, io.BytesIO(data))
        taken = submission.take(ASKED, path)
        self.assertEqual(taken.files, {})
        self.assertIn("link", taken.faults["01_x/a.cpp"])
        self.assertIn("binary", taken.faults["common/b.cpp"])

    def test_a_damaged_archive_and_a_file_that_is_none_have_nothing(self):
        for name, data in (("a.zip", b"PK\3\4 no"), ("b.txt", b"hello")):
            (self.folder / name).write_bytes(data)
            self.assertEqual(len(submission.take(ASKED, self.folder / name).faults), 2)


class Reporting(unittest.TestCase):
    def test_gradescope_gets_scores_that_add_up(self):
        data = json.loads(report.gradescope(result([10, 0, 5])))
        self.assertEqual(data["score"], sum(test["score"] for test in data["tests"]))
        self.assertEqual([test["status"] for test in data["tests"]], ["passed", "failed", "failed"])
        self.assertIn("a.cpp", data["tests"][1]["output"])

    def test_junit_is_xml_whatever_the_code_printed(self):
        suite = xml.fromstring(report.junit(result([0], "\0\x1b[31m<&]]>")).encode())
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "1"))

    def test_a_class_names_the_task_that_failed_most_first(self):
        results = {"=anna": result([10, 0]), "ben": result([0, 0])}
        self.assertLess(report.summary(results).index("t1: 2 of 2"), report.summary(results).index("t0: 1 of 2"))
        self.assertIn("\n'=anna,10,20,10,0\n", report.table(results))


class Sources(unittest.TestCase):
    def test_each_assignment_is_whole(self):
        for number in spec.all_numbers():
            with self.subTest(number):
                assignment = spec.Assignment(number)
                regions = [region for task in assignment.tasks for region in task.regions]
                self.assertEqual(sorted(regions), sorted(assignment.solutions()))
                self.assertEqual(set(regions), set(assignment.starter_snippets()))
                self.assertEqual(sum(task.points for task in assignment.tasks), 100)
                self.assertTrue(3 <= len(assignment.tasks) <= 6)
                for task in assignment.tasks:
                    self.assertTrue(task.hints, task.id)
                    self.assertIn(task.file, assignment.may_change)
                    self.assertTrue(any(r in task.regions for r, _, _ in assignment.mutants()), task.id)

    def test_a_planted_answer_is_found(self):
        assignment = spec.Assignment("01")
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "student"
            make.make(assignment, folder)
            self.assertEqual(make.leaks(assignment, folder), [])
            answer = assignment.solutions()["mean_nll"].replace("  ", "\t")
            (folder / "notes.txt").write_text(f"do it so:\n{answer}")
            self.assertEqual(make.leaks(assignment, folder), ["notes.txt: mean_nll"])

    def test_the_student_gets_no_mark_no_hidden_test_and_no_wrong_answer(self):
        for number in spec.all_numbers():
            with tempfile.TemporaryDirectory() as place:
                make.make(spec.Assignment(number), Path(place) / "s")
                for path in (Path(place) / "s").rglob("*"):
                    self.assertNotIn(path.name, ("hidden", "mutants.txt", "starter.txt", ".git"))
                    if path.suffix in (".cpp", ".hpp"):
                        self.assertNotIn("SOLUTION", path.read_text())

    def test_the_tools_say_in_one_line_what_is_wrong(self):
        for tool, words, status in (("assignment", ["make", "77", "/nowhere"], 1), ("grade", ["/nowhere", "--stage", "01"], 3),
                                    ("assignment", ["frob"], 2), ("learn", ["frob"], 2)):
            done = subprocess.run([spec.ROOT / "tools" / tool, *words], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, status, f"{tool} {words}: {done.stderr}")
            if status != 2:
                self.assertRegex(done.stderr, r"\Aerror: [^\n]+\n\Z")


if __name__ == "__main__":
    unittest.main()
