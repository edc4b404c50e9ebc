"""What is to be detected: tasks, noise, and their tables."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from convbias import draws
from convbias.columns import build
from convbias.detection import shard as experiments
from convbias.detection import tasks
from convbias.detection.digits import Digits, bundled
from convbias.detection.examples import examples
from convbias.detection.inputs import draw_inputs, stream_name
from convbias.detection.noise import RADIUS, noise
from convbias.detection.settings import Shard
from convbias.detection.tables import DIGITS, EXAMPLES, INPUTS, digits_of, digits_table, inputs_of
from convbias.registry import names

LIKELY = 1e-3  # a test statistic at a fixed seed may be as rare as this
# one collection of 120 images of 2x3 pixels, every second of them for testing; the first pixel counts the images
FEW = Digits(
    "few",
    np.stack([np.arange(120), *np.random.default_rng(1).integers(0, 201, (5, 120))], axis=1).astype(np.uint8),
    np.repeat(np.arange(10), 12).astype(np.uint8),
    np.arange(120) % 2 == 1,
    height=2,
    top=200,
)
SHARD = Shard(
    experiment="own",
    task="orthogonal",
    model="conv_pool",
    training="adam",
    d=6,
    l=6,
    n_patterns=4,
    channels=30,
    noise=0.0,
    noise_law="ball",
    n_train=12,
    n_test=20,
    root_seed=7,
    learning_rate=0.01,
    init_scale=1.0,
    target_loss=0.05,
    step_limit=2000,
    first_layer_steps=3,
    second_layer_steps=30,
)


def drawn(shard, seeds, images=None):
    """The columns of a shard's inputs, as a job reads them."""
    settings = {
        name: getattr(shard, name) for name in ("task", "d", "l", "n_patterns", "n_train", "n_test", "root_seed")
    }
    return inputs_of(build(INPUTS, draw_inputs(**settings, seeds=list(seeds), images=images)))


def inputs(shard, seeds, images=None):
    """The inputs of a shard as numbers."""
    return experiments.inputs_of(shard, drawn(shard, seeds, images), list(seeds), images)


def alike(values):
    """The p-value of a count's being uniform."""
    return stats.chisquare(np.bincount(values)).pvalue


# ---------------------------------------------------------------------------------------------- tasks


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("d", "l"), [(3, 3), (4, 4), (20, 20), (20, 5), (200, 200)])
def test_orthogonal_patterns_are_orthonormal(d, l, seed):
    patterns = tasks.make("orthogonal", d, l, np.random.default_rng(seed), None)
    assert patterns.vectors.shape == (l, d)
    np.testing.assert_allclose(patterns.vectors @ patterns.vectors.T, np.eye(l), atol=1e-13)
    assert patterns.role.tolist() == [1, -1, *[0] * (l - 2)] and patterns.unit == 1
    assert detection.training.all() and patterns.test.all()


def test_orthogonal_patterns_are_uniform_on_the_sphere(rng):
    """For d = 3 every coordinate is then uniform in [-1, 1] (Archimedes), and so is every sign of the determinant."""
    vectors = np.stack([tasks.make("orthogonal", 3, 3, rng, None).vectors for _ in range(2000)])
    for i in range(3):
        for j in range(3):
            assert stats.kstest(vectors[:, i, j], stats.uniform(-1, 2).cdf).pvalue > LIKELY, (i, j)
    assert stats.binomtest(int((np.linalg.det(vectors) > 0).sum()), 2000).pvalue > LIKELY


@pytest.mark.parametrize(("d", "l"), [(2, 2), (5, 2), (5, 6)])
def test_orthogonal_patterns_need_a_spurious_one_and_room(d, l, rng):
    with pytest.raises(ValueError, match=f"^orthogonal: l must be from 3 to d = {d}, not {l}$"):
        tasks.make("orthogonal", d, l, rng, None)


def test_digits_need_images(rng):
    with pytest.raises(ValueError, match=r"^digits: the images are missing$"):
        tasks.make("digits", 6, 6, rng, None)


def test_an_unknown_task_is_refused_with_those_there_are(rng):
    with pytest.raises(
        ValueError, match=f"^patterns.tasks: 'cls' is unknown; there are: {', '.join(names('detection.tasks'))}$"
    ):
        tasks.make("cls", 6, 6, rng, None)


