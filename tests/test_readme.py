"""The README's map from the paper to the code is the code's own references."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = ROOT / "workflow" / "scripts" / "convbias"
README = (ROOT / "README.md").read_text()


def references():
    """(item of the paper, file) for every reference in the code; 'Sections 2.2 and 3.1' are two items."""
    found = set()
    for file in CORE.rglob("*.py"):
        for line in re.findall(r"Ref: wu2019, (.*)", file.read_text()):
            words = re.sub(r" \(.*", "", line)
            plural = re.fullmatch(r"(Section)s (\S+) and (\S+)", words)
            both = re.fullmatch(r"(\w+ \S+) and (\w+ \S+)", words)
            items = (
                [f"{plural[1]} {plural[2]}", f"{plural[1]} {plural[3]}"]
                if plural
                else both.groups()
                if both
                else [words]
            )
            found |= {(item, str(file.relative_to(CORE))) for item in items}
    return found


def test_map_from_the_paper_to_the_code_is_complete_and_right():
    rows = re.findall(
        r"^\| ((?:Section|Definition|Equation|Lemma|Theorem|Proposition|Footnote|Figure) [^|]*?) \| (.*?) \|",
        README,
        re.MULTILINE,
    )
    told = {(item, file) for item, files in rows for file in re.findall(r"`([^`]+\.py)`", files)}
    assert told == references()


def test_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
