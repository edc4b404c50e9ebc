"""The limit of the test error under X-hinge may not be the test error of the limit.

Ref: wu2019, Footnote 2
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence

TABLES = ("theory",)
COMMON = {"kind": "observation", "threshold": "at least one", "figure": "wu2019-fig5"}
CLAIMS = {
    "wu2019-limit-of-errors": {
        "quote": "E(w∞, D) = lim E(w_t, D) may not hold due to the discontinuity of I{·}",
        "scope": "X-hinge, w2 = 0 at first",
        "where": "Section 3.2, footnote 2",
        "statement": "Under X-hinge, the limit of the test error may differ from the test error of the limit.",
        "note": "An example on Task-Cls is k = 2 with the only sample e_1. The output at e_2 then has the sign of w1_1 "
        "w1_2 at every step, but is 0 in the limit.",
        "statistic": "training sets and initial weights with a unique top pair, d = 4 and k = 2, on which the error no "
        "longer changes after 50 of 100 steps, but is not that of the limit",
    },
}


def evidence(tables: Tables, experiments: list[str]) -> Evidence:
    """One check that some error differs. Its estimate is the proportion.

    Ref: wu2019, Footnote 2
    """
    cases, failures = (
        int(rows_of(tables["theory"], experiments, quantity=f"limit_of_errors_{name}")["value"].sum())
        for name in ("cases", "failures")
    )
    share = failures / cases if cases else float("nan")
    detail = f"{failures:,} of {cases:,} differ"
    return [Check("some error differs", int(cases > 0), int(failures == 0), share, detail)]
