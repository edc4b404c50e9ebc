"""Noise on patterns, independent for each of them.

Ref: brutzkus2021, Section 7 (independent random noise v with ||v|| <= 1; the paper does not give its law)
"""

import numpy as np
from jaxtyping import Float

# The radius divided by its bound, from a uniform number u.
RADIUS = {
    "ball": lambda u, d: u ** (1 / d),  # uniform in the ball
    "radius": lambda u, d: u,  # uniform radius, in a uniform direction
}


def noise(law: str, level: float, stream: np.random.Generator, shape: tuple[int, ...]) -> Float[np.ndarray, "..."]:
    """Noise vectors along the last axis of ``shape``. If ``level`` is 0, they are zero and nothing is drawn.

    Their norm is at most ``level``. Under the law ``normal``, each of their entries has standard deviation ``level``.
    """
    if not level:
        return np.zeros(shape)
    direction = stream.standard_normal(shape)
    if law == "normal":
        return level * direction
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    return direction * (level * RADIUS[law](stream.random((*shape[:-1], 1)), shape[-1]))
