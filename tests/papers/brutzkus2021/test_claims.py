"""The evidence of the claims of brutzkus2021, also from incomplete tables."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.claims import find
from convbias.statistics.evidence import LEVEL
from made_brutzkus2021 import MADE, without


def finding(name, tables):
    return find(f"brutzkus2021-{name}", tables, ["own", "other"])


def test_seeds_with_large_errors_count_and_unfinished_ones_are_left_out(rng):
    """Three of ten SVMs at n = 20 have larger errors, so more samples are needed. If too large, no size is enough."""
    table = MADE["brutzkus2021-fc-samples"]("true", rng)["detection"]
    before = finding("fc-samples", {"detection": table}).evidence[1]
    late = (table["model"] == "svm") & (table["n_patterns"] == 20) & (table["seed"] < 3)
    svm = finding("fc-samples", {"detection": table.assign(test_error=table["test_error"].mask(late, 0.2))}).evidence[1]
    assert (svm.sample, svm.left_out) == (10, 0) and svm.estimate > before.estimate + 0.05
    found = finding("fc-samples", {"detection": table.assign(test_error=table["test_error"].mask(late, 0.4))})
    assert found.missing.startswith("slope of log m(0.1) of SVM: at n_patterns = 20 the mean error does not cross 0.1")
    lost = finding("fc-samples", {"detection": table.assign(stopped=table["stopped"].mask(late, "step_limit"))})
    assert [(part.sample, part.left_out) for part in lost.evidence] == [(10, 0), (7, 3), (20, 0), (20, 0)]


@pytest.mark.parametrize("model", ["", " of the MLP", " of the SVM", " of ConvPool"])
def test_a_borderline_claim_with_censored_seeds_seldom_holds_or_fails(model, rng):
    made = MADE["brutzkus2021-fc-samples"]
    verdicts = [finding("fc-samples", made(f"null{model}, censored", rng)).verdict() for _ in range(40)]
    most = stats.binom.ppf(0.999, 40, LEVEL / 2)
    assert verdicts.count("holds") <= most and verdicts.count("fails") <= most


def test_separability_leaves_out_training_sets_without_a_decision(rng):
    table = MADE["brutzkus2021-fig3b-separability"]("true", rng)["detection"].reset_index(drop=True)
    (found,) = finding("fig3b-separability", {"detection": table}).evidence
    assert (found.sample, found.left_out) == (200, 0) and found.estimate == pytest.approx(850)
    lost = table.assign(stopped=table["stopped"].mask((table["n_train"] == 550) & (table["seed"] < 4), "diverged"))
    (found,) = finding("fig3b-separability", {"detection": lost}).evidence
    assert found.sample == 196 and found.estimate == pytest.approx(850)
    one = finding("fig3b-separability", {"detection": table[table["n_train"] == 850]})
    assert one.missing.endswith("a crossing needs at least two sample sizes")


def test_digits_are_decided_set_by_set_with_both_solvers(rng):
    tables = MADE["brutzkus2021-fig3c-separability"]("in part", rng)
    checks = finding("fig3c-separability", tables).evidence
    assert [(part.name, part.cases, part.violations) for part in checks] == [
        ("MNIST: separable training sets, n = 1000", 5, 5),
        ("MNIST: separable training sets, n = 3000", 5, 0),
    ]


@pytest.mark.parametrize("name", ["fig3a", "fig3b", "fig3c", "fig3b-separability"])
def test_networks_with_another_noise_are_no_evidence(name, rng):
    table = MADE[f"brutzkus2021-{name}"]("true", rng)["detection"]
    found = finding(name, {"detection": table.assign(noise=1 - table["noise"])})
    assert found.missing.startswith("no rows with ") and "noise = " in found.missing


def test_sub_tests_name_the_image_collection_and_use_only_one(rng):
    table = MADE["brutzkus2021-fig3c"]("true", rng)["detection"]
    other = table.assign(experiment="other", images="digits", n_train=100)
    found = finding("fig3c", {"detection": pd.concat([other, table])})
    sizes = ["mean over n ≥ 50", "n = 50", "n = 200"]
    assert [part.name for part in found.evidence] == [f"MNIST, {name}: {at}" for name in ("MLP", "SVM") for at in sizes]


def test_a_network_with_training_errors_at_the_step_limit_is_not_fitted(rng):
    table = MADE["brutzkus2021-fig3b"]("mlp not fitted", rng)["detection"]
    checks = finding("fig3b", {"detection": table}).evidence[-2:]
    assert [(part.name, part.cases, part.violations) for part in checks] == [
        ("training error of conv_pool after training", 10, 0),
        ("training error of mlp after training", 10, 1),
    ]


def test_slopes_over_n_patterns_use_finished_networks_at_common_sample_sizes(rng):
    table = MADE["brutzkus2021-fig4"]("true", rng)["detection"].reset_index(drop=True)
    lost = (table["model"] == "mlp") & (table["n_patterns"] == 80) & (table["seed"] < 4)
    found = finding("fig4", {"detection": table.assign(stopped=table["stopped"].mask(lost, "step_limit"))})
    assert [(part.sample, part.left_out) for part in found.evidence] == [(21, 4), (21, 4), (25, 0), (25, 0)]
    assert found.verdict() == "holds"
    more = table.assign(n_train=table["n_train"].mask(table["n_patterns"] == 5, 100))
    assert finding("fig4", {"detection": more}).missing == "no n_train is common to all numbers of patterns"
    own = finding("fig4", {"detection": table[table["n_patterns"] == 10]})
    assert own.missing == "slope of MLP, n = 200: a slope needs at least 3 values of n_patterns; there are [10]"


def test_comparisons_need_both_sides(rng):
    table = MADE["brutzkus2021-overparameterised"]("true", rng)["detection"]
    few = finding("overparameterised", {"detection": table[table["width"] <= 500]})
    assert few.missing == "layerwise_limit: a slope needs three numbers of channels; there are [50, 500]"
    table = MADE["brutzkus2021-layerwise"]("true", rng)["detection"]
    noiseless = finding("layerwise", {"detection": without(table, training="adam", noise=1.0)})
    assert noiseless.missing.startswith("no rows with training = adam, noise = 1.0")
    names = [part.name for part in finding("layerwise", {"detection": table[table["noise"] == 1]}).evidence]
    assert names == ["noise 1: n = 50", "noise 1: n = 200"]


def test_generalisation_needs_three_lengths_and_networks_for_which_the_theorem_promises_something(rng):
    tables = MADE["brutzkus2021-thm5.1-generalisation"]("true", rng)
    few = finding("thm5.1-generalisation", {**tables, "theory": tables["theory"][tables["theory"]["d"] != 8]})
    assert few.missing == "slope of log R² ||â||²: a slope needs at least 3 values of d; there are [4, 12]"
    small = tables["detection"][tables["detection"]["n_train"] < 50]
    none = finding("thm5.1-generalisation", {**tables, "detection": small})
    assert none.missing == "no networks with 50 training samples or more"


def test_generalisation_fails_if_the_error_stays_large_at_one_d(rng):
    """At d = 4 and 240 samples the bound is 0.13. Errors of 16 samples do not count."""
    found = finding("thm5.1-generalisation", MADE["brutzkus2021-thm5.1-generalisation"]("stays at d = 4", rng))
    assert found.verdict() == "fails" and found.decisive.name == "test error over √(d/m)"
    assert (found.decisive.cases, found.decisive.violations) == (30, 5)
    assert found.decisive.estimate == pytest.approx(0.5 / (4 / 240) ** 0.5)


def test_one_network_with_another_rate_is_a_violation(rng):
    separable, rate = finding(
        "thm5.1-optimisation", MADE["brutzkus2021-thm5.1-optimisation"]("loss_slope", rng)
    ).evidence
    assert (separable.cases, separable.violations, rate.cases, rate.violations) == (4, 0, 4, 1)
    assert rate.estimate == pytest.approx(-0.8)  # the one closest to a violation, or beyond it


def test_a_direction_that_moves_away_is_a_violation(rng):
    close, closer = finding("eq24", MADE["brutzkus2021-eq24"]("rises", rng)).evidence
    assert (close.violations, closer.cases, closer.violations) == (0, 4, 1)


def test_drawn_proportions_must_be_within_three_standard_errors(rng):
    """If all draws are in bounds, their number is exactly 100; otherwise a smaller number is used."""
    table = MADE["brutzkus2021-lemma5.2"]("true", rng)["theory"]
    error = (0.45 - 0.35) / (2 * 1.96) / 10
    for away, violations in ((2.99, 0), (3.01, 1)):
        share = (table["quantity"] == "lucky_share") & (table["d"] == 8)
        moved = table.assign(value=table["value"].mask(share, (0.4 - away * error) / 8))
        promise, drawn = finding("lemma5.2", {"theory": moved}).evidence
        assert (promise.violations, drawn.violations) == (0, violations) and drawn.estimate == pytest.approx(away)
    some = stats.binomtest(1, 100).proportion_ci(0.95, "exact").high
    found = finding("lemma5.2", {"theory": moved.assign(high=moved["high"].mask(moved["high"] < 0.04, some))})
    assert 2 < found.evidence[1].estimate < 3.01
    lost = table.assign(value=table["value"].mask((table["quantity"] == "outside") & (table["d"] == 4)))
    assert finding("lemma5.2", {"theory": lost}).missing == "missing in own, other: outside at d = 4"
    plain = table.assign(low=np.nan, high=np.nan)
    assert finding("lemma5.2", {"theory": plain}).missing == "a drawn quantity has no interval"


def test_the_norm_must_also_equal_the_exact_one(rng):
    table = MADE["brutzkus2021-prop6.1"]("true", rng)["theory"]
    more = table["value"].mask((table["quantity"] == "norm") & (table["n_patterns"] == 3), 6 * (1 + 2e-6))
    least, exact = finding("prop6.1", {"theory": table.assign(value=more)}).evidence
    assert least.violations == 0 and exact.violations == 1 and exact.estimate == pytest.approx(2e-6, rel=1e-3)
