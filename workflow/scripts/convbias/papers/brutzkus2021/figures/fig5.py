"""Inputs of the digit detection task.

Ref: brutzkus2021, Figure 5
"""

from convbias.papers.brutzkus2021.figures import _pictures
from convbias.papers.brutzkus2021.figures import fig1 as brutzkus2021_fig1

CAPTION = """
brutzkus2021, Figure 5. Inputs of the digit detection task: one with a three is positive, one with a five negative
(framed), the other digits are spurious.
"""
TABLES = ("examples",)
REQUIRED_SETTINGS = [{"task": ["digits"]}]
data = _pictures.pixels
plot = brutzkus2021_fig1.plot
