"""The papers' definitions, one network at a time and without optimisations, for tests to compare with."""

import numpy as np
import torch

# Largest relative difference between two ways to compute a number: the rounding errors of a few thousand steps.
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-3}


def dense(task):
    """All points of a task as an array of inputs (point, d), with their labels."""
    x = np.zeros((len(task), task.d))
    np.put_along_axis(x, task.position, task.x, axis=1)
    return x, task.y


def output(model, weights, x):
    """f(x) by the sums of Section 2.1; ``weights`` is (w,), (w1,) or (w1, w2), ``x`` one input."""
    if model == "one_layer":
        return sum(weights[0][i] * x[i] for i in range(len(x)))
    if model == "sum_pool":
        (w1,) = weights
        return sum(w1[j] * x[i + j] for i in range(len(x)) for j in range(len(w1)) if i + j < len(x))
    w1, w2 = weights
    if model == "two_layer":
        d = len(w2)
        return sum(w2[h] * sum(w1[h * d + i] * x[i] for i in range(d)) for h in range(d))
    d, k = len(w2), len(w1)
    return sum(w2[i] * sum(w1[j] * x[i + j] for j in range(k) if i + j < d) for i in range(d))


def effective(model, weights, d=0):
    """The vector w with f(x) = w'x, as a differentiable function of the weights; ``sum_pool`` needs its length d."""
    if model == "one_layer":
        return weights[0]
    if model == "sum_pool":
        (w1,) = weights
        return w1.cumsum(0)[torch.arange(d).clamp(max=len(w1) - 1)]
    w1, w2 = weights
    if model == "two_layer":
        return w1.reshape(len(w2), -1).T @ w2
    return sum(torch.nn.functional.pad(w1[j] * w2, (j, 0))[: len(w2)] for j in range(len(w1)))


LOSSES = {
    "hinge": lambda margin: (1 - margin).clamp(min=0),
    "xhinge": lambda margin: -margin,
    "cross_entropy": lambda margin: -torch.sigmoid(margin).log(),
}


def train(model, loss, weights, x, y, learning_rate, max_steps):
    """Gradient descent by autograd on the mean loss of one network.

    Returns the weights and the number of steps taken.
    """
    weights = [torch.tensor(layer, dtype=torch.float64, requires_grad=True) for layer in weights]
    rates = [0, learning_rate] if model == "frozen_conv" else [learning_rate] * len(weights)
    x, y = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    for step in range(max_steps):
        margin = y * (x @ effective(model, weights, x.shape[1]))
        value = LOSSES[loss](margin).mean()
        if loss == "hinge" and value == 0:
            return weights, step
        gradients = torch.autograd.grad(value, weights)
        with torch.no_grad():
            for layer, rate, gradient in zip(weights, rates, gradients, strict=True):
                layer -= rate * gradient
    return weights, max_steps


def error(w, x, y):
    """The proportion of points that sign(w'x) misclassifies; an output of 0 counts as half an error (Equation 1)."""
    margin = y * (x @ w)
    return float((margin < 0).mean() + 0.5 * (margin == 0).mean())


# f(x) of inputs (sample, place, d), as a differentiable function of the weights of one detection network. The gradient
# of max is that of the first of the values that tie, the gradient of amax is the mean of theirs.
NETWORKS = {
    "conv_pool": lambda x, w, a: (x @ w.T).relu().max(1).values @ a,
    "conv_pool on a GPU": lambda x, w, a: (x @ w.T).relu().amax(1) @ a,
    "avg_pool": lambda x, w, a: (x @ w.T).relu().mean(1) @ a,
    "max_no_relu": lambda x, w, a: (x @ w.T).max(1).values @ a,
    "mlp": lambda x, w, a: (x.flatten(1) @ w.T).relu() @ a,
    "lcn": lambda x, w, a: torch.einsum("spd,hpd->sph", x, w.unflatten(1, x.shape[1:])).relu().amax(1) @ a,
}


def gradient(name, x, y, w, a):
    """The mean logistic loss of one detection network, its error, and the gradients of w and a by autograd."""
    w, a = (layer.clone().requires_grad_() for layer in (w, a))
    f = NETWORKS[name](x, w, a)
    loss = torch.logaddexp(torch.zeros_like(f), -y * f).mean()
    wrong = sum((1 if output > 0 else -1) != label for output, label in zip(f.tolist(), y.tolist(), strict=True))
    return loss.item(), wrong / len(y), *torch.autograd.grad(loss, (w, a))
