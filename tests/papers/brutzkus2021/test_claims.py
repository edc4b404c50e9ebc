"""The claims of brutzkus2021 at their edges: slopes, curves that do not cross, and tables that lack a part."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.claims import find
from convbias.statistics.comparison import counted, each, errors_by, quantities
from convbias.statistics.evidence import LEVEL, InsufficientData, jackknife_test, mean_test, slope_test
from convbias.statistics.samples import first_below, samples_test
from made_brutzkus2021 import MADE, lacking, patterns, theory

X = np.array([0.0, 1, 2, 4])


def decided(name, tables):
    return find(f"brutzkus2021-{name}", tables, ["own", "other"])


def test_slopes_are_those_of_each_seed_by_least_squares(rng):
    values = pd.DataFrame(rng.normal(size=(6, 4)), columns=X)
    values.iloc[2, 1] = np.nan  # three are left
    values.iloc[4, :2] = np.nan  # two are too few
    found = slope_test("x", X, values, above=0)
    kept = [row[~np.isnan(row)] for row in values.to_numpy()]
    slopes = [
        stats.linregress(X[~np.isnan(row)], own).slope if len(own) >= 3 else np.nan
        for row, own in zip(values.to_numpy(), kept, strict=True)
    ]
    plain = mean_test("x", slopes, above=0)
    assert (found.estimate, found.low, found.p_supports) == pytest.approx((plain.estimate, plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (4 * 4 + 3, 5)


def test_a_slope_of_no_errors_is_known_as_well_as_its_trials_allow():
    """The column that an error moves the slope most at has 4 x 100 trials; an error there moves a value by 3."""
    values = pd.DataFrame(np.zeros((4, 4)), columns=X)
    largest = abs(X - X.mean()).max() / ((X - X.mean()) ** 2).sum()
    found = slope_test("x", X, values, below=0.01, trials=100, scale=3)
    assert found.p_supports == pytest.approx((1 - 0.01 / (3 * largest)) ** 400) and found.low < 0 < found.high
    each_its_own = slope_test("x", X, values, below=0.01, trials=100, scale=np.array([0, 0, 0, 3]))
    assert each_its_own.p_supports == pytest.approx(found.p_supports)


def test_a_slope_takes_three_columns_and_half_of_the_seeds():
    values = pd.DataFrame(np.zeros((4, 4)), columns=X).rename_axis(columns="n")
    with pytest.raises(InsufficientData, match=r"^x: a slope needs at least 3 values of n; there are \[0.0, 1.0\]$"):
        slope_test("x", X[:2], values[[0.0, 1.0]], above=0)
    with pytest.raises(InsufficientData, match=r"^x: 0 of 4 values are available"):
        slope_test("x", X, values * np.nan, above=0, trials=10)


def test_the_jackknife_of_a_mean_is_students_test(rng):
    values = rng.normal(size=8)
    without = [np.delete(values, part).mean() for part in range(8)]
    found, plain = jackknife_test("x", values.mean(), [*without, np.nan], above=0), mean_test("x", values, above=0)
    assert (found.low, found.p_supports) == pytest.approx((plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (8, 1)


def test_each_number_comes_from_the_first_experiment_that_has_it(rng):
    rows = [("one", 10), ("two", 10), ("two", 20), ("three", 30)]
    table = pd.concat([patterns(name, rng, "mlp", {50: 0.1}, n_patterns=n) for name, n in rows])
    found = each(table, ["two", "one"], "n_patterns", model="mlp")
    assert {n: set(part["experiment"]) for n, part in found.items()} == {10: {"two"}, 20: {"two"}}
    with pytest.raises(InsufficientData, match=r"^no rows with n_patterns = any, model = svm in one$"):
        each(table, ["one"], "n_patterns", model="svm")


def curves(needed, rng, seeds=6):
    """Errors by seed and size that fall exponentially from .5, to .1 at what each key needs, but for a factor."""
    sizes = np.array([10.0, 20, 40, 80, 160])
    return {
        key: pd.DataFrame(0.5 * np.exp(-np.log(5) * sizes / m + 0.1 * rng.normal(size=(seeds, 5))), columns=sizes)
        for key, m in needed.items()
    }


def test_samples_are_needed_where_the_mean_over_seeds_comes_below(rng):
    """Also if a seed's own error does not; the slope without that seed is another."""
    errors = curves({5: 15, 10: 30, 20: 60}, rng)
    errors[10].loc[3] = 0.2
    errors[5] = pd.concat([errors[5], pd.DataFrame({10.0: [0.3]}, index=[9])])  # the other sizes are lacking
    found = samples_test("x", "n", errors, 0.1, above=0.5, below=1.5)

    def slope(seeds):
        means = [table.loc[seeds].mean().to_numpy() for table in errors.values()]
        at = [first_below(np.array(list(errors[5])), mean[:, None], 0.1)[0] for mean in means]
        return stats.linregress(np.log([5, 10, 20]), np.log(at)).slope

    without = [slope([seed for seed in range(6) if seed != left]) for left in range(6)]
    plain = jackknife_test("x", slope(list(range(6))), without, above=0.5, below=1.5)
    assert (found.estimate, found.low, found.p_supports) == pytest.approx((plain.estimate, plain.low, plain.p_supports))
    assert (found.sample, found.left_out) == (6, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda own: own.iloc[:, :3], r"between n = 10, 20, 40$"),
        (lambda own: own.iloc[:, 3:], r"between n = 80, 160$"),
        (lambda own: own.iloc[:, 4:], r"between n = 160$"),
        (
            lambda own: (
                own.assign(**{str(n): [0, *[0.118] * 5] for n in own}).iloc[:, [0, 5]].set_axis([10, 160], axis=1)
            ),
            r"between n = 10, 160$",
        ),
    ],
    ids=["ends above", "begins below", "one size", "crosses by one seed alone"],
)
def test_a_mean_error_that_does_not_pass_is_lacking(change, message, rng):
    errors = curves({5: 15, 10: 30, 20: 60}, rng)
    errors[20] = change(errors[20])
    with pytest.raises(InsufficientData, match=r"^x: at n = 20 the mean error does not cross 0\.1 " + message):
        samples_test("x", "n", errors, 0.1, above=0.5)


