"""Which steps of the proof remain if patterns are not orthogonal, and what Algorithm 1 then learns.

Ref: brutzkus2021, Lemma 5.3; Corollary 5.4
"""

from convbias.claims import Tables
from convbias.statistics.comparison import counted, rows_of
from convbias.statistics.evidence import Check, Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "kind": "extension",
    "scope": "patterns with inner product ρ in each pair, and else the settings of Theorem 5.1",
    "figure": "brutzkus2021-controls",
}
CLAIMS = {
    "brutzkus2021-correlated-lead": {
        "where": "Lemma 5.3, Corollary 5.4 (extended)",
        "statement": "With any correlation, the lead of a lucky filter's pattern over spurious ones never falls.",
        "statistic": "steps of lucky filters in which a response to a spurious pattern comes closer",
        "threshold": "no such step",
        "settings": {"part": "lead"},
    },
    "brutzkus2021-correlated-growth": {
        "where": "Lemma 5.3, Corollary 5.4 (extended)",
        "statement": "The response of lucky filters grows at least at the rate that correlation and balance predict.",
        "statistic": "smallest growth of lucky filters per step minus min(π₊ - ρπ₋, π₋ - ρπ₊) / 2",
        "threshold": "above -0.01 in every network (our threshold)",
        "note": "The lemma's rate of 1/9 ends near ρ = 1/2. Its bound r on spurious responses ends at once.",
        "settings": {"part": "growth"},
    },
    "brutzkus2021-correlated-error": {
        "where": "Theorem 5.1 (extended)",
        "statement": "Algorithm 1 generalises from correlated patterns, too.",
        "statistic": "mean test error at each ρ",
        "threshold": "below 0.05 (our threshold)",
        "precision": 0.0125,
        "settings": {"part": "error"},
    },
}


def evidence(tables: Tables, experiments: list[str], part: str) -> Evidence:
    """A check of all steps, a check with a case for each network, or a test for each rho.

    Ref: brutzkus2021, Lemma 5.3; Corollary 5.4
    """
    if part == "lead":
        return [counted(tables["theory"], experiments, "lead_")]
    if part == "growth":
        found, predicted = (
            rows_of(tables["theory"], experiments, quantity=name).set_index(["rho", "seed"])["value"]
            for name in ("lucky_growth", "predicted_growth")
        )
        gap = found - predicted
        return [Check("growth minus prediction", len(gap), int((~(gap > -0.01)).sum()), float(gap.min()))]
    errors, tests = (
        rows_of(tables["theory"], experiments, quantity=f"correlated_{name}").set_index(["rho", "seed"])["value"]
        for name in ("error", "tests")
    )
    return [
        mean_test(f"ρ = {rho:g}", found, below=0.05, trials=float(tests.loc[rho].sum()))
        for rho, found in errors.groupby("rho")
    ]
