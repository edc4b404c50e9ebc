"""The decided claims as a table, as a page, and as lines of the README."""

import html
import re

import pytest

from convbias.claims import find, page
from convbias.claims.finding import outcomes
from convbias.claims.table import CLAIMS
from convbias.columns import build
from made_claims import MADE, decide_one, one_of_each_verdict


@pytest.fixture(scope="module")
def rows():
    return one_of_each_verdict()


def test_the_table_has_all_columns_of_a_decided_claim(rows):
    table = build(CLAIMS, {name: [row[name] for row in rows] for name in CLAIMS.names})
    read = table.to_pylist()
    assert [row["verdict"] for row in read] == ["holds", "fails", "undecided", "holds"]
    for row, decided in zip(read, rows, strict=True):
        for column in ("id", "estimate", "p_holm", "robust", "summary", "violations", "above", "below"):
            assert row[column] == decided[column], column
        assert [part["name"] for part in row["sub_tests"]] == [part["name"] for part in decided["sub_tests"]]
    assert read[0]["sensitivity"][0]["setting"] == "b <= 1" and read[3]["cases"] > 0


def test_the_page_shows_every_claim_and_loads_no_other_file(rows):
    text = page.page(rows)
    plain = html.unescape(text)
    for row in rows:
        shown = [row[name] for name in ("id", "statement", "where", "summary", "threshold", "statistic")]
        assert all(words in plain for words in (*shown, *(part["name"] for part in row["sub_tests"]))), row["id"]
    assert all(row["quote"] in plain for row in rows if row["kind"] != "extension")
    assert "<b>Of 3 claims of wu2019, 1 holds, 1 fails and 1 is undecided.</b>" in text and "b &lt;= 1" in text
    assert not re.search(r'(src|href)="(?!#|figures/|tables/)', text) and "None" not in text


def test_the_table_of_the_readme_has_a_line_per_claim(rows):
    parts = re.split(r"(?=^\*\*)", page.readme(rows), flags=re.MULTILINE)[1:]
    groups = [part.splitlines() for part in parts]
    assert [group[0] for group in groups] == [
        "**Of 3 claims of wu2019, 1 holds, 1 fails and 1 is undecided.**",
        "**The only claim of brutzkus2021 holds.**",
    ]
    lines = []
    for _, _, head, rule, *cells in groups:
        assert head.count("|") == rule.count("|") and all(line.count("|") in (0, head.count("|")) for line in cells)
        lines += [line for line in cells if line]
    assert [line.split("`")[1] for line in lines] == [row["id"] for row in rows]
    assert "| holds | yes |" in lines[0] and "| fails | – |" in lines[1] and "; claimed: " in lines[1]
    assert "| undecided | – | Not decided: " in lines[2] and "| 0 of " in lines[3]


def test_extensions_have_their_own_group_and_count(rows):
    own = [rows[0], {**rows[1], "kind": "extension", "quote": ""}, rows[3]]
    groups = page.groups(own)
    assert [group["title"] for group in groups] == [
        "Claims of wu2019",
        "Extensions of wu2019",
        "Claims of brutzkus2021",
    ]
    assert [group["sentences"] for group in groups] == [
        ["The only claim of wu2019 holds."],
        ["Our only extension of wu2019 fails."],
        ["The only claim of brutzkus2021 holds."],
    ]
    assert "Our own claim, after " in page.page(own)


def made(*claims, paper="own"):
    """Claims with these kinds and verdicts, by the names of their columns."""
    return [
        {"id": f"{paper}-{i}", "paper": paper, "kind": kind, "verdict": verdict}
        for i, (kind, verdict) in enumerate(claims)
    ]


THEOREM, RESULT, OURS = (("theorem", "holds"), ("result", "holds"), ("extension", "holds"))


@pytest.mark.parametrize(
    ("claims", "sentences"),
    [
        ([THEOREM] * 3, ["All 3 claims of own hold."]),
        ([THEOREM, RESULT], ["Both claims of own hold."]),
        ([("result", "undecided")] * 2, ["Both claims of own are undecided."]),
        ([("result", "holds in part")], ["The only claim of own holds in part."]),
        ([RESULT, ("observation", "fails")], ["Of 2 claims of own, 1 holds and 1 fails."]),
        (
            [*[THEOREM] * 9, *[RESULT] * 2, *[("observation", "fails")] * 2, *[("result", "holds in part")] * 3],
            ["Of 16 claims of own, 11 hold, 3 hold in part and 2 fail.", "All 9 theorems hold."],
        ),
        (
            [THEOREM, ("theorem", "fails"), RESULT, ("observation", "undecided")],
            ["Of 4 claims of own, 2 hold, 1 fails and 1 is undecided.", "Of 2 theorems, 1 holds and 1 fails."],
        ),
        ([THEOREM, ("theorem", "fails")], ["Of 2 claims of own, 1 holds and 1 fails."]),
        ([THEOREM, ("result", "fails")], ["Of 2 claims of own, 1 holds and 1 fails.", "The only theorem holds."]),
        ([OURS], ["Our only extension of own holds."]),
        ([OURS] * 2, ["Both our extensions of own hold."]),
        ([OURS] * 3, ["All our 3 extensions of own hold."]),
        ([OURS, ("extension", "fails"), OURS], ["Of our 3 extensions of own, 2 hold and 1 fails."]),
    ],
)
def test_a_sentence_counts_the_verdicts_of_a_paper(claims, sentences):
    (group,) = page.groups(made(*claims))
    assert group["sentences"] == sentences


