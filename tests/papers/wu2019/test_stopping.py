"""Where hinge training stops: the closed form against steps of gradient descent, and the checks that use it."""

import numpy as np
import pytest
import torch
from scipy import stats

import reference
from convbias.checks import compute
from convbias.linear import models, tasks
from convbias.papers.wu2019.checks import prediction
from convbias.papers.wu2019.theory import classifiers, stopping
from convbias.papers.wu2019.theory.svd_estimate import estimate, mean_matrix
from convbias.papers.wu2019.theory.xhinge import limit_weights, top_singular_pairs, xhinge_weights

TASKS = ["cls", "first_person", "third_person"]
D, K, RATE = 10, 3, 0.1


def case(name, n_train=4, seed=1, init_seeds=(0, 1, 2), b=0.1):
    """A task, a training set, its matrix, and both layers of some initial weights."""
    task = tasks.make(name, D)
    points = tasks.draw_points(task, 7, n_train, seed)
    starts = models.draw_weights("conv", D, K, 7, name, n_train, list(init_seeds), b)
    return task, points, mean_matrix(task, points, K), starts[:, :K], starts[:, 2 * K - 1 :]


def effective(w1, w2):
    return reference.effective("conv", (torch.as_tensor(w1), torch.as_tensor(w2))).detach().numpy()


def margins(task, points, w1, w2):
    """y f(x) of each training sample, from its definition."""
    x, y = reference.dense(task)
    return y[points] * (x[points] @ effective(w1, w2))


def descend(matrix, w1, w2, done):
    """Steps of X-hinge until ``done`` is true for the weights."""
    steps = 0
    while not done(w1, w2):
        w1, w2, steps = w1 + RATE * matrix.T @ w2, w2 + RATE * matrix @ w1, steps + 1
    return steps, w1, w2


@pytest.mark.parametrize("name", TASKS)
def test_the_mean_margin_is_that_of_the_samples_and_never_falls(name):
    task, points, matrix, w1, w2 = case(name)
    steps = np.array([0, 7, 40])
    weights = xhinge_weights(matrix, w1, w2, RATE, steps)
    expected = [margins(task, points, *layers).mean() for layers in zip(*weights, strict=True)]
    assert stopping.mean_margin(matrix, w1, w2, RATE, steps) == pytest.approx(expected)
    curve = [stopping.mean_margin(matrix, w1, w2, RATE, np.full(3, step)) for step in range(60)]
    assert (np.diff(curve, axis=0) >= 0).all()


@pytest.mark.parametrize("b", [0.001, 0.1, 3.0])
@pytest.mark.parametrize("name", TASKS)
def test_the_steps_to_a_margin_of_one_are_those_of_gradient_descent(name, b, monkeypatch):
    monkeypatch.setattr(stopping, "AT_ONCE", 7)
    task, points, matrix, w1, w2 = case(name, init_seeds=range(8), b=b)
    last = stopping.mean_margin_step(matrix, w1, w2, RATE)
    first = stopping.first_margin_step(task, points, matrix, w1, w2, RATE, last)
    for run in range(8):
        start = matrix, w1[run], w2[run]
        assert descend(*start, lambda *w: margins(task, points, *w).mean() >= 1)[0] == last[run]
        assert descend(*start, lambda *w: margins(task, points, *w).max() >= 1)[0] == first[run]
    assert (first <= last).all() and (b == 3.0 or (first < last).any())


def test_a_margin_that_cannot_reach_one_is_refused():
    _, _, matrix, w1, w2 = case("cls")
    with pytest.raises(ValueError, match="learning rate 1000 is above 2 / sigma_1"):
        stopping.mean_margin_step(matrix, w1, w2, 1000.0)
    with pytest.raises(ValueError, match="the initial weights are too small"):
        stopping.mean_margin_step(matrix, 0 * w1, 0 * w2, RATE)


@pytest.mark.parametrize("name", TASKS)
def test_errors_and_alignments_agree_with_their_definitions(name):
    task, _, matrix, w1, w2 = case(name)
    x, y = reference.dense(task)
    w2[0] = 0  # then some outputs are 0
    w = classifiers.effective(w1, w2)
    for run in range(3):
        own = effective(w1[run], w2[run])
        assert w[run] == pytest.approx(own) and classifiers.error(task.distinct, w)[run] == reference.error(own, x, y)
        start, limit = (
            np.concatenate(layers) for layers in ((w1[run], w2[run]), limit_weights(matrix, w1[run], w2[run]))
        )
        cosine = start @ limit / np.linalg.norm(start) / np.linalg.norm(limit)
        assert stopping.alignment(matrix, w1, w2)[run] == pytest.approx(cosine)


