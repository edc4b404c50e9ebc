"""Python loads this as it starts: a job may be handed over before it has loaded anything else.

The module of this name that it would have loaded otherwise is loaded after.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

if ".snakemake/scripts/" in sys.argv[0]:
    from convbias_pipeline.run.hand_over import hand_over

    hand_over()

places = [os.path.realpath(place) for place in sys.path]
here = os.path.realpath(os.path.dirname(__file__))
after = max((at for at, place in enumerate(places) if place == here), default=-1) + 1
other = PathFinder.find_spec("sitecustomize", places[after:])  # a copy of this file looks behind itself in turn
if other and other.loader:
    other.loader.exec_module(module_from_spec(other))
