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
    assert "Holds: 2 claims. Fails: 1. Undecided: 1." in text and "b &lt;= 1" in text
    assert not re.search(r'(src|href)="(?!#|figures/|tables/)', text) and "None" not in text


def test_the_table_of_the_readme_has_a_line_per_claim(rows):
    head, rule, *lines = page.readme(rows).splitlines()
    assert head.count("|") == rule.count("|") and [line.split("`")[1] for line in lines] == [row["id"] for row in rows]
    assert all(line.count("|") == head.count("|") for line in lines)
    assert "| holds | yes |" in lines[0] and "| fails | – |" in lines[1] and "; claimed: " in lines[1]
    assert "| undecided | – | Not decided: " in lines[2] and "| 0 of " in lines[3]


def test_robustness_in_words():
    row = {"robust": None, "sensitivity": [{"setting": "b = 1"}], "verdict": "holds"}
    assert page.robust(row) == "undecided" and page.robust({**row, "sensitivity": []}) == "–"
    assert page.robust({**row, "robust": False}) == "no"
