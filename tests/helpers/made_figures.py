"""For each figure of each paper, tables that it can be drawn from and the experiments that it shows."""

import made_brutzkus2021_figures
import made_kou2023_figures
import made_lahoti2024_figures
import made_wu2019_figures

MODULES = (made_wu2019_figures, made_brutzkus2021_figures, made_lahoti2024_figures, made_kou2023_figures)
SHOWN = {name: shown for module in MODULES for name, shown in module.SHOWN.items()}
TABLES = {name: make for module in MODULES for name, make in module.TABLES.items()}
