"""Tables in which a claim of lahoti2024 is true, false, undecided or borderline (``null``)."""

import numpy as np
import pandas as pd

from made_brutzkus2021 import counts, falling

MODELS = ("conv_pool", "lcn", "mlp")


def growing(by, powers):
    """Sample sizes that grow like powers of the number of patches or of their length, for ConvPool, LCN and MLP."""

    def make(truth, rng):
        runs = [
            falling(rng, model, needed, sizes, task="dynamic_signal", **{by: size})
            for model, power in zip(MODELS, powers[truth], strict=True)
            for size in (4, 8, 16)
            for needed in [200 * (size / 4) ** power]
            for sizes in [[int(needed * part) for part in (0.2, 0.5, 1, 2)]]
        ]
        return {"detection": pd.concat(runs)}

    return make


def sums(by, powers):
    """The same for the excess risks of CNN and LCN in the theory table."""

    def make(truth, rng):
        runs = [
            excess(rng, model, needed, **{by: size})
            for model, power in zip(("cnn", "lcn"), powers[truth], strict=True)
            for size in (10, 20, 40)
            for needed in [200 * (size / 10) ** power]
        ]
        return {"theory": pd.concat(runs)}

    return make


def excess(rng, model, needed, seeds=8, **cell):
    """Excess risks at four sizes, with 0.03 at ``needed`` samples."""
    sizes = (needed * np.array([0.5, 0.9, 1.1, 2])).astype(int)
    values = 0.3 * np.exp(np.log(0.1) * sizes / needed) * np.exp(0.05 * rng.normal(size=(seeds, 4)))
    return pd.DataFrame(
        {
            "experiment": "own",
            "quantity": f"{model}_excess",
            "n_patterns": 20,
            "d": 20,
            "noise": 0.1,
            "n_train": np.tile(sizes, seeds),
            "seed": np.repeat(np.arange(seeds), 4),
            "value": values.ravel(),
            **cell,
        }
    )


def published(truth, rng):
    """The ratios of LCN to CNN at three numbers of patches and another length."""
    ratios = {"true": 14, "false": 5, "undecided": 8.05, "null": 8, "high": 40}
    runs = []
    for k, d in ((10, 20), (20, 20), (30, 20), (20, 10)):
        ratio = ratios[truth] if k == 10 or truth == "false" else 14
        runs += [excess(rng, "cnn", 50, n_patterns=k, d=d), excess(rng, "lcn", 50 * ratio, n_patterns=k, d=d)]
    return {"theory": pd.concat(runs)}


def ratio(other, ratios, usual):
    """The ratios of LCN to another network in the detection table, at three numbers of patches."""

    def make(truth, rng):
        runs = []
        for k in (4, 8, 16):
            own = ratios[truth] if k == 4 or truth == "false" else usual
            for model, needed in ((other, 40), ("lcn", 40 * own)):
                sizes = [int(needed * part) for part in (0.2, 0.5, 1, 2)]
                runs.append(falling(rng, model, needed, sizes, task="dynamic_signal", n_patterns=k))
        return {"detection": pd.concat(runs)}

    return make


LOCALITY = {"true": 1.5, "false": 0.6, "undecided": 1.005, "null": 1, "one k": 0.6}
MADE = {
    "lahoti2024-patches": growing(
        "n_patterns",
        {
            "true": (0.5, 1.2, 2.5),
            "false": (2, 1, 2),
            "LCN flat": (0, 0, 2),
            "MLP as LCN": (0, 1, 1),
            "undecided": (0, 1, 1.51),
            "null": (0, 1.2, 1.5),
        },
    ),
    "lahoti2024-length": growing(
        "d",
        {
            "true": (1, 1, 1),
            "false": (2, 1, 1),
            "LCN flat": (1, 0, 1),
            "MLP flat": (1, 1, 0),
            "undecided": (1, 0.51, 1),
            "null": (1.5, 1, 1),
        },
    ),
    "lahoti2024-patches-scaled": growing(
        "n_patterns",
        {
            "true": (-0.5, 0.2, 1.5),
            "false": (1, 0, 1),
            "LCN falls": (0, -1, 1),
            "MLP flat": (0, 0, 0),
            "undecided": (0, 0, 0.51),
            "null": (-0.5, 0.2, 0.5),
        },
    ),
    "lahoti2024-sums-patches": sums(
        "n_patterns",
        {"true": (0.5, 1.5), "false": (2, 1), "LCN flat": (0.5, 0), "undecided": (1.499, 1.5), "null": (1.5, 1.5)},
    ),
    "lahoti2024-sums-length": sums(
        "d", {"true": (1, 1), "false": (2, 1), "LCN flat": (1, 0), "undecided": (1, 0.505), "null": (1, 0.5)}
    ),
    "lahoti2024-sums-scaled": sums(
        "n_patterns",
        {"true": (-0.5, 0.2), "false": (1, 0), "LCN falls": (0, -1), "undecided": (0, -0.495), "null": (0, -0.5)},
    ),
    "lahoti2024-published-ratio": published,
    "lahoti2024-maxima-ratio": ratio(
        "conv_pool", {"true": 14, "false": 3, "undecided": 8.05, "null": 8, "high": 40}, usual=14
    ),
    "lahoti2024-locality": ratio("mlp", LOCALITY, usual=1.5),
    "lahoti2024-locality-scaled": ratio("mlp", LOCALITY, usual=1.5),
    "lahoti2024-oracle-risk": counts("risk_"),
}
ALSO_FALSE = {
    "lahoti2024-patches": ["LCN flat", "MLP as LCN"],
    "lahoti2024-length": ["LCN flat", "MLP flat"],
    "lahoti2024-patches-scaled": ["LCN falls", "MLP flat"],
    "lahoti2024-sums-patches": ["LCN flat"],
    "lahoti2024-sums-length": ["LCN flat"],
    "lahoti2024-sums-scaled": ["LCN falls"],
    "lahoti2024-published-ratio": ["high"],
    "lahoti2024-maxima-ratio": ["high"],
    "lahoti2024-locality": ["one k"],
    "lahoti2024-locality-scaled": ["one k"],
}
EXACT = ("lahoti2024-oracle-risk",)
