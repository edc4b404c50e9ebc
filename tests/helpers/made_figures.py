"""For each figure of each paper, tables that it can be drawn from and the experiments that it shows."""

import made_brutzkus2021_figures
import made_lahoti2024_figures
import made_wu2019_figures
from convbias.claims.table import CLAIMS
from convbias.columns import build
from made_claims import MADE, decide_one

MODULES = (made_wu2019_figures, made_brutzkus2021_figures, made_lahoti2024_figures)
SHOWN = {name: shown for module in MODULES for name, shown in module.SHOWN.items()}
TABLES = {name: make for module in MODULES for name, make in module.TABLES.items()}


def claims_table(rows):
    """Decided claims as the table that figures read."""
    return build(CLAIMS, {name: [row[name] for row in rows] for name in CLAIMS.names}).to_pandas()


def decided(claims, rng):
    """A table of claims that are true, false and undecided in turn."""
    truths = ("true", "false", "undecided")
    rows = [decide_one(name, MADE[name](truths[i % 3], rng)) for i, name in enumerate(claims)]
    return {"claims": claims_table(rows)}
