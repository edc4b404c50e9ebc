"""The settings of the detection networks that one job trains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """All settings of networks that train together, except their seeds.

    ``channels`` is the width of conv_pool; the width of mlp depends on it. ``noise`` bounds the norm of the noise on
    each pattern. ``learning_rate``, ``init_scale``, ``target_loss`` and ``step_limit`` are for Adam and for gradient
    descent. Initial weights are uniform within ``init_scale`` / sqrt(fan-in). Training stops if the loss is below
    ``target_loss`` and no training sample is misclassified. A step uses ``batch_size`` samples, or all if it is 0.
    ``first_layer_steps`` and ``second_layer_steps`` are T_1 and T_2 of Algorithm 1.
    """

    experiment: str
    task: str
    model: str
    training: str
    d: int
    l: int
    n_patterns: int
    channels: int
    noise: float
    noise_law: str
    n_train: int
    n_test: int
    root_seed: int
    learning_rate: float
    init_scale: float
    target_loss: float
    step_limit: int
    first_layer_steps: int
    second_layer_steps: int
    batch_size: int = 0
