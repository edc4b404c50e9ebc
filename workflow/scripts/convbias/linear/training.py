"""Full-batch gradient descent on many networks, each from its own weights and on its own training set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, UInt32

from convbias.linear import losses, models
from convbias.linear.cores import train_on_cores
from convbias.linear.kernel import DIVERGED, GOING, ZERO_LOSS, Networks
from convbias.linear.tasks import Distinct, Task
from convbias.progress import Report, no_progress
from convbias.stops import Stop

BATCH = {"cpu": 256, "cuda": 2**14}  # networks between two reports of the progress
MARGINS = 2**17  # margins in memory at a time


class Errors(NamedTuple):
    """One number of each kind per network and, if recorded, step; NaN if the network diverged."""

    train_loss: Float[np.ndarray, "*step run"]
    train_error: Float[np.ndarray, "*step run"]
    test_error: Float[np.ndarray, "*step run"]


@dataclass(frozen=True)
class Trained:
    """Trained networks with their convergence status.

    ``weights`` and ``w`` are numbers of ordinary size. If those of an X-hinge network grow beyond 2^320, they are
    divided by a power of two, which changes no error. ``recorded`` holds the errors at the recorded steps. ``stopped``
    holds the convergence status:

    - ``zero_loss``: every sample has the margin that it needs, and the loss is exactly 0.
    - ``step_limit``: the loss should have reached 0, but did not.
    - ``all_steps``: training with a loss without a minimum took all requested steps.
    - ``diverged``: a weight overflowed; the errors are NaN. Training notices it within 16 steps.
    """

    weights: Float[np.ndarray, "run stored"]
    w: Float[np.ndarray, "run d"]
    steps: Int[np.ndarray, " run"]
    stopped: list[Stop]
    errors: Errors
    recorded: Errors


def train(
    task: Task,
    model: str,
    loss: str,
    k: int,
    weights: Float[np.ndarray, "run stored"],
    points: Int[np.ndarray, "run n_train"],
    learning_rate: float,
    max_steps: int,
    record: Sequence[int] = (),
    threads: int = 1,
    device: str = "cpu",
    report: Report = no_progress,
) -> Trained:
    """Train every network on its own training set from its own initial weights, and measure it.

    w_{t+1} = w_t + (alpha / n_tr) sum over samples of -l'(y f(x)) y grad f(x).

    A network's bits do not depend on the others, on ``threads`` or on the kind of CPU. The loss of X-hinge is -inf
    beyond the range of floating-point numbers; its errors stay exact.

    Ref: wu2019, Section 2.1

    Args:
        weights: initial weights; they are not changed.
        points: the training sets, as indices of the points of ``task``.
        learning_rate: alpha, per step on the mean loss.
        max_steps: the number of steps, or the step limit if the loss can reach 0.
        record: steps after which to measure, rising and up to ``max_steps``; a finished network keeps its errors.
        report: called with the progress after each batch.
    """
    loop = model, loss, k, task.distinct.position.shape[1]
    rate = learning_rate / points.shape[1]
    finished: list[Networks] = []
    measured: list[Errors] = []
    for first in range(0, len(points), BATCH[device]):
        some = slice(first, first + BATCH[device])
        networks = _networks(task, weights[some], points[some])
        at_steps, taken = [], 0
        for step in (*record, max_steps):
            if device == "cpu":
                train_on_cores(loop, taken, step, rate, networks, threads)
            else:
                from convbias.linear.gpu import train_on_gpu

                train_on_gpu(loop, taken, step, rate, networks)
            at_steps.append(measure(task.distinct, model, loss, networks))
            taken = step
        finished.append(networks)
        measured.append(Errors(*map(np.array, zip(*at_steps, strict=True))))
        report(0, max_steps, min(some.stop, len(points)), 0)
    networks = Networks(*map(np.concatenate, zip(*finished, strict=True)))
    errors = [np.concatenate(kind, axis=1) for kind in zip(*measured, strict=True)]
    going: Stop = "step_limit" if losses.load(loss).SLOPE == "vanishing" else "all_steps"
    stops: dict[int, Stop] = {GOING: going, ZERO_LOSS: "zero_loss", DIVERGED: "diverged"}
    return Trained(
        networks.weights,
        networks.w,
        networks.steps,
        [stops[status] for status in networks.status.tolist()],
        Errors(*(kind[-1] for kind in errors)),
        Errors(*(kind[:-1] for kind in errors)),
    )


def _networks(task: Task, weights: Float[np.ndarray, "run stored"], points: Int[np.ndarray, "run n_train"]) -> Networks:
    """Networks at the beginning of their training."""
    (runs, n), rows = points.shape, task.distinct
    drawn = np.sort(rows.of[points], axis=1)
    fresh = np.diff(drawn, axis=1, prepend=-1) != 0
    different, order = _places(fresh)
    copies = np.diff(np.where(np.arange(n) < different[:, None], order, n), axis=1, append=n).astype(float)
    drawn = np.take_along_axis(drawn, order, axis=1)
    places = rows.position[drawn].reshape(runs, -1)
    seen = np.zeros((runs, task.d), dtype=bool)
    np.put_along_axis(seen, places.astype(np.int64), True, axis=1)
    positions, order = _places(seen)
    start = np.ascontiguousarray(weights)
    steps, status, down = (np.zeros(runs, dtype=np.int64) for _ in range(3))
    w, signs = np.empty((runs, task.d)), rows.sign[drawn].reshape(runs, -1)
    return Networks(start.copy(), start, w, places, signs, copies, different, order, positions, steps, status, down)


def _places(where: Bool[np.ndarray, "run place"]) -> tuple[Int[np.ndarray, " run"], UInt32[np.ndarray, "run place"]]:
    """How often each row is true, and where, in rising order; what follows in the row is 0."""
    count, (run, place) = where.sum(axis=1), np.nonzero(where)
    places = np.zeros(where.shape, dtype=np.uint32)
    places[run, np.arange(len(run)) - np.repeat(np.cumsum(count) - count, count)] = place
    return count, places


def measure(rows: Distinct, model: str, loss: str, networks: Networks) -> Errors:
    """The mean loss and the error on the training set, and the error on the whole dataset (training points included).

    A network with an effective weight that is not finite gets the status
    ``DIVERGED``.

    Ref: wu2019, Section 2.1 and Figure 2
    """
    finite = np.isfinite(networks.w).all(axis=1)
    networks.status[~finite] = DIVERGED
    w, copies, entries = np.where(finite[:, None], networks.w, 0.0), networks.copies, range(rows.position.shape[1])
    places, signs = (part.reshape(*copies.shape, -1) for part in (networks.places.astype(np.int64), networks.signs))
    margin = sum(np.take_along_axis(w, places[:, :, e], axis=1) * signs[:, :, e] for e in entries)
    total = np.cumsum(copies * losses.load(loss).value(margin), axis=1)[:, -1]  # in a fixed order
    with np.errstate(over="ignore"):
        train_loss = np.ldexp(total / copies.sum(axis=1), models.load(model).DEGREE * networks.down)
    train_error = (copies * wrong(margin)).sum(axis=1) / copies.sum(axis=1)
    mistakes = np.zeros(len(w))
    for first in range(0, len(rows.copies), size := max(1, MARGINS // len(w))):
        some = slice(first, first + size)
        outputs = sum(w[:, rows.position[some, e]] * rows.sign[some, e] for e in entries)
        mistakes += (rows.copies[some] * wrong(outputs)).sum(axis=1)
    test_error = mistakes / rows.copies.sum()
    return Errors(*(np.where(finite, errors, np.nan) for errors in (train_loss, train_error, test_error)))


def wrong(margin: Float[np.ndarray, "run sample"]) -> Float[np.ndarray, "run sample"]:
    """1 for a misclassified sample, and one half for an output of 0.

    Ref: wu2019, Equation 1
    """
    return (margin < 0) + 0.5 * (margin == 0)
