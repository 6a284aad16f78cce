"""Links: what they point to is there, the heading included. Other sites are not asked."""

import re

from pages import ROOT, line_of, name_of, pages, read, readmes, slug, without_code, without_fences

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")


def anchors_of(path):
    text = without_fences(read(path))
    found, counts = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text, re.M):
        anchor = slug(heading)
        number = counts.get(anchor, 0)
        counts[anchor] = number + 1
        found.add(f"{anchor}-{number}" if number else anchor)
    return found | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def check_link(page, target):
    if re.match(r"[a-z]+:", target):
        well_formed = re.match(r"(https://[\w.-]+\.[a-z]+(/\S*)?|mailto:\S+@\S+)$", target)
        return None if well_formed else f"{target} is not an address"
    file, _, anchor = target.partition("#")
    path = (page.parent / file).resolve() if file else page
    if not path.exists():
        return f"there is no {target}"
    if ROOT not in path.parents and path != ROOT:
        return f"{target} is outside the repository"
    if anchor and path.suffix == ".md" and anchor not in anchors_of(path):
        return f"there is no heading #{anchor} in {name_of(path)}"
    return None


def check_links():
    problems = []
    for page in pages() + readmes():
        text = without_code(read(page))
        for match in LINK.finditer(text):
            fault = check_link(page, match.group(1))
            if fault:
                problems.append(f"{name_of(page)}:{line_of(text, match.start())}: {fault}")
    return problems
