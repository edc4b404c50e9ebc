"""From evidence to a verdict: findings, Holm's correction, and robustness under other settings."""

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from convbias import catalogue
from convbias.claims import decide
from convbias.claims.finding import Finding
from convbias.claims.words import bounds, interval, region, summary
from convbias.statistics.evidence import Check, Test
from made_claims import MADE, decide_one


def sub_test(p_supports, p_contradicts, name="sub-test"):
    return Test(name, 0.5, 0.4, 0.6, 0.1, inf, p_supports, p_contradicts, 10)


def test_a_finding_holds_if_all_its_sub_tests_hold_and_fails_if_one_fails():
    evidence = [sub_test(0.001, 0.999, "one"), sub_test(0.02, 0.98, "two"), Check("three", 5, 0)]
    good = Finding(evidence)
    assert good.p_value == pytest.approx(0.04) and good.verdict() == "holds" and good.decisive is evidence[1]
    assert good.verdict(0.06) == "undecided"
    bad = Finding([*evidence, sub_test(0.999, 0.001, "four")])
    assert bad.p_value == pytest.approx(2 * 4 * 0.001) and bad.verdict() == "fails"
    assert bad.decisive.name == "four"
    assert Finding([*evidence, Check("five", 10, 1)]).verdict() == "fails"
    assert Finding([*evidence, sub_test(0.3, 0.7)]).verdict() == "undecided"
    assert Finding(missing="no rows").verdict() == "undecided" and Finding(missing="no rows").p_value == 1


def cells(*outcomes, start="n = "):
    """A cell for each outcome: it holds (+), fails (-) or is undecided (?)."""
    p_values = {"+": (1e-4, 0.9999), "-": (0.9999, 1e-4), "?": (0.4, 0.6)}
    return [sub_test(*p_values[outcome], f"{start}{5 * (1 + i)}") for i, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ("++", "holds"),
        ("--", "fails"),
        ("+-", "holds in part"),
        ("+-?", "holds in part"),
        ("+?", "undecided"),
        ("-?", "fails"),
    ],
)
def test_a_claim_over_a_setting_holds_in_part_if_one_value_holds_and_one_fails(outcomes, verdict):
    evidence = cells(*outcomes)
    assert Finding(evidence, over="n").verdict() == verdict
    assert Finding(evidence).verdict() == ("fails" if "-" in outcomes else verdict)  # if it speaks of all values
    failed = Finding([*evidence, sub_test(0.9999, 1e-4, "mean over n ≥ 5")], over="n")
    assert failed.verdict() == "fails" and not failed.is_cell(failed.evidence[-1])
    unsure = Finding([*evidence, sub_test(0.4, 0.6, "slope")], over="n")
    assert unsure.verdict() == ("fails" if "-" in outcomes else "undecided")


def test_the_correction_over_claims_also_applies_to_the_part_that_holds():
    found = Finding([sub_test(0.0015, 0.9985, "n = 5"), sub_test(0.99999, 5e-6, "n = 10")], over="n")
    assert found.p_value == pytest.approx(2 * 2 * 5e-6) and found.verdict() == "holds in part"
    assert found.verdict(5 * found.p_value) == "holds in part"
    assert (
        found.verdict(20 * found.p_value) == "fails"
    )  # 20 times the p-value of the part, 2 * 2 * 0.0015, is too large


def test_a_claim_that_holds_everywhere_seldom_holds_in_part(rng):
    """The p-values of five cells at their threshold are uniform: wrong verdicts have a probability of 5 %."""
    verdicts = []
    for _ in range(2000):
        p = rng.random(5)
        verdicts.append(Finding([sub_test(x, 1 - x, f"n = {n}") for n, x in enumerate(p)], over="n").verdict())
    assert sum(verdict != "undecided" for verdict in verdicts) <= binom.ppf(0.999, 2000, 0.05)


def test_looks_at_the_verdict_raise_the_p_value():
    assert Finding([sub_test(0.01, 0.99)]).p_value == pytest.approx(0.02)
    twice = Finding([sub_test(0.01, 0.99)], looks=3)
    assert twice.p_value == pytest.approx(0.06) and twice.verdict() == "undecided"


def test_the_map_names_where_a_claim_holds_and_fails():
    evidence = [
        *cells(*"-++?", start="cls: n = "),
        *cells("+", start="first_person: n = "),
        *cells("+", start="slope, k = "),
    ]
    assert region(Finding(evidence, over="n")) == (
        "holds: cls: n = 10, 15, first_person: n = 5; fails: cls: n = 5; undecided: cls: n = 20"
    )
    assert region(Finding(evidence)) == ""


def test_a_claim_that_holds_shows_its_largest_gap():
    gaps = [replace(one, estimate=value) for one, value in zip(cells(*"+++"), (0.2, 0.9, 0.3), strict=True)]
    two_sided = replace(sub_test(0.01, 0.99, "alike"), below=1.0)
    assert Finding([*gaps, two_sided]).shown("holds") is gaps[1]
    below = [replace(one, above=-inf, below=1.0) for one in gaps]
    assert Finding(below).shown("holds") is below[0]
    assert Finding([two_sided]).shown("holds") is two_sided
    assert Finding(cells(*"+-")).shown("fails").name == "n = 10"


