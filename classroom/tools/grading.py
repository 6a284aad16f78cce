"""Grades one submission: build, judge every task, score."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import submission


def grade(room, path, seed):
    """The result, a dictionary: score, max_score, seed, walls, notes, tasks (id, title, score,
    max_score, look, message, printed, tests)."""
    taken = submission.take(room.assignment, Path(path))
    work = Path(tempfile.mkdtemp(prefix="work-", dir=room.folder))
    work.chmod(0o755)
    try:
        worker, faults = build(room, work, taken)
        tasks = [grade_task(room, work, task, worker, faults, seed) for task in room.assignment.tasks]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {"stage": room.assignment.stage, "seed": seed, "walls": room.walls(), "notes": taken.notes,
            "score": sum(task["score"] for task in tasks),
            "max_score": sum(task["max_score"] for task in tasks), "tasks": tasks}


def build(room, work, taken):
    """(worker, faults): a file that cannot be built is replaced by the starter's, so that the tasks in
    the other files are graded all the same; faults says of each such file why."""
    faults = dict(taken.faults)
    for name, text in taken.files.items():
        (work / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (work / "src" / name).write_text(text, encoding="utf-8")
    (work / "src").mkdir(exist_ok=True)
    while True:
        mine = [name for name in room.assignment.may_change if name not in faults]
        for name in faults:
            (work / "src" / name).unlink(missing_ok=True)
        if not mine:
            return None, faults
        objects, fault, blamed = compile_all(room, work, mine)
        if not fault:
            worker, fault = room.link(work, objects)
            if worker:
                return worker, faults
            blamed = blame_for_link(room, work, mine)
            fault = explain_link(fault)
        for name in blamed:
            faults[name] = fault


def place(room, work, name):
    return work / "src" / name if (work / "src" / name).is_file() else room.starter / name


def compile_all(room, work, mine):
    """(objects, fault, the student's files to blame for it)"""
    headers = [name for name in mine if name.endswith(".hpp")]
    kit = ["classroom/kit/worker_main.cpp", f"classroom/{room.assignment.number}/probes.cpp"]
    objects = []
    for name in [*room.assignment.sources, *kit]:
        # A file that the student cannot have changed is compiled anew only for a header it includes.
        seen = headers if name in mine else [h for h in headers if h in room.headers_of(name)]
        made, fault = room.compile(work, place(room, work, name), [work / "src" / h for h in seen])
        if not made:
            to_blame = [name] if name in mine else [n for n in mine if n.endswith(".hpp")] or mine
            return [], f"it does not compile:\n{fault}", to_blame
        objects.append(made)
    return objects, "", []


def blame_for_link(room, work, mine):
    """The one file without which it links; all of them if there is no such file."""
    for name in mine if len(mine) > 1 else []:
        aside = work / "aside"
        (work / "src" / name).rename(aside)
        objects, fault, _ = compile_all(room, work, [n for n in mine if n != name])
        linked = not fault and room.link(work, objects)[0]
        aside.rename(work / "src" / name)
        if linked:
            return [name]
    return mine


def explain_link(text):
    if "multiple definition of `main'" in text:
        return "it has a main() of its own, which takes the place of the grader's"
    return f"it cannot be linked:\n{text}"


def grade_task(room, work, task, worker, faults, seed):
    result = {"id": task.id, "title": task.title, "number": task.number, "score": 0,
              "max_score": task.points, "look": f"{task.file}: {task.look}", "message": "",
              "printed": "", "tests": []}
    if task.file in faults or worker is None:
        result["message"] = f"{task.file}: {faults.get(task.file, 'no file could be built')}"
        return result
    outcomes, printed = run_judge(room, work, task, worker, seed)
    expected = room.tests[task.id]
    for test, outcome in zip(expected, outcomes):
        result["tests"].append({**test, "passed": outcome == "", "message": outcome})
    failed = [test for test in result["tests"] if not test["passed"]]
    if len(outcomes) != len(expected):
        result["message"] = "the tests did not come to their end"
    elif any(test["edge"] == 0 for test in failed):
        first = next(test for test in failed if test["edge"] == 0)
        result["message"] = f"expected: {first['name']}. Came: {first['message']}"
    else:
        result["score"] = task.points - sum(test["edge"] for test in failed)
        if failed:
            result["message"] = f"expected: {failed[0]['name']}. Came: {failed[0]['message']}"
    result["printed"] = printed if failed else ""
    return result


def run_judge(room, work, task, worker, seed):
    """(a message for each test, "" if it passed; what the code printed in the last one). The verdict is
    the judge's: the process with the student's code never sees a test."""
    verdict, log = work / "verdict", work / "printed"
    verdict.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    tests = room.tests[task.id]
    command = [str(room.judge), task.id, str(seed), str(room.assignment.seconds), str(verdict), str(log),
               "--", *room.worker_command(worker)]
    try:
        subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False,
                       timeout=(room.assignment.seconds + 5) * len(tests) + 30)
    except subprocess.TimeoutExpired:
        return [], ""
    lines = verdict.read_text(errors="replace").splitlines() if verdict.is_file() else []
    outcomes = []
    for test, at in zip(tests, range(0, len(lines), 3)):
        word, name, message = (lines[at:at + 3] + ["", ""])[:3]
        if name != test["name"] or word not in ("ok", "FAIL"):
            return [], ""
        outcomes.append("" if word == "ok" else message or "it failed without a word")
    return outcomes, tail(log)


def tail(log):
    """The last lines of what was printed, fit to be shown."""
    if not log.is_file():
        return ""
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - 1000))
        text = file.read().decode(errors="replace")
    shown = "".join(c if c == "\n" or c.isprintable() else "?" for c in text)
    return "\n".join(shown.splitlines()[-8:])
