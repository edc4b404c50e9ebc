"""convbias: why convolutional networks need fewer samples than fully connected ones.

Two systems train networks: ``linear`` (sparse inputs, linear classifiers) and ``detection`` (one pattern among others,
pooling networks). Each folder in ``papers`` asks questions of these systems. All papers share the engines
``statistics``, ``claims`` and ``figures``.

This package does not depend on Snakemake, on configuration files or on paths. Its functions take arrays and tables, and
return arrays, tables and figures.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("convbias")
except PackageNotFoundError:  # a checkout that is not installed, as in the environments of --sdm conda
    __version__ = "unknown"
