"""The README's map from the paper to the code is the code's own references."""

import re
from collections import Counter
from pathlib import Path

import yaml

from convbias.claims import declared
from convbias.tables.collecting import SCHEMAS

ROOT = Path(__file__).parents[1]
CORE = ROOT / "workflow" / "scripts" / "convbias"
README = (ROOT / "README.md").read_text()


def references():
    """(paper, item, file) for every reference in the code; 'Sections 2.2 and 3.1' are two, and so on."""
    found = set()
    for file in CORE.rglob("*.py"):
        for paper, line in re.findall(r"Ref: (wu2019|brutzkus2021), (.*)", file.read_text()):
            words = re.sub(r"Sections (\S+) and ", r"Section \1 and Section ", re.sub(r" \([^)]*\)", "", line))
            found |= {(paper, item, str(file.relative_to(CORE))) for item in re.split("; | and ", words)}
    return found


def test_map_from_the_paper_to_the_code_is_complete_and_right():
    told = set()
    for paper, table in re.findall(r"^\| (wu2019|brutzkus2021) \| code \|.*\n((?:\|.*\n)+)", README, re.MULTILINE):
        for item, files in re.findall(r"^\| ([A-Z][^|]*?) \| (.*?) \|", table, re.MULTILINE):
            told |= {(paper, item, file) for file in re.findall(r"`([^`]+\.py)`", files)}
    assert told == references()


def test_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_table_of_claims_is_that_of_the_main_job():
    """Of which the statements, and the counts of its verdicts, can be checked here."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    (table,) = re.findall(r"<!-- claims -->\n(.*)<!-- /claims -->", README, re.DOTALL)
    told, _, _, _, *lines, _ = table.split("\n")
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    claims = declared()
    assert [row[:2] for row in cells] == [
        [f"`{name}` {claims[name].statement}", claims[name].where] for name in config["claims"]
    ]
    verdicts = Counter(row[2] for row in cells)
    assert told == (
        f"**{verdicts['supported']} of {len(cells)} are supported, {verdicts['contradicted']} contradicted "
        f"and {verdicts['inconclusive']} undecided.**"
    )


def test_the_digests_are_of_tables_that_there_are():
    told = re.findall(r"^(\w+) +([\d,]+) rows  ([0-9a-f]{64})$", README, re.MULTILINE)
    assert [name for name, _, _ in told] == sorted([*SCHEMAS, "claims"]) and len({digest for *_, digest in told}) == 7
