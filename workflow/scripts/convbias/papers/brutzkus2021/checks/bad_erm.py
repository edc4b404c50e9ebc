"""A network with no training errors that fails on unseen sets of patterns, on the training sets of Figure 3.

Ref: brutzkus2021, Section 4
"""

import numpy as np
from scipy import stats

from convbias.checks import columns
from convbias.detection.inputs import Sampler
from convbias.papers.brutzkus2021.theory.bad_erm import outputs_of_sets, pattern_sets, weights_of_sets

SETTINGS = {
    "d": (3, 20),
    "n_patterns": "patterns_per_input",
    "n_train": [(2, 100_000)],
    "n_test": "count",
    "seeds": "count",
}


def curves(d: int, n_patterns: int, n_train: list[int], n_test: int, seeds: int, root_seed: int) -> dict[str, list]:
    """For each m with l = d patterns: the mean ``bad_erm_error`` on test inputs, and its interval over training sets.

    ``bad_erm_cases`` counts inputs of training and test sets. ``bad_erm_violations`` counts those on which the network
    does not output what it should: y for a set of patterns in the training set, and -y for any other.
    """
    rows = []
    for m in n_train:
        found = [
            _one(Sampler("orthogonal", d, d, n_patterns, m, root_seed, seed, None), m, n_test) for seed in range(seeds)
        ]
        errors, violations = np.array(found).T
        mean = errors.mean()
        half = stats.t.ppf(0.975, seeds - 1) * errors.std(ddof=1) / seeds**0.5 if seeds > 1 else np.nan
        common = {"d": d, "k": 2**d, "n_patterns": n_patterns, "n_train": m}
        rows.append({**common, "quantity": "bad_erm_error", "value": mean, "low": mean - half, "high": mean + half})
        rows.append({**common, "quantity": "bad_erm_cases", "value": seeds * (m + n_test)})
        rows.append({**common, "quantity": "bad_erm_violations", "value": int(violations.sum())})
    return columns(rows)


def _one(sampler: Sampler, m: int, n_test: int) -> tuple[float, int]:
    """The test error, and the inputs on which the output is not the wanted one."""
    (train, y), (test, y_test) = (
        (pattern_sets(drawn), labels)
        for purpose, size in (("training set", m), ("test set", n_test))
        for drawn, labels in [sampler.draw(purpose, size)]
    )
    sets = np.arange(2 ** len(sampler.patterns.vectors))
    wanted = np.where(sets & 1, -1.0, 0.0) + np.where(sets & 2, 1.0, 0.0)  # the wrong label of o_1, and of o_2
    wanted[train] = y
    outputs = outputs_of_sets(weights_of_sets(wanted))
    meant = np.where(np.isin(test, train), y_test, -y_test)
    missed = (outputs[train] != y).sum() + (outputs[test] != meant).sum()
    return float((np.where(outputs[test] > 0, 1, -1) != y_test).mean()), int(missed)
