"""The number of samples for a given error, and its growth."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.statistics.evidence import InsufficientData, jackknife_test
from convbias.statistics.samples import crossing, first_below, ratio_test, samples_test


def test_a_crossing_is_interpolated_between_the_two_sizes_around_it():
    exact = [np.full(50, 0.5 * 0.9**n) for n in (10, 20, 30)]
    value, low, high = crossing(np.array([10, 20, 30]), exact, 0.05).interval()
    assert value == pytest.approx(np.log(10) / -np.log(0.9)) and low == pytest.approx(value) == pytest.approx(high)
    to_zero = [np.full(5, 0.2), np.zeros(5)]
    assert crossing(np.array([10, 20]), to_zero, 0.05).interval()[0] == pytest.approx(17.5)
    for never in ([0.5, 0.4], [0.01, 0.001]):
        assert np.isnan(crossing(np.array([10, 20]), [np.full(5, mean) for mean in never], 0.05).interval()).all()


def test_a_crossing_of_one_size_is_empty():
    interval = crossing(np.array([10]), [np.ones(5)], 0.05).interval()
    assert np.isnan(interval).all() and len(interval) == 3


def test_the_interval_of_the_crossing_covers(rng):
    """Of 200 made experiments, about 95 % of the intervals contain the true crossing."""
    sizes, truth, hits = np.array([10, 20, 30, 40]), np.log(10) / -np.log(0.9), 0
    for _ in range(200):
        errors = [rng.exponential(0.5 * 0.9**n, size=100) for n in sizes]
        _, low, high = crossing(sizes, errors, 0.05).interval()
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def falling_errors(needed, rng, seeds=6):
    """Errors by seed and size for each key: 0.5 at first, 0.1 at the size in ``needed``, times random factors."""
    sizes = np.array([10.0, 20, 40, 80, 160])
    return {
        key: pd.DataFrame(0.5 * np.exp(-np.log(5) * sizes / m + 0.1 * rng.normal(size=(seeds, 5))), columns=sizes)
        for key, m in needed.items()
    }


def test_the_mean_over_seeds_decides_how_many_samples_are_needed(rng):
    """One seed stays above the target. The slope with this seed differs from the slope without it."""
    errors = falling_errors({5: 15, 10: 30, 20: 60}, rng)
    errors[10].loc[3] = 0.2
    errors[5] = pd.concat([errors[5], pd.DataFrame({10.0: [0.3]}, index=[9])])  # a seed without other sizes
    found = samples_test("x", "n", errors, 0.1, above=0.5, below=1.5)

    def slope(seeds):
        means = [table.loc[seeds].mean().to_numpy() for table in errors.values()]
        at = [first_below(np.array(list(errors[5])), mean[:, None], 0.1)[0] for mean in means]
        return stats.linregress(np.log([5, 10, 20]), np.log(at)).slope

    without = [slope([seed for seed in range(6) if seed != left]) for left in range(6)]
    plain = jackknife_test("x", slope(list(range(6))), without, above=0.5, below=1.5)
    assert (found.estimate, found.low, found.p_supports) == pytest.approx((plain.estimate, plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (6, 1)


def test_the_ratio_of_two_models_is_a_difference_of_logarithms(rng):
    errors = falling_errors({1: 30, 2: 90}, rng)
    models = {"wide": errors[2], "narrow": errors[1].drop(index=3)}
    found = ratio_test("x", models, 0.1, above=2, below=4)
    assert (found.above, found.below, found.sample, found.left_out) == (2, 4, 5, 1)
    assert found.estimate == pytest.approx(3, rel=0.2) and found.low < found.estimate < found.high
    kept = [0, 1, 2, 4, 5]

    def log_ratio(seeds):
        means = [table.loc[seeds].mean().to_numpy() for table in models.values()]
        at = [first_below(np.array(list(errors[1])), mean[:, None], 0.1)[0] for mean in means]
        return np.log(at[0] / at[1])

    without = [log_ratio([seed for seed in kept if seed != left]) for left in kept]
    plain = jackknife_test("x", log_ratio(kept), without, above=np.log(2), below=np.log(4))
    assert np.log([found.estimate, found.low, found.high]) == pytest.approx((plain.estimate, plain.low, plain.high))
    assert (found.p_supports, found.p_contradicts) == pytest.approx((plain.p_supports, plain.p_contradicts))
    with pytest.raises(InsufficientData, match=r"^x: at model = wide the mean error does not cross 0\.9 at n = "):
        ratio_test("x", models, 0.9)


def crosses_by_one_seed(errors):
    errors = errors.assign(**{str(n): [0, *[0.118] * 5] for n in errors}).iloc[:, [0, 5]]
    return errors.set_axis([10, 160], axis=1)


@pytest.mark.parametrize(
    ("change", "sizes"),
    [
        (lambda errors: errors.iloc[:, :3], "10, 20, 40"),
        (lambda errors: errors.iloc[:, 3:], "80, 160"),
        (lambda errors: errors.iloc[:, 4:], "160"),
        (crosses_by_one_seed, "10, 160"),
    ],
    ids=["ends above", "begins below", "one size", "crosses only with one seed"],
)
def test_a_mean_error_that_does_not_cross_the_target_is_reported(change, sizes, rng):
    errors = falling_errors({5: 15, 10: 30, 20: 60}, rng)
    errors[20] = change(errors[20])
    with pytest.raises(InsufficientData, match=rf"^x: at n = 20 the mean error does not cross 0\.1 at n = {sizes}$"):
        samples_test("x", "n", errors, 0.1, above=0.5)
