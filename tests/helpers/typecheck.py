"""The type checker that the tests apply to the core: whole numbers and NumPy's numbers are also floats."""

import numpy as np
from beartype import BeartypeConf, FrozenDict, beartype

NUMBERS = {float: float | int | np.integer | np.floating, int: int | np.integer}
check = beartype(conf=BeartypeConf(hint_overrides=FrozenDict(NUMBERS)))