def test_the_tangent_is_that_of_the_angle_between_the_filter_and_v():
    _, _, matrix, w1, w2 = case("cls")
    v = top_singular_pairs(matrix).v[:, 0]
    steps = np.array([0, 5, 50])
    reached = xhinge_weights(matrix, w1, w2, RATE, steps)[0]
    angles = np.arccos(abs(reached @ v) / np.linalg.norm(reached, axis=1))
    assert stopping.tangent(v, reached) == pytest.approx(np.tan(angles))
    assert stopping.tangent_after(matrix, w1, w2, RATE, steps) == pytest.approx(np.tan(angles))


@pytest.mark.parametrize("name", TASKS)
def test_the_tangent_falls_with_the_power_of_b_over_ten_decades(name):
    """The second term of w1 is then the only one left, if s_3 is well below s_2."""
    task = tasks.make(name, D)
    matrices = (mean_matrix(task, tasks.draw_points(task, 7, 6, seed), K) for seed in range(100))
    pairs = ((matrix, np.linalg.svd(matrix, compute_uv=False)) for matrix in matrices)
    matrix, s = next((matrix, s) for matrix, s in pairs if s[0] > 1.1 * s[1] > 1.21 * s[2])
    (start,) = models.draw_weights("conv", D, K, 7, name, 4, [0], 1.0)
    scales = 10.0 ** np.arange(-100, -111, -1)[:, None]
    w1, w2 = scales * start[:K], scales * start[2 * K - 1 :]
    steps = stopping.mean_margin_step(matrix, w1, w2, 0.001)  # a small rate, so that steps are fine
    tangents = stopping.tangent_after(matrix, w1, w2, 0.001, steps)
    slope = stats.linregress(np.log(scales[:, 0]), np.log(tangents)).slope
    assert slope == pytest.approx(stopping.small_b_exponent(s, 0.001), rel=0.01)


def test_predictions_agree_with_networks_one_at_a_time():
    settings = {"tasks": ["cls", "third_person"], "d": D, "k": K, "n_train": [3, 6], "seeds": 3, "initialisations": 4}
    rest = {"shown": 2, "learning_rate": RATE, "init_scale": 0.1, "step_limit": 10**5}
    columns = compute("wu2019-prediction", {**settings, **rest, "root_seed": 7})
    keys = zip(columns["quantity"], columns["n_train"], columns["seed"], strict=True)
    found = dict(zip(keys, columns["value"], strict=True))
    assert set(columns["init_scale"]) == {0.1} and set(columns["k"]) == {K}
    count = 0
    for name in settings["tasks"]:
        for n in settings["n_train"]:
            for seed in range(3):
                task, points, matrix, w1, w2 = case(name, n, seed, range(4 * seed, 4 * seed + 4))
                x, y = reference.dense(task)
                made = {kind: [] for kind in ("mean", "first", "time", "alignment", "trained")}
                for start in zip(w1, w2, strict=True):
                    ends, _ = reference.train("conv", "hinge", start, x[points], y[points], RATE, 10**5)
                    ways = {
                        "mean": lambda *w, t=task, p=points: margins(t, p, *w).mean() >= 1,
                        "first": lambda *w, t=task, p=points: margins(t, p, *w).max() >= 1,
                    }
                    for way, done in ways.items():
                        steps, *reached = descend(matrix, *start, done)
                        made[way].append(reference.error(effective(*reached), x, y))
                    made["time"].append(steps)  # of the first margin
                    made["trained"].append(reference.error(effective(*ends), x, y))
                made["alignment"] = -stopping.alignment(matrix, w1, w2)
                trained = np.array(made.pop("trained"))
                for way, values in made.items():
                    varies = np.ptp(values) > 0 and np.ptp(trained) > 0
                    expected = stats.spearmanr(values, trained).statistic if varies else np.nan
                    own = found.pop((f"prediction_{name}_{way}_correlation", n, seed))
                    assert own == pytest.approx(expected, nan_ok=True)
                made["limit"] = estimate(task, points[None], K).gaussian_test_error
                for way in ("mean", "first", "limit"):
                    own = found.pop((f"prediction_{name}_{way}_gap", n, seed))
                    assert own == pytest.approx(abs(np.array(made[way]) - trained).mean())
                for init_seed, values in zip(
                    range(4 * seed, 4 * seed + 4), zip(made["mean"], trained, strict=True), strict=True
                ):
                    if seed < 2:
                        for way, value in zip(("predicted", "trained"), values, strict=True):
                            assert found.pop((f"prediction_{name}_{way}", n, init_seed)) == pytest.approx(value)
                            count += 1
    assert not found and count == 2 * 2 * 2 * 4 * 2
    lost = compute("wu2019-prediction", {**settings, **rest, "step_limit": 3, "root_seed": 7})
    assert set(lost["value"]) == {None} and len(lost["value"]) == 2 * 2 * 3 * 7


