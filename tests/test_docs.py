"""The README and docs agree with the code, the configuration and the figures."""

import ast
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from convbias import catalogue, registry
from convbias.claims.finding import VERDICTS
from convbias.tables import SCHEMAS
from convbias_pipeline.configuration import load
from convbias_pipeline.jobs import plan
from convbias_pipeline.report import fill
from convbias_pipeline.report.gallery import copy_small
from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import write_table
from running import expanded, loaded

ROOT = Path(__file__).parents[1]
CORE = ROOT / "workflow" / "scripts" / "convbias"
FILES = {name: ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "config/README.md")}
FILES |= {str(page.relative_to(ROOT / "docs")): page for page in (ROOT / "docs").rglob("*.md")}
PAGES = {name: page.read_text() for name, page in FILES.items()}
README = PAGES["README.md"]
TEXTS = "\n".join(PAGES.values())
CONFIG = loaded({})


def docstrings(node, names=()):
    """Each docstring of a module, with the qualified name of its function or class; that of a module is empty."""
    if (text := ast.get_docstring(node)) is not None:
        yield ".".join(names), text
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            yield from docstrings(child, (*names, child.name))


@cache
def references():
    """For each item of a paper its modules, each with the functions whose docstrings refer to the item.

    'Sections 2.2 and 3.1' are two items, and so on.
    """
    found = defaultdict(lambda: defaultdict(set))
    for file in CORE.rglob("*.py"):
        text, module = file.read_text(), str(file.relative_to(CORE))
        lines = 0
        for name, docstring in docstrings(ast.parse(text)):
            for paper, line in re.findall(r"Ref: (wu2019|brutzkus2021), (.*)", docstring):
                lines += 1
                words = re.sub(r"Sections (\S+) and ", r"Section \1 and Section ", re.sub(r" \([^)]*\)", "", line))
                for item in re.split("; | and ", words):
                    found[paper, item][module] |= {name} - {""}
        assert lines == len(re.findall(r"Ref: (?:wu2019|brutzkus2021), ", text)), f"{module}: Ref outside a docstring"
    return found


def table_of_items():
    """The rows of papers.md: paper, item, and the cells code, rules, figures and claims."""
    tables = r"^\| (wu2019|brutzkus2021) \| code \|.*\n((?:\|.*\n?)+)"
    for paper, table in re.findall(tables, PAGES["papers.md"], re.MULTILINE):
        for line in table.splitlines()[1:]:
            item, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            yield paper, item, cells


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_every_item_of_a_paper_is_mapped_to_its_functions():
    expected = {
        item: {module: functions for module, functions in modules.items() if not is_figure_or_claim(module)}
        for item, modules in references().items()
    }
    found = {}
    for paper, item, (code, *_) in table_of_items():
        assert (paper, item) not in found, f"{item} has two rows"
        entries = [names(entry) for entry in code.split("<br>") if entry]
        found[paper, item] = {module: set(functions) for module, *functions in entries}
    assert found == expected


def is_figure_or_claim(module):
    return re.match(r"papers/\w+/(figures|claims)/", module) is not None


def test_every_item_of_a_paper_is_mapped_to_its_figures_and_claims():
    figures, claims = catalogue.figures(), catalogue.claims()
    modules = {
        key: {registry.path(each.module) for each in kind.values()} for key, kind in (("f", figures), ("c", claims))
    }
    listed = set()
    for paper, item, (_, _, figure_cell, claim_cell) in table_of_items():
        refers = {CORE / module for module in references()[paper, item]}
        shown, decided = names(figure_cell), names(claim_cell)
        assert {registry.path(claims[name].module) for name in decided} == refers & modules["c"], item
        own = {name for name, figure in figures.items() if registry.path(figure.module) in refers}
        assert set(shown) == own | {claims[name].figure for name in decided}, item
        listed |= {*shown, *decided}
    assert {name for name in (*figures, *claims) if name.startswith(("wu2019", "brutzkus2021"))} == listed


def test_rules_of_the_map_exist():
    rules = set(
        re.findall(r"^rule (\w+):", "".join(file.read_text() for file in ROOT.glob("workflow/rules/*.smk")), re.M)
    )
    for _, item, (code, cell, *_) in table_of_items():
        assert set(names(cell)) <= rules and bool(names(cell)) == bool(code), item


