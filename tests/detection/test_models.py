"""Detection models: their outputs, gradients and sizes."""

import numpy as np
import pytest
import torch

import reference
from convbias.detection import models
from convbias.detection.models import _network, _pooling, avg_pool, conv_pool, lcn, leaky_fc, max_no_relu, mlp
from convbias.registry import names
from reference import TOLERANCE

OF_WHOLE_INPUT = {"mlp": mlp.MLP, "lcn": lcn.LCN}  # their fan-in is the length of the whole input
OF_PATTERNS = {"avg_pool": avg_pool.AvgPool, "max_no_relu": max_no_relu.MaxNoReLU}


@pytest.fixture(autouse=True)
def on_gpu(request, monkeypatch):
    """Choose the way of GPUs for ConvPool, in the cases that name them. It computes on the CPU here."""
    if hasattr(request.node, "callspec") and request.node.callspec.params.get("name") == "conv_pool on a GPU":
        monkeypatch.setattr(conv_pool, "in_memory", lambda x: False)


def network(name, runs, samples, places, d, hidden, ties, rng, dtype=torch.float64):
    """A network with inputs, labels and weights of some runs. With ``ties``, numbers are small integers."""
    if name in OF_WHOLE_INPUT:
        net = OF_WHOLE_INPUT[name](hidden, places * d)
    else:
        net = OF_PATTERNS.get(name, conv_pool.ConvPool)(hidden, d)
    shapes = ((runs, samples, places, d), (runs, hidden, net.fan_in), (runs, hidden))
    x, w, a = (rng.integers(-1, 2, shape) if ties else rng.normal(size=shape) for shape in shapes)
    y = rng.choice([-1.0, 1.0], (runs, samples))
    return net, *(torch.from_numpy(array).to(dtype) for array in (x, y, w, a))


def compute(net, x, y, w, a):
    """Loss, error and both gradients."""
    w_grad, a_grad = torch.full_like(w, torch.nan), torch.full_like(a, torch.nan)
    return *net.gradient(x, y, w, a, w_grad, a_grad)(), w_grad, a_grad


@pytest.mark.parametrize("at_once", [1, 3, 100])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(
    "size", [(1, 1, 1, 3, 1), (1, 7, 4, 3, 5), (3, 7, 1, 2, 4), (3, 1, 5, 2, 4), (2, 10, 4, 3, 20)]
)
@pytest.mark.parametrize("name", reference.NETWORKS)
def test_gradient_loss_and_error_are_those_of_autograd(name, size, ties, at_once, rng, monkeypatch):
    for module in (conv_pool, _pooling):
        monkeypatch.setattr(module, "samples_at_once", lambda x, size: at_once)
    net, x, y, w, a = network(name, *size, ties, rng)
    before = [tensor.clone() for tensor in (x, y, w, a)]
    w_grad, a_grad = torch.full_like(w, torch.nan), torch.full_like(a, torch.nan)
    gradient = net.gradient(x, y, w, a, w_grad, a_grad)
    for step in range(3):  # gradient() works on the given tensors, whose values change
        loss, wrong = gradient()
        for run in range(len(x)):
            expected = reference.gradient(name, x[run], y[run], w[run], a[run])
            for result, value in zip((loss, wrong, w_grad, a_grad), expected, strict=True):
                torch.testing.assert_close(
                    result[run], torch.as_tensor(value, dtype=torch.float64), rtol=TOLERANCE[torch.float64], atol=1e-12
                )
        assert all(torch.equal(now, old) for now, old in zip((x, y, w, a), before, strict=True))
        w -= 2.0**-step
        a += 2.0**-step
        before = [tensor.clone() for tensor in (x, y, w, a)]


@pytest.mark.parametrize("name", reference.NETWORKS)
def test_gradient_in_single_precision_is_close_to_double_precision(name, rng):
    net, *double = network(name, 2, 9, 4, 6, 8, False, rng)
    single = [tensor.float() for tensor in double]
    for result, expected in zip(compute(net, *single), compute(net, *double), strict=True):
        assert result.dtype == torch.float32
        torch.testing.assert_close(result.double(), expected, rtol=TOLERANCE[torch.float32], atol=1e-6)


@pytest.mark.parametrize("at_once", [1, 3, 100])
@pytest.mark.parametrize("name", reference.NETWORKS)
def test_outputs_are_the_sums_of_the_paper(name, at_once, rng, monkeypatch):
    monkeypatch.setattr(_network, "samples_at_once", lambda x, size: at_once)
    net, x, _, w, a = network(name, 2, 7, 4, 3, 5, False, rng)
    f, z = _network.outputs(net, x, w, a), torch.cat(list(_network.features(net, x, w)), dim=1)
    assert f.shape == (2, 7) and z.shape == (2, 7, 5)
    for run in range(2):
        for sample in range(7):
            patterns, filters = x[run, sample].numpy(), w[run].numpy()
            if name == "lcn":  # each place has its own filters
                hidden = [max(0.0, *(row.reshape(4, 3) * patterns).sum(1)) for row in filters]
            else:
                patches = patterns.reshape(1, -1) if name == "mlp" else patterns
                responses = [[row @ patch for patch in patches] for row in filters]
                pools = {"avg_pool": lambda r: sum(max(0.0, v) for v in r) / 4, "max_no_relu": max}
                hidden = [pools.get(name, lambda r: max(0.0, *r, 0.0))(own) for own in responses]
            np.testing.assert_allclose(z[run, sample], hidden, rtol=1e-12)
            assert f[run, sample] == pytest.approx(sum(a[run].numpy() * hidden), rel=1e-12)