def test_tangents_agree_with_networks_one_at_a_time():
    settings = {"tasks": ["first_person"], "d": D, "k": K, "n_train": 5, "seeds": 4, "init_scales": [1e-2, 1e-3]}
    rest = {"learning_rate": RATE, "step_limit": 10**5, "root_seed": 7}
    columns = compute("wu2019-small-init", {**settings, **rest})
    keys = zip(columns["quantity"], columns["seed"], columns["init_scale"], strict=True)
    found = dict(zip(keys, columns["value"], strict=True))
    cases = 0
    for seed in range(4):
        tangents = {"first": [], "end": [], "predicted": []}
        for b in settings["init_scales"]:
            task, points, matrix, w1, w2 = case("first_person", 5, seed, [seed], b)
            x, y = reference.dense(task)
            _, s, v = top_singular_pairs(matrix)
            if v.shape[1] > 1:
                continue
            ends, _ = reference.train("conv", "hinge", (w1[0], w2[0]), x[points], y[points], RATE, 10**5)
            tangents["end"].append(stopping.tangent(v[:, 0], ends[0].detach().numpy()[None])[0])
            for kind, size in (("first", np.max), ("predicted", np.mean)):
                reached = descend(matrix, w1[0], w2[0], lambda *w, t=task, p=points, f=size: f(margins(t, p, *w)) >= 1)
                tangents[kind].append(stopping.tangent(v[:, 0], reached[1][None])[0])
        if not tangents["end"]:
            assert ("small_b_first_person_exponent", seed, None) not in found
            continue
        cases += 1
        for kind, values in tangents.items():
            for b, value in zip(settings["init_scales"], values, strict=True):
                assert found.pop((f"small_b_first_person_{kind}", seed, b)) == pytest.approx(value)
            slope = np.log(values[0] / values[1]) / np.log(10)
            assert found.pop((f"small_b_first_person_{kind}_slope", seed, None)) == pytest.approx(slope)
        exponent = found.pop(("small_b_first_person_exponent", seed, None))
        assert exponent == stopping.small_b_exponent(s, RATE)
    law = {name.removeprefix("small_b_first_person_law_"): value for (name, *_), value in found.items()}
    assert law["cases"] == cases > 0 and set(law) == {"cases", "violations", "deviation"}


def test_networks_that_do_not_finish_have_no_tangent():
    settings = {"tasks": ["cls"], "d": D, "k": K, "n_train": 5, "seeds": 2, "init_scales": [1e-2, 1e-3]}
    columns = compute("wu2019-small-init", {**settings, "learning_rate": RATE, "step_limit": 3, "root_seed": 7})
    ends = [v for q, v in zip(columns["quantity"], columns["value"], strict=True) if "_end" in q]
    assert ends and np.isnan(ends).all()


def test_a_wrong_exponent_is_counted(monkeypatch):
    settings = {"tasks": ["cls"], "d": 20, "k": K, "n_train": 8, "seeds": 5, "init_scales": [1e-2, 1e-3]}
    rest = {"learning_rate": RATE, "step_limit": 10**5, "root_seed": 7}
    right = stopping.small_b_exponent

    def violations():
        columns = compute("wu2019-small-init", {**settings, **rest})
        return columns["value"][columns["quantity"].index("small_b_cls_law_violations")]

    assert violations() == 0
    monkeypatch.setattr(stopping, "small_b_exponent", lambda s, rate: right(s, rate) + 0.05)
    assert violations() == 5


def test_training_sets_without_a_single_limit_have_no_angle():
    settings = {"tasks": ["cls"], "d": D, "k": K, "n_train": 2, "seeds": 8, "init_scales": [1e-2, 1e-3]}
    columns = compute("wu2019-small-init", {**settings, "learning_rate": RATE, "step_limit": 5000, "root_seed": 7})
    task = tasks.make("cls", D)
    matrices = [mean_matrix(task, tasks.draw_points(task, 7, 2, seed), K) for seed in range(8)]
    simple = {seed for seed, matrix in enumerate(matrices) if top_singular_pairs(matrix).v.shape[1] == 1}
    assert {seed for seed in columns["seed"] if seed is not None} == simple and 0 < len(simple) < 8
    assert columns["value"][columns["quantity"].index("small_b_cls_law_cases")] == len(simple)


@pytest.mark.parametrize("constant", [0, 1])
def test_a_prediction_or_an_error_without_variation_has_no_correlation(constant):
    pair = [np.array([0.1, 0.2, 0.4]), np.array([1.0, 2.0, 3.0])]
    assert prediction.correlation(*pair) == pytest.approx(1)
    pair[constant] = np.full(3, 0.25)
    assert np.isnan(prediction.correlation(*pair))
