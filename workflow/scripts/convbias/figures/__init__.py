"""The engine that draws figures: their style, and the kinds of figures that several papers share.

A figure is a module in ``papers/*/figures`` with the constants that ``catalogue.Figure`` describes. Its function
``data`` maps tables and a list of experiments to the frame that is drawn. Its function ``plot`` maps that frame to a
figure. If ``STREAMED`` is true, ``data`` gets each table as an iterator of frames. No table then has to fit in memory.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from convbias.catalogue import Figure


def load(figure: Figure) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The functions ``data`` and ``plot`` of a figure, with its options."""
    module = import_module(f"convbias.{figure.module}")
    return partial(module.data, **figure.options), partial(module.plot, **figure.options)
