"""ConvPool generalises well, no matter how many channels it has.

Ref: brutzkus2021, Section 1
"""

import numpy as np
import pandas as pd

from convbias.claims import Tables
from convbias.statistics.comparison import each, errors_by
from convbias.statistics.evidence import Evidence, InsufficientData, Test, mean_test, slope_test

TABLES = ("detection",)
COMMON = {
    "precision": 0.005,
    "looks": 2,
    "statistic": "slope of the test error against log10 of the number of channels, for each seed; mean error of the "
    "widest network",
    "figure": "brutzkus2021-channels",
}
CLAIMS = {
    "brutzkus2021-overparameterised": {
        "kind": "result",
        "quote": "can generalize well even for highly over-parameterized models",
        "scope": "what the theory covers: Algorithm 1 or small initial weights, no noise, 60 samples",
        "where": "Abstract, Section 1",
        "statement": "ConvPool generalises well even if highly over-parameterised.",
        "threshold": "slope below {margin} for ten times as many channels, and error below {error}",
        "settings": {"margin": 0.02, "error": 0.05, "trainings": ["layerwise_limit", "adam"], "noise": 0},
    },
    "brutzkus2021-overparameterised-adam": {
        "kind": "extension",
        "scope": "Adam with noise and fan-in scaled weights, which the theory does not cover",
        "over": "n",
        "where": "Abstract, Section 1",
        "statement": "With Adam and noise, too, more channels do not hurt.",
        "threshold": "slope below {margin} for ten times as many channels, at each n",
        "settings": {"margin": 0.02, "error": 0, "trainings": ["adam"], "noise": 1},
    },
}


def evidence(
    tables: Tables, experiments: list[str], margin: float, error: float, trainings: list[str], noise: float
) -> Evidence:
    """For each training and sample size, one test of the slope and, if there is a bound, one of the error.

    All widths share training sets.

    Ref: brutzkus2021, Section 1 (over-parameterised networks)

    Raises:
        InsufficientData: fewer than three widths.
    """
    sub_tests: list[Test] = []
    for training in trainings:
        ours = {"task": "orthogonal", "model": "conv_pool", "training": training, "noise": noise}
        widths = each(tables["detection"], experiments, "width", **ours)
        if len(widths) < 3:
            raise InsufficientData(f"{training}: a slope needs three numbers of channels; there are {list(widths)}")
        prefix = f"{training}: " if len(trainings) > 1 else ""
        sizes = set.intersection(*(set(rows["n_train"]) for rows in widths.values()))
        for size in sorted(sizes):
            frame = pd.DataFrame(
                {width: errors_by(rows[rows["n_train"] == size], "n_train")[size] for width, rows in widths.items()}
            )
            frame.columns.name = "width"
            tests = min(int(rows["n_test"].min()) for rows in widths.values())
            x = np.log10(frame.columns.to_numpy(dtype=float))
            sub_tests.append(slope_test(f"{prefix}slope, n = {size}", x, frame, below=margin, trials=tests))
            if error:
                widest = frame.columns[-1]
                trials = tests * len(frame)
                sub_tests.append(
                    mean_test(f"{prefix}{widest} channels, n = {size}", frame[widest], below=error, trials=trials)
                )
    return sub_tests
