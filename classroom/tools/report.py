"""What becomes of a result: Gradescope's results.json, JUnit, a page for the student, a class's summary."""

import collections
import csv
import io
import json
import os
import statistics
import xml.etree.ElementTree as xml


def write_whole(path, text):
    """Never half a file."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def clean(text):
    """What XML and terminals can take."""
    return "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)


def task_text(task):
    lines = [task["message"]] if task["message"] else ["all its tests pass"]
    for test in task["tests"]:
        word = "ok  " if test["passed"] else "FAIL"
        lines.append(f"  {word} {test['name']}" + (f" ({test['edge']} points)" if test["edge"] else ""))
        if test["message"]:
            lines.append(f"       {test['message']}")
    if task["printed"]:
        lines.append("  your code printed, in its last test:")
        lines += [f"    {line}" for line in task["printed"].splitlines()]
    if task["score"] < task["max_score"]:
        lines.append(f"  where to look: {task['look']}")
    return clean("\n".join(lines))


def gradescope(result):
    tests = [{"number": str(task["number"]), "name": f"{task['number']}. {task['title']}",
              "score": task["score"], "max_score": task["max_score"],
              "status": "passed" if task["score"] == task["max_score"] else "failed",
              "output": task_text(task), "output_format": "text", "visibility": "visible"}
             for task in result["tasks"]]
    output = "\n".join([*result["notes"], f"graded with seed {result['seed']}, in {result['walls']}"])
    return json.dumps({"score": result["score"], "output": clean(output), "output_format": "text",
                       "stdout_visibility": "hidden", "tests": tests,
                       "extra_data": {"stage": result["stage"], "seed": result["seed"],
                                      "key": result.get("key", ""), "result": result}},
                      indent=1, ensure_ascii=False) + "\n"


def junit(result):
    suite = xml.Element("testsuite", name=result["stage"])
    for task in result["tasks"]:
        tests = task["tests"] or [{"name": "it can be built", "passed": False, "message": task["message"]}]
        for test in tests:
            case = xml.SubElement(suite, "testcase", classname=task["id"], name=test["name"])
            if not test["passed"]:
                xml.SubElement(case, "failure", message=clean(test["message"])[:500])
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def page(result):
    lines = [f"{result['stage']}: {result['score']} of {result['max_score']} points", ""]
    for task in result["tasks"]:
        lines.append(f"Task {task['number']}. {task['title']}: {task['score']} of {task['max_score']}")
        lines += ["  " + line for line in task_text(task).splitlines()] + [""]
    lines += [clean(note) for note in result["notes"]]
    lines.append(f"graded with seed {result['seed']}, in {result['walls']}")
    return "\n".join(lines) + "\n"


def write_all(result, folder):
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "junit.xml", junit(result))
    write_whole(folder / "report.txt", page(result))
    write_whole(folder / "results.json", gradescope(result))  # last: it says that the others are there


def table(results):
    """A CSV: name, score, each task's score. A name that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    first = next(iter(results.values()))
    writer.writerow(["submission", "score", "of", *(task["id"] for task in first["tasks"])])
    for name, result in sorted(results.items()):
        safe = "'" + name if name[:1] in "=+-@\t" else name
        writer.writerow([safe, result["score"], result["max_score"],
                         *(task["score"] for task in result["tasks"])])
    return out.getvalue()


def summary(results):
    """Which task failed most, and with which message."""
    count = len(results)
    first = next(iter(results.values()))
    median = statistics.median(result["score"] for result in results.values())
    lines = [f"{first['stage']}: {count} submissions, median {median:g} of {first['max_score']}", ""]
    failed = {}
    for i, task in enumerate(first["tasks"]):
        these = [result["tasks"][i] for result in results.values()]
        failed[task["id"]] = [t for t in these if t["score"] < t["max_score"]]
    for task, these in sorted(failed.items(), key=lambda item: -len(item[1])):
        lines.append(f"{task}: {len(these)} of {count} lost points")
        said = collections.Counter(t["message"].splitlines()[0] for t in these if t["message"])
        lines += [f"  {times:4d}  {clean(message)[:160]}" for message, times in said.most_common(5)]
    return "\n".join(lines) + "\n"
