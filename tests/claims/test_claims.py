"""The claims as instruments: what each says of tables that were made so that it is true, false or undecidable."""

import html
import io
import re
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.text import Text
from scipy import stats
from test_configuration import PAPER

import made_brutzkus2021
import made_lahoti2024
import made_wu2019
from convbias import figures
from convbias.claims import decide, declared, find
from convbias.claims import page as _page
from convbias.claims.finding import Finding
from convbias.claims.table import CLAIMS as CLAIMS_TABLE
from convbias.claims.words import bounds, interval, seen
from convbias.columns import build
from convbias.statistics import summary
from convbias.statistics.evidence import LEVEL, Check, Test

ROOT = Path(__file__).parents[1]
MADE = {**made_wu2019.MADE, **made_brutzkus2021.MADE, **made_lahoti2024.MADE}
ALSO_FALSE = {**made_wu2019.ALSO_FALSE, **made_brutzkus2021.ALSO_FALSE, **made_lahoti2024.ALSO_FALSE}
CLAIMS = declared()
SIGNAL = yaml.safe_load((ROOT / "config-signal.yaml").read_text())
EXPECTED = {"true": "holds", "false": "fails", "open": "undecided"}
STATISTICAL = [name for name, claim in CLAIMS.items() if claim.kind == "statistical"]
SIMULATIONS = 150


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(summary, "RESAMPLES", 999)


def row(name, tables, experiments=("own", "other"), **sensitivity):
    asked = {"experiments": list(experiments), "assumed": [], "sensitivity": sensitivity}
    return decide(tables, {name: asked})[0]


