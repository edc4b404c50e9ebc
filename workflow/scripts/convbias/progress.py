"""How far a long training is: its steps, the share of its networks that is finished, and the time that is left."""

import time
from collections.abc import Callable

# Called with the steps taken and the limit to them, the networks that are finished and those still taking steps.
Report = Callable[[int, int, int, int], None]


def no_progress(step: int, limit: int, finished: int, going: int) -> None:
    """Say nothing."""


def after(report: Report, steps: int, finished: int) -> Report:
    """The report of a part of a training before which some steps were taken and some networks finished."""
    return lambda step, limit, more, going: report(steps + step, steps + limit, finished + more, going)


class Progress:
    """Prints a line every so many seconds.

    The time left is what the rest of the work takes at the rate so far. A network that is finished has done all its
    work, one that is still taking steps the share of its limit that it has taken.
    """

    def __init__(self, networks: int, seconds: float = 10.0) -> None:
        self.networks, self.seconds = networks, seconds
        self.began = self.said = time.perf_counter()

    def __call__(self, step: int, limit: int, finished: int, going: int) -> None:
        now = time.perf_counter()
        if now - self.said < self.seconds:
            return
        self.said, done = now, (finished + going * step / max(limit, 1)) / self.networks
        steps = f"step {step:,} of at most {limit:,}, " if going else ""
        left = f"about {_duration((now - self.began) * (1 / done - 1))} left" if done else "time left unknown"
        print(f"{steps}{finished:,} of {self.networks:,} networks finished ({finished / self.networks:.0%}), {left}")


def _duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
