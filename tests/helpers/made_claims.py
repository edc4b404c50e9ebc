"""For each claim of each paper, tables in which the claim is true, false, undecided or borderline (``null``)."""

import numpy as np
import pandas as pd

import made_brutzkus2021
import made_kou2023
import made_lahoti2024
import made_wu2019
from convbias.claims import decide

MODULES = (made_wu2019, made_brutzkus2021, made_lahoti2024, made_kou2023)
MADE = {name: make for module in MODULES for name, make in module.MADE.items()}
ALSO_FALSE = {name: truths for module in MODULES for name, truths in module.ALSO_FALSE.items()}


def decide_one(name, tables, experiments=("own", "other"), **sensitivity):
    """The row of one claim; ``sensitivity`` names the experiments with other settings."""
    requested = {"experiments": list(experiments), "assumed": [], "sensitivity": sensitivity}
    return decide(tables, {name: requested})[0]


def one_of_each_verdict():
    """Rows of a claim that holds, one that fails, one without data, and one that is exact."""
    rng = np.random.default_rng(1)
    names = ["wu2019-fig2-cls", "wu2019-fig2-first_person", "wu2019-fig2-third_person", "brutzkus2021-thm4.2"]
    linear = [MADE[name](truth, rng)["linear"] for name, truth in zip(names, ("true", "false"), strict=False)]
    tables = {"linear": pd.concat(linear), **MADE[names[3]]("true", rng)}
    requested = {name: {"experiments": ["own"], "assumed": ["b = 0.1"], "sensitivity": {}} for name in names}
    requested[names[0]]["sensitivity"] = {"b <= 1": ["own"]}
    return decide(tables, requested)