def test_seeds_that_stay_above_the_error_count(rng):
    """Three of ten of the SVM's at n = 20: their mean needs more samples; if all stay, nothing is decided."""
    table = MADE["brutzkus2021-fc-samples"]("true", rng)["patterns"]
    before = decided("fc-samples", {"patterns": table}).evidence[1]
    late = (table["model"] == "svm") & (table["n_patterns"] == 20) & (table["seed"] < 3)
    svm = decided("fc-samples", {"patterns": table.assign(test_error=table["test_error"].mask(late, 0.2))}).evidence[1]
    assert (svm.sample, svm.left_out) == (10, 0) and svm.estimate > before.estimate + 0.05
    found = decided("fc-samples", {"patterns": table.assign(test_error=table["test_error"].mask(late, 0.4))})
    assert found.missing.startswith("slope of log m(0.1) of SVM: at n_patterns = 20 the mean error does not cross 0.1")
    lost = decided("fc-samples", {"patterns": table.assign(stopped=table["stopped"].mask(late, "step_limit"))})
    assert [(part.sample, part.left_out) for part in lost.evidence] == [(10, 0), (7, 3), (20, 0)]


@pytest.mark.parametrize("part", ["", " of the MLP", " of the SVM", " of ConvPool"])
def test_censored_seeds_do_not_decide_what_is_just_not_true(part, rng):
    made = MADE["brutzkus2021-fc-samples"]
    verdicts = [decided("fc-samples", made(f"null{part}, censored", rng)).verdict() for _ in range(40)]
    most = stats.binom.ppf(0.999, 40, LEVEL / 2)
    assert verdicts.count("holds") <= most and verdicts.count("fails") <= most


def test_only_training_sets_above_the_dimension_say_whether_the_data_is_separable(rng):
    table = MADE["brutzkus2021-fig3b-separability"]("true", rng)["patterns"].reset_index(drop=True)
    (found,) = decided("fig3b-separability", {"patterns": table}).evidence
    large = table[table["n_train"] > 200]
    assert (found.sample, found.left_out) == (36, 0) and found.estimate == (large["train_error"] > 0).mean()
    lost = table.assign(stopped=table["stopped"].mask((table["n_train"] == 300) & (table["seed"] < 4), "diverged"))
    (found,) = decided("fig3b-separability", {"patterns": lost}).evidence
    assert (found.sample, found.left_out) == (32, 4)
    small = decided("fig3b-separability", {"patterns": table[table["n_train"] <= 200]})
    assert small.missing == "no training set has more samples than the input dimension, 200"


