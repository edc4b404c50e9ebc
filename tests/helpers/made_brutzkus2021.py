"""Tables in which a claim of brutzkus2021 is true, false, undecided or borderline (``null``).

In ``null``, one sub-test is exactly at its threshold. ``ALSO_FALSE`` names other ways to be false.
"""

from itertools import product

import numpy as np
import pandas as pd


def networks(experiment, rng, model, errors, task="orthogonal", training="adam", spread=0.02, seeds=5, **columns):
    """Networks on ``seeds`` training sets of each size; test errors scatter around ``errors[n_train]``."""
    n = len(errors)
    return pd.DataFrame(
        {
            "experiment": experiment,
            "task": task,
            "images": None,
            "model": model,
            "training": training,
            "d": 20,
            "l": 20,
            "n_patterns": 10,
            "noise": 0.0,
            "noise_law": "ball",
            "width": 500,
            "n_parameters": 10500,
            "n_train": np.repeat(list(errors), seeds),
            "n_test": 1000,
            "seed": np.tile(np.arange(seeds), n),
            "learning_rate": 0.001,
            "init_scale": 1.0,
            "target_loss": 0.01,
            "steps": 100,
            "stopped": "fitted",
            "train_loss": 0.01,
            "train_error": 0.0,
            "test_error": np.repeat(list(errors.values()), seeds) + spread * rng.normal(size=n * seeds),
            **columns,
        }
    )


def fig3(task, noise, images=None):
    """Errors of the MLP and the SVM at two sizes, above ConvPool's 0.2 by these gaps. A model may be not fitted."""
    usual = (0.1, 0.15)
    gaps = {
        "false": ((-0.2, 0.0), usual),
        "undecided": ((0.1, -0.02), usual),
        "null": ((0.2, -0.02), usual),
        "MLP as good": ((0, 0), usual),
        "SVM as good": (usual, (0, 0)),
        "MLP better at one size": ((-0.1, 0.3), usual),
        "SVM better at one size": (usual, (0.3, -0.1)),
    }

    def make(truth, rng):
        look = {"noise": noise, "images": images, "spread": 0.02 if truth in ("undecided", "null") else 0.002}
        mlp, svm = ({50: 0.2 + one, 200: 0.2 + two} for one, two in gaps.get(truth, (usual, usual)))
        runs = [
            networks("own", rng, "conv_pool", {50: 0.2, 200: 0.2}, task, **look),
            networks("own", rng, "mlp", mlp, task, **look),
            networks("own", rng, "svm", svm, task, "max_margin", **look),
        ]
        for part in runs:
            if truth == f"{part['model'].iloc[0]} not fitted":
                part.loc[3, ["train_error", "stopped"]] = [0.1, "step_limit"]
        return {"detection": pd.concat(runs)}

    return make


def separability(truth, rng):
    """SVMs whose training sets are separable in half of the cases at some sample size. In ``null`` it is 1000."""
    half = {"true": 850, "false": 1150}.get(truth, 1000)
    sizes = (1000,) if truth == "undecided" else (half - 300, half - 150, half, half + 150, half + 300)
    parts = []
    for n in sizes:
        runs = networks("own", rng, "svm", {n: 0.3}, training="max_margin", seeds=40, noise=1.0)
        place = rng.random(len(runs)) if truth == "null" else (np.arange(len(runs)) + 0.5) / len(runs)
        hits = place < 0.5 + (n - half) / 400
        parts.append(runs.assign(stopped=np.where(hits, "not_separable", "separated")))
    return {"detection": pd.concat(parts)}


def digits_separability(truth, rng):
    """Training sets of digits at two sizes: which of them a hyperplane separates. If undecided, none is known."""
    found = {"true": ("not_separable", "not_separable"), "false": ("separated", "separated")}
    found["in part"] = ("separated", "not_separable")
    ways = (("own", 1000, "max_margin"), ("other", 3000, "perceptron"))
    runs = [
        networks(experiment, rng, "svm", {n: 0.3}, "digits", how, images="MNIST", stopped=stopped, d=784, n_patterns=4)
        for (experiment, n, how), stopped in zip(ways, found.get(truth, ("step_limit", "step_limit")), strict=True)
    ]
    small = networks("own", rng, "svm", {500: 0.3}, "digits", "max_margin", images="MNIST", stopped="separated")
    runs.append(small)  # too small to count
    return {"detection": pd.concat(runs)}


def more_patterns(truth, rng):
    """Slopes over log2 n_patterns of the errors of the MLP, the SVM and ConvPool."""
    slopes = {
        "true": (0.08, 0.06, 0.01),
        "false": (-0.05, 0.06, 0.01),
        "undecided": (0.05, 0.06, 0.0245),
        "null": (0.04, 0.08, 0.02),
        "SVM flat": (0.12, 0, 0.03),
        "MLP falls, ConvPool too": (-0.05, 0.06, -0.05),
        "SVM falls, ConvPool too": (0.06, -0.05, -0.05),
        "ConvPool as steep as MLP": (0.06, 0.2, 0.06),
        "ConvPool as steep as SVM": (0.2, 0.06, 0.06),
    }
    ways = (("mlp", "adam"), ("svm", "max_margin"), ("conv_pool", "adam"))
    runs = [
        networks("own" if n == 10 else "other", rng, model, {200: 0.15 + slope * step}, training=how, n_patterns=n)
        for step, n in enumerate((5, 10, 20, 40, 80))
        for (model, how), slope in zip(ways, slopes[truth], strict=True)
    ]
    return {"detection": pd.concat(runs)}


