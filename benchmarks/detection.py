"""Compare a gradient step of ConvPool with its forward product and with autograd, in float32 on one thread.

The product of all patterns with all filters is the least that a step needs if all patterns differ, as with noise. A
step may then take at most 4 times as long. Inputs without noise share 20 patterns. A second table compares five runs as
one batch with five runs one after the other, which is how ``detection.shard.train_shard`` trains on a CPU.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.update(OMP_NUM_THREADS="1")

import torch

from convbias.detection.models.conv_pool import ConvPool

BOUND = 4.0  # of the time of a step, in units of the forward product
# Samples, patterns per input, their length, channels: two sizes of orthogonal patterns, then MNIST's.
SIZES = [(500, 10, 20, 500), (500, 40, 20, 500), (500, 4, 784, 500)]
SMALL = (50, 10, 20, 500)
SHARED = 20  # different patterns of all inputs, without noise
RUNS = 5

torch.set_num_threads(1)

Step = Callable[[], object]


def draw(runs: int, samples: int, places: int, d: int, channels: int, shared: int = 0) -> list[torch.Tensor]:
    """Inputs, labels and weights of some runs. All patterns have norm 1, and differ unless they are ``shared`` ones."""
    stream = torch.Generator().manual_seed(2021)
    if shared:
        patterns = torch.randn(shared, d, generator=stream)
        x = patterns[torch.randint(shared, (runs, samples, places), generator=stream)]
    else:
        x = torch.randn(runs, samples, places, d, generator=stream)
    x = torch.nn.functional.normalize(x, dim=3)
    y = torch.randint(2, (runs, samples), generator=stream) * 2.0 - 1
    W = torch.rand(runs, channels, d, generator=stream).mul_(2).sub_(1).div_(d**0.5)
    a = torch.rand(runs, channels, generator=stream).mul_(2).sub_(1).div_(channels**0.5)
    return [x, y, W, a]


def forward(x: torch.Tensor, y: torch.Tensor, W: torch.Tensor, a: torch.Tensor) -> Step:
    """Only the responses of all filters to all patterns, as one product for one run."""
    rows, filters = x[0].flatten(0, 1), W[0].T
    responses = rows.new_empty(len(rows), filters.shape[1])
    return lambda: torch.mm(rows, filters, out=responses)


def ours(x: torch.Tensor, y: torch.Tensor, W: torch.Tensor, a: torch.Tensor) -> Step:
    """The gradient of this project, of all runs as one batch."""
    gradients = torch.empty_like(W), torch.empty_like(a)
    compute = ConvPool(*W.shape[1:]).gradient(x, y, W, a, *gradients)

    def step() -> tuple[torch.Tensor, torch.Tensor]:
        compute()
        return gradients

    return step


def one_by_one(x: torch.Tensor, y: torch.Tensor, W: torch.Tensor, a: torch.Tensor) -> Step:
    """The gradient of this project, of one run after the other."""
    steps = [ours(*(tensor[run : run + 1] for tensor in (x, y, W, a))) for run in range(len(x))]
    return lambda: [step() for step in steps]


def autograd(x: torch.Tensor, y: torch.Tensor, W: torch.Tensor, a: torch.Tensor) -> Step:
    """The gradient of one run by torch's autograd, through relu, amax and softplus."""
    weights = [W.clone().requires_grad_(), a.clone().requires_grad_()]

    def step() -> tuple[torch.Tensor, ...]:
        f = (x[0] @ weights[0][0].T).relu().amax(1) @ weights[1][0]
        return torch.autograd.grad(torch.nn.functional.softplus(-y[0] * f).mean(), weights)

    return step


def seconds(steps: dict[str, Step], repeats: int) -> dict[str, float]:
    """The median time of each step, after a warm-up. The steps take turns, so all of them see the same load."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(repeats + 3):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if repeat >= 3:
                taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in taken.items()}


def main() -> None:
    """Print times and ratios. Stop if a gradient differs from that of autograd, or if a step exceeds the bound."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=31, help="measurements, of which we take the median")
    options = parser.parse_args()
    print("float32, one thread; milliseconds per step, and the ratio to the forward product\n")
    names = " ".join(f"{name:>15}" for name in ("ours", "ours, shared", "autograd"))
    print(f"{'samples':>7} {'n':>3} {'d':>4} {'k':>4} {'forward':>9} {names} {'largest gap':>12}")
    slow = []
    for size in SIZES:
        data = draw(1, *size)
        steps = {method.__name__: method(*data) for method in (forward, ours, autograd)}
        steps["shared"] = ours(*draw(1, *size, SHARED))
        gap = 0.0
        for mine, theirs in zip(steps["ours"](), steps["autograd"](), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-7)
            gap = max(gap, ((mine - theirs).abs().max() / theirs.abs().max()).item())
        median = seconds(steps, options.repeats)
        ratio = {name: value / median["forward"] for name, value in median.items()}
        cells = [f"{1e3 * median[name]:8.2f} {ratio[name]:5.1f}x" for name in ("ours", "shared", "autograd")]
        samples, n, d, k = size
        start = f"{samples:7} {n:3} {d:4} {k:4} {1e3 * median['forward']:9.2f}"
        print(start, *cells, f"{gap:12.1e}", flush=True)
        if ratio["ours"] > BOUND:
            slow.append(f"{size}: {ratio['ours']:.1f}")
    print(f"\nmilliseconds per step of {RUNS} runs\n")
    print(f"{'samples':>7} {'n':>3} {'d':>4} {'k':>4} {'one batch':>10} {'one by one':>11}")
    for size in (SMALL, *SIZES):
        data = draw(RUNS, *size)
        median = seconds({"batch": ours(*data), "one by one": one_by_one(*data)}, options.repeats)
        samples, n, d, k = size
        times = f"{1e3 * median['batch']:10.2f} {1e3 * median['one by one']:11.2f}"
        print(f"{samples:7} {n:3} {d:4} {k:4} {times}", flush=True)
    if slow:
        raise SystemExit(f"A step takes more than {BOUND:g} times the forward product: {'; '.join(slow)}")


if __name__ == "__main__":
    main()