@pytest.mark.parametrize("split", ["training", "test"])
def test_patterns_without_a_role_for_a_split_are_refused(split):
    some = np.array([True, False, True, True])
    plain = tasks.Patterns(np.eye(4), 1, np.array([1, -1, 0, 0]), ~np.zeros(4, bool), ~np.zeros(4, bool))
    with pytest.raises(AssertionError):
        replace(plain, **{split: some})


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("n_patterns", [1, 2, 5])
def test_inputs_follow_the_distribution_of_the_paper(n_patterns, test, rng):
    """One discriminative pattern, of the label's sign, at a uniform place, and uniform spurious ones elsewhere."""
    patterns, size = tasks.make("orthogonal", 7, 7, rng, None), 20_000
    found, y = tasks.draw(patterns, rng, size, n_patterns, test)
    role = patterns.role[found]
    assert found.shape == (size, n_patterns) and set(y) == {-1, 1}
    assert (np.abs(role).sum(1) == 1).all() and (role.sum(1) == y).all()
    assert stats.binomtest(int((y > 0).sum()), size).pvalue > LIKELY
    place = np.abs(role).argmax(1)
    if n_patterns > 1:
        assert alike(place) > LIKELY
        assert stats.chi2_contingency(np.histogram2d(y, place, (2, n_patterns))[0]).pvalue > LIKELY
        spurious = found[role == 0].reshape(size, n_patterns - 1)
        assert set(spurious.ravel()) == set(range(2, 7))
        for column in spurious.T:
            assert alike(column - 2) > LIKELY
            assert stats.chi2_contingency(np.histogram2d(y, column, (2, 5))[0]).pvalue > LIKELY
        for one, other in pairwise(spurious.T):
            assert stats.chi2_contingency(np.histogram2d(one, other, 5)[0]).pvalue > LIKELY


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("images", [FEW, bundled()], ids=["few", "bundled"])
def test_digit_inputs_hold_a_three_or_a_five_of_their_own_split_among_others(images, test, rng):
    patterns, size = tasks.make("digits", 0, 0, rng, images), 20_000
    found, y = tasks.draw(patterns, rng, size, 4, test)
    assert (images.test[found] == test).all()
    digit = images.label[found]
    for label, positive, negative in ((1, 1, 0), (-1, 0, 1)):
        assert ((digit[y == label] == 3).sum(1) == positive).all()
        assert ((digit[y == label] == 5).sum(1) == negative).all()
    allowed = np.flatnonzero(images.test == test)
    for kind in (images.label == 3, images.label == 5, ~np.isin(images.label, [3, 5])):
        possible = allowed[kind[allowed]]
        counts = np.bincount(found.ravel(), minlength=len(images.label))[possible]
        assert stats.chisquare(counts).pvalue > LIKELY
    x = patterns.inputs(found[:50])
    assert x.dtype == np.float64 and x.min() >= 0 and x.max() <= 1
    np.testing.assert_allclose(x * images.top, images.pixels[found[:50]], rtol=1e-15)


def test_a_draw_depends_on_its_root_seed_task_sample_size_and_seed_alone():
    columns = drawn(SHARD, range(4))
    assert columns["seed"].tolist() == list(np.repeat(range(4), 32))
    assert columns["test"].tolist() == [*[False] * 12, *[True] * 20] * 4
    kept = inputs(SHARD, range(4))
    for seeds in ([2], [2, 1, 0], [3, 2]):
        part, data = drawn(SHARD, seeds), inputs(replace(SHARD, noise=0.0), seeds)
        for position, seed in enumerate(seeds):
            for name in ("y", "patterns"):
                np.testing.assert_array_equal(part[name][part["seed"] == seed], columns[name][columns["seed"] == seed])
            np.testing.assert_array_equal(data.x[position], kept.x[seed])
    longer = drawn(replace(SHARD, n_test=50), range(4))
    np.testing.assert_array_equal(longer["patterns"][~longer["test"]], columns["patterns"][~columns["test"]])
    square = replace(SHARD, n_train=20)  # sets of one size, so that one stream would give one set
    sets = [columns["patterns"][columns["test"] & (columns["seed"] == seed)] for seed in range(4)]
    for change, images in (({}, None), ({"root_seed": 8}, None), ({"task": "digits"}, FEW)):
        sets += np.split(drawn(replace(square, **change), [0], images)["patterns"], 2)
    assert {part.shape for part in sets} == {(20, 4)} and len({part.tobytes() for part in sets}) == len(sets) == 10


