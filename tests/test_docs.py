"""What the README and the pages beside it say of the code, the configuration and the figures."""

import re
from collections import Counter
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from convbias.claims import declared
from convbias.tables import SCHEMAS
from convbias_pipeline.jobs import plan
from convbias_pipeline.report.gallery import copy_small

ROOT = Path(__file__).parents[1]
CORE = ROOT / "workflow" / "scripts" / "convbias"
PAGES = {page.name: page.read_text() for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
README = PAGES["README.md"]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())


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
    tables = r"^\| (wu2019|brutzkus2021) \| code \|.*\n((?:\|.*\n)+)"
    for paper, table in re.findall(tables, PAGES["papers.md"], re.MULTILINE):
        for item, files in re.findall(r"^\| ([A-Z][^|]*?) \| (.*?) \|", table, re.MULTILINE):
            told |= {(paper, item, file) for file in re.findall(r"`([^`]+\.py)`", files)}
    assert told == references()


def test_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", "\n".join(PAGES.values()), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_table_of_claims_is_that_of_the_main_job():
    """Of which the statements, and the counts of its verdicts, can be checked here."""
    (table,) = re.findall(r"<!-- claims -->\n(.*)<!-- /claims -->", PAGES["claims.md"], re.DOTALL)
    told, _, _, _, *lines, _ = table.split("\n")
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    claims = declared()
    assert [row[:2] for row in cells] == [
        [f"`{name}` {claims[name].statement}", claims[name].where] for name in CONFIG["claims"]
    ]
    verdicts = Counter(row[2] for row in cells)
    assert told == (
        f"**{verdicts['holds']} of {len(cells)} are supported, {verdicts['fails']} contradicted "
        f"and {verdicts['undecided']} undecided.**"
    )
    counts = "of {} claims .* {supported} are supported, {contradicted} contradicted and {inconclusive} undecided"
    assert re.search(counts.format(len(cells), **verdicts), README, re.DOTALL | re.IGNORECASE)


def test_the_digests_are_of_tables_that_there_are():
    told = re.findall(r"^(\w+) +([\d,]+) rows  ([0-9a-f]{64})$", README, re.MULTILINE)
    assert [name for name, _, _ in told] == sorted([*SCHEMAS, "claims"]) and len({digest for *_, digest in told}) == 7


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_at_is_there(page):
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for link in re.findall(r'\]\(([^)]+)\)|(?:src|href)="([^"]+)"', PAGES[page]):
        path, _, anchor = "".join(link).partition("#")
        if not path.startswith("http"):
            assert (folder / path).is_file(), path
            assert not anchor or f'<a id="{anchor}">' in PAGES[Path(path).name], anchor


def test_the_gallery_has_each_figure_with_what_its_paper_left_open():
    config = deepcopy(CONFIG)
    plan.unfold(config)
    entries = {name: entry for section in plan.SECTIONS for name, entry in config[section].items()}
    told = re.split(r'<a id="(.*?)">', PAGES["gallery.md"])[1:]
    told = dict(zip(told[::2], told[1::2], strict=True))
    assert told.keys() == config["figures"].keys()
    for figure, text in told.items():
        own, labels, idle = {}, {}, ()
        if not figure.endswith("-claims"):
            first = config["figures"][figure][0]
            own, idle = entries[first], plan.idle_settings(config, figure)[first]
            labels = {**config["labels"], **own.get("labels", {})}
        assumed = {name: own[name] for name in own if labels.get(name) == "assumed" and name not in idle}
        (line,) = re.findall(r"\*Left open by the paper, and assumed\*: (.*)\.$", text, re.MULTILINE) or [""]
        shown = dict(re.findall(r"`(\w+)`(?: = ([^,]+))?", line))
        assert shown == {
            name: "" if isinstance(value, dict | list) else str(value) for name, value in assumed.items()
        }, figure
        assert f'src="figures/{figure}.png"' in text and (figure in README or not own)


def test_pictures_for_the_pages_are_small_and_the_same_each_time(tmp_path):
    rng = np.random.default_rng(1)
    (tmp_path / "figures").mkdir()
    Image.fromarray(rng.integers(0, 256, (300, 1340, 3), dtype=np.uint8)).save(tmp_path / "figures/own.png")
    for pages in ("one", "other"):
        copy_small(tmp_path / "figures", tmp_path / pages)
    first, second = ((tmp_path / pages / "own.png").read_bytes() for pages in ("one", "other"))
    with Image.open(tmp_path / "one/own.png") as image:
        assert image.size == (1120, 251) and len(image.getcolors()) <= 128
    assert first == second and len(first) < (tmp_path / "figures/own.png").stat().st_size
