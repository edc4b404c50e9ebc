"""Inputs of the digit detection task.

Ref: brutzkus2021, Figure 5
"""

from convbias.papers.brutzkus2021.figures import _pictures
from convbias.papers.brutzkus2021.figures import fig1 as brutzkus2021_fig1

TITLE = "Figure 5: inputs of digits"
CAPTION = """
brutzkus2021, Figure 5: some inputs of the digit detection task, with one row for each class. An input with a three is
positive, and one with a five is negative. Coloured frames mark these digits. The other digits are spurious. Notice that
the place of the coloured frame varies.
"""
TABLES = ("examples",)
REQUIRED_SETTINGS = [{"task": ["digits"]}]
data = _pictures.pixels
plot = brutzkus2021_fig1.plot
