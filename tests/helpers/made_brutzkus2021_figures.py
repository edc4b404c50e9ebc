"""Tables with made errors, for the figures of brutzkus2021."""

import numpy as np
import pandas as pd

from convbias.checks import THEORY, compute
from convbias.columns import build
from convbias.detection.tables import DETECTION

END_TO_END = [("conv_pool", "adam"), ("mlp", "adam"), ("svm", "max_margin")]
EXPERIMENTS = {
    "own": {"noise": 1.0},
    "plain": {},
    "digits": {"task": "digits", "images": "bundled 8x8 digits"},
    "more": {"noise": 1.0, "n_patterns": 20},
    "wide": {"noise": 1.0, "width": 900},
    "rate": {"noise": 1.0, "learning_rate": 0.01, "init_scale": 3.0},
    "batches": {"noise": 1.0, "batch_size": 10},
    "radius": {"noise": 1.0, "noise_law": "radius"},
    "few": {"n_patterns": 5},
    "layers": {"noise": 1.0},
    "still": {},
    "loud": {"noise": 2.0},
    "theorem": {"d": 4},
    "longer": {"d": 8},
    "descent": {"noise": 1.0},
    "wide descent": {"noise": 1.0, "width": 900, "init_scale": 3.0},
}
USUAL = {
    "task": "orthogonal",
    "images": None,
    "d": 20,
    "l": 20,
    "n_patterns": 10,
    "noise": 0.0,
    "noise_law": "ball",
    "width": 500,
    "n_test": 1000,
    "learning_rate": 1e-3,
    "batch_size": 0,
    "init_scale": 1.0,
    "steps": 9,
    "stopped": "fitted",
    "train_loss": 0.001,
    "target_loss": 0.01,
    "train_error": 0.0,
}
SHOWN = {
    "brutzkus2021-fig1": ["orthogonal"],
    "brutzkus2021-fig3": ["plain", "own", "digits"],
    "brutzkus2021-fig4": ["own", "more"],
    "brutzkus2021-fig5": ["images"],
    "brutzkus2021-layerwise": ["layers", "own", "plain"],
    "brutzkus2021-channels": ["own", "wide"],
    "brutzkus2021-sensitivity": ["own", "rate", "radius", "batches"],
    "brutzkus2021-thm5-1": ["theorem", "longer", "lemmas"],
    "brutzkus2021-margin": ["lemmas"],
    "brutzkus2021-lemmas": ["lemmas"],
    "brutzkus2021-phase": ["own", "more"],
    "brutzkus2021-separability": ["plain", "own", "radius", "digits", "far"],
    "brutzkus2021-samples": ["plain", "few", "layers"],
    "brutzkus2021-controls": ["plain", "own", "lemmas"],
    "brutzkus2021-capacity": ["lemmas", "plain", "still"],
    "brutzkus2021-noise": ["lemmas", "plain", "own", "loud"],
    "brutzkus2021-width": ["descent", "wide descent", "wide", "lemmas"],
    "brutzkus2021-dimension": ["lemmas"],
}
CHECKS = {
    "brutzkus2021-shattering": {"n_patterns": [2, 3], "draws": 3},
    "brutzkus2021-lucky-filters": {"d": [3, 4], "draws": 10, "fewer_d": 4},
    "brutzkus2021-first-layer": {
        "d": [3, 4],
        "n_patterns": 3,
        "n_train": 12,
        "seeds": 1,
        "first_layer_steps": 3,
        "second_layer_steps": 20,
    },
    "brutzkus2021-detection-margin": {"n_patterns": [1, 2], "d": 4},
    "brutzkus2021-balance": {"n_train": [3, 10]},
    "brutzkus2021-correlated": {
        "rho": [0.0, 0.5],
        "d": 3,
        "n_patterns": 3,
        "n_train": 24,
        "n_test": 20,
        "seeds": 3,
        "first_layer_steps": 3,
    },
    "brutzkus2021-bad-erm": {"d": 4, "n_patterns": 2, "n_train": [3], "n_test": 5, "seeds": 2},
    "brutzkus2021-sweeps": {
        "d": 4,
        "channels": 30,
        "n_patterns": 4,
        "n_train": 20,
        "first_layer_steps": 3,
        "of_d": [3, 4],
        "of_channels": [20, 30],
        "of_n_patterns": [3, 4],
        "of_first_layer_steps": [2, 3],
        "filters": 20,
        "seeds": 3,
        "rate_seeds": 2,
    },
    "brutzkus2021-few-samples": {
        "d": [4, 8],
        "n_patterns": 4,
        "n_train": [2, 10],
        "first_layer_steps": 2,
        "filters": 20,
        "seeds": 2,
    },
    "brutzkus2021-vc-dimension": {"n_patterns": [2, 3], "small_n": [1, 2], "small_l": [3]},
    "brutzkus2021-noise-levels": {
        "d": 5,
        "l": 4,
        "n_patterns": 3,
        "noise": [0.5, 1.0, 2.0],
        "draws": 200,
        "small_n": [2],
        "small_l": [3],
    },
    "brutzkus2021-tangent-kernel": {
        "d": 4,
        "n_patterns": 2,
        "noise": 1.0,
        "n_train": [10],
        "n_test": 50,
        "seeds": 3,
        "init_scales": [0.1, 1.0, 3.0],
        "target_loss": 0.1,
        "draws": 200,
        "channels": [10, 30],
    },
    "brutzkus2021-dimension": {
        "d": [4, 6],
        "l": [3, 4],
        "n_patterns": 2,
        "n_train": 8,
        "n_test": 50,
        "seeds": 4,
        "channels": 20,
        "first_layer_steps": 3,
        "learning_rate": 0.01,
        "target_loss": 0.1,
        "step_limit": 1000,
    },
}