@pytest.mark.parametrize("name", ["fig3a", "fig3b", "fig3c", "fig3b-separability"])
def test_networks_with_another_noise_decide_nothing(name, rng):
    table = MADE[f"brutzkus2021-{name}"]("true", rng)["patterns"]
    found = decided(name, {"patterns": table.assign(noise=1 - table["noise"])})
    assert found.missing.startswith("no rows with ") and "noise = " in found.missing


def test_digits_are_of_one_collection_which_the_parts_name(rng):
    table = MADE["brutzkus2021-fig3c"]("true", rng)["patterns"]
    other = table.assign(experiment="other", images="digits", n_train=100)
    found = decided("fig3c", {"patterns": pd.concat([other, table])})
    sizes = ["mean over n ≥ 50", "n = 50", "n = 200"]
    assert [part.name for part in found.evidence] == [f"MNIST, {name}: {at}" for name in ("MLP", "SVM") for at in sizes]


def test_a_network_that_is_given_up_with_errors_is_not_fitted(rng):
    table = MADE["brutzkus2021-fig3b"]("mlp not fitted", rng)["patterns"]
    checks = decided("fig3b", {"patterns": table}).evidence[-2:]
    assert [(part.name, part.cases, part.violations) for part in checks] == [
        ("training error of conv_pool after training", 10, 0),
        ("training error of mlp after training", 10, 1),
    ]


def test_slopes_over_patterns_use_the_networks_that_finished_at_sizes_that_all_have(rng):
    table = MADE["brutzkus2021-fig4"]("true", rng)["patterns"].reset_index(drop=True)
    lost = (table["model"] == "mlp") & (table["n_patterns"] == 80) & (table["seed"] < 4)
    found = decided("fig4", {"patterns": table.assign(stopped=table["stopped"].mask(lost, "step_limit"))})
    assert [(part.sample, part.left_out) for part in found.evidence] == [(21, 4), (21, 4), (25, 0), (25, 0)]
    assert found.verdict() == "holds"
    more = table.assign(n_train=table["n_train"].mask(table["n_patterns"] == 5, 100))
    assert decided("fig4", {"patterns": more}).missing == "no n_train is common to all numbers of patterns"
    own = decided("fig4", {"patterns": table[table["n_patterns"] == 10]})
    assert own.missing == "slope of MLP, n = 200: a slope needs at least 3 values of n_patterns; there are [10]"


def test_comparisons_take_what_is_compared(rng):
    table = MADE["brutzkus2021-overparameterised"]("true", rng)["patterns"]
    one = decided("overparameterised", {"patterns": table[table["width"] == 10]})
    assert one.missing == "there is only one number of channels, 10; a comparison needs two"
    table = MADE["brutzkus2021-layerwise"]("true", rng)["patterns"]
    quiet = decided("layerwise", {"patterns": lacking(table, training="adam", noise=1.0)})
    assert quiet.missing.startswith("no rows with training = adam, noise = 1.0")
    names = [part.name for part in decided("layerwise", {"patterns": table[table["noise"] == 1]}).evidence]
    assert names == ["noise 1: n = 50", "noise 1: n = 200"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[table["d"] != 8], "a slope needs at least three values of d; there are [4, 12]"),
        (
            lambda table: table[table["n_train"] < 16],
            "at d = 8 the mean error does not cross 0.1 at n = 2, 4, 8",
        ),
        (
            lambda table: table[table["seed"] == 0],
            "the jackknife needs at least two seeds with an error at every d and n; there are [0]",
        ),
    ],
)
def test_samples_by_d_need_curves_that_cross(change, message, rng):
    table = MADE["brutzkus2021-thm5.1-generalisation"]("true", rng)["patterns"]
    found = decided("thm5.1-generalisation", {"patterns": change(table)})
    assert found.missing == f"slope of log m(0.1): {message}"


