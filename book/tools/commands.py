"""What programs print, and whether the commands that are shown are such that they could be run.

<!-- output: 01_counting_bigram --samples 3 | first 12 -->

fills the command and what it prints, up to <!-- /output -->. After "|", separated by commas:

  first N, from TEXT, until TEXT   only some of the lines; "…" stands for what is left out
  saved                            takes long: the output is kept in results/output/, and made anew
                                   by the target `results` alone
  timed                            with saved: it measures times, and so belongs to `results speed`
  silent                           the command is not shown
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from pages import BOOK, ROOT, Problem, line_of, name_of, pages, read, readmes

SAVED = BOOK / "results" / "output"


class Skip(Exception):
    """Something is missing here that this needs; the message says what to install."""


def programs_folder(given=None):
    candidates = [given] if given else [ROOT / "build" / p / "bin" for p in ("release", "ci")]
    for folder in candidates:
        if folder and (ROOT / folder).is_dir():
            return (ROOT / folder).resolve()
    raise Skip("the programs are not built: cmake --preset release && "
               "cmake --build --preset release --target ladder")


def tidy(text):
    """Paths of this machine become those that a reader sees."""
    text = re.sub(r"/[^\s:,]*/(names\.txt)", r"\1", text)
    text = re.sub(r"/[^\s:,]*/(common/data/)", r"\1", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def run(command, bin_folder, check_corpus=True):
    if check_corpus and not corpus_is_here():
        raise Skip("the canonical corpus is not here: name a copy with MICROGPT_NAMES")
    program, *arguments = shlex.split(command)
    # The programs break lines that hold a path by its length, so they are given one that is the same
    # on every machine.
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        if corpus_is_here():
            (pathlib.Path(folder) / "names.txt").symlink_to(corpus_path())
            environment["MICROGPT_NAMES"] = "names.txt"
        result = subprocess.run([str(bin_folder / program), *arguments], capture_output=True, text=True,
                                timeout=600, cwd=folder, env=environment)
    if result.returncode:
        raise Problem(f"{command}: {result.stderr.strip() or 'it failed'}")
    return tidy(result.stdout)


def corpus_path():
    named = os.environ.get("MICROGPT_NAMES")
    return pathlib.Path(named).resolve() if named else ROOT / "downloads" / "names.txt"


def corpus_is_here():
    return corpus_path().is_file()


def saved_file(command):
    return SAVED / (re.sub(r"[^\w]+", "_", command).strip("_") + ".txt")


def some_lines(text, choices):
    lines = text.splitlines()
    start, end = 0, len(lines)
    for choice in choices:
        verb, _, what = choice.partition(" ")
        if verb == "first":
            end = min(end, start + int(what))
        elif verb == "from":
            start = next((i for i, line in enumerate(lines) if what in line), None)
            if start is None:
                raise Problem(f"no line of the output contains '{what}'")
        elif verb == "until":
            end = next((i + 1 for i in range(start + 1, len(lines)) if what in lines[i]), None)
            if end is None:
                raise Problem(f"no line of the output contains '{what}'")
    chosen = lines[start:end]
    if end < len(lines):
        chosen.append("…")
    return "\n".join(chosen)


def split_argument(argument):
    command, _, choices = argument.partition(" | ")
    return command.strip(), [choice.strip() for choice in choices.split(",") if choice.strip()]


# Figures that differ from run to run: times, and differences of the size of a rounding.
UNSTEADY = re.compile(r"\d+\.\d+ s\b|\b\d\.\de[-+]\d\d\b|\b\d\d\d e-\d\d")


def steady(text):
    return UNSTEADY.sub("~", text)


def fill_output(argument, old, page, bin_folder=None):
    command, choices = split_argument(argument)
    if "saved" in choices:
        if not saved_file(command).is_file():
            return "\n> Not measured yet: the target `results` fills this.\n\n"
        text = tidy(read(saved_file(command)))
    else:
        text = run(command, programs_folder(bin_folder))
    new = ""
    if "silent" not in choices:
        new = f"```sh\nbuild/release/bin/{command}\n```\n"
    new += "```text\n" + some_lines(text, choices) + "\n```\n"
    return old if steady(old) == steady(new) else new


def options_of(program, bin_folder, *mode, known={}):
    """What a program's help names, if asked in this mode (an option that comes first)."""
    if (program, mode) not in known:
        result = subprocess.run([str(bin_folder / program), *mode, "--help"], capture_output=True,
                                text=True)
        known[program, mode] = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", result.stdout))
    return known[program, mode]


def shown_commands(text):
    """(position, words) of each command of ours in a fenced block."""
    for block in re.finditer(r"^```(.*)\n((?:.*\n)*?)```[ ]*$", text, re.M):
        if block.group(1).strip() not in ("", "sh", "bash", "console"):
            continue
        body = block.group(2).replace("\\\n", "  ")
        position = block.start(2)
        for line in body.split("\n"):
            command = re.sub(r"^\$ ", "", line)
            while match := re.match(r"[A-Z_]+=\S+ +", command):
                command = command[match.end():]
            if re.match(r"(\./|build/|scripts/|0\d_\w+ -)", command):
                yield position, shlex.split(command, comments=True)
            position += len(line) + 1


def check_command(words, bin_folder):
    program, arguments = words[0], words[1:]
    if program.endswith(".sh"):
        if not (ROOT / program).is_file():
            raise Problem(f"there is no {program}")
        if program != "./run.sh" or not arguments or arguments[0].startswith("-"):
            return
        stage, *arguments = arguments
        found = sorted(p.name for p in ROOT.glob("0*") if p.name.startswith(stage))
        if not found:
            raise Problem(f"there is no stage {stage}")
        program = found[0]
    program = program.split("/")[-1]
    if not (bin_folder / program).is_file():
        raise Problem(f"there is no program {program}")
    for word in arguments:
        option = word.split("=")[0]
        # (Some modes have options of their own: 08_fpga --cycles --help.)
        if re.match(r"--?[a-z]", word) and option not in options_of(program, bin_folder) and \
                option not in options_of(program, bin_folder, arguments[0]):
            raise Problem(f"{program} has no option {option}")


def check_commands(bin_folder=None):
    """Every command in the book and the READMEs names a program and options that exist."""
    folder = programs_folder(bin_folder)
    problems = []
    for page in pages() + readmes():
        text = read(page)
        for position, words in shown_commands(text):
            try:
                check_command(words, folder)
            except Problem as problem:
                problems.append(f"{name_of(page)}:{line_of(text, position)}: {problem}")
    return problems
