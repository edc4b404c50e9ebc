"""Tasks of the linear system: their points, separability and training sets."""

import numpy as np
import pytest

from convbias.linear import tasks
from reference import dense

E = np.eye(4)
BY_HAND = {
    "cls": ([*E, *-E], [1, 1, 1, 1, -1, -1, -1, -1]),
    "first_person": (E, [-1, -1, 1, 1]),
    # +1 is at position a, and -1 at position b. The label is -1 if a is left of b.
    "third_person": (
        [E[a] - E[b] for a in range(4) for b in range(4) if a != b],
        [-1 if a < b else 1 for a in range(4) for b in range(4) if a != b],
    ),
}
SIZE = {"cls": lambda d: 2 * d, "first_person": lambda d: d, "third_person": lambda d: d * (d - 1)}
# weights that separate each task; the paper states that they exist (Section 1)
SEPARATOR = {
    "cls": np.ones,
    "first_person": lambda d: np.repeat([-1.0, 1.0], d // 2),
    "third_person": lambda d: np.arange(float(d)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_points_are_those_defined_in_the_paper(name):
    x, y = dense(tasks.make(name, 4))
    np.testing.assert_array_equal(x, BY_HAND[name][0])
    np.testing.assert_array_equal(y, BY_HAND[name][1])


@pytest.mark.parametrize("d", [2, 6, 100])
@pytest.mark.parametrize("name", BY_HAND)
def test_datasets_have_the_stated_size_and_are_linearly_separable(name, d):
    task = tasks.make(name, d)
    x, y = dense(task)
    assert len(task) == len(np.unique(x, axis=0)) == SIZE[name](d)
    assert (y * (x @ SEPARATOR[name](d)) > 0).all()


@pytest.mark.parametrize("name", BY_HAND)
def test_margin_is_the_sum_of_the_rows_of_stacked_weights(name, rng):
    task = tasks.make(name, 10)
    x, y = dense(task)
    w = rng.normal(size=10)
    np.testing.assert_allclose(np.concatenate([w, -w])[task.rows].sum(1), y * (x @ w), rtol=1e-12)


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("d", [-2, 0, 1, 7])
def test_d_must_be_even_and_at_least_2(name, d):
    with pytest.raises(ValueError, match=f"^{name}: d must be even and at least 2, not {d}$"):
        tasks.make(name, d)


def test_training_sets_are_drawn_uniformly_with_replacement():
    task = tasks.make("cls", 10)
    drawn = np.concatenate([tasks.draw_points(task, 1, 50, seed) for seed in range(400)])
    counts = np.bincount(drawn, minlength=20)
    assert counts.sum() == 20000 and len(counts) == 20
    # each count is binomial(20000, 1/20); allow five standard deviations
    assert abs(counts - 1000).max() < 5 * (20000 / 20 * 19 / 20) ** 0.5
    assert any(len(np.unique(tasks.draw_points(task, 1, 20, seed))) < 20 for seed in range(3))


def test_training_sets_depend_on_each_key():
    def draw(name="cls", root=1, n=50, seed=3):
        return tasks.draw_points(tasks.make(name, 100), root, n, seed).tolist()

    assert draw() == draw()
    others = [draw(root=2), draw(n=51)[:50], draw(seed=4), draw(name="first_person"), draw(name="third_person")]
    assert all(other != draw() for other in others)
