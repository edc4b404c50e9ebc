"""Compare our training of convolutional networks with baselines, on the hinge loss (cls, d=100, k=5, n=50).

The baselines are a naive autograd loop over networks, torch.func.vmap, JAX's vmap over a while_loop, and a scalar loop
compiled by numba. All use float64 on one thread and are compiled before the measurement. All start from the same
training sets and initial weights, and must reach the same test errors.

``make benchmark`` writes ``training.csv`` and ``training.png`` to this folder. In the CSV file, the column ``peer`` has
the name of the method and ``over_ours`` its time divided by ours.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from numba import njit

from convbias.figures import style
from convbias.linear import models, tasks, training

TASK, D, K, N_TRAIN, LEARNING_RATE, INIT_SCALE, LIMIT = "cls", 100, 5, 50, 0.1, 0.1, 100_000

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)


def ours(positions: np.ndarray, weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The training of this project. Like every baseline, it returns the effective weights, shape (run, d)."""
    stored = np.insert(weights, [K] * (K - 1), 0.0, axis=1)  # zeros between the layers
    return training.train(tasks.make(TASK, D), "conv", "hinge", K, stored, points, LEARNING_RATE, LIMIT).w


def effective(weights: torch.Tensor) -> torch.Tensor:
    """The effective weights of one network: w_l = sum_j w1_j w2_{l-j}."""
    return sum(torch.nn.functional.pad(weights[j] * weights[K:], (j, 0))[:D] for j in range(K))


