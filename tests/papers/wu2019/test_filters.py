"""Frozen filters, a sum and a ReLU: the check against networks that autograd trains, and against brute force."""

import numpy as np
import pytest
import torch

import reference
from convbias.checks import compute
from convbias.linear import models, tasks
from convbias.papers.wu2019.checks import filters
from convbias.papers.wu2019.theory import relu_filter
from convbias.papers.wu2019.theory.svd_estimate import mean_matrix
from convbias.papers.wu2019.theory.xhinge import top_singular_pairs

D, K, RATE = 10, 3, 0.1
SETTINGS = {"tasks": ["cls", "third_person"], "d": D, "k": K, "n_train": [3, 6], "seeds": 3, "draws": 4}
SETTINGS |= {"learning_rate": RATE, "init_scale": 0.1, "root_seed": 7}


STEPS = 3000


def found(**settings):
    columns = compute("wu2019-filters", {**SETTINGS, "step_limit": STEPS, **settings})
    keys = zip(columns["quantity"], columns["n_train"], columns["seed"], strict=True)
    return dict(zip(keys, columns["value"], strict=True))


def trained(points, x, y, w1, w2, frozen):
    """The weights after gradient descent by autograd on the hinge loss; NaN if it is not 0 after all steps."""
    layers = [torch.tensor(w1, requires_grad=not frozen), torch.tensor(w2, requires_grad=True)]
    learns = [layer for layer in layers if layer.requires_grad]
    inputs, labels = torch.tensor(x[points]), torch.tensor(y[points].astype(float))
    for _ in range(STEPS):
        loss = (1 - labels * (inputs @ reference.effective("conv", layers))).clamp(min=0).mean()
        if loss == 0:
            return [layer.detach().numpy() for layer in layers]
        for layer, gradient in zip(learns, torch.autograd.grad(loss, learns), strict=True):
            with torch.no_grad():
                layer -= RATE * gradient
    return [np.full(len(layer), np.nan) for layer in layers]


def test_numbers_agree_with_networks_one_at_a_time():
    values, count = found(), 0
    for name in SETTINGS["tasks"]:
        task = tasks.make(name, D)
        x, y = reference.dense(task)
        for n in SETTINGS["n_train"]:
            for seed in range(3):
                points = tasks.draw_points(task, 7, n, seed)
                (start,) = models.draw_weights("conv", D, K, 7, name, n, [seed], 0.1)
                w1, w2 = start[:K], start[2 * K - 1 :]
                v = top_singular_pairs(mean_matrix(task, points, K)).v
                simple = v.shape[1] == 1
                for kind, own in (("joint", w1), ("random", w1), ("ones", np.ones(K)), ("limit", v[:, 0])):
                    frozen = kind != "joint"
                    unit = own / np.linalg.norm(own) if frozen else own
                    ends = trained(points, x, y, unit, w2, frozen)
                    w = reference.effective("conv", [torch.from_numpy(end) for end in ends]).numpy()
                    value = values.pop((f"filter_{name}_{kind}_error", n, seed))
                    finished = not np.isnan(w).any() and (simple or kind != "limit")
                    expected = reference.error(w, x, y) if finished else np.nan
                    count += finished
                    assert value == pytest.approx(expected, nan_ok=True)
                    if kind == "joint":
                        for quantity, w in (("alignment", ends[0]), ("start", w1)):
                            cosine = abs(w @ v[:, 0]) / np.linalg.norm(w) if simple else np.nan
                            own = values.pop((f"filter_{name}_{quantity}", n, seed))
                            assert own == pytest.approx(cosine, nan_ok=True)
    assert count > 35  # of 48
    sums = {key: values.pop(key) for key in list(values) if key[0] == "filter_cls_sum_error"}
    assert len(sums) == 6 and set(sums.values()) == {0.0}
    assert (
        values.pop(("filter_relu_cases", None, None)) == 4 and values.pop(("filter_relu_violations", None, None)) == 0
    )
    assert sum(values["filter_cls_sum_cases", n, None] for n in (3, 6)) == 6 and len(values) == 4


def test_a_training_set_at_the_border_is_no_case_for_the_sum(monkeypatch):
    """With positions 0 and 1 alone, the sum of the filter has no sign that training chose."""
    monkeypatch.setattr(filters, "draw_points", lambda task, *_: np.array([0, 1]))
    values = found(tasks=["cls"], n_train=[2])
    assert values["filter_cls_sum_cases", 2, None] == 0
    monkeypatch.setattr(filters, "draw_points", lambda task, *_: np.array([5, 5]))
    values = found(tasks=["cls"], n_train=[2], seeds=8, init_scale=2.0)  # too large
    assert values["filter_cls_sum_cases", 2, None] == 8 and values["filter_cls_sum_violations", 2, None] == 2


def test_networks_that_do_not_finish_have_no_error():
    values = found(step_limit=1)
    assert all(np.isnan(value) for (name, *_), value in values.items() if name.endswith("_error") and "sum" not in name)


def test_outputs_after_a_relu_agree_with_their_definition(rng):
    w1, w2 = rng.normal(size=K), rng.normal(size=D)
    for x, row in zip(np.concatenate([np.eye(D), -np.eye(D)]), relu_filter.responses(w1, D) @ w2, strict=True):
        convolved = [sum(w1[j] * x[i + j] for j in range(K) if i + j < D) for i in range(D)]
        assert row == pytest.approx(sum(w2[i] * max(value, 0) for i, value in enumerate(convolved)))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_one_filter_before_a_relu_cannot_separate_but_two_can(k, rng):
    y = np.repeat([1.0, -1.0], D)
    for _ in range(10):
        features = relu_filter.responses(rng.normal(size=k), D)
        assert not relu_filter.separable(features, y)
        both = np.concatenate(
            [features, relu_filter.responses(-np.ones(k), D), relu_filter.responses(np.ones(k), D)], axis=1
        )
        assert relu_filter.separable(both, y)
    assert relu_filter.separable(np.concatenate([np.eye(D), -np.eye(D)]), y)  # without a ReLU


def test_without_a_limit_there_is_neither_its_error_nor_an_alignment():
    """Two samples that are far apart make the top singular value degenerate."""
    values = found(tasks=["cls"], n_train=[2], seeds=8)
    task, kinds = tasks.make("cls", D), set()
    for seed in range(8):
        simple = top_singular_pairs(mean_matrix(task, tasks.draw_points(task, 7, 2, seed), K)).v.shape[1] == 1
        kinds.add(simple)
        for name in ("limit_error", "alignment", "start"):
            assert np.isnan(values[f"filter_cls_{name}", 2, seed]) == (not simple)
        assert not np.isnan(values["filter_cls_random_error", 2, seed])
    assert kinds == {True, False}