def more_patterns_relative(truth, rng):
    """The factors by which the errors of the MLP, the SVM and ConvPool grow with each doubling of n_patterns."""
    factors = {
        "true": (1.3, 1.4, 1.1),
        "false": (1.1, 1.1, 1.4),
        "undecided": (1.3, 1.3, 1.3),
        "null": (1.2, 1.4, 1.2),
        "SVM grows less": (1.4, 1.1, 1.3),
        "only absolutely": (1.2, 1.2, 1.3),
    }
    high = 5 if truth == "only absolutely" else 1  # errors of the baselines then grow more, but not in proportion
    ways = (("mlp", "adam"), ("svm", "max_margin"), ("conv_pool", "adam"))
    runs = []
    for step, n in enumerate((5, 10, 20, 40)):
        for (model, how), factor in zip(ways, factors[truth], strict=True):
            error = 0.1 * factor**step * (1 if model == "conv_pool" else high)
            part = networks("own" if n == 10 else "other", rng, model, {200: 0}, training=how, n_patterns=n, spread=0)
            runs.append(part.assign(test_error=error * np.exp(0.05 * rng.normal(size=len(part)) - 0.05**2 / 2)))
    return {"detection": pd.concat(runs)}


def layerwise(training):
    """Gaps of Algorithm 1 above Adam's error of 0.1 at 50 samples, without and with noise."""

    def make(truth, rng):
        return _layerwise(training, truth, rng)

    return make


def _layerwise(training, truth, rng):
    noiseless, noisy, spread = {
        "true": (0, 0, 0.002),
        "false": (-0.05, 0, 0.002),
        "worse": (0.05, 0, 0.002),
        "worse with noise": (0, 0.05, 0.002),
        "better with noise": (0, -0.05, 0.002),
        "undecided": (0, 0, 0.03),
        "null": (-0.02, 0, 0.002),
    }[truth]
    runs = [
        networks(experiment, rng, "conv_pool", errors, training=how, noise=noise, spread=spread)
        for experiment, how, off in (("own", training, 1), ("other", "adam", 0))
        for noise, gap in ((0.0, noiseless), (1.0, noisy))
        for errors in [{50: 0.1 + off * gap, 200: 0.1}]
    ]
    return {"detection": pd.concat(runs)}


def channels(trainings, noise):
    """How much ConvPool's error grows with ten times as many channels, at 50 or at 100 samples."""

    def make(truth, rng):
        slope, spread, start = {
            "true": (0, 0.002, 0.02),
            "false": (0.04, 0.002, 0.02),
            "worse with Adam": (0.04, 0.002, 0.02),
            "worse on 100": (0.04, 0.002, 0.02),
            "large everywhere": (0, 0.002, 0.3),
            "large if wide": (0.019, 0.002, 0.02),
            "undecided": (0.019, 0.03, 0.02),
            "null": (0.02, 0.002, 0.0),
        }[truth]
        runs = [
            networks("own" if width == 500 else "other", rng, "conv_pool", errors, **look)
            for number, width in enumerate((50, 500, 5000))
            for training in trainings
            for steep in [slope * (truth == "false" or training == "adam") * number]
            for errors in [{50: start + steep * (truth not in ("worse on 100", "null")), 100: start + steep}]
            for look in [{"training": training, "width": width, "spread": spread, "noise": noise, "seeds": 10}]
        ]
        return {"detection": pd.concat(runs)}

    return make


def falling(rng, model, needed, sizes, spread=0.15, seeds=10, stays=0, tests=None, **columns):
    """Networks whose mean error falls exponentially in n_train, from 0.5 to 0.1 at ``needed``.

    A share ``stays`` of the seeds stays at 0.15, so it never passes 0.1 (it is censored). If ``tests`` is given, errors
    are measured on so many test inputs.
    """
    errors = {n: 0.5 * np.exp(-np.log(5) * n / needed) for n in sizes}
    runs = networks("own", rng, model, errors, spread=0, seeds=seeds, **columns)
    factor = np.exp(spread * rng.normal(size=len(runs)) - spread**2 / 2)
    never = np.flatnonzero(rng.random(seeds) < stays)
    found = (runs["test_error"] * factor).mask(runs["seed"].isin(never), 0.15)
    return runs.assign(test_error=found if tests is None else rng.binomial(tests, found.clip(upper=1)) / tests)


