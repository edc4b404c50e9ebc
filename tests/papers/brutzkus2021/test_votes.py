"""Networks as functions of pattern sets, and the first layer as a count of votes, against brute force and training."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
import torch
from scipy import stats

from convbias.checks import compute
from convbias.detection.inputs import Sampler
from convbias.detection.models import conv_pool
from convbias.detection.models._network import outputs
from convbias.detection.training.layerwise import train_first_layer
from convbias.margin import max_margin
from convbias.papers.brutzkus2021.checks import representation as check
from convbias.papers.brutzkus2021.checks import sweeps
from convbias.papers.brutzkus2021.first_layers import train
from convbias.papers.brutzkus2021.theory import lucky_filters, pattern_sets, representation, votes


def output(responses, a, patterns):
    """N(x) of one input, filter by filter."""
    return sum(sign * max(0, *(row[j] for j in patterns)) for sign, row in zip(a, responses, strict=True))


def test_outputs_of_all_sets_are_those_filter_by_filter(rng):
    responses, a = rng.normal(size=(30, 5)), rng.normal(size=30)
    responses[:3] = -abs(responses[:3])  # filters that respond to nothing
    responses[3, :2] = responses[3, 2]  # a tie
    found = pattern_sets.set_outputs(responses, a)
    sets = [[j for j in range(5) if number >> j & 1] for number in range(1, 32)]
    np.testing.assert_allclose(found[1:], [output(responses, a, own) for own in sets], atol=1e-12)
    inputs = np.array([[j in own for j in range(5)] for own in sets])
    np.testing.assert_allclose(found[1:], pattern_sets.pooled(responses, inputs) @ a, atol=1e-12)


@pytest.mark.parametrize(("l", "n"), [(3, 1), (3, 4), (4, 3), (5, 2), (6, 5)])
def test_probabilities_of_sets_count_all_inputs(l, n):
    counts = [Fraction(0)] * 2 ** (l - 2)
    for drawn in product(range(l - 2), repeat=n - 1):
        counts[sum(1 << j for j in set(drawn))] += Fraction(1, (l - 2) ** (n - 1))
    assert pattern_sets.set_probabilities(l, n).tolist() == [float(count) for count in counts]


def test_probabilities_add_up_to_one_at_large_sizes():
    for l, n in ((20, 10), (12, 80)):
        assert pattern_sets.set_probabilities(l, n).sum() == pytest.approx(1, abs=1e-13)


def test_the_exact_error_counts_all_inputs(rng):
    """Every input of three patterns, with the places and the label; an output of 0 counts as negative."""
    responses, a = rng.normal(size=(6, 5)), rng.normal(size=6)
    responses[:, 0] -= 2  # some positive inputs have an output of 0 or less
    wrong = []
    for y, *spurious in product((1, -1), range(2, 5), range(2, 5)):
        wrong.append((output(responses, a, [int(y < 0), *spurious]) > 0) != (y > 0))
    assert 0 < np.mean(wrong) < 1
    assert pattern_sets.test_error(responses, a, 3) == pytest.approx(np.mean(wrong), abs=1e-12)
    assert pattern_sets.test_error(np.zeros((2, 4)), np.ones(2), 3) == 0.5


@pytest.mark.parametrize(("l", "n"), [(20, 10), (12, 5)])
def test_the_exact_error_is_that_on_drawn_test_inputs(l, n):
    """The first network with an error from 0.01 to 0.4, on 20000 inputs that the task draws."""
    for seed in range(20):
        network = train(l, 300, n, 6, 3, 1, seed)
        a = max_margin(network.signed).weights
        exact = pattern_sets.test_error(network.responses, a, n)
        if 0.01 < exact < 0.4:
            break
    drawn, y = Sampler("orthogonal", l, l, n, 6, 1, seed, None).draw("test set", 20_000)
    own = pattern_sets.pooled(network.responses, pattern_sets.members(drawn, l)) @ a
    wrong = int(((own > 0) != (y > 0)).sum())
    assert 0.01 < exact < 0.4 and stats.binomtest(wrong, 20_000, exact).pvalue > 1e-3


@pytest.mark.parametrize(("l", "n"), [(5, 2), (5, 3), (5, 4), (5, 9), (4, 1), (7, 20)])
def test_the_exact_margin_is_the_least_of_all_inputs(l, n, rng):
    w = rng.normal(size=(40, l))
    lucky = lucky_filters.is_lucky(w, np.sign(rng.normal(size=40)))
    sets = [set(drawn) for drawn in product(range(2, l), repeat=min(n, l - 1) - 1)]
    v = 3.0 * (lucky.positive.astype(float) - lucky.negative)
    margins = [y * output(w, v, [int(y < 0), *own]) for y in (1, -1) for own in sets]
    exact = pattern_sets.exact_margin(w, lucky, 3.0, n)
    assert exact == pytest.approx(min(margins), rel=1e-12)
    bound = representation.smallest_margin(w, lucky, 3.0)
    assert bound == pytest.approx(exact, rel=1e-12) if n - 1 >= l - 2 else bound <= exact
    assert (l, n) != (5, 2) or bound < exact


def first_layer(n, d, k, m, steps, eta, r, seed):
    """Train the first layer with any step size: the responses before and after, and what the votes are counted from."""
    sampler = Sampler("orthogonal", d, d, n, m, 5, seed, None)
    drawn, y = sampler.draw("training set", m)
    rng = np.random.default_rng(seed)
    W = torch.from_numpy(r * rng.normal(size=(1, k, d)))
    a = rng.choice([-1.0, 1.0], k)
    o = torch.from_numpy(sampler.patterns.vectors.T)
    before, x = (W[0] @ o).numpy(), torch.from_numpy(sampler.patterns.inputs(drawn))[None]
    model, labels = conv_pool.make(n, d, k), torch.from_numpy(y).double()[None]
    train_first_layer(model, x, labels, W, torch.from_numpy(a)[None], eta, steps)
    return before, (W[0] @ o).numpy(), a, pattern_sets.members(drawn, d), y


@pytest.mark.parametrize(("n", "d", "m", "steps"), [(3, 5, 7, 1), (10, 8, 30, 12), (4, 20, 30, 40), (30, 6, 21, 25)])
@pytest.mark.parametrize("start", [0.05, 3])  # weights far below one vote, and of some votes
def test_training_with_small_outputs_counts_votes(n, d, m, steps, start):
    """With a small step size all outputs stay near 0, and each response grows by whole votes."""
    eta = 1e-9
    before, after, a, inputs, y = first_layer(n, d, 60, m, steps, eta, start * eta / (2 * m), seed=steps)
    vote = votes.one_vote(eta, m)
    found = votes.votes(before / vote, inputs, y, a, steps)
    np.testing.assert_allclose(found, after / vote, atol=1e-5)
    counts = found - before / vote
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    assert abs(counts).max() > steps


def test_one_step_by_hand():
    """Filter 0 detects o_3 in both samples, filter 1 nothing, filter 2 o_2, and filter 3, with a = -1, o_1 and o_2."""
    start = np.array([[0.1, 0.1, 0.2], [-0.1, -0.1, -0.2], [-0.1, 0.1, -0.2], [0.1, 0.1, 0.0]])
    inputs, y = np.array([[True, False, True], [True, False, True], [False, True, True]]), np.array([1, 1, -1])
    found = votes.votes(start, inputs, y, np.array([1.0, 1, 1, -1]), 1)
    expected = start + np.array([[0, 0, 1], [0, 0, 0], [0, -1, 0], [-2, 1, 0]])
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_small_weights_count_only_by_their_order_and_signs(rng):
    """The limit of small weights is reached at half a vote, and every order of four patterns is equally likely."""
    inputs, y = rng.random((12, 4)) < 0.6, rng.choice([-1, 1], 12)
    inputs[:, 0], inputs[:, 1], inputs[:, 2] = y > 0, y < 0, True
    w = rng.normal(size=(4000, 4))
    a = rng.choice([-1.0, 1.0], 4000)
    small, half, large = (factor * w / abs(w).max() for factor in (1e-6, 0.499, 40))
    counts = [votes.votes(start, inputs, y, a, 6) - start for start in (small, half, large)]
    assert np.array_equal(np.round(counts[0]), np.round(counts[1])) and not np.array_equal(counts[0], counts[2])
    orders = np.array(
        [np.array(order) * sign for order in permutations(range(1, 5)) for sign in product((1, -1), repeat=4)]
    )
    start, signs = np.repeat(orders, 2, axis=0) / 10, np.tile([1.0, -1.0], len(orders))
    exact = representation.detectors(votes.votes(start, inputs, y, signs, 6), signs).mean()
    drawn = int(representation.detectors(small + counts[0], a).sum())
    assert 0.1 < exact < 0.5 and stats.binomtest(drawn, 4000, exact).pvalue > 1e-3


def test_votes_predict_detectors_that_the_sign_rule_misses():
    """The paper's step size and weights: filter by filter, on all that are trained."""
    network = train(10, 2000, 10, 60, 10, 1, 0)
    detects = representation.detectors(network.responses, network.a)
    counted = representation.detectors(network.count_votes(network.before, network.a, 10), network.a)
    simple = votes.expected_detectors(network.before, network.a)
    assert (counted == detects).mean() > 0.97 > 0.9 > (simple == detects).mean()
    assert not (detects & ~simple).any()
    other, a = network.new_filters(2000, 1, 0)
    assert np.linalg.norm(other, axis=1) == pytest.approx(np.linalg.norm(network.before, axis=1))
    share = representation.detectors(network.count_votes(other, a, 10), a).mean()
    assert share == pytest.approx(detects.mean(), abs=0.05) and not np.allclose(other[0], network.before[0])


