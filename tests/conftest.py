"""Array shapes are checked at run time while the tests run, and only then."""

from jaxtyping import install_import_hook

with install_import_hook("convbias", "beartype.beartype"):
    import convbias.asymptotics
    import convbias.experiments
    import convbias.summary
    import convbias.theory.curves
    import convbias.theory.gaussian
    import convbias.theory.neighbours
    import convbias.theory.one_layer
    import convbias.theory.primitive
    import convbias.theory.sample_complexity
    import convbias.theory.sparseness
    import convbias.theory.xhinge  # noqa: F401

import numpy as np
import pytest
import torch

torch.set_num_threads(1)

# How far two routes to the same number may differ: rounding alone, relatively, over a few thousand steps.
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-3}


@pytest.fixture
def rng():
    return np.random.default_rng(20190416)
