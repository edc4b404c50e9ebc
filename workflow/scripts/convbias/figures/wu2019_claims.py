"""The claims of wu2019 at a glance."""

from convbias.figures import _claims

TABLES = ("claims",)
NEEDS: list[dict[str, list]] = []
data = _claims.data
plot = _claims.plot