def test_commands_of_the_pages_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", TEXTS, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for name in re.findall(r"(?:--configfile|PRESET=) ?([\w./-]+\.yaml)", TEXTS):
        assert name == "mine.yaml" or (ROOT / name).is_file(), name
    for profile in re.findall(r"--profile ([\w/]+)", TEXTS):
        assert (ROOT / profile / "config.yaml").is_file(), profile
    papers = re.findall(r"papers=\[(\w+)\]", TEXTS)
    assert papers and set(papers) - {"own"} <= set(load.papers(ROOT)), papers
    for key in re.findall(r"--config (\w+)=", TEXTS):
        assert key in CONFIG, key


def test_files_in_the_pages_exist():
    """Paths in backticks, below the root, the core, the plumbing, the tests or a folder of plugins."""
    places = [ROOT, CORE, CORE.parent / "convbias_pipeline", ROOT / "tests"]
    places += [CORE / folder.replace(".", "/") for folder in ("linear/tasks", "linear/models", "linear/losses")]
    places += [CORE / "detection" / folder for folder in ("tasks", "models", "training")]
    for page, text in PAGES.items():
        for path in re.findall(r"`([\w./-]+\.(?:py|smk|yaml|csv|md|css))`", text):
            made = re.search(r"\bown\b", path) or path == "mine.yaml" or path.startswith("results/")
            assert made or any((place / path).is_file() for place in places), f"{page}: {path}"


def test_table_of_claims_lists_the_claims_of_the_main_run():
    """The statements and the counts of the verdicts can be checked here."""
    table = place("claims.md", "claims")
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.split("\n") if "| `" in line]
    claims = catalogue.claims()
    own = [name for name in CONFIG["claims"] if claims[name].kind != "extension"]
    assert {row[0].split("`")[1] for row in cells} == set(CONFIG["claims"])
    for item, where, *_ in cells:
        claim = claims[item.split("`")[1]]
        assert (item, where) == (f"`{claim.id}` {claim.statement}", claim.where)
    found = Counter(row[2] for row in cells)
    assert set(found) <= set(VERDICTS) and sum(found.values()) == len(CONFIG["claims"])
    counts = [int(count) for count in re.findall(r"^\*\*Of (\d+) claims of ", table, re.MULTILINE)]
    assert sum(counts) == len(own)
    assert place("README.md", "verdicts") == fill.verdicts(table)


def test_readme_agrees_with_the_main_run():
    """Its numbers of networks and of verdicts, and the verdicts of the claims that it lists."""
    rows = {name: int(count.replace(",", "")) for name, count, _ in digests()}
    decided = dict(re.findall(r"^\| `([\w.-]+)` .*? \| .*? \| (.*?) \|", place("claims.md", "claims"), re.MULTILINE))
    claims = catalogue.claims()
    count = Counter(verdict for name, verdict in decided.items() if claims[name].kind != "extension")
    pitch = " ".join(README.split("\n\n")[1].split())
    assert f"trains {rows['linear'] + rows['detection']:,} networks and decides {count.total()} claims:" in pitch
    hold, part, fail, undecided = (count[verdict] for verdict in ("holds", "holds in part", "fails", "undecided"))
    assert f"**{hold} hold, {part} hold in part, {fail} fail and {undecided} is undecided.**" in pitch
    listed = re.findall(r"^\| .*`([\w.-]+)`\) \| (.*) \|$", README, re.MULTILINE)
    assert 6 <= len(listed) <= 8 and set(listed) <= decided.items()


def test_columns_of_the_tables_are_described():
    described = {name for line in PAGES["results.md"].splitlines() if line.count(" | ") == 2 for name in names(line)}
    for table in ("linear", "trajectories", "detection", "asymptotics", "theory"):
        assert set(SCHEMAS[table].names) <= described, table


def place(page, name):
    """The text of a marked place of a page."""
    (text,) = re.findall(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGES[page], re.DOTALL)
    return text


def test_marked_places_of_a_page_are_filled(tmp_path):
    page = "a\n<!-- claims -->\nold\n<!-- /claims -->\nb\n<!-- other -->\nc\n<!-- /other -->\n"
    filled = fill.fill(page, {"claims": r"new \1" + "\n", "digests": "x"})
    assert filled == page.replace("old", r"new \1") and fill.fill(filled, {}) == filled
    table = pa.table({"x": [1.0, 2.0]})
    (tmp_path / "tables").mkdir()
    digest = rows_digest(table)
    write_table(table, tmp_path / "tables/linear.parquet", {"rows": digest})
    (tmp_path / "claims.md").write_text("**The only claim of own holds.**\n\n| claim |\n")
    assert fill.texts(tmp_path) == {
        "claims": "**The only claim of own holds.**\n\n| claim |\n",
        "verdicts": "- **The only claim of own holds.**\n",
        "digests": f"```\nlinear{2:>15} rows  {digest}\n```\n",
    }


