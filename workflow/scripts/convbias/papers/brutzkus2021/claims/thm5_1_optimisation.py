"""Under Theorem 5.1's settings, the loss of the second layer goes to 0.

Ref: brutzkus2021, Theorem 5.1
"""

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence, InsufficientData

TABLES = ("theory",)
COMMON = {
    "kind": "theorem",
    "statistic": "loss L_2 of the second layer at the recorded steps, for each d",
    "threshold": "falls from each recorded step to the next, and ends below {share} of its first value",
    "figure": "brutzkus2021-thm5-1",
    "settings": {"share": 0.01},
}
CLAIMS = {
    "brutzkus2021-thm5.1-optimisation": {
        "quote": "lim L_2((W^(T_1), a^(T_2))) = 0 as T_2 → ∞",
        "scope": "the settings of Theorem 5.1",
        "where": "Theorem 5.1 (1)",
        "statement": "Under Theorem 5.1's settings, the loss goes to 0 as the second layer is trained.",
    },
}


def evidence(tables: Tables, experiments: list[str], share: float) -> Evidence:
    """One check with a case for each recorded step except the first, and one with a case for each d.

    Ref: brutzkus2021, Theorem 5.1
    """
    rows = rows_of(tables["theory"], experiments, quantity="second_loss").sort_values("step")
    losses = [part["value"].to_numpy() for _, part in rows.groupby("d")]
    if short := [d for d, part in rows.groupby("d") if len(part) < 2]:
        raise InsufficientData(f"fewer than two recorded steps of the second layer at d = {', '.join(map(str, short))}")
    falls = [loss[1:] < loss[:-1] for loss in losses]
    left = [float(loss[-1] / loss[0]) for loss in losses]
    return [
        Check(
            "loss is below that at the previous recorded step",
            sum(map(len, falls)),
            sum(int((~fall).sum()) for fall in falls),
        ),
        Check(f"last loss is below {share:g} of the first", len(left), sum(not x < share for x in left), max(left)),
    ]