def samples(truth, rng):
    """Sample sizes of the MLP, the SVM and ConvPool (Adam, Algorithm 1) that grow like these powers of n_patterns.

    ``censored``: a tenth of the seeds never pass 0.1, and errors are measured on 1000 test inputs.
    """
    powers = {
        "true": (1.5, 1.2, 0, 0),
        "false": (0.2, 1, 0, 0),
        "MLP flat": (0, 1.2, 0, 0),
        "SVM flat": (1.5, 0, 0, 0),
        "ConvPool grows": (1.5, 1.2, 1, 0),
        "ConvPool shrinks": (1.5, 1.2, -1, 0),
        "Algorithm 1 grows": (1.5, 1.2, 0, 1),
        "undecided": (1, 0.51, 0, 0),
        "null": (1.2, 1, -0.5, 0),
        "null of the MLP": (0.5, 1, 0, 0),
        "null of the SVM": (1.2, 0.5, 0, 0),
        "null of ConvPool": (1.2, 1, 0.5, 0),
    }[truth.removesuffix(", censored")]
    censored = {"stays": 0.1, "tests": 1000} if truth.endswith("censored") else {}
    ways = (
        ("mlp", "adam", 10),
        ("svm", "max_margin", 10),
        ("conv_pool", "adam", 20),
        ("conv_pool", "layerwise_limit", 20),
    )
    runs = [
        falling(rng, model, m, sizes, training=how, n_patterns=n, seeds=seeds, **censored)
        for (model, how, seeds), power in zip(ways, powers, strict=True)
        for n in (5, 10, 20)
        for m in [200 * (n / 5) ** power]
        for sizes in [[int(m * part) for part in (0.3, 0.7, 1.4, 2)]]
    ]
    return {"detection": pd.concat(runs)}


def growing(quantity):
    """A quantity that grows like a power of d, for ten training sets, and test errors at 50 and 240 samples."""

    def make(truth, rng):
        power = {"false": 2, "undecided": 0.995, "null": 1}.get(truth, 0)
        rows = [
            {"quantity": quantity, "d": d, "seed": seed, "value": (d / 4) ** power * np.exp(0.2 * rng.normal())}
            for d, seed in product((4, 8, 12), range(10))
        ]
        runs = pd.concat(
            networks("other", rng, "conv_pool", {16: 0.9, 50: 0.05, 240: 0.05}, training="layerwise_limit", d=d, l=d)
            for d in (4, 8, 12)
        )
        late = (runs["n_train"] == 240) & (truth == "stays at d = " + runs["d"].astype(str))
        late |= (runs["n_train"] == 50) & (truth == "large at 50")
        return {"theory": theory(rows), "detection": runs.assign(test_error=runs["test_error"].mask(late, 0.5))}

    return make


def flat(quantity):
    """A quantity that grows like a power of d or falls, for ten training sets, and a count of exceptions."""
    falls = quantity == "detector_share"

    def make(truth, rng):
        power = {"false": 1, "undecided": 0.49, "null": 0.5}.get(truth, 0) * (-1 if falls else 1)
        rows = [
            {"quantity": quantity, "d": d, "seed": seed, "value": 0.4 * (d / 4) ** power * np.exp(0.2 * rng.normal())}
            for d, seed in product((4, 8, 12), range(10))
        ]
        rows.append({"quantity": "detector_exceptions", "d": 4, "seed": 0, "value": int(truth == "exception")})
        return {"theory": theory(rows)}

    return make


def theory(rows, experiment="own"):
    """Rows of the theory table from dicts; missing columns are empty."""
    empty = dict.fromkeys(("l", "k", "n_patterns", "n_train", "seed", "init_scale", "step", "low", "high"), np.nan)
    return pd.DataFrame([{"experiment": experiment, "d": 4, **empty, **row} for row in rows])


def without(table, **where):
    """A table without the rows that have these values."""
    return table[~(table[list(where)] == pd.Series(where)).all(axis=1)]


def counts(prefix):
    """Counts of cases and violations for two d and three steps."""

    def make(truth, rng):
        rows = [
            {"quantity": f"{prefix}{name}", "d": d, "step": step, "value": value}
            for d, step, (name, value) in product((4, 8), range(3), (("cases", 60), ("violations", 0)))
        ]
        rows[-1]["value"] = truth == "false"
        table = theory(rows)
        return {"theory": without(table, quantity=f"{prefix}violations") if truth == "undecided" else table}

    return make


def lucky_filters(truth, rng):
    """Exact, promised and drawn numbers for two d. The standard error of a drawn share is 0.0026 / d at 100 draws."""
    shares = {"not as drawn": 0.411}
    rows = [
        {"quantity": name, "d": d, "value": value, "low": low, "high": high}
        for d in (4, 8)
        for name, value, low, high in (
            ("outside", 0.2 if truth == "false" and d == 8 else 0.001, np.nan, np.nan),
            ("outside_promised", 4 * np.exp(-d), np.nan, np.nan),
            ("outside_estimate", 0.0, 0.0, 1 - 0.025**0.01),
            ("lucky_probability", 0.4 / d, np.nan, np.nan),
            ("lucky_share", shares.get(truth, 0.405) / d, 0.35 / d, 0.45 / d),
        )
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="outside_estimate", d=8) if truth == "undecided" else table}


def shortest(truth, rng):
    """The squared norm of the solver and the exact one, divided by n, for the larger of two n. The bound is n."""
    norm, exact = {"false": (0.9, 2), "too short": (0.9, 0.9), "not the exact one": (2.1, 2)}.get(truth, (2, 2))
    rows = [
        {"quantity": name, "n_patterns": n, "value": n * (factor if n == 3 else usual)}
        for n in (1, 3)
        for name, factor, usual in (("norm", norm, 2), ("norm_exact", exact, 2), ("norm_bound", 1, 1))
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="norm_exact") if truth == "undecided" else table}