BY_HAND = {  # the patterns, a filter whose largest response is 1, and the first pattern with that response
    "one pattern": ([[1, 0], [-1, 0]], [1, 3], [1, 0]),
    "two patterns that tie": ([[0, 1], [1, 0], [-1, -1]], [1, 1], [0, 1]),
    "a tie with one pattern twice": ([[1, 0], [1, 0], [0, 1]], [1, 1], [1, 0]),
    "one pattern twice": ([[1, 0], [1, 0]], [1, 3], [1, 0]),
    "one pattern twice and a smaller response": ([[1, 0], [0, 1], [1, 0]], [1, 0.5], [1, 0]),
}
MEANS = {"two patterns that tie": [1 / 2, 1 / 2], "a tie with one pattern twice": [2 / 3, 1 / 3]}  # on a GPU


@pytest.mark.parametrize("case", BY_HAND)
@pytest.mark.parametrize("label", [1.0, -1.0])
@pytest.mark.parametrize("name", ["conv_pool", "conv_pool on a GPU"])
def test_max_pooling_agrees_with_gradients_by_hand(name, case, label):
    patterns, filters, pattern = BY_HAND[case]
    if name != "conv_pool":
        pattern = MEANS.get(case, pattern)
    x, w, pattern = (torch.tensor(values, dtype=torch.float64) for values in (patterns, filters, pattern))
    a, y = torch.tensor([[2.0]], dtype=torch.float64), torch.tensor([[label]], dtype=torch.float64)
    net = conv_pool.ConvPool(1, 2)
    loss, wrong, w_grad, a_grad = compute(net, x[None, None], y, w[None, None], a)
    pull = -label / (1 + np.exp(2 * label))  # y l'(y N(x)) with N(x) = 2
    assert loss.item() == pytest.approx(np.log(1 + np.exp(-2 * label)), rel=1e-14)
    assert wrong.item() == (label < 0)
    np.testing.assert_allclose(w_grad[0, 0], 2 * pull * pattern, rtol=1e-14)
    assert a_grad.item() == pytest.approx(pull, rel=1e-14)


