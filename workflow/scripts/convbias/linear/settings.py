"""The settings of the linear classifiers that one job trains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings of networks that train together: everything about them but their seeds.

    ``steps`` is how many steps a loss without a minimum takes; ``step_limit`` is where a loss that should come to 0 is
    given up. Errors are recorded at step 0 and every ``record_every`` steps up to ``steps``, or never if that is 0.
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
