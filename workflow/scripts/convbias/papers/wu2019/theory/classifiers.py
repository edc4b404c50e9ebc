"""Linear classifiers by their effective weights w, with f(x) = w'x: margins and errors of many at once."""

import numpy as np
from jaxtyping import Float, Integer

from convbias.linear.tasks import Distinct
from convbias.linear.training import wrong


def effective(w1: Float[np.ndarray, "*run k"], w2: Float[np.ndarray, "*run d"]) -> Float[np.ndarray, "*run d"]:
    """The w of Model-1-Layer with w'x = sum_i w2_i sum_j w1_j x_{i+j-1}: w_l = sum_j w1_j w2_{l-j+1}.

    Ref: wu2019, Section 2.1
    """
    w, d = np.zeros_like(w2), w2.shape[-1]
    for j in range(w1.shape[-1]):
        w[..., j:] += w1[..., j, None] * w2[..., : d - j]
    return w


def margins(
    points: Distinct, w: Float[np.ndarray, "*run d"], rows: Integer[np.ndarray, " row"] | slice = slice(None)
) -> Float[np.ndarray, "*run row"]:
    """y f(x) of some of a task's different points, or of all."""
    return (w[..., points.position[rows]] * points.sign[rows]).sum(-1)


def error(points: Distinct, w: Float[np.ndarray, "run d"]) -> Float[np.ndarray, " run"]:
    """The proportion of misclassified points of the whole dataset.

    Ref: wu2019, Equation 1
    """
    return wrong(margins(points, w)) @ points.copies / points.copies.sum()