def test_every_claim_has_tables_that_try_it():
    assert set(MADE) == set(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("truth", EXPECTED)
def test_a_claim_gets_the_verdict_of_the_truth(name, truth, rng):
    found = row(name, MADE[name](truth, rng))
    assert found["verdict"] == EXPECTED[truth], found["seen"]


@pytest.mark.parametrize(("name", "truth"), [(name, truth) for name, truths in ALSO_FALSE.items() for truth in truths])
def test_each_part_of_a_claim_can_fail(name, truth, rng):
    found = row(name, MADE[name](truth, rng))
    assert found["verdict"] == "fails", found["seen"]


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_without_its_data_is_inconclusive_and_says_what_is_lacking(name, rng):
    tables = {table: frame.iloc[:0] for table, frame in MADE[name]("true", rng).items()}
    found = row(name, tables)
    assert found["verdict"] == "undecided" and found["seen"].startswith("Not decided: ")
    assert found["parts"] == [] and found["estimate"] is None


@pytest.mark.parametrize("name", STATISTICAL)
def test_a_claim_that_is_just_not_true_is_seldom_supported_or_contradicted(name, rng):
    """One part is at its threshold, and all others hold: either error has a probability of at most 2.5 %."""
    verdicts = [find(name, MADE[name]("null", rng), ["own", "other"]).verdict() for _ in range(SIMULATIONS)]
    most = stats.binom.ppf(0.999, SIMULATIONS, LEVEL / 2)
    assert verdicts.count("holds") <= most and verdicts.count("fails") <= most


def test_the_papers_claims_are_all_decided_by_the_main_job():
    own = [name for name, claim in CLAIMS.items() if claim.paper in ("wu2019", "brutzkus2021")]
    shown = [*PAPER["figures"]["wu2019-claims"], *PAPER["figures"]["brutzkus2021-claims"]]
    assert sorted(PAPER["claims"]) == sorted(shown) == sorted(own)
    assert {*PAPER["claims"], *SIGNAL["claims"]} == set(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_says_what_it_says(name):
    claim = CLAIMS[name]
    assert claim.paper in ("wu2019", "brutzkus2021", "lahoti2024") and claim.kind in ("statistical", "exact")
    assert claim.figure in {**PAPER["figures"], **SIGNAL["figures"]} and claim.where and claim.statement.endswith(".")
    assert 0 < len(claim.statement) <= 110 and "{" not in claim.threshold


def made(p_supports, p_contradicts, name="part"):
    return Test(name, 0.5, 0.4, 0.6, 0.1, inf, p_supports, p_contradicts, 10)


def test_a_finding_holds_if_all_parts_do_and_fails_if_one_does():
    parts = [made(0.001, 0.999, "one"), made(0.02, 0.98, "two"), Check("three", 5, 0)]
    good = Finding(parts)
    assert good.p_value == pytest.approx(0.04) and good.verdict() == "holds" and good.decisive is parts[1]
    assert good.verdict(0.06) == "undecided"
    bad = Finding([*parts, made(0.999, 0.001, "four")])
    assert bad.p_value == pytest.approx(2 * 4 * 0.001) and bad.verdict() == "fails"
    assert bad.decisive.name == "four"
    assert Finding([*parts, Check("five", 10, 1)]).verdict() == "fails"
    assert Finding([*parts, made(0.3, 0.7)]).verdict() == "undecided"
    assert Finding(missing="no rows").verdict() == "undecided" and Finding(missing="no rows").p_value == 1


def test_verdicts_are_corrected_over_all_statistical_claims(rng):
    """Holm: the smallest p-value times the number of claims, and so on; one without data counts, an exact one not."""
    names = ["wu2019-fig2-cls", "wu2019-fig2-first_person", "brutzkus2021-fig3a", "brutzkus2021-thm4.2"]
    tables = MADE[names[0]]("open", rng) | MADE[names[3]]("true", rng)
    asked = {name: {"experiments": ["own", "other"], "assumed": []} for name in names}
    rows = {row["id"]: row for row in decide(tables | {"patterns": MADE[names[2]]("true", rng)["patterns"]}, asked)}
    p = {name: row["p_value"] for name, row in rows.items()}
    assert p[names[1]] == 1 and "no rows" in rows[names[1]]["seen"] and p[names[3]] is None
    low, high = sorted((p[names[0]], p[names[2]]))
    adjusted = sorted((rows[names[0]]["p_holm"], rows[names[2]]["p_holm"]))
    assert adjusted == pytest.approx([min(1, 3 * low), min(1, max(3 * low, 2 * high))])
    assert rows[names[3]]["p_holm"] is None and rows[names[3]]["verdict"] == "holds"


def test_a_verdict_is_robust_if_other_settings_lead_to_it(rng):
    name = "wu2019-fig2-cls"
    tables = [MADE[name](truth, rng)["linear"].assign(experiment=truth) for truth in ("true", "false")]
    tables = {"linear": pd.concat(tables)}
    assert row(name, tables, ["true"])["robust"] is None
    assert row(name, tables, ["true"], again=["true"])["robust"] is True
    assert row(name, tables, ["true"], again=["true"], lacking=["nothing"])["robust"] is None
    found = row(name, tables, ["true"], again=["true"], worse=["false"], lacking=["nothing"])
    assert found["robust"] is False and found["verdict"] == "holds"
    verdicts = {other["setting"]: other["verdict"] for other in found["sensitivity"]}
    assert verdicts == {"again": "holds", "worse": "fails", "lacking": "undecided"}
    assert "no rows with task = cls" in found["sensitivity"][2]["seen"]
    assert row(name, tables, ["nothing"], again=["nothing"])["robust"] is None


def test_unknown_claims_are_named():
    with pytest.raises(ValueError, match="no such claim: wu2019-fig7; there are: brutzkus2021-"):
        decide({}, {"wu2019-fig7": {"experiments": ["x"], "assumed": []}})


def test_what_was_seen_names_the_parts_that_do_not_hold():
    parts = [made(0.001, 0.999, "n = 5"), made(0.999, 0.001, "n = 10"), made(0.4, 0.6, "n = 20")]
    assert Finding(parts).verdict() == "fails"
    assert seen(Finding(parts), "fails") == (
        "2 of 3 parts fail or are open: n = 10: 0.50 [0.40, 0.60], to be above 0.1 (fails); "
        "n = 20: 0.50 [0.40, 0.60], to be above 0.1 (open)."
    )
    assert seen(Finding(parts[:1]), "holds") == "n = 5: 0.50 [0.40, 0.60], to be above 0.1."
    assert seen(Finding(parts[:1]), "undecided").startswith("Each part holds alone, but not after the correction. ")
    many = [made(0.999, 0.001, f"n = {n}") for n in range(6)]
    assert seen(Finding(many), "fails").endswith(" n = 3: 0.50 [0.40, 0.60], to be above 0.1 (fails); and 2 more.")
    found = Finding([Check("steps", 1000, 2, told="from n = 5 on")])
    assert seen(found, "fails") == "steps: 2 of 1,000 cases violate it, from n = 5 on (fails)."
    assert seen(Finding(missing="no rows"), "undecided") == "Not decided: no rows."


def test_intervals_are_told_to_the_digits_that_they_are_known_to():
    assert interval(0.0199, -0.00239, 0.0422) == "0.020 [-0.002, 0.042]"
    assert interval(12.345, 10, 15) == "12.3 [10.0, 15.0]" and interval(1234, 1000, 1500) == "1234 [1000, 1500]"
    assert interval(0.25, 0.25, 0.25) == "0.250 [0.250, 0.250]"
    assert interval(0.5, 0.4, inf) == "0.50 [0.40, ∞]" and interval(inf, 1, inf) == "∞ [1.000, ∞]"
    assert bounds(0.1, inf) == bounds(0.1, None) == "above 0.1" and bounds(None, 2.0) == "below 2"
    assert bounds(-0.02, 0.02) == "between -0.02 and 0.02"


@pytest.fixture(scope="module")
def rows():
    """A row of each verdict, of a claim without data, and of an exact one."""
    stream = np.random.default_rng(1)
    asked = ["wu2019-fig2-cls", "wu2019-fig2-first_person", "wu2019-fig2-third_person", "brutzkus2021-thm4.2"]
    tables = [MADE[name](truth, stream)["linear"] for name, truth in zip(asked, ("true", "false"), strict=False)]
    tables = {"linear": pd.concat(tables), **MADE[asked[3]]("true", stream)}
    requests = {
        name: {"experiments": ["own"], "assumed": ["b = 0.1"], "sensitivity": {"b <= 1": ["own"]} if first else {}}
        for name in asked
        for first in [name == asked[0]]
    }
    return decide(tables, requests)


def test_the_table_holds_all_of_a_row(rows):
    table = build(CLAIMS_TABLE, {name: [row[name] for row in rows] for name in CLAIMS_TABLE.names})
    back = table.to_pylist()
    assert [row["verdict"] for row in back] == ["holds", "fails", "undecided", "holds"]
    for row, whole in zip(back, rows, strict=True):
        for column in ("id", "estimate", "p_holm", "robust", "seen", "violations", "above", "below"):
            assert row[column] == whole[column], column
        assert [part["name"] for part in row["parts"]] == [part["name"] for part in whole["parts"]]
    assert back[0]["sensitivity"][0]["setting"] == "b <= 1" and back[3]["cases"] > 0


def test_the_page_tells_all_and_needs_nothing_from_elsewhere(rows):
    text = _page.page(rows)
    plain = html.unescape(text)
    for row in rows:
        told = (row["id"], row["statement"], row["where"], row["seen"], row["threshold"], row["statistic"])
        assert all(words in plain for words in (*told, *(part["name"] for part in row["parts"]))), row["id"]
    assert "2 supported, 1 contradicted, 1 inconclusive" in text and "b &lt;= 1" in text
    assert not re.search(r'(src|href)="(?!#|figures/|tables/)', text) and "None" not in text


def test_the_readmes_table_has_a_line_for_each_claim(rows):
    head, rule, *lines = _page.readme(rows).splitlines()
    assert head.count("|") == rule.count("|") and [line.split("`")[1] for line in lines] == [row["id"] for row in rows]
    assert all(line.count("|") == head.count("|") for line in lines)
    assert "| supported | yes |" in lines[0] and "| contradicted | – |" in lines[1] and "; claimed: " in lines[1]
    assert "| inconclusive | – | Not decided: " in lines[2] and "| 0 of " in lines[3]


def test_a_verdict_that_another_setting_leaves_undecided_is_open():
    row = {"robust": None, "sensitivity": [{"setting": "b = 1"}], "verdict": "holds"}
    assert _page.robust(row) == "open" and _page.robust({**row, "sensitivity": []}) == "–"
    assert _page.robust({**row, "robust": False}) == "no"


def test_the_figure_turns_a_claim_that_something_is_below_round(rows):
    """Right of the middle is what is claimed, of every claim."""
    table = build(CLAIMS_TABLE, {name: [row[name] for row in rows] for name in CLAIMS_TABLE.names}).to_pandas()
    lower = table.iloc[[0]].assign(above=np.nan, below=1.0, estimate=0.5, low=0.25, high=0.75)
    (drawn,) = figures.load("wu2019-claims").data({"claims": lower}, [rows[0]["id"]]).to_dict("records")
    assert (drawn["at"], drawn["from"], drawn["to"]) == pytest.approx((2 / 3, 1, 1 / 3))


def test_the_figure_shows_every_claim_on_a_scale_of_its_own(rows):
    table = build(CLAIMS_TABLE, {name: [row[name] for row in rows] for name in CLAIMS_TABLE.names}).to_pandas()
    asked = [row["id"] for row in rows]
    module = figures.load("wu2019-claims")
    frame = module.data({"claims": table}, asked)
    assert frame["id"].tolist() == asked and frame["at"].dropna().between(-1, 1).all()
    supported = frame.iloc[0]
    assert supported["from"] <= supported["at"] <= supported["to"]
    if supported["two_sided"]:
        assert supported["from"] > -0.5 and supported["to"] < 0.5
    else:
        assert supported["from"] > 0
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        module.plot(frame).savefig(file, format="png", metadata={"Software": None})
    assert files[0].getvalue() == files[1].getvalue()
    text = " ".join(t.get_text().replace("\n", " ") for t in module.plot(frame).findobj(Text))
    for row in rows:
        assert row["id"].split("-", 1)[1] in text and row["verdict"] in text
    assert "2 supported, 1 contradicted, 1 inconclusive" in text and "a table lacks what it needs" in text
