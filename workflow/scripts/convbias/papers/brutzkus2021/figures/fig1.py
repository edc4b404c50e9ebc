"""Inputs of the pattern detection task, as pictures.

Ref: brutzkus2021, Figure 1
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.papers.brutzkus2021.figures import _pictures

TITLE = "Figure 1: inputs of orthogonal patterns"
CAPTION = """
brutzkus2021, Figure 1 (a): some inputs of the pattern detection task, with one row for each class. Each input has one
discriminative pattern of its class, in a coloured frame. The others are spurious patterns, which both classes share.
Each pattern is drawn as a picture of its d entries. Notice that the place of the coloured frame varies.
"""
TABLES = ("examples",)
REQUIRED_SETTINGS: list[dict] = []
data = _pictures.pixels


def plot(frame: pd.DataFrame) -> Figure:
    """The inputs with their patterns in a square; each pattern is a picture of its d entries."""
    rows = frame.iloc[0]
    names = "orthogonal patterns" if not rows["images"] else f"digits: {rows['images']}"
    return _pictures.plot(frame, f"{names}; coloured frame: the discriminative pattern")