def digests():
    """The name, number of rows and digest of each table of the main job."""
    return re.findall(r"^(\w+) +([\d,]+) rows  ([0-9a-f]{64})$", place("reruns.md", "digests"), re.MULTILINE)


def test_digests_are_listed_for_every_table():
    listed = digests()
    assert [name for name, _, _ in listed] == sorted([*SCHEMAS, "claims"])
    assert len({digest for *_, digest in listed}) == 7


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page):
    file = FILES[page]
    for link in re.findall(r'\]\(([^)]+)\)|(?:src|href)="([^"]+)"', PAGES[page]):
        path, _, anchor = "".join(link).partition("#")
        if not path.startswith("http"):
            target = file.parent / path if path else file
            assert target.is_file(), path
            assert not anchor or f'<a id="{anchor}">' in target.read_text(), anchor


def test_every_page_is_in_the_list_of_pages():
    links = re.findall(r"^- \[.*?\]\((.*?)\): ", PAGES["index.md"], re.MULTILINE)
    listed = Counter((ROOT / "docs" / link).resolve() for link in links)
    assert listed == Counter(FILES[page] for page in PAGES.keys() - {"index.md"})
    assert "](docs/index.md)" in README


def test_gallery_shows_each_figure_with_its_assumed_settings():
    """A setting with a list of values is shown without them."""
    entries = {name: entry for section in load.ENTRIES for name, entry in CONFIG[section].items()}
    parts = re.split(r'<a id="(.*?)">', PAGES["gallery.md"])
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    del texts["open"]  # the list of settings below the figures
    assert texts.keys() == expanded({})["figures"].keys()
    for figure, text in texts.items():
        own = entries[CONFIG["figures"][figure][0]]
        labels, unused = own["labels"], plan.unused_settings(own)
        assumed = {name: own[name] for name, label in labels.items() if label == "assumed" and name not in unused}
        (line,) = re.findall(r"\*Left open by the paper, and assumed\*: (.*)\.$", text, re.MULTILINE) or [""]
        shown = dict(re.findall(r"`(\w+)`(?: = ([^,]+))?", line))
        assert shown == {
            name: "" if isinstance(value, dict | list) else str(value) for name, value in assumed.items()
        }, figure
        assert f'src="figures/{figure}.png"' in text and f"](#{figure})" in parts[0]
        described = catalogue.figures()[figure]
        assert text.startswith(f"</a>\n## {described.paper}, {described.title}\n"), figure


def test_pictures_for_the_pages_are_small_and_the_same_each_time(tmp_path):
    rng = np.random.default_rng(1)
    (tmp_path / "figures").mkdir()
    Image.fromarray(rng.integers(0, 256, (60, 1340, 3), dtype=np.uint8)).save(tmp_path / "figures/own.png")
    for pages in ("one", "other"):
        copy_small(tmp_path / "figures", tmp_path / pages)
    first, second = ((tmp_path / pages / "own.png").read_bytes() for pages in ("one", "other"))
    with Image.open(tmp_path / "one/own.png") as image:
        assert image.size == (1120, 50) and len(image.getcolors()) <= 256
    assert first == second and len(first) < (tmp_path / "figures/own.png").stat().st_size


def sentences(page):
    """The sentences of the prose of a page, without tables, code, formulas and places that a run fills."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$|<!-- (\w+) -->.*?<!-- /\1 -->", "", page, flags=re.DOTALL)
    text = re.sub(r"^\s*\|.*$|<[^>]+>", "", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`", "Code", re.sub(r"\]\([^)]*\)", "", text))
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|^#.*$", text, flags=re.MULTILINE):
        yield from re.split(
            r"(?<=[.!?:;])[\"*)]* ", re.sub(r"\b([A-Z])\. (?=[A-Z])", r"\1 ", " ".join(paragraph.split()))
        )


@pytest.mark.parametrize("page", PAGES)
def test_sentences_have_25_words_at_most(page):
    assert [one for one in sentences(PAGES[page]) if len(re.findall(r"\w[\w.,'/^-]*", one)) > 25] == []


def test_the_readme_is_short():
    assert len(README.split()) < 1050