def by_network(**values):
    """Quantities of four networks: usual values, and those of the last network if the claim is false.

    If it is undecided, the last quantity is missing.
    """

    def make(truth, rng):
        wrong = truth if truth in values else next(iter(values)) if truth == "false" else None
        rows = [
            {"quantity": name, "d": d, "seed": seed, "value": bad if name == wrong and d == 8 and seed else good}
            for (name, (good, bad)), d, seed in product(values.items(), (4, 8), (0, 1))
        ]
        table = theory(rows)
        return {"theory": without(table, quantity=[*values][-1]) if truth == "undecided" else table}

    return make


def direction(truth, rng):
    """1 - cos of four networks at two steps. The last one's may be too large, or rise."""
    ends = {"false": (0.2, 0.1), "rises": (0.01, 0.02)}.get(truth, (0.02, 0.01))
    rows = [
        {
            "quantity": "direction",
            "d": d,
            "seed": seed,
            "step": step,
            "value": (ends if seed and d == 8 else (0.02, 0.01))[late],
        }
        for d, seed, (late, step) in product((4, 8), (0, 1), enumerate((100, 1000)))
    ]
    return {"theory": theory(rows if truth != "undecided" else [{"quantity": "other", "value": 1}])}


def against_promise(name, promise, by, values=(2, 20)):
    """A probability and its promise for two numbers; the second may break it."""

    def make(truth, rng):
        more, less = (0.9, 0.8) if name == "balanced" else (0.1, 0.2)
        rows = [
            {"quantity": quantity, by: at, "value": value}
            for at in values
            for quantity, value in (
                (name, less if truth == "false" and at == values[1] else more),
                (promise, (more + less) / 2),
            )
        ]
        if truth == "false" and name != "balanced":
            rows[0]["value"] = less
        table = theory(rows)
        return {"theory": without(table, quantity=promise) if truth == "undecided" else table}

    return make


def noisy_population(truth, rng):
    """The largest separable noise, and the solver's cases."""
    rows = [
        {"quantity": "separable_noise", "n_patterns": 10, "value": 1.1 if truth == "false" else 0.07},
        {"quantity": "noise_cases", "n_patterns": 2, "value": 2},
        {"quantity": "noise_violations", "n_patterns": 2, "value": truth == "solver differs"},
    ]
    return {"theory": theory(rows[1:] if truth == "undecided" else rows)}


def bad_erm(truth, rng):
    """The error of the bad network at two sizes, and its outputs."""
    rows = [
        {"quantity": name, "n_train": n, "value": value}
        for n in (10, 100)
        for name, value in (
            ("bad_erm_error", 0.4 if truth == "false" and n == 100 else 0.9),
            ("bad_erm_cases", 60),
            ("bad_erm_violations", truth == "other outputs"),
        )
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="bad_erm_error") if truth == "undecided" else table}


def swept(make_values, sweeps=("d", "channels", "n_patterns", "first_layer_steps"), values=(4, 8)):
    """Quantities of ten networks at some values of each setting, from a function of truth, setting, value and rng."""
    columns = {"d": "d", "channels": "k", "n_patterns": "n_patterns", "first_layer_steps": "step"}

    def make(truth, rng):
        rows = [
            {"quantity": f"{sweep}_{name}", columns[sweep]: x, "seed": seed, "value": value}
            for sweep, x, seed in product(sweeps, values, range(10))
            for name, value in make_values(truth, (sweep, x), rng).items()
        ]
        return {"theory": theory(rows)}

    return make


def margins(truth, at, rng):
    """R^2 ||a_hat||^2 that grows like a power of n."""
    power = {"false": 1, "undecided": 0.49, "null": 0.5}.get(truth, 0) * (at[0] == "n_patterns")
    return {"complexity": 3 * at[1] ** power * np.exp(0.2 * rng.normal())}


def gains(truth, at, rng):
    """The quantity of initial filters over that of trained ones, for one value of n."""
    factor = {"false": 1.2, "undecided": 2.01, "null": 2}.get(truth, 6) if at == ("n_patterns", 8) else 6
    return {"complexity": 3, "untrained_complexity": 3 * factor * np.exp(0.2 * rng.normal())}


def shares(name):
    """The proportion of filters that are predicted right, for one value of n."""

    def make_values(truth, at, rng):
        share = {"false": 0.9, "undecided": 0.9801, "null": 0.98}.get(truth, 0.995)
        return {name: (share if at == ("n_patterns", 8) else 0.995) + 0.002 * rng.normal()}

    return make_values


def rates(truth, at, rng):
    """The slope of the direction, for one d."""
    slope = {"false": -1, "undecided": -1.801, "null": -1.8}.get(truth, -2) if at[1] == 8 else -2
    return {"rate": slope + 0.02 * rng.normal()}


def proportional(truth, at, rng):
    """Steps that are a power of R^2 ||a_hat||^2, with initial and with trained filters."""
    power = {"false": 2, "undecided": 1.249, "null": 1.25}.get(truth, 1)
    found = {}
    for start, size in (("", 3), ("untrained_", 30)):
        found[f"{start}complexity"] = own = size * np.exp(0.2 * rng.normal())
        found[f"{start}half_margin_steps"] = own**power * np.exp(0.05 * rng.normal())
    return found


