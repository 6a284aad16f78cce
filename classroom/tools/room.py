"""Where submissions are built and run: what all of them share is compiled once, the rest behind limits.

Of a stage there is a folder build/classroom/NN with the starter (what a submission is compiled against:
the answers are not there), the launcher, the judge, and every object by the checksum of what it was
made from; so a file that two students left as it was is compiled once.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import make
from spec import CLASSROOM, ROOT, Problem

COMPILE_SECONDS, COMPILE_MB = 120, 3000
KIT = CLASSROOM / "kit"


def tool(name, package):
    path = shutil.which(name)
    if not path:
        raise Problem(f"there is no {name}; on Debian and Ubuntu: apt-get install {package}")
    return path


def checksum(*parts):
    sha = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        sha.update(len(data).to_bytes(8, "little") + data)
    return sha.hexdigest()[:24]


def can_bubblewrap():
    """Whether bubblewrap is there and this system lets it work."""
    path = shutil.which("bwrap")
    if not path or os.environ.get("CLASSROOM_NO_BUBBLEWRAP"):
        return False
    probe = [path, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


class Room:
    """A stage, ready to build and run submissions of."""

    def __init__(self, assignment, hidden=None, work=None):
        self.assignment = assignment
        self.hidden = Path(hidden or CLASSROOM / "hidden") / f"{assignment.number}.cpp"
        if not self.hidden.is_file():
            raise Problem(f"there is no {self.hidden}; --hidden names the folder of hidden tests")
        self.folder = (Path(work) if work else ROOT / "build/classroom").absolute() / assignment.number
        self.objects = self.folder / "objects"
        self.objects.mkdir(parents=True, exist_ok=True)
        self.cxx = tool(os.environ.get("CXX", "g++"), "g++")
        self.bubblewrap = can_bubblewrap()
        self.included = {}
        with open(self.folder / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.prepare()

    def prepare(self):
        texts = [ROOT / name for name in make.files_of(self.assignment)]
        self.version = checksum(self.cxx, *sorted(KIT.iterdir()), *texts, self.hidden,
                                *sorted(p for p in self.assignment.folder.iterdir() if p.is_file()))
        self.starter = self.folder / f"starter-{self.version}"
        if not self.starter.is_dir():
            for old in self.folder.glob("starter-*"):
                shutil.rmtree(old)
            fresh = Path(tempfile.mkdtemp(dir=self.folder))
            make.make(self.assignment, fresh)
            shutil.copyfile(KIT / "worker_main.cpp", fresh / "classroom/kit/worker_main.cpp")
            shutil.copyfile(KIT / "frames.hpp", fresh / "classroom/kit/frames.hpp")
            fresh.chmod(0o755)
            fresh.rename(self.starter)
        self.includes = self.eigen()
        self.static = self.trusted_program("hello", [self.written("hello.cpp", "int main() {}\n")],
                                           ["-static"], fails=True) is not None
        self.filter = "strict" if self.static else "loose"
        self.launcher = self.trusted_program("launcher", [KIT / "launcher.cpp"],
                                             ["-static"] if self.static else [])
        sources = [KIT / name for name in ("check.cpp", "remote.cpp", "judge_main.cpp")]
        sources += [self.assignment.folder / "visible.cpp", self.hidden]
        sources += [ROOT / name for name in self.assignment.sources + self.assignment.judge_sources]
        self.judge = self.trusted_program("judge", sources, [])
        self.tests = self.list_tests()

    def eigen(self):
        for folder in ("/usr/include/eigen3", "/usr/local/include/eigen3", "/opt/homebrew/include/eigen3"):
            if Path(folder).is_dir():
                return ["-isystem", folder]
        raise Problem("there is no Eigen; on Debian and Ubuntu: apt-get install libeigen3-dev")

    def written(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def trusted_program(self, name, sources, flags, fails=False):
        """Builds a program of our own; its file's name has the checksum of what went into it."""
        key = checksum(self.version, name, flags, *sources)
        target = self.folder / f"{name}-{key}"
        if target.is_file():
            return target
        prefix = [tool("ccache", "ccache")] if shutil.which("ccache") else []
        objects = []
        for i, source in enumerate(sources):
            objects.append(self.folder / f"{name}-{i}.o")
            command = prefix + [self.cxx, "-std=c++20", "-O1", f'-DLADDER_ROOT="{ROOT}"', "-I", ROOT,
                                *self.includes, "-c", source, "-o", objects[-1]]
            self.must(command, f"{source.name} of the grader does not compile", fails)
        if not self.must([self.cxx, *objects, *flags, "-o", f"{target}.new"],
                         f"the grader's {name} does not link", fails):
            return None
        os.replace(f"{target}.new", target)
        return target

    @staticmethod
    def must(command, what, fails):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and not fails:
            raise Problem(f"{what}:\n{done.stderr[:3000]}")
        return done.returncode == 0

    def list_tests(self):
        out = subprocess.run([self.judge, "--list"], capture_output=True, text=True, check=True).stdout
        tests = {task.id: [] for task in self.assignment.tasks}
        for line in out.splitlines():
            task, edge, hidden, name = line.split("\t")
            tests[task].append({"name": name, "edge": int(edge), "hidden": hidden == "1"})
        return tests

    # ---- What has to do with a submission is done behind limits ------------------------------------

    def behind_limits(self, work, command):
        """A compiler's command line, where it sees the starter, the submission and the system."""
        limits = [str(self.launcher), str(COMPILE_SECONDS), str(COMPILE_MB), str(64 << 10), "none"]
        if not self.bubblewrap:
            return limits + command
        wrap = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
                "--ro-bind", "/usr", "/usr", "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc",
                "--bind", str(work), str(work)]
        for path in (self.starter, self.launcher, self.objects):  # not the judge: the key is in it
            wrap += ["--ro-bind", str(path), str(path)]
        for name in ("/bin", "/lib", "/lib64", "/etc/alternatives"):
            wrap += ["--ro-bind-try", name, name]
        return wrap + ["--chdir", str(work), "--"] + limits + command

    def compile(self, work, source, headers):
        """An object of one file; (path, "") or (None, what the compiler said). `source` is a path inside
        work/src or the starter; `headers` are the submission's that it may include."""
        key = checksum(self.version, self.cxx, self.assignment.flags, source, *headers)
        target = self.objects / f"{key}.o"
        if target.is_file():
            return target, ""
        made = work / f"{key}.o"
        command = [self.cxx, "-std=c++20", *self.assignment.flags, "-Wall", "-Wextra", "-fno-diagnostics-color",
                   "-I", str(work / "src"), "-I", str(self.starter), *self.includes,
                   "-MD", "-MF", str(work / "made.d"), "-c", str(source), "-o", str(made)]
        done = self.timed(self.behind_limits(work, command))
        if done is None:
            return None, f"compiling took more than {COMPILE_SECONDS} seconds"
        if done.returncode or not made.is_file():
            return None, self.shortened(done.stderr, work)
        fault = self.foreign_include(work)
        if fault:
            return None, fault
        os.replace(made, target)
        return target, ""

    def headers_of(self, name):
        """Those that a source of the starter includes, as names in the project; asked once."""
        if name not in self.included:
            done = subprocess.run([self.cxx, "-std=c++20", "-MM", "-I", str(self.starter), *self.includes,
                                   str(self.starter / name)], capture_output=True, text=True, check=True)
            words = done.stdout.replace("\\\n", " ").split()
            self.included[name] = {word.removeprefix(f"{self.starter}/") for word in words}
        return self.included[name]

    def foreign_include(self, work):
        """Whether a header was read that is neither the project's nor the system's."""
        text = (work / "made.d").read_text(errors="replace").replace("\\\n", " ")
        allowed = (str(work / "src"), str(self.starter), "/usr/", "/opt/")
        for name in text.split(": ", 1)[-1].split():
            if not os.path.realpath(work / name).startswith(tuple(map(os.path.realpath, allowed))):
                return f"it includes {name}, which is not of the project"
        return ""

    def link(self, work, objects):
        target = work / "worker"
        command = [self.cxx, *map(str, objects), *(["-static"] if self.static else []), "-o", str(target)]
        done = self.timed(self.behind_limits(work, command))
        if done is None or done.returncode or not target.is_file():
            return None, self.shortened(done.stderr if done else "linking took too long", work)
        return target, ""

    @staticmethod
    def timed(command):
        try:
            return subprocess.run(command, capture_output=True, text=True, errors="replace",
                                  stdin=subprocess.DEVNULL, timeout=COMPILE_SECONDS + 30, check=False)
        except subprocess.TimeoutExpired:
            return None

    def shortened(self, text, work):
        """A compiler's message: no paths of this machine, the first 25 lines."""
        for folder in (f"{work}/src/", f"{self.starter}/", f"{work}/"):
            text = text.replace(folder, "")
        lines = [re.sub(r"[^\x20-\x7e\u00a0-\uffff]", "?", line)[:300] for line in text.splitlines()]
        return "\n".join(lines[:25])

    def worker_command(self, worker):
        limits = [str(self.assignment.seconds), str(self.assignment.memory_mb), "1024", self.filter]
        if not self.bubblewrap:
            return [str(self.launcher), *limits, str(worker)]
        wrap = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        if not self.static:
            for name in ("/usr", "/bin", "/lib", "/lib64"):
                wrap += ["--ro-bind-try", name, name]
        return wrap + ["--ro-bind", str(self.launcher), "/launcher", "--ro-bind", str(worker), "/worker",
                       "--remount-ro", "/", "--chdir", "/", "--", "/launcher", *limits, "/worker"]

    def walls(self):
        """In words, what a submission is locked up in."""
        calls = {"strict": "only the system calls of a calculation", "loose": "no network, no new process"}
        words = [calls[self.filter], "limits on time, memory and output"]
        if self.bubblewrap:
            return "bubblewrap (no network, an empty read-only tree), " + ", ".join(words)
        return (", ".join(words) + "; NOT bubblewrap, which is missing or may not run here: while it is "
                "compiled, a submission could read this machine's files (apt-get install bubblewrap)")
