"""Python loads this module as it starts. It hands a job over before the job has loaded anything else.

If no fork takes the job, the next module of this name on the path is loaded, which this one would hide.
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
other = PathFinder.find_spec("sitecustomize", places[after:])  # another copy of this file continues the search
if other and other.loader:
    other.loader.exec_module(module_from_spec(other))
