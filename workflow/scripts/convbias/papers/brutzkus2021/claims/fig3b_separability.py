"""Which training sets are linearly separable: with noise, and of digits.

Ref: brutzkus2021, Figure 3; Section 7
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence, InsufficientData, bootstrap_test
from convbias.statistics.samples import crossing

TABLES = ("detection",)
COMMON = {"kind": "observation", "figure": "brutzkus2021-separability"}
CLAIMS = {
    "brutzkus2021-fig3b-separability": {
        "precision": 50,
        "looks": 3,
        "quote": "we verified that for the linear model training error was non-zero in many of the cases",
        "scope": "noise of norm up to 1; the sample sizes of Figure 3 are ours",
        "where": "Section 7, Figure 3 (b)",
        "statement": "With noise, half of the training sets are not separable at some sample size of Figure 3.",
        "statistic": "the sample size at which half of the training sets are linearly separable",
        "threshold": "below {largest}, the largest sample size of Figure 3 (our axis)",
        "settings": {"task": "orthogonal", "noise": 1, "smallest": 0, "largest": 1000},
        "note": "If n is at most the input dimension, 200, points in general position are always separable.",
    },
    "brutzkus2021-fig3c-separability": {
        "quote": "We used a relatively small number of patterns to make the problem not linearly separable for "
        "moderate sample sizes",
        "scope": "digits, four per input; the paper does not say which sizes are moderate",
        "over": "n",
        "where": "Section 7",
        "statement": "Training sets of digits of a moderate size are not linearly separable.",
        "statistic": "training sets for which a solver finds a separating hyperplane, at each sample size from "
        "{smallest} on (our reading of moderate)",
        "threshold": "none",
        "settings": {"task": "digits", "noise": 0, "smallest": 1000, "largest": 0},
        "note": "Inputs have 3136 pixels, of which about 2600 are ever used. Up to that number of samples, points in "
        "general position are always separable. Apart from this run, a linear program found one set of 8000 separable, "
        "too, in 16 minutes.",
    },
}


def evidence(
    tables: Tables, experiments: list[str], task: str, noise: float, smallest: int, largest: float
) -> Evidence:
    """With noise, one test of a sample size. For digits, a check at each size with a case for each training set.

    The solver's status says whether a hyperplane separates a training set. If it does not say so, the set is left out.

    Ref: brutzkus2021, Figure 3 (its caption); Section 7

    Raises:
        InsufficientData: fewer than two sample sizes with noise, or no training set whose status is known.
    """
    ours: dict[str, object] = {"task": task, "noise": noise, "model": "svm"}
    if task == "digits":
        ours["images"] = rows_of(tables["detection"], experiments, **ours)["images"].iloc[0]
        runs = tables["detection"][tables["detection"]["experiment"].isin(experiments)]
        for name, value in ours.items():
            runs = runs[runs[name] == value]
    else:
        runs = rows_of(tables["detection"], experiments, **ours)
    known = runs[runs["stopped"].isin(["separated", "not_separable"]) & (runs["n_train"] >= smallest)]
    shares = {int(n): (rows["stopped"] == "separated").to_numpy(dtype=float) for n, rows in known.groupby("n_train")}
    if not shares:
        raise InsufficientData("no training set is known to be separable or not")
    if task == "digits":
        return [
            Check(f"{ours['images']}: separable training sets, n = {n}", len(found), int(found.sum()), found.mean())
            for n, found in shares.items()
        ]
    half = crossing(np.array(list(shares)), list(shares.values()), 0.5)
    return [bootstrap_test("size at which half are separable", half, known["n_train"].to_numpy(), below=largest)]
