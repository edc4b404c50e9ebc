"""Tables with made errors, for the figures of wu2019."""

from functools import partial

import numpy as np
import pandas as pd

from convbias.linear.tables import _NETWORK
from convbias.papers.wu2019.checks import bias_floor, exact_limit, fully_connected
from convbias.papers.wu2019.checks.error_terms import curves

EXPERIMENTS = ["own", "other", "weights"]
NETWORKS = [(model, "hinge") for model in ("one_layer", "two_layer", "conv")]
NETWORKS += [("conv", loss) for loss in ("xhinge", "cross_entropy")]


def tables(rng):
    """Two experiments that differ in b, and one with five initial weights on one training set."""
    rows = []
    for experiment, scale in zip(EXPERIMENTS, (0.1, 1.0, 0.1), strict=True):
        for task in ("cls", "third_person"):
            for model, loss in NETWORKS if experiment != "weights" else [("conv", "hinge"), ("conv", "xhinge")]:
                for n_train in (10, 30):
                    for init_seed in range(5):
                        seed = 0 if experiment == "weights" else init_seed
                        rows.append(
                            (experiment, task, model, loss, 20, 3, n_train, seed, init_seed, 0.1, scale, "uniform")
                        )
    columns = [name for name, _ in _NETWORK]
    linear = pd.DataFrame(rows, columns=columns)
    linear["test_error"] = rng.uniform(size=len(linear))
    linear["stopped"] = np.where(linear["loss"] == "hinge", "zero_loss", "all_steps")
    steps = pd.DataFrame({"step": [0, 10, 40]})
    trajectories = linear[linear["experiment"] == "weights"].merge(steps, how="cross")
    trajectories[["train_error", "test_error"]] = rng.uniform(size=(len(trajectories), 2))
    estimates = linear[(linear["loss"] == "xhinge") & (linear["experiment"] != "weights")]
    estimates = estimates[["experiment", "task", "d", "k", "n_train", "seed", "test_error"]]
    estimates = estimates.assign(degenerate=estimates["n_train"].eq(10) & estimates["seed"].lt(2))
    estimates["gaussian_test_error"] = estimates["test_error"] - 0.1 * estimates["degenerate"]
    third_person = estimates["task"].eq("third_person")
    estimates["train_error"] = np.where(third_person & estimates["seed"].eq(0), 0.1, 0.0)
    categories = dict.fromkeys(("experiment", "task", "model", "loss", "stopped"), "category")
    theory = pd.concat(pd.DataFrame({"experiment": name, **curves(20, 3, [2, 8], 50, 7)}) for name in EXPERIMENTS)
    exact = pd.DataFrame({"experiment": "own", **exact_limit.curves(20, 3, [40], 2, 7)})
    return {
        "linear": linear.astype(categories),
        "trajectories": trajectories.drop(columns="stopped"),
        "asymptotics": estimates.reset_index(drop=True),
        "theory": pd.concat([theory, exact], ignore_index=True),
    }


def prediction_tables(rng):
    """Two tasks: made distances and correlations, networks at two sizes, and tangents at two values of b."""
    rows = []
    for task in ("cls", "third_person"):
        for n in (10, 30):
            for seed in range(4):
                for name in (f"{one}_{of}" for one in ("mean", "first", "limit") for of in ("gap", "correlation")):
                    rows.append((f"prediction_{task}_{name}", n, seed, 0.1, rng.uniform()))
                for name in ("predicted", "trained"):
                    rows.append((f"prediction_{task}_{name}", n, seed, 0.1, rng.uniform()))
        for seed in range(4):
            rows.append((f"small_b_{task}_exponent", 30, seed, None, rng.uniform(0.1, 0.3)))
            rows += [
                (f"small_b_{task}_{stop}", 30, seed, b, b * rng.uniform(1, 2))
                for stop in ("first", "end")
                for b in (0.01, 0.1)
            ]
    columns = ["quantity", "n_train", "seed", "init_scale", "value"]
    return {"theory": pd.DataFrame(rows, columns=columns).assign(experiment="own")}


