"""The papers' figures.

A member of this family is a file with the constants ``CAPTION`` (for the report, as reStructuredText; the settings of
what is shown follow it), ``TABLES`` (the tables that it draws from) and ``NEEDS`` (for each of these combinations of
settings, one of the experiments that it shows must have it whole; an empty list is any value that is not 0), a function
``data`` from those tables to the frame that is drawn, and a function ``plot`` from that frame to a figure. With
``STREAMED = True``, ``data`` is given each table as frames of some of its rows, one after the other, so that no table
need fit in memory.
"""

from types import ModuleType

from convbias import registry


def load(figure: str) -> ModuleType:
    """The module of a figure: wu2019-fig2 is ``wu2019_fig2``."""
    return registry.load("figures", figure.replace("-", "_"))