def few_samples(truth, rng):
    """Errors, predictions and classes of twenty networks for two d and three m."""
    shift = {"false": 0.05, "undecided": 0.0199, "null": 0.02}.get(truth, 0)
    excess = {"more": 0.05, "near": 0.0099, "border": 0.01}.get(truth, 0)
    rows = []
    for d, m, seed in product((4, 8), (4, 8, 24), range(20)):
        one, noise = seed % 5 == 0, (-1) ** seed if truth == "near" else rng.normal()
        error = 0.5 * one + (excess + 0.004 * noise if (d, m) == (8, 8) and excess else 0)
        if truth == "not half" and one:
            error = 0.4
        off = (shift if d == 8 else 0) + 0.01 * rng.normal()
        values = {"error": error, "predicted": error - off, "one_class": float(one)}
        rows += [
            {"quantity": f"few_{name}", "d": d, "n_train": m, "seed": seed, "value": v} for name, v in values.items()
        ]
    return {"theory": theory(rows)}


def few(**truths):
    """``few_samples`` with other names of its truths; an undecided exact check has no networks with one class."""

    def make(truth, rng):
        tables = few_samples(truths.get(truth, truth), rng)
        if truths.get(truth) == "none":
            table = tables["theory"]
            tables["theory"] = table.assign(value=table["value"].mask(table["quantity"] == "few_one_class", 0.0))
        return tables

    return make


def kernel_rate(truth, rng):
    """The distance of kernels from the expected one, as a power of the number of channels."""
    power, spread = {"false": (-0.3, 0.05), "undecided": (-0.42, 0.4), "null": (-0.4, 0.05)}.get(truth, (-0.5, 0.05))
    rows = [
        {"quantity": "kernel_deviation", "k": k, "seed": seed, "value": k**power * np.exp(spread * rng.normal())}
        for k, seed in product((10, 100, 1000), range(10))
    ]
    return {"theory": theory(rows)}


def width_and_scale(claim):
    """Errors of networks of two widths at several initial scales, and those of the kernel.

    By default the error is 0.02, and rises by 0.04 from 100 to 1000 channels at scale 3. The kernel has 0.12.
    """
    changes = {
        ("kernel-advantage", "false"): {"kernel": 0.03},
        ("kernel-advantage", "undecided"): {"kernel": 0.045, "spread": 0.03},
        ("kernel-advantage", "null"): {("gradient_descent", 1.0): (0.02, 0.1)},
        ("kernel-advantage", "at one width"): {("gradient_descent", 0.1): (0.12, 0.02)},
        ("kernel-gap", "false"): {("gradient_descent", 3.0): (0.03, 0.01)},
        ("kernel-gap", "undecided"): {("gradient_descent", 3.0): (0.03, 0.035), "spread": 0.03},
        ("kernel-gap", "null"): {("gradient_descent", 3.0): (0.03, 0.03)},
        ("width-rises", "false"): {(way, 3.0): (0.05, 0.03) for way in ("adam", "gradient_descent")},
        ("width-rises", "undecided"): {("adam", 3.0): (0.05, 0.055), "spread": 0.03},
        ("width-rises", "null"): {("adam", 3.0): (0.05, 0.05)},
        ("width-rises", "not with Adam"): {("adam", 3.0): (0.05, 0.03)},
        ("width-flat", "false"): {(way, 0.1): (0.02, 0.06) for way in ("adam", "gradient_descent")},
        ("width-flat", "undecided"): {("adam", 0.01): (0.02, 0.039), "spread": 0.03},
        ("width-flat", "null"): {("adam", 0.01): (0.02, 0.04)},
        ("width-flat", "rises by gradient descent"): {("gradient_descent", 0.01): (0.02, 0.06)},
    }

    def make(truth, rng):
        own = changes.get((claim, truth), {})
        spread = own.get("spread", 0.002)
        runs = []
        ways = ("gradient_descent",) if claim.startswith("kernel") else ("adam", "gradient_descent")
        scales = {"kernel-advantage": (0.01, 0.1, 1.0), "width-flat": (0.01, 0.1)}.get(claim, (3.0,))
        for training, scale in product(ways, scales):
            errors = own.get((training, scale), (0.03, 0.07) if scale == 3 else (0.02, 0.02))
            for width, error in zip((100, 1000), errors, strict=True):
                look = {"training": training, "width": width, "init_scale": scale, "noise": 1.0, "seeds": 10}
                runs.append(networks("own", rng, "conv_pool", {50: error}, spread=spread, **look))
        rows = [
            {
                "quantity": "kernel_noisy_error",
                "n_train": 50,
                "init_scale": scale,
                "seed": seed,
                "value": own.get("kernel", 0.12),
            }
            for scale, seed in product(scales, range(10))
        ]
        return {"detection": pd.concat(runs), "theory": theory(rows)}

    return make


def span(truth, rng):
    """The cases of two networks in more dimensions than patterns, and the difference under Adam."""
    rows = [
        {"quantity": f"span_{name}", "d": d, "seed": seed, "value": value}
        for d, seed in product((20, 40), range(3))
        for name, value in (("cases", 2), ("violations", 0), ("adam", 0.5 * (truth != "Adam the same")))
    ]
    rows[-2]["value"] = truth == "false"
    table = theory(rows)
    return {"theory": without(table, quantity="span_violations") if truth == "undecided" else table}