def filter_tables(rng):
    """Two tasks at two sizes, with a sum on Task-Cls; one network of each kind did not finish."""
    names = ("joint_error", "random_error", "ones_error", "limit_error", "sum_error", "alignment", "start")
    rows = [
        (f"filter_{task}_{name}", n, seed, rng.uniform() if seed else np.nan)
        for task in ("cls", "third_person")
        for name in names
        if (task, name) != ("third_person", "sum_error")
        for n in (10, 30)
        for seed in range(5)
    ]
    columns = ["quantity", "n_train", "seed", "value"]
    return {"theory": pd.DataFrame(rows, columns=columns).assign(experiment="own")}


SIZES = (5, 10, 20, 40)
MEANS = dict(zip(SIZES, (0.4, 0.2, 0.1, 0.025), strict=True))
VALUES = {"k": (1, 3, 5), "d": (20, 100), "init_scale": (0.01, 1)}


def phase_rows(setting, task="cls", model="conv"):
    """Networks with the mean errors ``MEANS`` for each value of a setting. One at each size did not finish."""
    usual = {"d": 100, "k": 5, "init_scale": 0.1, "experiment": "own", "loss": "hinge", "task": task, "model": model}
    rows = [
        {**usual, setting: value, "n_train": n, "stopped": stopped, "test_error": error}
        for value in VALUES[setting]
        for n, mean in MEANS.items()
        for stopped, error in (("zero_loss", mean / 2), ("zero_loss", 1.5 * mean), ("step_limit", 0.5))
    ]
    return pd.DataFrame(rows)


def phase_limits(task="cls"):
    """SVD estimates whose expected errors have half of the means ``MEANS``, but k = 5 has twice that."""
    rows = [
        {"experiment": "own", "task": task, "d": 100, "k": k, "n_train": n, "test_error": 0.5}
        | {"gaussian_test_error": mean * by * (1 if k == 5 else 0.5)}
        for k in VALUES["k"]
        for n, mean in MEANS.items()
        for by in (0.5, 1.5)
    ]
    return pd.DataFrame(rows)


def phase_tables(setting, rng):
    return {"linear": phase_rows(setting), "asymptotics": phase_limits()}


def floor_tables(rng):
    made = bias_floor.curves(["cls", "first_person", "third_person"], [6, 10], 7)
    return {"theory": pd.concat(pd.DataFrame({"experiment": name, **made}) for name in EXPERIMENTS)}


def relu_tables(rng):
    made = fully_connected.curves(6, 20, [2, 3], [3, 8], 6, 0.3, 0.01, 3000, 7)
    return {"theory": pd.concat(pd.DataFrame({"experiment": name, **made}) for name in EXPERIMENTS)}


PHASES = {"wu2019-phase-k": "k", "wu2019-phase-d": "d", "wu2019-phase-b": "init_scale"}
SHOWN = {
    **{name: ["own"] for name in PHASES},
    "wu2019-floor": EXPERIMENTS,
    "wu2019-fully-connected": EXPERIMENTS,
    "wu2019-fig2": EXPERIMENTS,
    "wu2019-fig4": EXPERIMENTS,
    "wu2019-fig5": EXPERIMENTS,
    "wu2019-fig6": EXPERIMENTS,
    "wu2019-variants": EXPERIMENTS,
    "wu2019-sensitivity": EXPERIMENTS,
    "wu2019-complexity": EXPERIMENTS,
    "wu2019-prediction": ["own"],
    "wu2019-filters": ["own"],
}
TABLES = {name: partial(phase_tables, PHASES[name]) if name in PHASES else tables for name in SHOWN}
TABLES |= {"wu2019-prediction": prediction_tables, "wu2019-filters": filter_tables, "wu2019-floor": floor_tables}
TABLES["wu2019-fully-connected"] = relu_tables
