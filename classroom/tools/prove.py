#!/usr/bin/env python3
"""Proves that the assignments can be trusted.

  classroom/tools/prove.py --quick NN   starter, key and all wrong answers at once, of one stage (seconds)
  classroom/tools/prove.py --hostile    the quick half of the hostile submissions
  classroom/tools/prove.py [NN…]        everything, minutes; writes classroom/PROVED.txt if all stages
                                        were proved
  classroom/tools/prove.py --stale      whether PROVED.txt is of the assignments as they are

Exit status 1 if something does not hold, 4 if a tool is missing (and which).
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import grading
import hostile
import make
import room as rooms
import spec
from spec import CLASSROOM, ROOT

SEED = 20
faults = []


def hold(holds, message):
    if not holds:
        faults.append(message)
        print(f"FAIL  {message}", flush=True)


def written(assignment, folder, snippets):
    """A submission whose regions are these, its own answers elsewhere."""
    for name in assignment.may_change:
        make.write(folder / name, make.student_text(assignment, name, snippets))
    return folder


def graded(room, folder):
    return {task["id"]: task for task in grading.grade(room, folder, SEED)["tasks"]}


def prove_starter(room, folder):
    """It compiles, fails every task, and says what is wrong; it has no answer in it."""
    assignment = room.assignment
    found = make.leaks(assignment, room.starter)
    hold(not found, f"{assignment.number}: an answer is in the starter: {found}")
    starter = written(assignment, folder / "starter", assignment.starter_snippets())
    for task in graded(room, starter).values():
        hold(task["tests"], f"{assignment.number}: the starter cannot be built: {task['message']}")
        hold(task["score"] == 0, f"{assignment.number}/{task['id']}: the starter earns points")
        for test in task["tests"]:
            hold(test["passed"] or len(test["message"]) > 15,
                 f"{assignment.number}/{task['id']}: no helpful message: {test['message']!r}")
        cores = [test for test in task["tests"] if test["edge"] == 0]
        hold(any(not test["passed"] for test in cores if not test["hidden"]),
             f"{assignment.number}/{task['id']}: the visible tests pass on the starter")
        hold({test["hidden"] for test in cores} == {True, False},
             f"{assignment.number}/{task['id']}: it needs visible and hidden core tests")


def prove_key(room, folder):
    for task in graded(room, written(room.assignment, folder / "key", {})).values():
        hold(task["score"] == task["max_score"],
             f"{room.assignment.number}/{task['id']}: the key does not pass: {task['message']}")


def prove_mutants_at_once(room, folder):
    """One wrong answer for each region, all in one submission: every task must fail."""
    assignment = room.assignment
    chosen = {}
    for region, _, text in assignment.mutants():
        chosen.setdefault(region, text)
    covered = {assignment.task_of_region(region).id for region in chosen}
    hold(covered == {task.id for task in assignment.tasks},
         f"{assignment.number}: not every task has a wrong answer in mutants.txt")
    for task in graded(room, written(assignment, folder / "wrong", chosen)).values():
        hold(task["tests"], f"{assignment.number}: the wrong answers cannot be built: {task['message']}")
        hold(task["score"] < task["max_score"],
             f"{assignment.number}/{task['id']}: a wrong answer earns all points")


def prove_each_mutant(room, folder):
    """Each wrong answer fails its own task, and no other."""
    assignment = room.assignment
    for i, (region, why, text) in enumerate(assignment.mutants()):
        submission = written(assignment, folder / f"mutant{i}", {region: text})
        own = assignment.task_of_region(region).id
        for task in graded(room, submission).values():
            full = task["score"] == task["max_score"]
            if own in next(t for t in assignment.tasks if t.id == task["id"]).after:
                continue  # it may well fail, too
            hold(full != (task["id"] == own), f"{assignment.number}/{region}: {why}: {task['id']} "
                 f"{'is not caught' if full else 'fails: ' + task['message']}")
            hold(bool(task["tests"]), f"{assignment.number}/{region}: {why}: {task['message']}")


def prove_one_solved(room, folder):
    """Each task alone solved earns its points, whatever the others do."""
    assignment = room.assignment
    for solved in assignment.tasks:
        open_tasks = [task for task in assignment.tasks if task.id not in (solved.id, *solved.after)]
        unsolved = [region for task in open_tasks for region in task.regions]
        snippets = {region: text for region, text in assignment.starter_snippets().items()
                    if region in unsolved}
        submission = written(assignment, folder / f"only_{solved.id}", snippets)
        task = graded(room, submission)[solved.id]
        hold(task["score"] == task["max_score"],
             f"{assignment.number}/{solved.id}: solved alone it does not earn its points: {task['message']}")


def prove_repository(assignment, folder):
    """What a student gets configures, builds without a warning, fails; and passes with the answers in."""
    for name, snippets in (("untouched", None), ("solved", {})):
        place = folder / f"repository_{name}"
        make.make(assignment, place, snippets)
        build = place / "build"
        for command in (["cmake", "-S", place, "-B", build, "-G", "Ninja", "-DCMAKE_CXX_FLAGS=-Werror"],
                        ["cmake", "--build", build, "-j", "2"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            hold(done.returncode == 0, f"{assignment.number} {name}: {done.stdout[-2000:]}{done.stderr[-500:]}")
        if not (build / "check").is_file():
            continue
        for task in assignment.tasks:
            done = subprocess.run([build / "check", "--task", task.id], capture_output=True, check=False)
            hold((done.returncode == 0) == (name == "solved"),
                 f"{assignment.number}/{task.id}: the visible tests of the {name} repository")


def prove_hostile(room, folder, chosen):
    outside = folder / "written_outside"
    starter = make.student_text(room.assignment, hostile.MODEL, room.assignment.starter_snippets()).decode()
    words = {"@ROOT@": str(ROOT), "@OUTSIDE@": str(outside)}
    room.assignment.seconds = 6  # an endless loop is one after six seconds, too
    wanted = hostile.write(folder / "hostile", starter, words, chosen)
    for name, message in wanted.items():
        began = time.monotonic()
        result = grading.grade(room, folder / "hostile" / name, SEED)
        said = result["tasks"][0]["message"]
        hold(result["score"] == 0, f"hostile/{name} earns {result['score']} points")
        hold(message in said, f"hostile/{name}: the message does not say '{message}': {said[:200]}")
        hold(time.monotonic() - began < 300, f"hostile/{name} held the grader up")
    hold(not outside.exists(), "a submission wrote outside its directory")
    return len(wanted)


def fingerprint():
    files = [path for path in sorted(CLASSROOM.rglob("*")) if path.is_file()
             and "__pycache__" not in path.parts and path.name not in ("PROVED.txt", "README.md")]
    answers = [ROOT / name for number in spec.all_numbers() for name in spec.Assignment(number).may_change]
    return rooms.checksum(*files, *answers)


def stale():
    record = CLASSROOM / "PROVED.txt"
    if not record.is_file():
        print("skipped: nothing is recorded; run classroom/tools/prove.py")
        return 4
    if record.is_file() and f"assignments: {fingerprint()}\n" in record.read_text():
        print("classroom/PROVED.txt is of these assignments")
        return 0
    print("error: the assignments have changed since classroom/PROVED.txt was written; "
          "classroom/tools/prove.py proves them anew")
    return 1


def prove_all(numbers, folder):
    lines = []
    for number in numbers:
        began = time.monotonic()
        room = rooms.Room(spec.Assignment(number))
        prove_starter(room, folder / number)
        prove_key(room, folder / number)
        prove_each_mutant(room, folder / number)
        prove_one_solved(room, folder / number)
        prove_repository(room.assignment, folder / number)
        lines.append(f"{number}: {len(room.assignment.tasks)} tasks, "
                     f"{len(room.assignment.mutants())} wrong answers, {time.monotonic() - began:.0f} s")
        print(lines[-1], flush=True)
    room = rooms.Room(spec.Assignment("01"))
    count = prove_hostile(room, folder / "all", [name for name, _, _ in hostile.ALL])
    lines.append(f"hostile submissions: {count}; in {room.walls()}")
    print(lines[-1])
    if not faults and set(numbers) == set(spec.all_numbers()):
        (CLASSROOM / "PROVED.txt").write_text(
            "What classroom/tools/prove.py proved; a test looks whether it is still of these assignments.\n"
            f"assignments: {fingerprint()}\n" + "\n".join(lines) + "\n")


def main(words):
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if words == ["--stale"]:
        return stale()
    if not shutil.which(rooms.os.environ.get("CXX", "g++")):
        print("skipped: there is no g++; apt-get install g++")
        return 4
    with tempfile.TemporaryDirectory(prefix="classroom-") as place:
        folder = Path(place)
        if words == ["--hostile"]:
            room = rooms.Room(spec.Assignment("01"))
            if not room.bubblewrap:
                print("skipped: bubblewrap is missing or may not run here; apt-get install bubblewrap")
                return 4
            prove_hostile(room, folder, [n for n, _, _ in hostile.ALL if n not in hostile.SLOW])
        elif words[:1] == ["--quick"] and len(words) == 2:
            room = rooms.Room(spec.Assignment(words[1]))
            prove_starter(room, folder)
            prove_key(room, folder)
            prove_mutants_at_once(room, folder)
        else:
            prove_all(words or spec.all_numbers(), folder)
    print(f"{len(faults)} faults" if faults else "all of it holds")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except spec.Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(1)