def tables(rng):
    """Networks with made errors, the theory table of small checks, and made pictures."""
    rows = []
    for experiment, settings in EXPERIMENTS.items():
        trained = END_TO_END
        if experiment in ("layers", "still"):
            trained = [("conv_pool", "layerwise"), ("conv_pool", "layerwise_limit")]
        if experiment.endswith("descent"):
            trained = [("conv_pool", "gradient_descent")]
        if experiment in ("theorem", "longer"):
            trained = [("conv_pool", "layerwise_limit")]
        for model, training in trained:
            for n_train in (10, 40) if experiment == "more" else (10, 40, 100):
                for seed in range(5):
                    row = {**USUAL, "experiment": experiment, "model": model, "training": training}
                    row |= {"n_train": n_train, "seed": seed, "test_error": round(rng.uniform(0, 1 / n_train), 3)}
                    row |= settings
                    row["n_parameters"] = 21 * row["width"]
                    rows.append(row)
    detection = pd.DataFrame(rows)[DETECTION.names]
    unfit = (detection["experiment"] == "own") & (detection["n_train"] == 100)
    detection.loc[unfit & (detection["model"] == "svm") & (detection["seed"] < 3), "train_error"] = 0.25
    lost = unfit & (detection["model"] == "mlp") & (detection["seed"] == 4)
    detection.loc[lost, ["stopped", "train_error"]] = ["step_limit", 0.1]
    svm = detection["model"] == "svm"
    detection.loc[svm, "stopped"] = np.where(detection.loc[svm, "n_train"] == 100, "not_separable", "separated")
    zero = unfit & (detection["model"] == "conv_pool")
    detection.loc[zero, "test_error"] = 0.0
    some = detection[svm & (detection["experiment"] == "digits") & (detection["n_train"] == 40)]
    detection = pd.concat(
        [detection, some.assign(experiment="far", n_train=400, training="perceptron", stopped="step_limit")],
        ignore_index=True,
    )
    theory = pd.concat(
        build(THEORY, {**compute(name, {**settings, "root_seed": 3}), "experiment": "lemmas"}).to_pandas()
        for name, settings in CHECKS.items()
    )
    examples = []
    for experiment, images, height in (("orthogonal", None, 2), ("images", "MNIST", 3)):
        for sample, y in enumerate((1, 1, -1)):
            for place in range(4):
                pixels = rng.uniform(-1 if images is None else 0, 1, 6).tolist()
                role = y if place == sample else 0
                examples.append((experiment, "x", images, sample, y, place, 7, role, height, pixels))
    columns = ["experiment", "task", "images", "sample", "y", "place", "pattern", "role", "height", "pixels"]
    names_of = ["experiment", "task", "images", "model", "training", "noise_law", "stopped"]
    return {
        "detection": detection.astype(dict.fromkeys(names_of, "category")),
        "theory": theory.reset_index(drop=True),
        "examples": pd.DataFrame(examples, columns=columns),
    }


TABLES = dict.fromkeys(SHOWN, tables)
