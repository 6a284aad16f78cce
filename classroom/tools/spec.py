"""What an assignment is: classroom/NN/tasks.json, the stage's assignment.md, and marked sources.

In the sources an answer lies between "// BEGIN SOLUTION 01.count_pairs" and "// END SOLUTION". What the
student finds in its place is in classroom/NN/starter.txt, wrong answers are in classroom/NN/mutants.txt,
both between "// BEGIN count_pairs" (a mutant: ": why it is wrong" behind it) and "// END".
"""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLASSROOM = ROOT / "classroom"
SOLUTION = re.compile(r"^ *// BEGIN SOLUTION (\d\d)\.(\w+)\n(.*?)^ *// END SOLUTION\n", re.M | re.S)
SNIPPET = re.compile(r"^// BEGIN (\w+)(?:: ([^\n]*))?\n(.*?)^// END\n", re.M | re.S)
HEADING = re.compile(r"^## Task (\d+): ([^\n]+) \((\d+) points\)\n\n<!-- task: (\w+) -->\n(.*?)(?=^## |\Z)",
                     re.M | re.S)
HINT = re.compile(r"<details><summary>(Hint \d+)</summary>\n(.*?)</details>", re.S)


class Problem(Exception):
    """Something the teacher or student can mend: one line."""


class Task:
    """One task: id, title, points, text, hints, regions, file, look."""

    def __init__(self, entry, heading):
        self.id, self.regions = entry["id"], entry["regions"]
        self.file, self.look = entry["file"], entry["look"]
        self.after = entry.get("after", [])  # tasks whose answers this one's may use
        self.number, self.title, self.points = int(heading[0]), heading[1], int(heading[2])
        self.hints = [text.strip() for _, text in HINT.findall(heading[4])]
        self.text = HINT.sub("", heading[4]).strip()


class Assignment:
    """All of one stage's assignment."""

    def __init__(self, number):
        self.number = f"{int(number):02d}" if str(number).isdigit() else str(number)
        self.folder = CLASSROOM / self.number
        if not (self.folder / "tasks.json").is_file():
            raise Problem(f"there is no assignment {number}; there are: {' '.join(all_numbers())}")
        data = json.loads((self.folder / "tasks.json").read_text())
        self.stage = data["stage"]
        self.may_change = data["may_change"]
        self.sources = data["sources"]
        self.leaves_out = data.get("leaves_out", [])
        self.flags = data.get("flags", ["-O1"])
        self.judge_sources = data.get("judge_sources", [])
        self.seconds = data.get("seconds", 20)
        self.memory_mb = data.get("memory_mb", 1024)
        handout = (ROOT / self.stage / "assignment.md").read_text()
        headings = {h[3]: h for h in HEADING.findall(handout)}
        ids = [entry["id"] for entry in data["tasks"]]
        if ids != list(headings):
            raise Problem(f"{self.stage}/assignment.md and tasks.json have not the same tasks")
        self.tasks = [Task(entry, headings[entry["id"]]) for entry in data["tasks"]]

    def starter_snippets(self):
        text = (self.folder / "starter.txt").read_text()
        return {name: body for name, _, body in SNIPPET.findall(text)}

    def mutants(self):
        """(region, why, text) of each wrong answer."""
        return SNIPPET.findall((self.folder / "mutants.txt").read_text())

    def solutions(self):
        """region: the answer, of this stage, from the files that the student may change."""
        found = {}
        for name in self.may_change:
            for number, region, body in SOLUTION.findall((ROOT / name).read_text()):
                if number == self.number:
                    found[region] = body
        return found

    def task_of_region(self, region):
        return next(task for task in self.tasks if region in task.regions)


def all_numbers():
    return sorted(path.parent.name for path in CLASSROOM.glob("*/tasks.json"))


def replaced(text, number, snippets):
    """The source with this stage's answers replaced (a region without snippet keeps its own), no marks."""
    def choose(match):
        mine = match.group(1) == number and match.group(2) in snippets
        return snippets[match.group(2)] if mine else match.group(3)
    return SOLUTION.sub(choose, text)


def tracked_files(folders):
    """Files under these folders, relative to the root: what Git knows, and not what lies about."""
    result = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--", *folders],
                            capture_output=True, text=True, check=False)
    if result.returncode == 0 and result.stdout:
        return [name for name in result.stdout.split("\0") if name and (ROOT / name).is_file()]
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    known = {".cpp", ".hpp", ".cmake", ".txt", ".md", ".json", ".safetensors", ".in", ".sv", ".v"}
    return sorted(str(path.relative_to(ROOT)) for path in found if path.suffix in known)
