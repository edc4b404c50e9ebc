"""The decided claims as a table, as a page, and as lines of the README."""

import html
import re

import pytest

from convbias.claims import page
from convbias.claims.table import CLAIMS
from convbias.columns import build
from made_claims import one_of_each_verdict


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
    assert (
        "Claims of wu2019.</b> 3 claims. Observations: 1 holds, 1 fails, 1 is undecided." in text
        and "b &lt;= 1" in text
    )
    assert not re.search(r'(src|href)="(?!#|figures/|tables/)', text) and "None" not in text


def test_the_table_of_the_readme_has_a_line_per_claim(rows):
    groups = [part.splitlines() for part in page.readme(rows).split("**Claims of ")[1:]]
    assert [group[0].partition(".")[0] for group in groups] == ["wu2019", "brutzkus2021"]
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
    assert [group["sentence"] for group in groups] == [
        "1 claim. Observations: 1 holds.",
        "1 claim. Extensions: 1 fails.",
        "1 claim. Theorems: 1 holds.",
    ]
    assert "Our own claim, after " in page.page(own)


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


def test_robustness_in_words():
    row = {"robust": None, "sensitivity": [{"setting": "b = 1"}], "verdict": "holds"}
    assert page.robust(row) == "undecided" and page.robust({**row, "sensitivity": []}) == "–"
    assert page.robust({**row, "robust": False}) == "no"