def dimension(truth, rng):
    """Errors of Algorithm 1 for three d at l = 20, and for l = 5 at d = 20."""
    away, spread = {"false": (0.02, 5e-4), "undecided": (0.004, 0.01), "null": (0.005, 5e-4)}.get(truth, (0, 5e-4))
    rows = []
    for seed in range(30):
        error = 0.06 + 0.02 * rng.normal()
        values = {(20, 20): error, (40, 20): error, (80, 20): error + away + spread * rng.normal(), (20, 5): 0.0}
        if truth == "falls with l":
            values[20, 5] = error + 0.05
        rows += [
            {"quantity": "dimension_limit_error", "d": d, "l": l, "seed": seed, "value": value}
            for (d, l), value in values.items()
        ]
    return {"theory": theory(rows)}


def capacity(truth, rng):
    """The exact VC dimension and the bound for two d, and the counts of ranks and determinants."""
    rows = [
        {"quantity": name, "d": d, "n_patterns": d // 2, "value": value}
        for d in (4, 6)
        for name, value in (
            ("vc_dimension", 3 if truth == "false" and d == 4 else 20),
            ("vc_bound", 2 ** (d / 2 - 1)),
            ("vc_cases", 2),
            ("vc_violations", truth == "another rank"),
            ("determinant_cases", 1),
            ("determinant_violations", truth == "another determinant"),
        )
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="vc_bound", d=6) if truth == "undecided" else table}


def thresholds(truth, rng):
    """The four thresholds in their order, and the counts of inputs on their wrong side."""
    rows = [
        {"quantity": name, "value": value}
        for name, value in (
            ("separable_noise", 0.6 if truth == "false" else 0.07),
            ("pooled_noise", 0.51),
            ("hidden_noise", 0.5 if truth == "below the pooled" else 0.56),
            ("overlapping_noise", 0.55 if truth == "below the hidden" else 0.71),
            ("pooled_cases", 301),
            ("pooled_violations", truth == "pooled filters err"),
            ("hidden_cases", 2),
            ("hidden_violations", truth == "not hidden"),
        )
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="hidden_noise") if truth == "undecided" else table}


def bayes(truth, rng):
    """The bounds on the Bayes error at two noise levels, and the drawn one. Its standard error is 0.01."""
    high = {"false": 0.002, "no overlap": 0}.get(truth, 0.0005)
    drawn = {"too small": 0.1 - 0.031, "too large": 0.2 + 0.031}.get(truth, 0.1 - 0.029)
    rows = [
        {"quantity": name, "noise": noise, "value": value, "low": value - half, "high": value + half}
        for noise, values in ((1.0, (0.0, high, 0.0)), (2.0, (0.1, 0.2, drawn)))
        for name, value, half in zip(
            ("bayes_low", "bayes_high", "bayes_error"), values, (np.nan, np.nan, 0.0196), strict=True
        )
    ]
    table = theory(rows)
    return {"theory": without(table, quantity="bayes_error", noise=2.0) if truth == "undecided" else table}


def noise_hurts(model, training, levels):
    """How much the error grows from the smallest noise level to each other one."""

    def make(truth, rng):
        growth = {"false": (0.05, 0.06), "at one level": (0, 0.06), "undecided": (0, 0.0195), "null": (0, 0.02)}
        gaps = (0, *growth.get(truth, (0, 0)), 0.3)  # the last level is larger than those of the claim
        runs = [
            networks(
                "own",
                rng,
                model,
                {100: 0.1 + gap},
                training=training,
                noise=noise,
                seeds=20,
                spread=0.01 + 0.01 * bool(gap),
            )
            for noise, gap in zip(levels, gaps, strict=True)
        ]
        return {"detection": pd.concat(runs)}

    return make


def noise_order(truth, rng):
    """Errors of the MLP and the SVM above ConvPool's at two noise levels."""
    usual = (0.1, 0.1)
    mlp, svm = {
        "false": ((-0.1, -0.1), usual),
        "MLP better at one level": ((0.1, -0.1), usual),
        "SVM better at one level": (usual, (-0.1, 0.1)),
        "undecided": (usual, (0.1, 0.001)),
        "null": (usual, (0.1, 0)),
    }.get(truth, (usual, usual))
    runs = [
        networks(experiment, rng, model, {100: 0.3 + gap}, training=training, noise=noise, seeds=10)
        for noise, *gaps in ((0.5, 0, mlp[0], svm[0]), (2.0, 0, mlp[1], svm[1]))
        for (experiment, model, training), gap in zip(
            (("own", "conv_pool", "adam"), ("own", "mlp", "adam"), ("other", "svm", "max_margin")), gaps, strict=True
        )
    ]
    return {"detection": pd.concat(runs)}