def test_the_claims_that_do_not_hold_are_named_first_those_that_fail():
    verdicts = ("undecided", "holds", "fails", "holds in part", "fails")
    first, second = page.groups([*made(*(("result", verdict) for verdict in verdicts)), *made(OURS, paper="other")])
    assert [row["id"] for row in first["exceptions"]] == ["own-2", "own-4", "own-3", "own-0"]
    assert second["title"] == "Extensions of other" and second["exceptions"] == []


def test_the_lead_of_the_page_links_to_the_claims_that_do_not_hold(rows):
    lead = page.page(rows).partition("<details>")[0]
    links = re.findall(r'<li class="(\w+)"><span class="verdict">([^<]*):</span> <a href="#(.*?)">(.*?)</a>', lead)
    unmet = {row["verdict"]: row for row in rows if row["verdict"] != "holds"}
    assert links == [
        (verdict, verdict.capitalize(), unmet[verdict]["id"], unmet[verdict]["statement"])
        for verdict in ("fails", "undecided")
    ]


def test_the_page_maps_where_a_claim_holds():
    cells = {"cls: n = 30": "holds", "cls: n = 5": "fails", "SVM, n = 2.5": "holds", "mean over n": "undecided"}
    row = {"over": "n", "sub_tests": [{"name": name, "outcome": outcome} for name, outcome in cells.items()]}
    assert page.places(row) == {"cls": [("5", "fails"), ("30", "holds")], "SVM": [("2.5", "holds")]}
    assert page.places({**row, "over": ""}) == {} == page.places({**row, "over": "k"})
    assert page.places({"over": "k", "sub_tests": [{"name": "k = 8", "outcome": "holds"}]}) == {"": [("8", "holds")]}


def test_the_map_has_every_cell_of_a_finding(rng):
    name, experiments = "wu2019-xhinge-estimate", ["own", "other"]
    tables = MADE[name]("too low", rng)
    finding, row = find(name, tables, experiments), decide_one(name, tables, experiments)
    cells = {cell.name: outcome for cell, outcome in zip(finding.evidence, outcomes(finding.evidence), strict=True)}
    mapped = {f"{task}: n = {n}": verdict for task, values in page.places(row).items() for n, verdict in values}
    assert mapped == {cell.name: cells[cell.name] for cell in finding.evidence if finding.is_cell(cell)}
    assert {"holds", "fails"} <= set(mapped.values())
    text = page.page([row])
    for verdict in ("holds", "fails"):
        count = sum(outcome == verdict for outcome in mapped.values())
        assert text.count(f'<span class="place {verdict}"') == count


def test_a_claim_links_to_its_figure_and_its_tables_and_names_its_settings(rows):
    text = page.page(rows)
    for row, article in zip(rows, text.split("<article")[1:], strict=True):
        assert f'<a href="figures/{row["figure"]}.png">{row["figure"]}</a>' in article
        assert all(f'<a href="tables/{table}.parquet">' in article for table in row["tables"]) and row["tables"]
        assert f"<b>Assumed settings:</b> {'; '.join(row['assumed'])}." in article
        assert ("<b>Verdict under other settings:</b>" in article) == bool(row["sensitivity"])
    assert "</b> the same under all of them." in text.split("<article")[1]


def test_the_page_draws_the_claimed_range_and_the_interval():
    row = {"low": 0.1, "high": 0.3, "estimate": 0.2, "above": -0.1, "below": None}
    assert page.drawn(row) == {"above": 8.0, "below": 100, "low": 50.0, "high": 92.0, "at": 71.0}
    assert page.drawn({**row, "high": float("inf"), "above": None, "below": 0.2}) == {
        "above": 0,
        "below": 92.0,
        "low": 8.0,
        "high": 100,
        "at": 92.0,
    }
    assert page.drawn({**row, "low": None}) is None


def test_the_page_says_which_sub_test_lacks_the_precision_of_its_claim(rows):
    def sub_test(name, low, high, outcome, sample=100):
        return {"name": name, "estimate": 0.0, "low": low, "high": high, "outcome": outcome, "sample": sample}

    needs = "An undecided sub-test needs a half-width of at most 0.01 (our choice). "
    decided = [sub_test("n = 5", -0.3, 0.3, "holds"), sub_test("n = 6", -0.01, 0.01, "undecided")]
    wide = [sub_test("n = 7", -0.01, 0.03, "undecided"), sub_test("n = 8", -float("inf"), 0.1, "undecided")]
    exact = {**sub_test("all", None, None, "holds"), "estimate": None}
    assert page.precision({"precision": 0.01, "sub_tests": [*decided, exact]}) == needs + "Each has it."
    assert page.precision({"precision": 0.01, "sub_tests": decided + wide}) == (
        needs + "n = 7 has 0.03, and needs a sample of about 900; n = 8 has inf."
    )
    assert page.precision({"precision": 0.01, "sub_tests": [exact]}) == ""
    assert page.precision({"precision": 0, "sub_tests": wide}) == ""
    assert "<b>Precision:</b> An undecided sub-test needs" in page.page(rows)


def test_robustness_in_words():
    row = {"robust": None, "sensitivity": [{"setting": "b = 1"}], "verdict": "holds"}
    assert page.robust(row) == "undecided" and page.robust({**row, "sensitivity": []}) == "–"
    assert page.robust({**row, "robust": False}) == "no"