def test_features_and_outputs_of_a_trained_network_are_those_of_its_responses():
    network = train(6, 217, 4, 9, 3, 1, 0)
    assert network.half == 5 and len(network.signed) == 4
    z = pattern_sets.pooled(network.responses, network.inputs[5:])
    np.testing.assert_allclose(network.signed, z * network.y[5:, None], rtol=1e-9, atol=1e-18)
    sampler = Sampler("orthogonal", 6, 6, 4, 9, 1, 0, None)
    x = torch.from_numpy(sampler.patterns.inputs(sampler.draw("training set", 9)[0]))[None]
    own = outputs(conv_pool.make(4, 6, 217), x, network.first.W, network.first.a)[0].numpy()
    numbers = network.inputs @ (1 << np.arange(6))
    np.testing.assert_allclose(pattern_sets.set_outputs(network.responses, network.a)[numbers], own, atol=1e-15)


@pytest.mark.parametrize("m", [2, 3, 4, 7, 10])
def test_the_one_class_term_counts_all_labellings_of_the_second_half(m):
    labels = list(product((-1, 1), repeat=m))
    one = [abs(sum(y[(m + 1) // 2 :])) == m // 2 for y in labels]
    assert pattern_sets.one_class_error(m) == np.mean(one) / 2


@pytest.mark.parametrize("seed", range(4))
def test_a_second_half_with_one_class_errs_on_the_other_class(seed):
    network = train(6, 217, 4, 2, 5, 1, seed)
    a = max_margin(network.signed).weights
    assert pattern_sets.test_error(network.responses, a, 4) == 0.5


def quantities(found, **where):
    """The values of a check's rows by quantity, for rows with these values."""
    rows = zip(found["quantity"], found["value"], *(found[name] for name in where), strict=True)
    kept = [(name, value) for name, value, *own in rows if own == [*where.values()]]
    assert len(dict(kept)) == len(kept)
    return dict(kept)


def test_each_quantity_of_a_sweep_is_that_of_its_network():
    """d = 5, k = 60, n = 3, T_1 = 4, with one of them changed."""
    base = {"d": 5, "channels": 60, "n_patterns": 3, "n_train": 24, "first_layer_steps": 4}
    lists = {"of_d": [4], "of_channels": [50], "of_n_patterns": [2], "of_first_layer_steps": [1]}
    counts = {"filters": 40, "seeds": 2, "rate_seeds": 1}
    found = compute("brutzkus2021-sweeps", {**base, **lists, **counts, "root_seed": 3})
    assert len(found["value"]) == 2 * 4 * 9 + 1  # the rate is measured for one seed
    for sweep, d, k, n, steps in (
        ("d", 4, 60, 3, 4),
        ("channels", 5, 50, 3, 4),
        ("n_patterns", 5, 60, 2, 4),
        ("first_layer_steps", 5, 60, 3, 1),
    ):
        own = quantities(found, d=d, k=k, n_patterns=n, step=steps, seed=0)
        own = {name.removeprefix(f"{sweep}_"): value for name, value in own.items()}
        network = train(d, k, n, 24, steps, 3, 0)
        detects = representation.detectors(network.responses, network.a)
        counted = representation.detectors(network.count_votes(network.before, network.a, steps), network.a)
        other, a = network.new_filters(40, 3, 0)
        others = representation.detectors(network.count_votes(other, a, steps), a)
        simple = (network.before[np.arange(k), (network.a < 0).astype(int)] > 0) == detects
        shares = [detects.mean(), others.mean(), (counted == detects)[:40].mean(), simple[:40].mean()]
        assert [own[name] for name in ("detector_share", "votes_share", "votes_right", "sign_right")] == shares
        for start, responses in (("", network.responses), ("untrained_", network.before)):
            z = pattern_sets.pooled(responses, network.inputs[12:]) * network.y[12:, None]
            best = max_margin(z).weights
            complexity = best @ best * (z**2).sum(1).max()
            assert own[f"{start}complexity"] == pytest.approx(complexity, rel=1e-6)
            steps_taken = representation.steps_to_half_margin(z / (z**2).sum(1).max() ** 0.5, complexity**-0.5)
            assert own[f"{start}half_margin_steps"] == steps_taken
    assert ("d_rate" in found["quantity"]) and "channels_rate" not in found["quantity"]


def test_features_that_no_classifier_separates_have_no_margin():
    """Two samples with the same set of patterns and other labels."""
    signed = np.array([[1.0, 2.0], [-1.0, -2.0]])
    assert np.isnan(sweeps._margin(signed, False)).all()


def test_the_direction_has_the_rate_of_its_known_limit():
    """With one support direction, a = c_1 z_1 + c_2 z_2 for orthogonal rows: the difference of c is bounded."""
    rows = np.array([[1.0, 0.0], [0.0, 0.5]])
    best, at = max_margin(rows).weights, np.geomspace(30, 3000, 9)
    away = representation.directions_at_losses(rows, best, at)
    slopes = np.diff(np.log(away)) / np.diff(np.log(at))
    assert slopes[3:] == pytest.approx(-2, abs=0.05)
    a, found = np.zeros(2), []
    for _ in range(60):  # plain arithmetic, with the same steps, while it does not underflow
        loss = np.log1p(np.exp(-rows @ a)).mean()
        if len(found) < 1 and -np.log(loss) >= 3:
            found.append(1 - a @ best / np.linalg.norm(a) / np.linalg.norm(best))
        a = a + ((1 / (1 + np.exp(rows @ a)))[:, None] * rows).mean(0) / loss
    early = representation.directions_at_losses(rows, best, np.array([3.0]))
    assert early == pytest.approx(found, rel=1e-9)


def test_few_samples_have_exact_and_predicted_errors():
    settings = {"d": [4], "n_patterns": 3, "n_train": [2, 7], "first_layer_steps": 3, "filters": 300, "seeds": 3}
    found = compute("brutzkus2021-few-samples", {**settings, "root_seed": 3})
    for m, seed in product((2, 7), range(3)):
        own = quantities(found, n_train=m, seed=seed)
        network = train(4, 513, 3, m, 3, 3, seed)
        a = max_margin(network.signed).weights
        assert own["few_error"] == pattern_sets.test_error(network.responses, a, 3)
        assert own["few_one_class"] == (abs(network.y[network.half :].sum()) == m // 2)
        other, signs = network.new_filters(300, 3, seed)
        counted = network.count_votes(other, signs, 3)
        z = pattern_sets.pooled(counted, network.inputs[network.half :]) * network.y[network.half :, None]
        assert own["few_predicted"] == pattern_sets.test_error(counted, max_margin(z).weights, 3)


def test_the_representation_has_the_margin_of_inputs_with_n_patterns(monkeypatch):
    """Sets are tried up to a number of patterns, and there is a bound above it."""
    settings = {"d": [5], "n_patterns": 2, "n_train": 30, "seeds": 1, "first_layer_steps": 4, "second_layer_steps": 20}
    monkeypatch.setattr(check, "exact_margin", lambda responses, lucky, weight, n: 1000.0 + n)
    for largest, expected in ((5, 1002), (4, pytest.approx(9.37, abs=0.01))):
        monkeypatch.setattr(check, "LARGEST", largest)
        found = compute("brutzkus2021-representation", {**settings, "root_seed": 2})
        assert found["value"][found["quantity"].index("separating_margin")] == expected
