"""Training from Python without the pipeline, for example in a notebook."""

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from itertools import product

import numpy as np
import pandas as pd

from convbias.columns import build
from convbias.linear import tasks
from convbias.linear.models import Law
from convbias.linear.settings import Settings
from convbias.linear.shard import train_shard
from convbias.linear.tables import LINEAR


def train(
    task: str | Sequence[str],
    model: str | Sequence[str],
    n_train: int | Sequence[int],
    seeds: int = 100,
    *,
    loss: str | Sequence[str] = "hinge",
    d: int = 100,
    k: int = 5,
    learning_rate: float = 0.1,
    init_scale: float = 0.1,
    init_law: Law = "uniform",
    steps: int = 1000,
    step_limit: int = 2_000_000,
    root_seed: int = 2019,
    device: str = "cpu",
    threads: int | None = None,
) -> pd.DataFrame:
    """Train linear classifiers of wu2019, one for each seed and combination of task, model, sample size and loss.

    With the settings of the pipeline, the rows equal those of ``linear.parquet`` bit for bit. ``steps`` is the number
    of steps for a loss without a minimum. ``step_limit`` is the largest number of steps for a loss that should reach 0.
    By default, all cores train.

    Returns:
        A row for each network: its settings, ``steps``, ``stopped`` (``zero_loss``, ``all_steps``, ``step_limit`` or
        ``diverged``), ``train_loss``, ``train_error`` and ``test_error``. Errors are proportions from 0 to 1.

    Raises:
        ValueError: there is no such task, model or loss (the message names those available), or d or k does not fit.
    """
    task_names, model_names, losses = ([one] if isinstance(one, str) else list(one) for one in (task, model, loss))
    sizes = [n_train] if isinstance(n_train, int) else list(n_train)
    frames = []
    for task_name, model_name, loss_name, size in product(task_names, model_names, losses, sizes):
        settings = {"d": d, "k": k, "n_train": size, "learning_rate": learning_rate, "init_scale": init_scale}
        limits = {"steps": steps, "step_limit": step_limit, "initialisations": 1, "record_every": 0}
        chosen = Settings(
            "notebook",
            task_name,
            model_name,
            loss_name,
            root_seed=root_seed,
            init_law=init_law,
            **settings,  # type: ignore[arg-type]
            **limits,
        )
        dataset = tasks.make(task_name, d)
        points = np.stack([tasks.draw_points(dataset, root_seed, size, seed) for seed in range(seeds)])
        with redirect_stdout(io.StringIO()):
            columns = train_shard(chosen, points, list(range(seeds)), device, threads or os.cpu_count() or 1)
        frames.append(build(LINEAR, columns).to_pandas())
    return pd.concat(frames, ignore_index=True).astype({"model": "category", "task": "category"})