def test_p_values_are_corrected_over_the_claims_of_a_paper_and_over_our_extensions_of_it(rng):
    """Holm multiplies the smallest p-value by the number of claims; a claim without data counts, an exact one not."""
    names = ["wu2019-fig2-cls", "wu2019-fig2-first_person", "wu2019-two-layer-third_person", "wu2019-lemma5"]
    others = ["wu2019-alignment", "wu2019-frozen-limit", "brutzkus2021-fig3a"]
    tables = MADE[names[0]]("undecided", rng) | MADE[others[2]]("true", rng)
    more = MADE[names[2]]("true", rng)["linear"]
    tables["linear"] = pd.concat([tables["linear"], more])
    tables["theory"] = pd.concat([MADE[name]("true", rng)["theory"] for name in (names[3], *others[:2])])
    tables["theory"] = tables["theory"].drop_duplicates(["quantity", "n_train", "seed"])
    requested = {name: {"experiments": ["own", "other"], "assumed": []} for name in (*names, *others)}
    rows = {row["id"]: row for row in decide(tables, requested)}
    p = {name: row["p_value"] for name, row in rows.items()}
    assert p[names[1]] == 1 and "no rows" in rows[names[1]]["summary"] and p[names[3]] is None
    paper = [names[0], names[1], names[2], others[0]]
    assert [catalogue.claims()[name].kind == "extension" for name in (*paper, others[1])] == [False] * 4 + [True]
    ordered = sorted(paper, key=lambda name: p[name])
    expected = np.minimum(1, np.maximum.accumulate([(4 - place) * p[name] for place, name in enumerate(ordered)]))
    assert [rows[name]["p_holm"] for name in ordered] == pytest.approx(expected.tolist())
    for alone in others[1:]:
        assert rows[alone]["p_holm"] == pytest.approx(p[alone])
    assert rows[names[3]]["p_holm"] is None and rows[names[3]]["verdict"] == "holds"


def test_a_verdict_is_robust_if_other_settings_give_the_same(rng):
    name = "wu2019-fig2-cls"
    tables = [MADE[name](truth, rng)["linear"].assign(experiment=truth) for truth in ("true", "false")]
    tables = {"linear": pd.concat(tables)}
    assert decide_one(name, tables, ["true"])["robust"] is None
    assert decide_one(name, tables, ["true"], again=["true"])["robust"] is True
    assert decide_one(name, tables, ["true"], again=["true"], missing=["nothing"])["robust"] is None
    found = decide_one(name, tables, ["true"], again=["true"], worse=["false"], missing=["nothing"])
    assert found["robust"] is False and found["verdict"] == "holds"
    verdicts = {other["setting"]: other["verdict"] for other in found["sensitivity"]}
    assert verdicts == {"again": "holds", "worse": "fails", "missing": "undecided"}
    assert "no rows with task = cls" in found["sensitivity"][2]["summary"]
    assert decide_one(name, tables, ["nothing"], again=["nothing"])["robust"] is None


def test_unknown_claims_are_named():
    with pytest.raises(ValueError, match=r"^unknown claims: wu2019-fig7\. Available: brutzkus2021-"):
        decide({}, {"wu2019-fig7": {"experiments": ["x"], "assumed": []}})


def test_the_summary_names_the_sub_tests_that_do_not_hold():
    evidence = [sub_test(0.001, 0.999, "n = 5"), sub_test(0.999, 0.001, "n = 10"), sub_test(0.4, 0.6, "n = 20")]
    assert Finding(evidence).verdict() == "fails"
    assert summary(Finding(evidence), "fails") == (
        "2 of 3 sub-tests fail or are undecided: n = 10: 0.50 [0.40, 0.60], claimed: above 0.1 (fails); "
        "n = 20: 0.50 [0.40, 0.60], claimed: above 0.1 (undecided)."
    )
    one = Finding(evidence[:1])
    assert summary(one, "holds") == "n = 5: 0.50 [0.40, 0.60], claimed: above 0.1."
    assert summary(one, "undecided").startswith("Each sub-test holds on its own, but not after Holm's correction. ")
    many = Finding([sub_test(0.999, 0.001, f"n = {n}") for n in range(6)])
    assert summary(many, "fails").endswith(" n = 3: 0.50 [0.40, 0.60], claimed: above 0.1 (fails); and 2 more.")
    exact = Finding([Check("steps", 1000, 2, detail="from n = 5 on")])
    assert summary(exact, "fails") == "steps: 2 of 1,000 cases violate it, from n = 5 on (fails)."
    assert summary(Finding(missing="no rows"), "undecided") == "Not decided: no rows."


def test_the_length_of_an_interval_decides_how_many_digits_are_shown():
    assert interval(0.0199, -0.00239, 0.0422) == "0.020 [-0.002, 0.042]"
    assert interval(12.345, 10, 15) == "12.3 [10.0, 15.0]" and interval(1234, 1000, 1500) == "1234 [1000, 1500]"
    assert interval(0.25, 0.25, 0.25) == "0.250 [0.250, 0.250]"
    assert interval(0.5, 0.4, inf) == "0.50 [0.40, ∞]" and interval(inf, 1, inf) == "∞ [1.000, ∞]"


def test_bounds_in_words():
    assert bounds(0.1, inf) == bounds(0.1, None) == "above 0.1" and bounds(None, 2.0) == "below 2"
    assert bounds(-0.02, 0.02) == "between -0.02 and 0.02"