@pytest.mark.parametrize("kinds", [2, 14, 15, 28])
@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_tables_hold_the_inputs_and_each_shared_pattern_once(kinds, at_once, rng, monkeypatch):
    """Of 28 patterns, up to 14 different ones count as shared."""
    requested = []
    monkeypatch.setattr(_pooling, "samples_at_once", lambda x, size: requested.append(size) or at_once)
    vectors = rng.normal(size=(kinds, 3))
    x = torch.from_numpy(vectors[rng.permutation(np.arange(28) % kinds)].reshape(7, 4, 3))
    tables = _pooling.tables(x, 5)
    shared = kinds <= 14
    assert requested == [8 * (5 if shared else 4 * (5 + 3))] and len(tables) == (1 if shared else -(-7 // at_once))
    assert [table.shared for table in tables] == [shared] * len(tables)
    assert not shared or len(tables[0].patterns) == kinds
    seen = 0
    for patterns, entries, _ in tables:
        for some, drawn in entries:
            assert torch.equal(patterns[drawn], x[some]) and len(drawn) <= at_once
            seen += len(drawn)
    assert seen == 7


@pytest.mark.parametrize("name", ["conv_pool", "conv_pool on a GPU"])
def test_a_response_that_is_no_number_is_not_lost(name, rng):
    net, x, y, w, a = network(name, 2, 6, 4, 3, 5, False, rng)
    x[0, 2, 1] = torch.nan
    loss, *_ = compute(net, x, y, w, a)
    assert loss.isnan().tolist() == [True, False]
    assert _network.outputs(net, x, w, a).isnan().nonzero().tolist() == [[0, 2]]


@pytest.mark.parametrize("name", [name for name in reference.NETWORKS if name != "max_no_relu"])
@pytest.mark.parametrize("sign", [-1.0, 0.0])
def test_a_network_without_positive_responses_does_not_move_and_predicts_negative(sign, name, rng):
    """Its output is 0, and sign(0) = -1."""
    net, x, _, w, a = network(name, 2, 6, 4, 3, 5, False, rng)
    x, w, y = x.abs(), sign * w.abs(), torch.tensor([[1.0, 1, 1, 1, 1, -1], [-1.0, -1, -1, -1, 1, -1]]).double()
    assert not _network.outputs(net, x, w, a).any()
    loss, wrong, w_grad, a_grad = compute(net, x, y, w, a)
    assert loss.tolist() == pytest.approx([np.log(2)] * 2)
    assert wrong.tolist() == pytest.approx([5 / 6, 1 / 6])
    assert not w_grad.any() and not a_grad.any()
    assert _network.error(torch.zeros(2, 6, dtype=torch.float64), y).tolist() == wrong.tolist()


def test_error_is_the_proportion_of_wrong_signs():
    f, y = torch.tensor([[1.0, -1, 0.0, 0.0, 1e-30]]), torch.tensor([[-1.0, -1, 1, -1, 1]])
    assert _network.error(f, y).tolist() == pytest.approx([2 / 5])


@pytest.mark.parametrize("size", [1, 1000, 100_000, 3 * 2**19, 2**30])
def test_pieces_have_bounded_memory_and_at_least_one_sample(size):
    samples = _network.samples_at_once(torch.empty(0), size)
    assert samples * size <= 1.5 * 2**20 < (samples + 1) * size if size <= 1.5 * 2**20 else samples == 1


@pytest.mark.parametrize(
    ("n_patterns", "d", "neurons"), [(10, 20, 52), (20, 20, 26), (40, 20, 13), (5, 20, 104), (4, 784, 125)]
)
def test_the_mlp_has_about_as_many_parameters_as_500_channels(n_patterns, d, neurons):
    conv, net = (models.make(name, n_patterns, d, 500) for name in ("conv_pool", "mlp"))
    assert (conv.hidden, net.hidden) == (500, neurons)
    assert conv.n_parameters == 500 * d + 500 and net.n_parameters == neurons * n_patterns * d + neurons
    assert abs(conv.n_parameters - net.n_parameters) <= (n_patterns * d + 1) / 2
    assert isinstance(conv, _network.Network) and isinstance(net, _network.Network)
    assert (conv.fan_in, net.fan_in) == (d, n_patterns * d)


@pytest.mark.parametrize("name", ["conv_pool", "conv_pool on a GPU"])
def test_pieces_of_all_runs_have_a_bounded_size(name, rng, monkeypatch):
    requested = []
    for module in (conv_pool, _network, _pooling):
        monkeypatch.setattr(module, "samples_at_once", lambda x, size: requested.append(size) or 3)
    net, x, y, w, a = network(name, 2, 7, 4, 3, 5, False, rng)
    compute(net, x, y, w, a)
    responses, features, inputs = 4 * 5 * 8, 5 * 8, 4 * 3 * 8  # of one input, in float64
    of_runs = [responses + inputs] * 2 if name == "conv_pool" else [2 * responses]
    assert requested == of_runs
    requested.clear()
    assert [piece.shape for piece in _network.features(net, x, w)] == [(2, 3, 5), (2, 3, 5), (2, 1, 5)]
    assert requested == [2 * features, *of_runs * 3]


def test_sizes_of_small_models():
    assert models.make("mlp", 100, 20, 1).hidden == 1
    svm = models.make("svm", 10, 20, 500)
    assert (svm.hidden, svm.n_parameters) == (1, 200)


def test_error_for_an_unknown_model_lists_the_models():
    available = ", ".join(names("detection.models"))
    with pytest.raises(ValueError, match=f"^detection.models: unknown plugin 'cnn'. Available: {available}$"):
        models.make("cnn", 4, 6, 500)


def test_average_pooling_is_linear_in_the_counts_of_patterns(rng):
    """Without noise, f(x) is the sum over the patterns of their number times the output on n copies of them."""
    net, patterns, w, a = (
        avg_pool.AvgPool(6, 3),
        rng.normal(size=(5, 3)),
        rng.normal(size=(1, 6, 3)),
        rng.normal(size=6),
    )
    drawn = rng.integers(5, size=(40, 4))
    copies = np.repeat(np.arange(5)[:, None], 4, axis=1)
    f, alone = (
        _network.outputs(net, torch.from_numpy(patterns[rows][None]), *map(torch.from_numpy, (w, a[None])))[0]
        for rows in (drawn, copies)
    )
    counts = np.stack([np.bincount(row, minlength=5) for row in drawn])
    np.testing.assert_allclose(f, counts @ alone.numpy() / 4, rtol=1e-12)


def test_the_network_of_equation_8_is_its_sum(rng):
    net, x, W = leaky_fc.make(3, 4, 40), rng.normal(size=(5, 12)), rng.normal(size=(15, 12))
    assert (net.hidden, net.fan_in, net.n_parameters) == (15, 12, 15 * 13)
    np.testing.assert_allclose(net.a * 15**0.5, [1.0] * 8 + [-1.0] * 7, rtol=1e-14)
    for sample, f in zip(x, net.outputs(x, W), strict=True):
        hidden = [z if (z := row @ sample) > 0 else net.alpha * z for row in W]
        assert f == pytest.approx(sum(a * h for a, h in zip(net.a, hidden, strict=True)), rel=1e-12)
    assert leaky_fc.make(80, 20, 3).hidden == 2
