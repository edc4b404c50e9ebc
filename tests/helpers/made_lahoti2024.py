"""Tables in which a claim on the Dynamic Signal Distribution is true, false, undecidable or just not true (null)."""

import pandas as pd

from made_brutzkus2021 import falling

MODELS = ("conv_pool", "lcn", "mlp")


def growing(by, powers):
    """The samples that ConvPool, LCN and MLP need grow like powers of the number of patches, or of their length."""

    def made(truth, rng):
        runs = [
            falling(rng, model, needed, sizes, task="dynamic_signal", **{by: size})
            for model, power in zip(MODELS, powers[truth], strict=True)
            for size in (4, 8, 16)
            for needed in [200 * (size / 4) ** power]
            for sizes in [[int(needed * part) for part in (0.2, 0.5, 1, 2)]]
        ]
        return {"patterns": pd.concat(runs)}

    return made


MADE = {
    "lahoti2024-patches": growing(
        "n_patterns",
        {
            "true": (0.5, 1.2, 2.5),
            "false": (2, 1, 2),
            "LCN flat": (0, 0, 2),
            "MLP as LCN": (0, 1, 1),
            "open": (0, 1, 1.51),
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
            "open": (1, 0.51, 1),
            "null": (1.5, 1, 1),
        },
    ),
}
ALSO_FALSE = {"lahoti2024-patches": ["LCN flat", "MLP as LCN"], "lahoti2024-length": ["LCN flat", "MLP flat"]}
