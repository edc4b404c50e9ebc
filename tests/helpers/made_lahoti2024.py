"""Tables in which a claim of lahoti2024 is true, false, undecided or borderline (``null``)."""

import pandas as pd

from made_brutzkus2021 import falling

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
}
ALSO_FALSE = {"lahoti2024-patches": ["LCN flat", "MLP as LCN"], "lahoti2024-length": ["LCN flat", "MLP flat"]}
