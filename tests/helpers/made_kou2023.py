"""Tables in which a claim of kou2023 is true, false, undecided or borderline (``null``)."""

from itertools import product

import numpy as np
import pandas as pd

from convbias.papers.kou2023.published import ERRORS, MU
from made_brutzkus2021 import counts

LEVELS = (0.2, 0.3, 0.4)


def networks(errors, d, signal, quantity="network_error"):
    """Rows of the theory table from values of shape (seed, signal)."""
    return pd.DataFrame(
        {
            "experiment": "own",
            "quantity": quantity,
            "d": d,
            "signal": np.tile(signal, len(errors)),
            "seed": np.repeat(np.arange(len(errors)), len(signal)),
            "value": np.ravel(errors),
        }
    )


def published(scores):
    """Twenty networks in each published cell. ``scores`` makes the differences from their means, in standard errors."""

    def make(truth, rng):
        own = scores(truth, rng)
        tables = []
        for row, (d, expected) in zip(own, ERRORS.items(), strict=True):
            noise = rng.normal(size=(20, len(MU)))
            noise = 0.03 * (noise - noise.mean(0)) / noise.std(0, ddof=1)
            error = np.sqrt((0.03**2 + expected * (1 - expected) / 1000) / 10 + 0.03**2 / 20)
            tables.append(networks(expected - row * error + noise, d, MU))
        return {"theory": pd.concat(tables)}

    return make


def ratios(truth, rng):
    """Scores whose mean square is 1, 4, exactly 1.76, or in expectation 1.75."""
    scores = rng.normal(size=(3, 100))
    if truth == "undecided":
        return scores * np.sqrt(1.76 / (scores**2).mean())
    return scores * {"false": 2, "null": 1.75**0.5}.get(truth, 1)


def cells(truth, rng):
    scores = np.clip(rng.normal(size=(3, 100)), -3, 3)
    scores[0, 10] = 6 if truth == "false" else 0
    return scores


def no_networks(make):
    """An exact claim is undecided only without data: here, at the largest d."""

    def made(truth, rng):
        table = make(truth, rng)["theory"]
        return {"theory": table[table["d"] < 1000] if truth == "undecided" else table}

    return made


def contours(**exponents):
    """Errors that pass each level at a power of d. The power at 0.2 is that of the truth, the others are true."""

    def make(truth, rng):
        power = exponents.get(truth, exponents["true"])
        spread = 0.05 if truth in ("undecided", "null") else 0.01
        tables = []
        for d in (100, 400, 1600):
            middle = {
                level: (1 / level) * (d / 100) ** (power if level == 0.2 or truth == "false" else exponents["true"])
                for level in LEVELS
            }
            points = sorted(
                (mu * side, level * np.exp(1 - side)) for level, mu in middle.items() for side in (0.9, 1.1)
            )
            mu, errors = (np.array(column) for column in zip(*points, strict=True))
            tables.append(networks(errors * np.exp(spread * rng.normal(size=(20, len(mu)))), d, mu))
        return {"theory": pd.concat(tables)}

    return make


def benign(truth, rng):
    """Errors and losses at the strongest signal; at d = 590 the loss, or the error, is not small."""
    tables = []
    for d, (quantity, value) in product(ERRORS, (("network_error", 0.11), ("network_loss", 0.005))):
        here = d == 590 and quantity == "network_error"
        at = {"false": 0.2, "undecided": 0.1199, "null": 0.12}.get(truth, value) if here else value
        if truth == "loss" and d == 590 and quantity == "network_loss":
            at = 0.02
        tables.append(networks(at + 0.1 * value * rng.normal(size=(40, 1)), d, [9.9], quantity))
    return {"theory": pd.concat(tables)}


MADE = {
    "kou2023-published": published(ratios),
    "kou2023-published-script": published(ratios),
    "kou2023-published-cells": no_networks(published(cells)),
    "kou2023-boundary": contours(true=0.25, false=0.4, undecided=0.299, null=0.3, low=0.1),
    "kou2023-boundary-small-init": contours(true=0.25, false=0.1, undecided=0.201, null=0.2, high=0.4),
    "kou2023-boundary-small-steps": contours(true=0.5, false=0.25, undecided=0.451, null=0.45, high=0.65),
    "kou2023-benign": benign,
    "kou2023-oracle-training": counts("direct_"),
    "kou2023-oracle-error": counts("integral_"),
}
ALSO_FALSE = {
    "kou2023-boundary": ["low"],
    "kou2023-boundary-small-init": ["high"],
    "kou2023-boundary-small-steps": ["high"],
    "kou2023-benign": ["loss"],
}
EXACT = ("kou2023-published-cells", "kou2023-oracle-training", "kou2023-oracle-error")
