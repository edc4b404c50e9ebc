"""Progress of a long training: steps, finished networks and remaining time."""

import time
from collections.abc import Callable

# Called with the steps taken, the step limit, the number of finished networks and the number still in training.
Report = Callable[[int, int, int, int], None]


def no_progress(step: int, limit: int, finished: int, going: int) -> None:
    """Report nothing."""


def after(report: Report, steps: int, finished: int) -> Report:
    """The report of a later stage of a training: adds the ``steps`` and ``finished`` networks of earlier stages."""
    return lambda step, limit, more, going: report(steps + step, steps + limit, finished + more, going)


class Progress:
    """Prints the progress, at most once in ``seconds``.

    The remaining time assumes a constant rate. A finished network has done all of its work. A network in training has
    done a share of it: the steps taken, divided by the step limit.
    """

    def __init__(self, networks: int, seconds: float = 10.0) -> None:
        self.networks, self.seconds = networks, seconds
        self.began = self.printed = time.perf_counter()

    def __call__(self, step: int, limit: int, finished: int, going: int) -> None:
        now = time.perf_counter()
        if now - self.printed < self.seconds:
            return
        self.printed, done = now, (finished + going * step / max(limit, 1)) / self.networks
        steps = f"step {step:,} of at most {limit:,}, " if going else ""
        left = f"about {_duration((now - self.began) * (1 / done - 1))} left" if done else "time left unknown"
        print(f"{steps}{finished:,} of {self.networks:,} networks finished ({finished / self.networks:.0%}), {left}")


def _duration(seconds: float) -> str:
    """A time in hours, minutes or seconds."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
