"""Noise up to and beyond the thresholds for all inputs: what it does to trained networks and to the SVM.

Ref: brutzkus2021, Section 7 (independent random noise)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import differences, each
from convbias.statistics.evidence import Evidence, InsufficientData, mean_test

TABLES = ("detection",)
COMMON = {
    "precision": 0.005,
    "kind": "extension",
    "over": "noise",
    "where": "Section 7 (extended)",
    "figure": "brutzkus2021-noise",
}
CLAIMS = {
    "brutzkus2021-noise-conv": {
        "scope": "noise that is uniform in the ball, 100 samples, d = l = 20, n = 10",
        "statement": "Noise of norm up to 0.7 does not hurt ConvPool, though no such network separates all inputs.",
        "statistic": "test error of ConvPool at each larger noise level up to {largest}, minus that at the smallest "
        "level on the same training set without its noise",
        "threshold": "mean below {margin} (our threshold) at each level",
        "settings": {"model": "conv_pool", "largest": 0.7, "margin": 0.02},
        "note": "All networks of Equation 1 fail on some input from norm 0.56 on.",
    },
    "brutzkus2021-noise-svm": {
        "scope": "noise that is uniform in the ball, 100 samples, d = l = 20, n = 10",
        "statement": "Noise of norm up to 0.2 does not hurt the SVM, though no hyperplane separates all inputs.",
        "statistic": "test error of the SVM at each larger noise level up to {largest}, minus that at the smallest "
        "level on the same training set without its noise",
        "threshold": "mean below {margin} (our threshold) at each level",
        "settings": {"model": "svm", "largest": 0.2, "margin": 0.02},
        "note": "The threshold for all inputs is 0.07.",
    },
    "brutzkus2021-noise-order": {
        "precision": 0.01,
        "scope": "noise that is uniform in the ball, of norm up to 2, 100 samples, d = l = 20, n = 10",
        "statement": "ConvPool outperforms the MLP and the SVM at every noise level, also where all have large errors.",
        "statistic": "test error of the MLP or the SVM minus that of ConvPool on the same training set",
        "threshold": "mean above 0 at each level",
        "settings": {"model": "", "largest": 2, "margin": 0},
    },
}
BASELINES = {"mlp": "MLP", "svm": "SVM"}


def evidence(tables: Tables, experiments: list[str], model: str, largest: float, margin: float) -> Evidence:
    """One test at each noise level: against the smallest level, or of each baseline against ConvPool.

    Ref: brutzkus2021, Section 7 (independent random noise)

    Raises:
        InsufficientData: there is only one noise level up to the largest.
    """
    wanted = [model] if model else ["conv_pool", *BASELINES]
    runs = {
        name: each(tables["detection"], experiments, "noise", model=name, training=training, n_train=100)
        for name in wanted
        for training in ["max_margin" if name == "svm" else "adam"]
    }
    if model:
        first, *levels = (level for level in runs[model] if level <= largest)
        if not levels:
            raise InsufficientData(f"the only noise level up to {largest:g} is {first:g}")
        pairs = {f"noise = {level:g}": differences(runs[model][level], runs[model][first]) for level in levels}
        bounds = (-inf, margin)
    else:
        pairs = {
            f"{label}: noise = {level:g}": differences(rows, runs["conv_pool"][level])
            for name, label in BASELINES.items()
            for level, rows in runs[name].items()
            if level <= largest and level in runs["conv_pool"]
        }
        bounds = (margin, inf)
    return [
        mean_test(name, part["difference"], *bounds, part["trials"].sum(), part["scale"].max())
        for name, part in pairs.items()
    ]
