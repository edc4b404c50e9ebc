"""The features after the first layer: how well a linear classifier separates them, and how many steps this takes."""

from math import log

import numpy as np
from jaxtyping import Bool, Float

from convbias.papers.brutzkus2021.theory.lucky_filters import LuckyFilters


def separating_weight(d: int, k: int, eta_1: float, steps: int) -> float:
    """The entry 80 d / (k eta_1 T_1) of v*, which is positive in W+ and A+, negative in W- and A-, and else 0.

    Ref: brutzkus2021, Appendix E (v*)
    """
    return 80 * d / (k * eta_1 * steps)


def smallest_margin(responses: Float[np.ndarray, "k l"], lucky: LuckyFilters, weight: float) -> float:
    """A lower bound on y v*.z(x) for all inputs x of D, with any number of patterns n.

    The features of W+ are at least w_i.o_1 on a positive input, because it contains o_1. Those of W- are largest if the
    input contains all spurious patterns. The bound is exact if o_1 is the largest response of W+, and n - 1 >= l - 2.
    The same holds for negative inputs. ``responses`` are the w_i.o_j.

    Ref: brutzkus2021, Appendix E
    """
    margins = []
    for own, other, mine, theirs in ((0, 1, *lucky), (1, 0, *reversed(lucky))):
        right = np.maximum(responses[mine, own], 0).sum()
        wrong = np.delete(responses[theirs], other, axis=1).max(1, initial=0).sum()
        margins.append(weight * (right - wrong))
    return float(min(margins))


def largest_feature_norm(responses: Float[np.ndarray, "k l"]) -> float:
    """An upper bound on ||z(x)||^2 for all inputs x of D: the squared norm if all patterns were in one input.

    Ref: brutzkus2021, Appendix E
    """
    return float((np.maximum(responses, 0).max(1) ** 2).sum())


def detectors(responses: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"]) -> Bool[np.ndarray, " k"]:
    """Whether each filter responds most, and positively, to the pattern of its sign: o_1 if a = 1, or o_2 if a = -1.

    Unlike ``is_lucky``, this counts all patterns: no input then makes a detector of o_1 respond more than o_1 does.

    Ref: brutzkus2021, Section 5 (detect the discriminative patterns)
    """
    own = np.where(a > 0, 0, 1)
    rows = np.arange(len(responses))
    rest = responses.copy()
    rest[rows, own] = 0
    return np.asarray(responses[rows, own] > np.maximum(rest.max(1), 0))


def late_detectors(
    before: Float[np.ndarray, "k l"], after: Float[np.ndarray, "k l"], a: Float[np.ndarray, " k"]
) -> int:
    """The number of detectors after training that did not respond to their pattern before it.

    Ref: brutzkus2021, Section 5 (detect the discriminative patterns)
    """
    own = before[np.arange(len(before)), np.where(a > 0, 0, 1)]
    return int((detectors(after, a) & (own <= 0)).sum())


def complexity_bound(d: int) -> float:
    """The bound on ||a_hat||^2 max ||z(x)||^2: 2 80^2 d / (k eta_1^2 T_1^2) times 4 k eta_1^2 T_1^2, which is 51200 d.

    Ref: brutzkus2021, Appendix E
    """
    return 51200.0 * d


def steps_to_half_margin(rows: Float[np.ndarray, "sample dim"], margin: float, limit: int = 10**6) -> int:
    """Steps of gradient descent until the margin of a / ||a|| is half of the largest margin; at most ``limit``.

    The descent starts at 0 with the logistic loss L. The rows y z have norms of at most 1. The step size is 1 / L, with
    which Ji and Telgarsky prove the rate:

        a = a + (1/m) sum_i sigma(-y_i a.z_i) y_i z_i / L(a)

    Ref: brutzkus2021, Appendix A
    """
    gram = rows @ rows.T
    c = np.zeros(len(rows))
    for step in range(1, limit + 1):
        outputs = gram @ c
        c += np.exp(-np.logaddexp(0, outputs)) / np.logaddexp(0, -outputs).sum()
        outputs = gram @ c
        if outputs.min() >= margin / 2 * (c @ outputs) ** 0.5:
            return step
    return limit


def slope_of_last_tenth(steps: list[int], values: list[float]) -> float:
    """The least-squares slope of log value against log step, over the last factor of ten of the steps."""
    last = [(log(step), log(value)) for step, value in zip(steps, values, strict=True) if step >= max(steps) / 10]
    x, y = np.array(last).T
    return float(np.polyfit(x, y, 1)[0])


def directions_at_losses(
    rows: Float[np.ndarray, "sample dim"], best: Float[np.ndarray, " dim"], at: Float[np.ndarray, " record"]
) -> Float[np.ndarray, " record"]:
    """1 - cos(a, best) at the first steps of the same descent at which log(1 / L) is at least each of ``at``.

    With plain steps, log(1 / L) grows like log t. With steps 1 / L it grows like t, so that a decade can be reached.

    Ref: brutzkus2021, Equation 24 (the rate)

    Errors: rounding. Outputs above 30 have e^-output instead of the logistic loss, which is the same in 1e-13.
    """
    gram = rows @ rows.T
    c, found = np.zeros(len(rows)), np.full(len(at), np.nan)
    while np.isnan(found[-1]):
        outputs = gram @ c
        least = outputs.min()
        if least > 30:
            losses = slopes = np.exp(least - outputs)
            log_loss = np.log(losses.mean()) - least
        else:
            losses, slopes = np.logaddexp(0, -outputs), np.exp(-np.logaddexp(0, outputs))
            log_loss = np.log(losses.mean())
        reached = np.isnan(found) & (at <= -log_loss)
        if reached.any():
            a = rows.T @ c
            found[reached] = 1 - a @ best / ((a @ a) * (best @ best)) ** 0.5
        c += slopes / losses.sum()
    return found