def poolings(pair, levels, gaps):
    """Errors of two networks at three sizes, of which the first is smaller than the claim's, at two levels of noise."""

    def make(truth, rng):
        gap, spread = gaps.get(truth, gaps["true"]), 0.03 if truth == "undecided" else 0.002
        runs = [
            networks("own", rng, model, errors, noise=float(noise), spread=spread, seeds=12)
            for noise in (0, 1)
            for number, model in enumerate(pair)
            for off in [gap if number == 0 and (noise in levels or truth == "true") else 0.3 * (number == 0)]
            for errors in [{20: 0.3, 50: 0.2 + off, 100: 0.2 + (gaps["true"] if truth == "at one size" else off)}]
        ]
        return {"detection": pd.concat(runs)}

    return make


def sgd(truth, rng):
    """Sample sizes and updates that grow like these powers of n_patterns."""
    samples_power, updates_power, spread = {
        "true": (1.5, 1.2, 0.15),
        "false": (0.1, 1.2, 0.15),
        "steeper than the bound": (2.5, 1.2, 0.15),
        "more updates than the bound": (1.5, 2.5, 0.15),
        "undecided": (1.95, 1.2, 0.6),
        "null": (0.5, 1.2, 0.15),
    }[truth]
    runs = [
        falling(rng, "leaky_fc", m, sizes, spread=spread, training="sgd", n_patterns=n, stopped="zero_loss")
        for n in (5, 10, 20)
        for m in [200 * (n / 5) ** samples_power]
        for sizes in [[int(m * part) for part in (0.3, 0.7, 1.4, 2)]]
    ]
    table = pd.concat(runs)
    noise = np.exp(0.05 * rng.normal(size=len(table)))
    return {"detection": table.assign(steps=(300 * (table["n_patterns"] / 5) ** updates_power * noise).astype(int))}


def correlated(truth, rng):
    """Growth and its prediction, and test errors, of networks at three correlations."""
    error = {"false": 0.2, "null": 0.05}.get(truth, 0.01)
    spread = 0.1 if truth == "undecided" else 0.002
    rows = [
        {"quantity": name, "rho": rho, "seed": seed, "value": value}
        for rho, seed in product((0.0, 0.5, 0.9), range(12))
        for late in [rho == 0.9]
        for name, value in (
            ("lucky_growth", 0.1 if truth == "false" and late and seed == 3 else 0.2),
            ("predicted_growth", 0.2 if late else 0.15),
            ("correlated_error", (error if late else 0.01) + spread * rng.normal()),
            ("correlated_tests", 1000),
        )
    ]
    return {"theory": theory(rows)}


def correlated_growth(truth, rng):
    """The same, without the prediction if undecided."""
    table = correlated("true" if truth == "undecided" else truth, rng)["theory"]
    return {"theory": without(table, quantity="predicted_growth") if truth == "undecided" else table}


