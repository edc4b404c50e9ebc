"""The claims of wu2019 at a glance."""

from convbias.figures import claims as _claims

CAPTION = """
The claims of wu2019: the estimate that decides each, with its 95 % interval on a scale of its own, beside what is
claimed (shaded), and the verdict, at the 5 % level after Holm's correction over all statistical claims. Thresholds were
written down before the run. A verdict is robust if the runs with other values of the settings that the paper does not
give come to it as well.
"""
TABLES = ("claims",)
NEEDS: list[dict[str, list]] = []
data = _claims.data
plot = _claims.plot
