"""Example inputs for figures."""

import numpy as np

from convbias import draws
from convbias.detection import tasks
from convbias.detection.digits import Digits


def examples(
    task: str, d: int, l: int, n_patterns: int, inputs: int, root_seed: int, images: Digits | None
) -> dict[str, object]:
    """The columns of a table of examples, with one row per pattern: ``inputs`` training inputs of each class.

    ``height`` is the number of rows of a pattern, shown as a picture. Patterns that are not images are shown as close
    to a square as d pixels allow.

    Ref: brutzkus2021, Figure 1; Figure 5
    """
    stream = draws.stream(root_seed, "examples", task, inputs, 0)
    patterns = tasks.make(task, d, l, stream, images)
    drawn, y = tasks.draw(patterns, stream, 64 * inputs, n_patterns, test=False)
    chosen = np.concatenate([np.flatnonzero(y == label)[:inputs] for label in (1, -1)])
    shown, height = (
        drawn[chosen],
        images.height if images else max(h for h in range(1, d + 1) if d % h == 0 and h * h <= d),
    )
    return {
        "images": images.name if images else None,
        "sample": np.repeat(np.arange(len(chosen)), n_patterns),
        "y": np.repeat(y[chosen], n_patterns),
        "place": np.tile(np.arange(n_patterns), len(chosen)),
        "pattern": shown.ravel(),
        "role": patterns.role[shown].ravel(),
        "height": height,
        "pixels": patterns.inputs(shown).reshape(shown.size, -1).tolist(),
    }
