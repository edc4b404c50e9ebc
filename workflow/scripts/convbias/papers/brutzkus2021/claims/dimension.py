"""Only the span of the patterns matters, so the error depends on l and not on d; under Adam it is otherwise.

Ref: brutzkus2021, Section 3 (the set O)
"""

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, counted, rows_of
from convbias.statistics.evidence import Check, Evidence, Test, mean_test

TABLES = ("theory",)
COMMON = {"kind": "extension", "where": "Section 3 (extended)", "figure": "brutzkus2021-dimension"}
CLAIMS = {
    "brutzkus2021-span": {
        "statement": "Only filters in the span of the patterns matter with Algorithm 1 and gradient descent, not with "
        "Adam.",
        "statistic": "relative difference of the responses after training in R^d and in the span, from the same "
        "weights",
        "threshold": "at most 1e-9 for each network; more than {adam} under Adam (our threshold)",
        "settings": {"adam": 0.001},
    },
    "brutzkus2021-dimension": {
        "precision": 0.00125,
        "scope": "Algorithm 1 in the limit of the second layer, no noise, 6 samples with both classes in each half",
        "statement": "The error of Algorithm 1 does not depend on d at fixed l, and grows with l at fixed d.",
        "statistic": "difference of the test errors, for each seed",
        "threshold": "within {margin} (our threshold) of that at the smallest d; above 0 from the smallest to the "
        "largest l",
        "settings": {"margin": 0.005},
    },
}


def evidence(tables: Tables, experiments: list[str], adam: float = 0, margin: float = 0) -> Evidence:
    """Exact checks of the span, or one test for each larger d and one of l.

    Ref: brutzkus2021, Section 3 (the set O)
    """
    if adam:
        away = rows_of(tables["theory"], experiments, quantity="span_adam")["value"]
        same = counted(tables["theory"], experiments, "span_")
        return [same, Check("Adam differs", len(away), int((away <= adam).sum()), float(away.min()))]
    rows = rows_of(tables["theory"], experiments, quantity="dimension_limit_error")
    longest, shortest = rows["l"].max(), rows["d"].min()
    one, other = (
        by_seed(tables["theory"][tables["theory"][fixed] == value], experiments, "dimension_limit_error", by)
        for fixed, value, by in (("l", longest, "d"), ("d", shortest, "l"))
    )
    sub_tests: list[Test | Check] = [
        mean_test(f"from d = {shortest:g} to {d:g}", one[d] - one[shortest], -margin, margin)
        for d in one
        if d > shortest
    ]
    growth = other[longest] - other[min(other)]
    return [*sub_tests, mean_test(f"from l = {min(other):g} to {longest:g}", growth, 0)]
