"""The losses of wu2019, as functions of the margin y f(x).

A loss is a module with two functions:

- ``value(margin)``: the losses of an array of margins. It is only reported.
- ``slope(margin)``: minus the derivative at one margin, never negative. It is plain Python that numba compiles.

``SLOPE`` names the kind of slope, which decides how long training goes on:

- ``"vanishing"``: the slope is 0 from some margin on, and so is the loss. Training ends when it is 0 at every sample.
- ``"constant"``: the loss is a multiple of the margin, so that its gradient is computed once.
- ``"positive"``: any other slope.

With a slope that never vanishes, training takes a fixed number of steps. Only a loss with a constant slope can be
negative.
"""

from types import ModuleType

from convbias import registry


def load(name: str) -> ModuleType:
    """The module of the loss of that name."""
    return registry.load("linear.losses", name)
