"""Inputs of the pattern detection task, as pictures.

Ref: brutzkus2021, Figure 1
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.papers.brutzkus2021.figures import _pictures

CAPTION = """
brutzkus2021, Figure 1 (a). Inputs of the pattern detection task, some of each class: each has one discriminative
pattern of its class (framed) and spurious ones, which both classes share. A pattern is drawn as a picture of its d
entries.
"""
TABLES = ("examples",)
REQUIRED_SETTINGS: list[dict] = []
data = _pictures.pixels


def plot(frame: pd.DataFrame) -> Figure:
    """Each input with its patterns in a square, each pattern as a picture of its d entries."""
    rows = frame.iloc[0]
    names = "orthogonal patterns" if not rows["images"] else f"digits: {rows['images']}"
    return _pictures.plot(frame, f"{names}; framed: the discriminative pattern of its class")