MADE = {
    "brutzkus2021-no-relu": poolings(
        ("max_no_relu", "conv_pool"), (0, 1), {"true": 0.0, "false": 0.1, "better": -0.1, "null": 0.02}
    ),
    "brutzkus2021-average-pooling": poolings(
        ("mlp", "avg_pool"), (0,), {"true": 0.1, "false": 0.0, "undecided": 0.021, "null": 0.02}
    ),
    "brutzkus2021-average-pooling-noise": poolings(
        ("avg_pool", "conv_pool"), (1,), {"true": 0.1, "false": 0.0, "undecided": 0.021, "null": 0.02}
    ),
    "brutzkus2021-fc-sgd": sgd,
    "brutzkus2021-correlated-lead": counts("lead_"),
    "brutzkus2021-correlated-growth": correlated_growth,
    "brutzkus2021-correlated-error": correlated,
    "brutzkus2021-fig3a": fig3("orthogonal", 0.0),
    "brutzkus2021-fig3b": fig3("orthogonal", 1.0),
    "brutzkus2021-fig3c": fig3("digits", 0.0, "MNIST"),
    "brutzkus2021-fig3b-population": noisy_population,
    "brutzkus2021-fig3b-separability": separability,
    "brutzkus2021-fig3c-separability": digits_separability,
    "brutzkus2021-fig4": more_patterns,
    "brutzkus2021-fig4-relative": more_patterns_relative,
    "brutzkus2021-layerwise": layerwise("layerwise"),
    "brutzkus2021-layerwise-whole": layerwise("layerwise_whole"),
    "brutzkus2021-overparameterised": channels(("layerwise_limit", "adam"), 0.0),
    "brutzkus2021-overparameterised-adam": channels(("adam",), 1.0),
    "brutzkus2021-fc-samples": samples,
    "brutzkus2021-bad-erm": bad_erm,
    "brutzkus2021-thm5.1-generalisation": growing("complexity"),
    "brutzkus2021-appendix-a": growing("half_margin_steps"),
    "brutzkus2021-thm5.1-optimisation": by_network(separable=(1, 0), loss_slope=(-1.02, -0.8)),
    "brutzkus2021-appendix-e": by_network(
        separating_margin=(8, 0.9), separating_norm=(0.5, 1.1), feature_norm=(0.1, 1.1), complexity_share=(0.01, 1.1)
    ),
    "brutzkus2021-eq24": direction,
    "brutzkus2021-margin": flat("complexity"),
    "brutzkus2021-detectors": flat("detector_share"),
    "brutzkus2021-eq14": against_promise("balanced", "balanced_promised", "n_train"),
    "brutzkus2021-lemma5.2-fewer": against_promise("fewer_outside", "fewer_promised", "l"),
    "brutzkus2021-lemmaC.1": counts("lemmaC.1_"),
    "brutzkus2021-lemmaC.2": counts("lemmaC.2_"),
    "brutzkus2021-thm4.2": counts("shattering_"),
    "brutzkus2021-lemma5.2": lucky_filters,
    "brutzkus2021-lemma5.3": counts("lemma5.3_"),
    "brutzkus2021-cor5.4": counts("cor5.4_"),
    "brutzkus2021-lemma5.5": counts("lemma5.5_"),
    "brutzkus2021-prop6.1": shortest,
    "brutzkus2021-vc-dimension": capacity,
    "brutzkus2021-noise-thresholds": thresholds,
    "brutzkus2021-bayes-error": bayes,
    "brutzkus2021-noise-conv": noise_hurts("conv_pool", "adam", (0.1, 0.5, 0.7, 1.0)),
    "brutzkus2021-noise-svm": noise_hurts("svm", "max_margin", (0.05, 0.1, 0.2, 1.0)),
    "brutzkus2021-noise-order": noise_order,
    "brutzkus2021-kernel-rate": kernel_rate,
    "brutzkus2021-kernel-advantage": width_and_scale("kernel-advantage"),
    "brutzkus2021-kernel-gap": width_and_scale("kernel-gap"),
    "brutzkus2021-width-rises": width_and_scale("width-rises"),
    "brutzkus2021-width-flat": width_and_scale("width-flat"),
    "brutzkus2021-span": span,
    "brutzkus2021-dimension": dimension,
    "brutzkus2021-margin-settings": swept(margins, values=(4, 8, 16)),
    "brutzkus2021-trained-margin": swept(gains),
    "brutzkus2021-votes": swept(shares("votes_right")),
    "brutzkus2021-sign-rule": swept(shares("sign_right")),
    "brutzkus2021-eq24-rate": swept(rates, ("d",)),
    "brutzkus2021-appendix-a-proportional": swept(proportional, ("d", "n_patterns")),
    "brutzkus2021-one-class": few(false="not half", undecided="none"),
    "brutzkus2021-few-samples": few(false="more", undecided="near", null="border"),
    "brutzkus2021-vote-error": few(),
}
BASELINES = ["MLP as good", "SVM as good", "MLP better at one size", "SVM better at one size"]
ALSO_FALSE = {
    "brutzkus2021-no-relu": ["better"],
    "brutzkus2021-fc-sgd": ["steeper than the bound", "more updates than the bound"],
    "brutzkus2021-fig3a": [*BASELINES, "conv_pool not fitted", "mlp not fitted", "svm not fitted"],
    "brutzkus2021-fig3b": [*BASELINES, "conv_pool not fitted", "mlp not fitted"],
    "brutzkus2021-fig3c": BASELINES,
    "brutzkus2021-fig4": [
        "SVM flat",
        "MLP falls, ConvPool too",
        "SVM falls, ConvPool too",
        "ConvPool as steep as MLP",
        "ConvPool as steep as SVM",
    ],
    "brutzkus2021-fig4-relative": ["SVM grows less", "only absolutely"],
    "brutzkus2021-layerwise": ["worse", "worse with noise", "better with noise"],
    "brutzkus2021-layerwise-whole": ["worse", "worse with noise", "better with noise"],
    "brutzkus2021-overparameterised": ["worse with Adam", "worse on 100", "large everywhere", "large if wide"],
    "brutzkus2021-overparameterised-adam": ["worse on 100"],
    "brutzkus2021-fc-samples": ["MLP flat", "SVM flat", "ConvPool grows", "ConvPool shrinks", "Algorithm 1 grows"],
    "brutzkus2021-fig3b-population": ["solver differs"],
    "brutzkus2021-fig3c-separability": ["in part"],
    "brutzkus2021-bad-erm": ["other outputs"],
    "brutzkus2021-thm5.1-generalisation": ["stays at d = 4", "stays at d = 8", "large at 50"],
    "brutzkus2021-thm5.1-optimisation": ["loss_slope"],
    "brutzkus2021-appendix-e": ["separating_norm", "feature_norm", "complexity_share"],
    "brutzkus2021-eq24": ["rises"],
    "brutzkus2021-detectors": ["exception"],
    "brutzkus2021-lemma5.2": ["not as drawn"],
    "brutzkus2021-prop6.1": ["too short", "not the exact one"],
    "brutzkus2021-vc-dimension": ["another rank", "another determinant"],
    "brutzkus2021-noise-thresholds": ["below the pooled", "below the hidden", "pooled filters err", "not hidden"],
    "brutzkus2021-bayes-error": ["no overlap", "too small", "too large"],
    "brutzkus2021-noise-conv": ["at one level"],
    "brutzkus2021-noise-svm": ["at one level"],
    "brutzkus2021-noise-order": ["MLP better at one level", "SVM better at one level"],
    "brutzkus2021-kernel-advantage": ["at one width"],
    "brutzkus2021-width-rises": ["not with Adam"],
    "brutzkus2021-width-flat": ["rises by gradient descent"],
    "brutzkus2021-span": ["Adam the same"],
    "brutzkus2021-dimension": ["falls with l"],
}
