"""Digit detection: is there a three on the image (+1) or a five (-1), among other digits?"""

import numpy as np

from convbias.detection.digits import Digits
from convbias.detection.tasks import Patterns

USES_IMAGES = True
POSITIVE, NEGATIVE = 3, 5


def make(d: int, l: int, stream: np.random.Generator, images: Digits | None) -> Patterns:
    """All images of a collection, pixels in [0, 1]; training sets are made from its training images only.

    Ref: brutzkus2021, Section 7 (MNIST)

    Raises:
        ValueError: there are no images.
    """
    if images is None:
        raise ValueError("digits: the images are missing")
    role = (images.label == POSITIVE).astype(int) - (images.label == NEGATIVE)
    return Patterns(images.pixels, images.top, role, ~images.test, images.test)