def test_the_error_is_to_fall_like_the_root_of_the_samples_at_every_d(rng):
    found = decided("thm5.1-generalisation", MADE["brutzkus2021-thm5.1-generalisation"]("stays at d = 8", rng))
    assert found.verdict() == "fails" and found.decisive.name == "slope of error √(m/d), d = 8"


def test_a_loss_that_rises_once_or_stays_contradicts(rng):
    table = MADE["brutzkus2021-thm5.1-optimisation"]("true", rng)["theory"]
    falls, ends = decided("thm5.1-optimisation", {"theory": table}).evidence
    assert (falls.cases, falls.violations, ends.cases, ends.violations) == (6, 0, 2, 0)
    assert ends.estimate == pytest.approx(0.001)
    risen = table.assign(value=table["value"].mask((table["d"] == 4) & (table["step"] == 100), 0.8))
    falls, ends = decided("thm5.1-optimisation", {"theory": risen.sample(frac=1, random_state=0)}).evidence
    assert (falls.violations, ends.violations) == (1, 0)


def test_what_was_drawn_is_to_agree_with_what_was_computed(rng):
    """Within three standard errors, of 100 draws if all are in bounds, and of no more if some are not."""
    table = MADE["brutzkus2021-lemma5.2"]("true", rng)["theory"]
    error = (0.45 - 0.35) / (2 * 1.96) / 10
    for away, violations in ((2.99, 0), (3.01, 1)):
        share = (table["quantity"] == "lucky_share") & (table["d"] == 8)
        moved = table.assign(value=table["value"].mask(share, (0.4 - away * error) / 8))
        promise, drawn = decided("lemma5.2", {"theory": moved}).evidence
        assert (promise.violations, drawn.violations) == (0, violations) and drawn.estimate == pytest.approx(away)
    some = stats.binomtest(1, 100).proportion_ci(0.95, "exact").high
    found = decided("lemma5.2", {"theory": moved.assign(high=moved["high"].mask(moved["high"] < 0.04, some))})
    assert 2 < found.evidence[1].estimate < 3.01
    lost = table.assign(value=table["value"].mask((table["quantity"] == "outside") & (table["d"] == 4)))
    assert decided("lemma5.2", {"theory": lost}).missing == "missing in own, other: outside at d = 4"
    plain = table.assign(low=np.nan, high=np.nan)
    assert decided("lemma5.2", {"theory": plain}).missing == "a drawn quantity has no interval"


def test_a_norm_is_also_to_be_the_exact_one(rng):
    table = MADE["brutzkus2021-prop6.1"]("true", rng)["theory"]
    more = table["value"].mask((table["quantity"] == "norm") & (table["n_patterns"] == 3), 6 * (1 + 2e-6))
    least, exact = decided("prop6.1", {"theory": table.assign(value=more)}).evidence
    assert least.violations == 0 and exact.violations == 1 and exact.estimate == pytest.approx(2e-6, rel=1e-3)


def test_quantities_stand_side_by_side():
    rows = [{"quantity": name, "d": d, "value": d * factor} for d in (4, 8) for name, factor in (("a", 1), ("b", 2))]
    found = quantities(theory(rows), ["own"], ("a", "b"), "d")["value"]
    assert found["b"].tolist() == [8, 16] and list(found.index) == [4, 8]
    with pytest.raises(InsufficientData, match=r"^missing in own: b at d = 8$"):
        quantities(theory(rows[:3]), ["own"], ("a", "b"), "d")


def test_counts_are_of_one_lemma():
    rows = [{"quantity": name, "value": 3} for name in ("lemma5.3_cases", "cor5.4_cases", "cor5.4_violations")]
    assert counted(theory(rows), ["own"], "cor5.4_").violations == 3
    with pytest.raises(InsufficientData, match=r"lemma5\.3_violations"):
        counted(theory(rows), ["own"], "lemma5.3_")


def test_errors_are_those_of_finished_networks(rng):
    runs = patterns("own", rng, "mlp", {10: 0.3, 20: 0.1}, seeds=2).assign(
        stopped=["fitted", "step_limit", "diverged", "fitted"]
    )
    found = errors_by(runs, "n_train")
    assert found.isna().to_numpy().tolist() == [[False, True], [True, False]]
    with pytest.raises(ValueError, match="duplicate"):
        errors_by(pd.concat([runs, runs]), "n_train")
