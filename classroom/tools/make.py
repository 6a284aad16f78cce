"""Writes a student's repository: the stage with its answers taken out, all below it as it is."""

import fnmatch
import re
import shutil

import spec
from spec import CLASSROOM, ROOT, Problem

KIT = ["numbers.hpp", "call.hpp", "check.hpp", "check.cpp", "local.cpp", "check_main.cpp"]


def stage_number(name):
    return name[:2] if re.match(r"\d\d_", name) else "00"


def files_of(assignment):
    """What is copied, relative to the root."""
    stages = sorted(path.name for path in ROOT.glob("0[1-9]_*") if path.is_dir()
                    and stage_number(path.name) <= assignment.number)
    top = assignment.stage.split("/")[0]
    chosen = []
    for name in spec.tracked_files(["common", "cmake", *stages]):
        base = name.rsplit("/", 1)[-1]
        if base.startswith("test_") or name.startswith(("common/fuzz/", "cmake/consumer/")):
            continue
        if base == "assignment.md":
            continue
        if base == "README.md" and name.startswith(top):
            continue  # it has listings of this stage
        if any(fnmatch.fnmatch(name, pattern) for pattern in assignment.leaves_out):
            continue
        chosen.append(name)
    return chosen


def student_text(assignment, name, snippets):
    """A file as the student gets it; bytes."""
    data = (ROOT / name).read_bytes()
    if not name.endswith((".cpp", ".hpp", ".cu", ".sv", ".v")):
        return data
    return spec.replaced(data.decode(), assignment.number, snippets).encode()


def write(target, data):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data if isinstance(data, bytes) else data.encode())


def fill_template(assignment, text):
    sources = "\n  ".join(assignment.sources)
    return (text.replace("@NUMBER@", assignment.number).replace("@STAGE@", assignment.stage)
            .replace("@SOURCES@", sources).replace("@FLAGS@", ";".join(assignment.flags))
            .replace("@FILES@", "\n".join(f"- `{name}`" for name in assignment.may_change))
            .replace("@TESTS@", "\n".join(
                f"add_test(NAME {task.id} COMMAND check --task {task.id})"
                for task in assignment.tasks)))


def make(assignment, target, snippets=None):
    """The repository, in an empty or new folder. `snippets` other than the starter's are for tests."""
    if target.exists() and any(target.iterdir()):
        raise Problem(f"{target} is not empty; name a new folder")
    snippets = assignment.starter_snippets() if snippets is None else snippets
    missing = set(assignment.solutions()) - set(assignment.starter_snippets())
    if missing:
        raise Problem(f"classroom/{assignment.number}/starter.txt has nothing for {missing}")
    for name in files_of(assignment):
        write(target / name, student_text(assignment, name, snippets))
    for name in KIT:
        write(target / "classroom/kit" / name, (CLASSROOM / "kit" / name).read_bytes())
    for name in ("probes.cpp", "visible.cpp", *(p.name for p in assignment.folder.glob("*.hpp"))):
        write(target / "classroom" / assignment.number / name,
              (assignment.folder / name).read_bytes())
    templates = CLASSROOM / "student"
    for path in templates.rglob("*"):
        if path.is_file():
            name = str(path.relative_to(templates)).replace("dot_", ".")
            write(target / name, fill_template(assignment, path.read_text()))
    for name in (".clang-format", ".editorconfig", "LICENSE"):
        shutil.copyfile(ROOT / name, target / name)
    write(target / "assignment.md", (ROOT / assignment.stage / "assignment.md").read_bytes())


def significant(text):
    """The lines of an answer that would give it away, without blanks and comments."""
    lines = (re.sub(r"\s+", "", re.sub(r"//.*", "", line)) for line in text.splitlines())
    return [line for line in lines if len(line) > 3 and line not in ("return;", "continue;", "break;")]


def leaks(assignment, folder):
    """Where an answer can be found in a student's repository: whole, or two lines of it that follow
    each other. A list of "file: region"."""
    found = [f"{path}: history" for path in folder.rglob(".git")]
    starter = {line for text in assignment.starter_snippets().values() for line in significant(text)}
    wanted = []
    for region, body in assignment.solutions().items():
        lines = significant(body)
        pairs = zip(lines, lines[1:]) if len(lines) > 1 else [(lines[0],)]
        wanted += [(region, "\n".join(pair)) for pair in pairs if not set(pair) <= starter]
    for path in folder.rglob("*"):
        if path.is_file():
            text = "\n" + "\n".join(significant(path.read_text(errors="replace"))) + "\n"
            found += [f"{path.relative_to(folder)}: {region}" for region, lines in wanted
                      if f"\n{lines}\n" in text]
    return sorted(set(found))
