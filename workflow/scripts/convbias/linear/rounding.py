"""exp and log by additions, multiplications and a table, so that every kind of CPU gives the same bits.

The C library and NumPy choose their code by the CPU, and the last bits differ. The functions here take arrays too, and
give the same bits for them.
"""

from math import factorial, log
from typing import Any

import numpy as np
from numba.extending import register_jitable

LAST = 745.0  # from here on, e^-x counts as 0
HALVED = np.ldexp(1.0, -np.arange(1076))  # exact; a power by NumPy need not be
PER_LN2 = 1 / log(2)
LN2_HIGH = 0.6931471803691238  # the first 32 bits of log 2: whole multiples up to 2^20 are exact
LN2_LOW = 1.9082149292705877e-10  # the rest
TAYLOR = tuple(1 / factorial(power) for power in range(14))
ODD = tuple(1 / (2 * power + 1) for power in range(18))


@register_jitable
def exp_of_minus(x: Any) -> Any:
    """e^-x for x >= 0, as 2^-n e^r with |r| <= log(2) / 2 and the Taylor series of e^r. NaN counts as infinity."""
    x = np.fmin(x, LAST)
    halvings = np.uint32(x * PER_LN2 + 0.5)
    rest = (halvings * LN2_HIGH - x) + halvings * LN2_LOW
    total = TAYLOR[13]
    for power in range(12, -1, -1):
        total = total * rest + TAYLOR[power]
    return total * HALVED[halvings]


@register_jitable
def log_of_one_plus(x: Any) -> Any:
    """log(1 + x) for 0 <= x <= 1, as 2 artanh(s) with s = x / (2 + x) <= 1/3, by the series of artanh.

    Its first term is 2 s = x - s x. Added in this form, the rounding error of s hardly matters.
    """
    s = x / (2.0 + x)
    total = ODD[17]
    for power in range(16, 0, -1):
        total = total * (s * s) + ODD[power]
    return x - s * (x - 2.0 * (s * s * total))
