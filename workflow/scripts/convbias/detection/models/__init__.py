"""The detectors of brutzkus2021, for inputs of n patterns of length d.

A member of this family is a file with the constant ``TRAININGS`` (the ways to train that fit it) and a function
``make(n_patterns, d, channels)`` whose result says its ``hidden`` width and ``n_parameters``; the networks, which adam
trains, are ``_network.Network``s. An input is predicted to be positive where f(x) > 0,
so that sign(0) = -1 (footnote 2 of the paper).
"""

from types import ModuleType
from typing import Any

from convbias import registry


def make(name: str, n_patterns: int, d: int, channels: int) -> Any:
    """The detector of that name; ``channels`` is the width of ConvPool, which that of an MLP follows."""
    return load(name).make(n_patterns, d, channels)


def load(name: str) -> ModuleType:
    """The module of the detector of that name."""
    return registry.load("detection.models", name)
