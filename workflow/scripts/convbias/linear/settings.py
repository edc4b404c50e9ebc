"""The settings of the linear classifiers that one job trains."""

from dataclasses import dataclass

from convbias.linear.models import Law


@dataclass(frozen=True)
class Settings:
    """All settings of networks that train together, except their seeds.

    ``steps`` is the number of steps for a loss without a minimum. ``step_limit`` is the largest number of steps for a
    loss that should reach 0. Errors are recorded at step 0 and every ``record_every`` steps up to ``steps``, or never
    if ``record_every`` is 0.
    """

    experiment: str
    task: str
    model: str
    loss: str
    d: int
    k: int
    n_train: int
    root_seed: int
    learning_rate: float
    init_scale: float
    steps: int
    step_limit: int
    initialisations: int
    record_every: int
    init_law: Law = "uniform"