def test_patterns_belong_to_a_seed_and_are_the_same_in_training_and_test():
    data = inputs(SHARD, [0, 1])
    key = (stream_name("orthogonal", 6, 6, 4), 12)
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
    plain = inputs(SHARD, [0, 1])
    for law in RADIUS:
        parts = []  # their directions
        whole, half = (inputs(replace(SHARD, noise=level, noise_law=law), [0, 1]) for level in (1.0, 0.5))
        for name in ("x", "x_test"):
            added = getattr(whole, name) - getattr(plain, name)
            np.testing.assert_allclose(2 * (getattr(half, name) - getattr(plain, name)), added, atol=1e-14)
            assert (np.linalg.norm(added, axis=3) <= 1 + 1e-12).all()
            parts += list(added[:, :12] / np.linalg.norm(added[:, :12], axis=3, keepdims=True))
        np.testing.assert_array_equal(whole.y, plain.y)
        assert all(abs(one - other).max() > 0.1 for i, one in enumerate(parts) for other in parts[:i])
    alone = inputs(replace(SHARD, noise=1.0, noise_law=law), [1])
    np.testing.assert_array_equal(alone.x[0], whole.x[1])


# ---------------------------------------------------------------------------------------------- noise


@pytest.mark.parametrize("d", [1, 3, 20])
@pytest.mark.parametrize(("law", "power"), [("ball", None), ("radius", 1)])
def test_noise_has_the_stated_radius_and_no_direction(law, power, d, rng):
    level, size = 2.5, 20_000
    v = noise(law, level, rng, (size // 4, 4, d))
    assert v.shape == (size // 4, 4, d)
    v = v.reshape(size, d)
    radius = np.linalg.norm(v, axis=1)
    assert radius.min() > 0 and radius.max() <= level * (1 + 1e-14)
    uniform = (radius / level) ** (power or d)
    assert stats.kstest(uniform, "uniform").pvalue > LIKELY
    direction = v / radius[:, None]
    if d > 1:  # the square of a coordinate is Beta(1/2, (d-1)/2), and independent of the radius
        for column in direction.T:
            assert stats.kstest(column**2, stats.beta(0.5, (d - 1) / 2).cdf).pvalue > LIKELY / d
            assert stats.spearmanr(column, radius).pvalue > LIKELY / d
        correlation = np.corrcoef(direction.T) - np.eye(d)
        assert abs(correlation).max() < 5 / size**0.5
    for column in direction.T:
        assert stats.binomtest(int((column > 0).sum()), size).pvalue > LIKELY / d


@pytest.mark.parametrize("d", [3, 20])
def test_mean_power_of_the_laws(d, rng):
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


def test_no_noise_is_zero_and_draws_nothing():
    stream, other = np.random.default_rng(1), np.random.default_rng(1)
    assert not noise("ball", 0.0, stream, (3, 4, 5)).any()
    assert noise("ball", 0.0, stream, (3, 4, 5)).shape == (3, 4, 5)
    assert stream.random() == other.random()


# ---------------------------------------------------------------------------------------------- tables


def test_inputs_survive_their_table():
    columns = draw_inputs("orthogonal", 6, 6, 4, 3, 5, 7, [4, 9], None)
    again = inputs_of(build(INPUTS, columns))
    assert set(again) == set(INPUTS.names) == set(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(again[name], values)
    assert again["patterns"].shape == (16, 4)


def test_digits_survive_their_table():
    table = digits_table(FEW)
    assert table.schema == DIGITS and table.num_rows == 120
    again = digits_of(table)
    for name, value in vars(FEW).items():
        assert np.array_equal(getattr(again, name), value), name
    assert again.pixels.dtype == again.label.dtype == np.uint8 and again.test.dtype == bool


@pytest.mark.parametrize(
    ("task", "d", "images", "height"), [("digits", 1, FEW, 2), ("orthogonal", 20, None, 4), ("orthogonal", 16, None, 4)]
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
