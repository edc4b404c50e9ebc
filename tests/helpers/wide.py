"""Floating-point numbers with the 53 bits of a float and without limits of their exponent."""

from math import frexp, ldexp


class Wide:
    """``part`` times 2 to the power ``exponent``, with 0.5 <= abs(part) < 1, or 0."""

    __slots__ = ("exponent", "part")

    def __init__(self, number, exponent=0):
        self.part, more = frexp(number)
        self.exponent = exponent + more

    def __mul__(self, other):
        other = as_wide(other)
        return Wide(self.part * other.part, self.exponent + other.exponent)

    def __add__(self, other):
        other = as_wide(other)
        if not self.part or not other.part:
            return self if self.part else other
        large, small = (self, other) if self.exponent >= other.exponent else (other, self)
        gap = large.exponent - small.exponent
        if gap > 60:  # the small one is less than half a unit in the last place
            return large
        return Wide(large.part + ldexp(small.part, -gap), large.exponent)

    __rmul__, __radd__ = __mul__, __add__

    def __float__(self):
        try:
            return ldexp(self.part, self.exponent)
        except OverflowError:
            return self.part * float("inf")

    def halved(self, times):
        """This number divided by 2 to the power ``times``."""
        return Wide(self.part, self.exponent - times)


def as_wide(number):
    """The number itself, or a float with a wide exponent."""
    return number if isinstance(number, Wide) else Wide(float(number))
