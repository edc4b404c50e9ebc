"""Filters in the span of the patterns: why d plays no part in the first layer of Algorithm 1.

Write w = sum_j c_j o_j + v, with v orthogonal to all l patterns. The responses are the c_j. The gradient of the loss
for w is a sum of patterns with coefficients that depend on the responses and on a. A step of gradient descent therefore
changes c as if the patterns were the unit vectors of R^l, and leaves v as it is. So d enters only through the law of c
at the start. Adam divides each of the d coordinates of the gradient by its own root mean square. So it depends on how
the patterns lie in R^d.

Ref: brutzkus2021, Section 3 (the set O)
"""

import numpy as np
from jaxtyping import Float


def projected_filters(normal: Float[np.ndarray, "k d"], l: int) -> Float[np.ndarray, "k l"]:
    """The coordinates c of filters that are uniform on the unit sphere of R^d, from standard normal numbers.

    Their direction is uniform in R^l, and does not depend on d. Their squared length has the law Beta(l/2, (d - l)/2)
    with mean l / d. It is 1 if d = l.

    Ref: brutzkus2021, Section 3 (the set O)
    """
    return normal[:, :l] / np.linalg.norm(normal, axis=1, keepdims=True)
