"""The detection models of brutzkus2021, for inputs of n patterns of length d.

A model is a module with a function ``make(n_patterns, d, channels)``. Its constant ``TRAININGS`` names the trainings
that it supports. The result of ``make`` has the attributes ``hidden`` (width) and ``n_parameters``.
Models that adam trains are ``_network.Network``s. The prediction is positive if f(x) > 0, so sign(0) = -1 (footnote 2
of the paper).
"""

from types import ModuleType
from typing import Any

from convbias import registry


def make(name: str, n_patterns: int, d: int, channels: int) -> Any:
    """The model of that name; ``channels`` is the width of ConvPool, which determines the width of other models."""
    return load(name).make(n_patterns, d, channels)


def load(name: str) -> ModuleType:
    """The module of the model of that name."""
    return registry.load("detection.models", name)
