"""Inputs of detection tasks: patterns, noise and their tables."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from convbias import draws
from convbias.columns import build
from convbias.detection import tasks
from convbias.detection.digits import bundled
from convbias.detection.examples import examples
from convbias.detection.inputs import draw_inputs
from convbias.detection.noise import RADIUS, noise
from convbias.detection.tables import DIGITS, EXAMPLES, INPUTS, digits_table, read_digits, read_inputs
from convbias.registry import names
from small_detection import FEW_IMAGES, LIKELY, SETTINGS, input_columns, make_data


def uniformity(values):
    """The p-value of the hypothesis that all values are equally likely."""
    return stats.chisquare(np.bincount(values)).pvalue


# ---------------------------------------------------------------------------------------------- tasks


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("d", "l"), [(3, 3), (4, 4), (20, 20), (20, 5), (200, 200)])
def test_orthogonal_patterns_are_orthonormal(d, l, seed):
    patterns = tasks.make("orthogonal", d, l, np.random.default_rng(seed), None)
    assert patterns.vectors.shape == (l, d)
    np.testing.assert_allclose(patterns.vectors @ patterns.vectors.T, np.eye(l), atol=1e-13)
    assert patterns.role.tolist() == [1, -1, *[0] * (l - 2)] and patterns.unit == 1
    assert patterns.training.all() and patterns.test.all()


def test_orthogonal_patterns_are_uniform_on_the_sphere(rng):
    """If d = 3, every coordinate of such a pattern is uniform in [-1, 1] (Archimedes).

    The sign of the determinant is also uniform.
    """
    vectors = np.stack([tasks.make("orthogonal", 3, 3, rng, None).vectors for _ in range(2000)])
    for i in range(3):
        for j in range(3):
            assert stats.kstest(vectors[:, i, j], stats.uniform(-1, 2).cdf).pvalue > LIKELY, (i, j)
    assert stats.binomtest(int((np.linalg.det(vectors) > 0).sum()), 2000).pvalue > LIKELY


@pytest.mark.parametrize(("d", "l"), [(2, 2), (5, 2), (5, 6)])
def test_orthogonal_patterns_need_an_l_from_3_to_d(d, l, rng):
    with pytest.raises(ValueError, match=f"^orthogonal: l must be from 3 to d = {d}, not {l}$"):
        tasks.make("orthogonal", d, l, rng, None)


def test_digits_need_images(rng):
    with pytest.raises(ValueError, match=r"^digits: the images are missing$"):
        tasks.make("digits", 6, 6, rng, None)


def test_error_for_an_unknown_task_lists_the_tasks(rng):
    available = ", ".join(names("detection.tasks"))
    with pytest.raises(ValueError, match=f"^detection.tasks: unknown plugin 'cls'. Available: {available}$"):
        tasks.make("cls", 6, 6, rng, None)


@pytest.mark.parametrize("split", ["training", "test"])
def test_each_split_needs_patterns_of_every_role(split):
    everything, no_negative = np.ones(4, bool), np.array([True, False, True, True])
    patterns = tasks.Patterns(np.eye(4), 1, np.array([1, -1, 0, 0]), everything, everything)
    with pytest.raises(AssertionError):
        replace(patterns, **{split: no_negative})


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("n_patterns", [1, 2, 5])
def test_inputs_follow_the_distribution_of_the_paper(n_patterns, test, rng):
    """An input has one pattern with the sign of the label, at a uniform place. Its other patterns are spurious."""
    patterns, size = tasks.make("orthogonal", 7, 7, rng, None), 20_000
    drawn, y = tasks.draw(patterns, rng, size, n_patterns, test)
    role = patterns.role[drawn]
    assert drawn.shape == (size, n_patterns) and set(y) == {-1, 1}
    assert (np.abs(role).sum(1) == 1).all() and (role.sum(1) == y).all()
    assert stats.binomtest(int((y > 0).sum()), size).pvalue > LIKELY
    place = np.abs(role).argmax(1)
    if n_patterns > 1:
        assert uniformity(place) > LIKELY
        assert stats.chi2_contingency(np.histogram2d(y, place, (2, n_patterns))[0]).pvalue > LIKELY
        spurious = drawn[role == 0].reshape(size, n_patterns - 1)
        assert set(spurious.ravel()) == set(range(2, 7))
        for column in spurious.T:
            assert uniformity(column - 2) > LIKELY
            assert stats.chi2_contingency(np.histogram2d(y, column, (2, 5))[0]).pvalue > LIKELY
        for one, other in pairwise(spurious.T):
            assert stats.chi2_contingency(np.histogram2d(one, other, 5)[0]).pvalue > LIKELY


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("images", [FEW_IMAGES, bundled()], ids=["few", "bundled"])
def test_digit_inputs_have_one_three_or_five_from_their_own_split(images, test, rng):
    patterns, size = tasks.make("digits", 0, 0, rng, images), 20_000
    drawn, y = tasks.draw(patterns, rng, size, 4, test)
    assert (images.test[drawn] == test).all()
    digit = images.label[drawn]
    for label, positive, negative in ((1, 1, 0), (-1, 0, 1)):
        assert ((digit[y == label] == 3).sum(1) == positive).all()
        assert ((digit[y == label] == 5).sum(1) == negative).all()
    allowed = np.flatnonzero(images.test == test)
    for kind in (images.label == 3, images.label == 5, ~np.isin(images.label, [3, 5])):
        possible = allowed[kind[allowed]]
        counts = np.bincount(drawn.ravel(), minlength=len(images.label))[possible]
        assert stats.chisquare(counts).pvalue > LIKELY
    x = patterns.inputs(drawn[:50])
    assert x.dtype == np.float64 and x.min() >= 0 and x.max() <= 1
    np.testing.assert_allclose(x * images.top, images.pixels[drawn[:50]], rtol=1e-15)


def test_inputs_depend_only_on_root_seed_task_sample_size_and_seed():
    columns = input_columns(SETTINGS, range(4))
    assert columns["seed"].tolist() == list(np.repeat(range(4), 32))
    assert columns["test"].tolist() == [*[False] * 12, *[True] * 20] * 4
    whole = make_data(SETTINGS, range(4))
    for seeds in ([2], [2, 1, 0], [3, 2]):
        part, data = input_columns(SETTINGS, seeds), make_data(replace(SETTINGS, noise=0.0), seeds)
        for position, seed in enumerate(seeds):
            for name in ("y", "patterns"):
                np.testing.assert_array_equal(part[name][part["seed"] == seed], columns[name][columns["seed"] == seed])
            np.testing.assert_array_equal(data.x[position], whole.x[seed])
    longer = input_columns(replace(SETTINGS, n_test=50), range(4))
    np.testing.assert_array_equal(longer["patterns"][~longer["test"]], columns["patterns"][~columns["test"]])
    square = replace(SETTINGS, n_train=20)  # all sets have one size, so two equal streams would draw equal sets
    sets = [columns["patterns"][columns["test"] & (columns["seed"] == seed)] for seed in range(4)]
    for change, images in (({}, None), ({"root_seed": 8}, None), ({"task": "digits"}, FEW_IMAGES)):
        sets += np.split(input_columns(replace(square, **change), [0], images)["patterns"], 2)
    assert {one.shape for one in sets} == {(20, 4)} and len({one.tobytes() for one in sets}) == len(sets) == 10


def test_each_seed_has_its_own_patterns_for_training_and_test():
    data = make_data(SETTINGS, [0, 1])
    key = ("orthogonal of 4 patterns, 6 in 6 dimensions", 12)
    streams = [draws.stream(7, "patterns", *key, seed) for seed in (0, 1)]
    patterns = [tasks.make("orthogonal", 6, 6, stream, None).vectors for stream in streams]
    assert not np.isclose(patterns[0] @ patterns[1].T, np.eye(6), atol=0.1).all()
    for run, vectors in enumerate(patterns):
        for x, y in ((data.x[run], data.y[run]), (data.x_test[run], data.y_test[run])):
            places = x @ vectors.T
            np.testing.assert_allclose(np.sort(places, axis=2)[..., -1], 1, rtol=1e-12)
            np.testing.assert_array_equal(places.sum(1)[:, 0].round(12) - places.sum(1)[:, 1].round(12), y)
    assert data.x.shape == (2, 12, 4, 6) and data.x_test.shape == (2, 20, 4, 6)
    assert data.y.dtype == data.y_test.dtype == np.float64


def test_noise_is_drawn_for_each_set_and_scales_with_its_bound():
    plain = make_data(SETTINGS, [0, 1])
    for law in RADIUS:
        directions = []
        whole, half = (make_data(replace(SETTINGS, noise=level, noise_law=law), [0, 1]) for level in (1.0, 0.5))
        for name in ("x", "x_test"):
            added = getattr(whole, name) - getattr(plain, name)
            np.testing.assert_allclose(2 * (getattr(half, name) - getattr(plain, name)), added, atol=1e-14)
            assert (np.linalg.norm(added, axis=3) <= 1 + 1e-12).all()
            directions += list(added[:, :12] / np.linalg.norm(added[:, :12], axis=3, keepdims=True))
        np.testing.assert_array_equal(whole.y, plain.y)
        assert all(abs(one - other).max() > 0.1 for i, one in enumerate(directions) for other in directions[:i])
        alone = make_data(replace(SETTINGS, noise=1.0, noise_law=law), [1])
        np.testing.assert_array_equal(alone.x[0], whole.x[1])


# ---------------------------------------------------------------------------------------------- noise


@pytest.mark.parametrize("d", [1, 3, 20])
@pytest.mark.parametrize(("law", "power"), [("ball", None), ("radius", 1)])
def test_noise_has_the_stated_radius_and_a_uniform_direction(law, power, d, rng):
    level, size = 2.5, 20_000
    v = noise(law, level, rng, (size // 4, 4, d))
    assert v.shape == (size // 4, 4, d)
    v = v.reshape(size, d)
    radius = np.linalg.norm(v, axis=1)
    assert radius.min() > 0 and radius.max() <= level * (1 + 1e-14)
    uniform = (radius / level) ** (power or d)
    assert stats.kstest(uniform, "uniform").pvalue > LIKELY
    direction = v / radius[:, None]
    if d > 1:  # the square of a coordinate has the law Beta(1/2, (d-1)/2) and does not depend on the radius
        for column in direction.T:
            assert stats.kstest(column**2, stats.beta(0.5, (d - 1) / 2).cdf).pvalue > LIKELY / d
            assert stats.spearmanr(column, radius).pvalue > LIKELY / d
        correlation = np.corrcoef(direction.T) - np.eye(d)
        assert abs(correlation).max() < 5 / size**0.5
    for column in direction.T:
        assert stats.binomtest(int((column > 0).sum()), size).pvalue > LIKELY / d


@pytest.mark.parametrize("d", [3, 20])
def test_noise_laws_have_the_expected_mean_power(d, rng):
    power = {law: (noise(law, 1.0, rng, (20_000, d)) ** 2).sum(1) for law in RADIUS}
    for law, expected in (("ball", d / (d + 2)), ("radius", 1 / 3)):
        assert abs(power[law].mean() - expected) < 4 * power[law].std() / 20_000**0.5
    assert power["ball"].mean() / power["radius"].mean() == pytest.approx((d / (d + 2)) / (1 / 3), rel=0.03)


def test_normal_noise_is_normal_in_each_entry(rng):
    v = noise("normal", 0.25, rng, (2000, 3, 5)) / 0.25
    assert v.shape == (2000, 3, 5)
    for column in v.reshape(-1, 5).T:
        assert stats.kstest(column, "norm").pvalue > LIKELY / 5
    assert abs(np.corrcoef(v.reshape(2000, 15).T) - np.eye(15)).max() < 5 / 2000**0.5


def test_noise_of_level_0_is_zero_and_draws_nothing():
    stream, other = np.random.default_rng(1), np.random.default_rng(1)
    assert not noise("ball", 0.0, stream, (3, 4, 5)).any()
    assert noise("ball", 0.0, stream, (3, 4, 5)).shape == (3, 4, 5)
    assert stream.random() == other.random()


# ---------------------------------------------------------------------------------------------- tables


def test_a_table_of_inputs_gives_back_the_inputs():
    columns = draw_inputs("orthogonal", 6, 6, 4, 3, 5, 7, [4, 9], None)
    again = read_inputs(build(INPUTS, columns))
    assert set(again) == set(INPUTS.names) == set(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(again[name], values)
    assert again["patterns"].shape == (16, 4)


def test_a_table_of_digits_gives_back_the_digits():
    table = digits_table(FEW_IMAGES)
    assert table.schema == DIGITS and table.num_rows == 120
    again = read_digits(table)
    for name, value in vars(FEW_IMAGES).items():
        assert np.array_equal(getattr(again, name), value), name
    assert again.pixels.dtype == again.label.dtype == np.uint8 and again.test.dtype == bool


@pytest.mark.parametrize(
    ("task", "d", "images", "height"),
    [("digits", 1, FEW_IMAGES, 2), ("orthogonal", 20, None, 4), ("orthogonal", 16, None, 4)],
)
def test_examples_are_inputs_of_either_class(task, d, images, height):
    columns = examples(task, d, d, 5, 3, 7, images)
    table = build(EXAMPLES, {"experiment": "own", "task": task, **columns}).to_pandas()
    assert table["sample"].tolist() == list(np.repeat(range(6), 5)) and table["place"].tolist() == [*range(5)] * 6
    assert table["y"].tolist() == [1] * 15 + [-1] * 15
    assert (table["images"] == images.name).all() if images else table["images"].isna().all()
    assert (table["height"] == height).all()
    roles = table.groupby("sample")["role"]
    assert roles.sum().tolist() == [1, 1, 1, -1, -1, -1] and (roles.apply(abs).groupby("sample").sum() == 1).all()
    assert table["pattern"].nunique() > 10 and len(table.groupby("sample")["pattern"].apply(tuple).unique()) == 6
    if images:
        chosen = table["pattern"]
        assert not images.test[chosen].any()
        np.testing.assert_allclose(np.stack(table["pixels"]), images.pixels[chosen] / 200, rtol=1e-15)
        assert ((images.label[chosen] == 3).astype(int) - (images.label[chosen] == 5) == table["role"]).all()
    else:
        same = np.subtract.outer(*[table["pattern"].to_numpy()] * 2) == 0
        pixels = np.stack(table["pixels"])
        np.testing.assert_allclose(pixels @ pixels.T, same, atol=1e-12)
    for root_seed in (7, 8):
        again = build(EXAMPLES, {"experiment": "own", "task": task, **examples(task, d, d, 5, 3, root_seed, images)})
        assert again.to_pandas().equals(table) == (root_seed == 7)
