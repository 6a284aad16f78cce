"""Takes from a submission the files that the student may change, and nothing else.

A submission is a folder, or a .zip, .tar or .tar.gz. It is not trusted: nothing in it is followed,
executed or unpacked; the wanted files are read, if they are plain files of a plausible size.
"""

import os
import stat
import tarfile
import zipfile

LARGEST = 256 << 10  # bytes of one source file
MOST_ENTRIES = 20_000


class Taken:
    """files: name to text; faults: name to why it was not taken; notes: what else was seen."""

    def __init__(self):
        self.files, self.faults, self.notes = {}, {}, []


def is_unsafe(name):
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


def text_of(data):
    """(text, "") or (None, why it is no source)."""
    if len(data) > LARGEST:
        return None, f"it has more than {LARGEST >> 10} KB, which no source file of this assignment needs"
    if b"\0" in data:
        return None, "it is a binary file, not source text"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, "it is not UTF-8 text"
    if "incbin" in text:
        return None, "it uses .incbin, which reads files while it is compiled"
    return text.replace("\r\n", "\n"), ""


def folder_entries(path):
    """name: (reader, why not) of each file in the folder; links are not followed."""
    entries = {}
    for base, folders, names in os.walk(path):
        folders[:] = [f for f in folders if f not in (".git", "build")
                      and not os.path.islink(os.path.join(base, f))]
        for name in names:
            full = os.path.join(base, name)
            info = os.lstat(full)
            fault = ""
            if stat.S_ISLNK(info.st_mode):
                fault = "it is a symbolic link; hand in the file itself"
            elif not stat.S_ISREG(info.st_mode):
                fault = "it is no plain file"
            elif info.st_size > LARGEST:
                fault = f"it has {info.st_size} bytes, which no source file of this assignment needs"
            entries[os.path.relpath(full, path)] = (lambda f=full: read_plain(f), fault)
            if len(entries) > MOST_ENTRIES:
                return entries
    return entries


def read_plain(path):
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        return file.read(LARGEST + 1)


def archive_entries(path):
    """The same of an archive; what has an unsafe name is listed with its fault."""
    entries = {}
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        for info in archive.infolist()[:MOST_ENTRIES]:
            link = stat.S_ISLNK(info.external_attr >> 16)
            fault = "it is a symbolic link; hand in the file itself" if link else ""
            if info.file_size > LARGEST:
                fault = f"it has {info.file_size} bytes, which no source file of this assignment needs"
            if not info.is_dir():
                entries[info.filename] = (lambda i=info: archive.open(i).read(LARGEST + 1), fault)
        return entries
    archive = tarfile.open(path)
    for _ in range(MOST_ENTRIES):
        info = archive.next()
        if info is None:
            break
        fault = "" if info.isfile() else "it is no plain file (a link?); hand in the file itself"
        if info.size > LARGEST:
            fault = f"it has {info.size} bytes, which no source file of this assignment needs"
        if not info.isdir():
            entries[info.name] = (lambda i=info: archive.extractfile(i).read(LARGEST + 1), fault)
    return entries


def is_archive(path):
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


def find(entries, wanted):
    """The entry that is this file: at its place, in a folder around it, or alone by its name."""
    if wanted in entries:
        return wanted
    inside = [name for name in entries if name.endswith("/" + wanted)]
    if len(inside) == 1:
        return inside[0]
    base = wanted.rsplit("/", 1)[-1]
    alone = [name for name in entries if name.rsplit("/", 1)[-1] == base]
    return alone[0] if len(alone) == 1 else None


def take(assignment, path):
    """Reads a submission. Raises nothing: whatever is wrong with it is in its faults."""
    taken = Taken()
    try:
        entries = archive_entries(path) if is_archive(path) else folder_entries(path)
    except Exception as problem:  # pylint: disable=broad-except; a damaged archive has many faces
        entries = {}
        taken.notes.append(f"it cannot be read: {type(problem).__name__}")
    for name in [name for name in entries if is_unsafe(name)]:
        taken.notes.append(f"not taken: {name!r} would lie outside of the project")
        del entries[name]
    for wanted in assignment.may_change:
        name = find(entries, wanted)
        if name is None:
            taken.faults[wanted] = "it was not handed in"
            continue
        reader, fault = entries[name]
        try:
            text, fault = (None, fault) if fault else text_of(reader())
        except Exception as problem:  # pylint: disable=broad-except
            text, fault = None, f"it cannot be read: {type(problem).__name__}"
        if fault:
            taken.faults[wanted] = fault
        else:
            taken.files[wanted] = text
    return taken
