"""Python loads this as it starts: a job may be handed over before it has loaded anything else.

The module of this name that it would have loaded otherwise is loaded after.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

if ".snakemake/scripts/" in sys.argv[0]:
    from pipeline.handover import hand_over

    hand_over()

here = os.path.realpath(os.path.dirname(__file__))
other = PathFinder.find_spec("sitecustomize", [place for place in sys.path if os.path.realpath(place) != here])
if other and other.loader:
    other.loader.exec_module(module_from_spec(other))