def loss(weights: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """The hinge loss of one network. On cls, y f(x) is the entry of w at the position of x."""
    return (1 - effective(weights)[positions]).clamp(min=0).mean()


def naive(positions: np.ndarray, weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Train one network after the other by autograd."""
    trained = []
    for start, position in zip(torch.from_numpy(weights), torch.from_numpy(positions), strict=True):
        parameters = start.clone().requires_grad_()
        for _ in range(LIMIT):
            value = loss(parameters, position)
            if value == 0:
                break
            (gradient,) = torch.autograd.grad(value, parameters)
            with torch.no_grad():
                parameters -= LEARNING_RATE * gradient
        trained.append(effective(parameters.detach()))
    return torch.stack(trained).numpy()


def vmap(positions: np.ndarray, weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Train all networks in lockstep by torch.func, until the last one has finished."""
    batch, where = torch.from_numpy(weights), torch.from_numpy(positions)
    step = torch.func.vmap(torch.func.grad_and_value(loss))
    for _ in range(LIMIT):
        gradient, value = step(batch, where)
        if not value.any():
            break
        batch = batch - LEARNING_RATE * gradient
    return torch.func.vmap(effective)(batch).numpy()


def jax_effective(weights: jax.Array) -> jax.Array:
    return sum(jax.numpy.pad(weights[j] * weights[K:], (j, 0))[:D] for j in range(K))


def jax_loss(weights: jax.Array, positions: jax.Array) -> jax.Array:
    return jax.numpy.maximum(1 - jax_effective(weights)[positions], 0).mean()


@jax.jit
@jax.vmap
def jax_train(weights: jax.Array, positions: jax.Array) -> jax.Array:
    """Train each network in a while_loop. vmap runs the loops in lockstep."""

    def step(state: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
        weights, _, count = state
        value, gradient = jax.value_and_grad(jax_loss)(weights, positions)
        return weights - LEARNING_RATE * gradient, value, count + 1

    def moving(state: tuple[jax.Array, jax.Array, jax.Array]) -> jax.Array:
        return (state[1] > 0) & (state[2] < LIMIT)

    return jax_effective(jax.lax.while_loop(moving, step, (weights, jax.numpy.inf, 0))[0])


def jax_vmap(positions: np.ndarray, weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.asarray(jax_train(weights, positions))


@njit
def scalar_loop(positions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    trained = np.empty((len(weights), D))
    for run in range(len(weights)):
        w1, w2, position = weights[run, :K].copy(), weights[run, K:].copy(), positions[run]
        w, pull, change = np.empty(D), np.empty(D + K), np.empty(K)
        for _ in range(LIMIT):
            for place in range(D):
                w[place] = 0.0
                for j in range(min(K, place + 1)):
                    w[place] += w1[j] * w2[place - j]
            pull[:] = 0.0
            moving = False
            for place in position:
                if w[place] < 1:
                    pull[place] += LEARNING_RATE / N_TRAIN
                    moving = True
            if not moving:
                break
            for j in range(K):
                change[j] = 0.0
                for i in range(D):
                    change[j] += w2[i] * pull[i + j]
            for i in range(D):
                for j in range(K):
                    w2[i] += w1[j] * pull[i + j]
            w1 += change
        trained[run] = w
    return trained


def compiled(positions: np.ndarray, weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Train by scalar loops that numba has compiled."""
    return scalar_loop(positions, weights)


# Our training and the baselines, with their labels in the plot
METHODS: dict[Callable[..., np.ndarray], str] = {
    ours: "convbias",
    compiled: "compiled loop (numba)",
    jax_vmap: "JAX",
    vmap: "torch.func",
    naive: "naive torch",
}


def draw(frame: pd.DataFrame, path: Path) -> None:
    """Plot networks per second against the number of networks."""
    with style.style():
        figure, ((ax,),) = style.axes_grid(1, 1, 2.0)
        for method, colour in zip(METHODS, sns.color_palette("colorblind"), strict=False):
            rows = frame[frame["peer"] == method.__name__]
            if rows.empty:  # not measured in this run
                continue
            speed = rows["networks"] / rows["seconds"]
            ax.plot(rows["networks"], speed, ".-", color=colour)
            ax.annotate(
                METHODS[method],
                (rows["networks"].iloc[-1], speed.iloc[-1]),
                (5, 0),
                textcoords="offset points",
                color=colour,
                va="center",
            )
        ax.set(xscale="log", yscale="log", xlabel="networks trained", ylabel="networks per second, one thread")
        figure.savefig(path, metadata={"Software": None})


def main() -> None:
    """Print seconds and ratios. Stop if a baseline reaches other test errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3, help="measurements of methods under 10 s; we take the median")
    parser.add_argument("--limit", type=float, default=200, help="seconds; methods that would need more are left out")
    names = [method.__name__ for method in METHODS]
    parser.add_argument("--methods", nargs="+", choices=names, default=names)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="folder of the CSV and PNG files")
    options = parser.parse_args()
    task = tasks.make(TASK, D)
    print(f"{TASK}, d={D}, k={K}, n={N_TRAIN}, hinge loss, float64, one thread\n")
    print(f"{'networks':>8}  {'method':<9} {'seconds':>9} {'over ours':>10}  {'largest gap in a test error':>27}")
    rows: list[dict] = []
    pace = dict.fromkeys(METHODS, 0.0)  # seconds per network at the previous size
    for count in options.networks:
        points = np.stack([tasks.draw_points(task, 2019, N_TRAIN, seed) for seed in range(count)])
        stored = models.draw_weights("conv", D, K, 2019, TASK, N_TRAIN, list(range(count)), INIT_SCALE)
        weights = np.delete(stored, slice(K, 2 * K - 1), axis=1)
        positions = task.position[points, 0]
        errors, mine = None, 0.0
        for method in METHODS:
            if method.__name__ not in options.methods or count * pace[method] > options.limit:
                continue
            if method is jax_vmap:  # compile for these shapes; networks with such weights stop at once
                method(positions, np.ones_like(weights), points)
            elif method in (compiled, ours):
                method(positions[:1], weights[:1], points[:1])
            seconds: list[float] = []
            while len(seconds) < (1 if seconds and seconds[0] > 10 else options.repeats):
                began = time.perf_counter()
                w = method(positions, weights, points)
                seconds.append(time.perf_counter() - began)
            error = ((w < 0).sum(1) + 0.5 * (w == 0).sum(1)) / D
            errors = error if errors is None else errors
            gap, median = abs(error - errors).max(), statistics.median(seconds)
            mine, pace[method] = mine or median, median / count
            print(f"{count:8}  {method.__name__:<9} {median:9.3f} {median / mine:10.2f}  {gap:27.3g}", flush=True)
            if gap:
                raise SystemExit(f"{method.__name__} reaches other test errors than our training.")
            rows.append({"networks": count, "peer": method.__name__, "seconds": median, "over_ours": median / mine})
    frame = pd.DataFrame(rows)
    frame.to_csv(options.to / "training.csv", index=False, float_format="%.4g")
    draw(frame, options.to / "training.png")


if __name__ == "__main__":
    main()
