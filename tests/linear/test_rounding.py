"""exp and log: compared with decimal numbers of 40 digits, and compiled."""

from decimal import Decimal, localcontext
from math import exp, inf, log1p, nan, ulp

import numba
import numpy as np
import pytest

from convbias.linear.losses import cross_entropy
from convbias.linear.rounding import exp_of_minus, log_of_one_plus

EXP = np.concatenate(
    [np.linspace(0, 745, 5001), np.geomspace(5e-324, 745, 3000), [0.0, np.nextafter(745, 0)], np.log(2) * np.arange(60)]
)
LOG = np.concatenate([np.linspace(0, 1, 5001), np.geomspace(5e-324, 1, 3000), np.nextafter(1, [0.0])])


def decimal_exp_of_minus(x):
    return (-x).exp()


def decimal_log_of_one_plus(x):
    return (1 + x).ln() if x > 1e-9 else x - x**2 / 2 + x**3 / 3


@pytest.mark.parametrize(
    ("function", "exact", "library", "values"),
    [
        (exp_of_minus, decimal_exp_of_minus, lambda x: exp(-x), EXP),
        (log_of_one_plus, decimal_log_of_one_plus, log1p, LOG),
    ],
)
def test_results_are_within_two_units_in_the_last_place(function, exact, library, values):
    found = function(values)
    with localcontext(prec=40):
        for x, mine in zip(values.tolist(), found.tolist(), strict=True):
            assert abs(Decimal(mine) - exact(Decimal(x))) <= 2 * Decimal(ulp(mine)), x
            assert abs(mine - library(x)) <= 2 * ulp(mine), x


def test_exp_of_special_values():
    assert exp_of_minus(np.array([0.0, 745.0, 746.0, 1e308, inf, nan])).tolist() == [1.0, *[exp_of_minus(745.0)] * 5]
    assert 0 <= exp_of_minus(745.0) <= 5e-324


def test_log_of_special_values():
    assert log_of_one_plus(np.array([0.0, 5e-324])).tolist() == [0.0, 5e-324]
    assert np.isnan(log_of_one_plus(np.array([nan])))


def test_exp_falls_and_log_rises():
    assert (np.diff(exp_of_minus(np.sort(EXP))) <= 0).all() and (np.diff(log_of_one_plus(np.sort(LOG))) >= 0).all()


@pytest.mark.parametrize(
    ("function", "values"), [(exp_of_minus, np.append(EXP, [746, inf, nan])), (log_of_one_plus, np.append(LOG, nan))]
)
def test_arrays_numbers_and_compiled_code_give_the_same_bits(function, values):
    @numba.njit
    def compiled(values):
        out = np.empty_like(values)
        for at in range(len(values)):
            out[at] = function(values[at])
        return out

    bits = function(values).tobytes()
    assert compiled(values).tobytes() == bits
    assert np.array([function(value) for value in values]).tobytes() == bits
    assert np.array([function(value) for value in values.tolist()]).tobytes() == bits
    assert function(values[::-3]).tobytes() == function(values)[::-3].tobytes()
    assert function(values[:8000].reshape(40, 200)).tobytes() == function(values[:8000]).tobytes()


def test_slope_and_value_of_the_cross_entropy_are_within_a_few_units_in_the_last_place():
    margins = np.concatenate([np.linspace(-40, 40, 801), [-1e308, -800.0, -700.0, 700.0, 744.0]])
    values = cross_entropy.value(margins)
    with localcontext(prec=40):
        for margin, value in zip(margins.tolist(), values.tolist(), strict=True):
            slope, small = cross_entropy.slope(margin), (-abs(Decimal(margin))).exp()
            assert abs(Decimal(slope) - (small if margin > 0 else 1) / (1 + small)) <= 4 * Decimal(ulp(slope)), margin
            exact = max(-Decimal(margin), Decimal(0)) + decimal_log_of_one_plus(small)
            assert abs(Decimal(value) - exact) <= 4 * Decimal(ulp(value)), margin
