"""A GPU against the cores of this machine: the same rows within stated tolerances, and networks per second.

A preset is run twice in a folder of its own, on the CPU and on the GPU, and the rows of the trained networks are
compared. Then networks of each family are trained on one GPU, and on all cores with one process each as the pipeline
does it, in one run. The tolerances were written down before any such run. Run it by ``make gpu-check``.
"""

import argparse
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, fields
from functools import partial
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from convbias_pipeline.run import devices
from convbias_pipeline.store.files import read_table

ROOT = Path(__file__).parents[1]
NETWORK = ["experiment", "task", "model", "loss", "n_train", "seed", "init_seed"]
DETECTOR = ["experiment", "task", "model", "training", "n_train", "seed"]


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be from the CPU's: absolutely, or relatively to it, whichever allows more."""

    absolute: float = 0.0
    relative: float = 0.0


SAME = Tolerance()
# wu2019 in float64: a step is the same few operations, sums of whole numbers are exact, and only products that are
# added in one instruction (FMA) round otherwise. A test error then changes only where an output is 0 but for rounding.
LINEAR = {"steps": SAME, "stopped": SAME, "train_loss": Tolerance(1e-12, 1e-9), "train_error": SAME, "test_error": SAME}
RECORDED = {"train_loss": Tolerance(1e-12, 1e-9), "train_error": SAME, "test_error": SAME}
# Adam in float32 on sums of hundreds of terms, in another order: rounding grows over hundreds of steps.
ADAM = {
    "steps": Tolerance(5, 0.1),
    "stopped": SAME,
    "train_loss": Tolerance(0, 0.1),
    "train_error": SAME,
    "test_error": Tolerance(0.05),
}
# Algorithm 1 in float64.
LAYERWISE = {
    "steps": SAME,
    "stopped": SAME,
    "train_loss": Tolerance(1e-9, 1e-6),
    "train_error": Tolerance(0.005),
    "test_error": Tolerance(0.005),
}


def compared(cpu: pd.DataFrame, gpu: pd.DataFrame, keys: list[str], tolerances: dict[str, Tolerance]) -> pd.DataFrame:
    """For each quantity how many rows differ, by how much at most, and how many by more than they may."""
    both = cpu.merge(gpu, on=keys, suffixes=("_cpu", "_gpu"), validate="one_to_one")
    if not len(both) == len(cpu) == len(gpu):
        raise SystemExit(f"the two runs have different rows: {len(cpu)} and {len(gpu)}, {len(both)} of them in both")
    lines = []
    for quantity, tolerance in tolerances.items():
        one, other = (both[f"{quantity}_{device}"].to_numpy() for device in ("cpu", "gpu"))
        if quantity == "stopped":
            gap, allowed = (one != other).astype(float), 0.0
        else:
            gap = np.where(np.isnan(one) & np.isnan(other), 0.0, np.nan_to_num(np.abs(one - other), nan=np.inf))
            allowed = np.maximum(tolerance.absolute, tolerance.relative * np.nan_to_num(np.abs(one)))
        lines.append((quantity, len(both), int((gap > 0).sum()), gap.max(initial=0), int((gap > allowed).sum())))
    return pd.DataFrame(lines, columns=["quantity", "rows", "differ", "largest difference", "by too much"])


def agreement(cpu: Path, gpu: Path) -> pd.DataFrame:
    """The comparison of all tables of trained networks of two runs, by what was trained and how."""
    parts = []
    for table, keys in (("linear", NETWORK), ("trajectories", [*NETWORK, "step"]), ("patterns", DETECTOR)):
        one, other = (read_table(str(run / f"results/tables/{table}.parquet"))[0].to_pandas() for run in (cpu, gpu))
        kinds = one["training" if table == "patterns" else "loss"]
        for kind in kinds.unique():
            if kind == "max_margin":  # always on the CPU
                continue
            tolerances = {"linear": LINEAR, "trajectories": RECORDED}.get(table, ADAM if kind == "adam" else LAYERWISE)
            mine = [rows[rows[kinds.name] == kind] for rows in (one, other)]
            parts.append(compared(*mine, keys, tolerances).assign(table=table, kind=kind))
    return pd.concat(parts, ignore_index=True)[["table", "kind", *parts[0].columns[:-2]]]


def run(preset: Path, device: str, folder: Path, share: int) -> float:
    """Train all networks of a preset by the pipeline; returns the seconds that it took."""
    tables = [f"results/tables/{table}.parquet" for table in ("linear", "trajectories", "patterns")]
    gpus = len(devices.visible()) * share
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--directory", folder, "--configfile", preset]
    options = ["--cores", "all", "--resources", f"gpu={gpus}", "--config", f"device={device}", f"jobs_per_gpu={share}"]
    began = time.perf_counter()
    subprocess.run([*command, *options, "--", *tables], cwd=ROOT, check=True)
    return time.perf_counter() - began


# What is trained on the GPU, and for each core: the family, its job in config.yaml, the networks of either.
FAMILIES = [
    ("wu2019 conv, hinge", ("experiments", "wu2019-fig2", "cls", "conv", "hinge", 100), 16384, 1024),
    ("wu2019 one layer, hinge", ("experiments", "wu2019-fig2", "cls", "one_layer", "hinge", 100), 16384, 1024),
    ("wu2019 conv, X-hinge", ("experiments", "wu2019-fig5", "cls", "conv", "xhinge", 100), 16384, 1024),
    (
        "wu2019 conv, cross entropy",
        ("experiments", "wu2019-cross-entropy", "cls", "conv", "cross_entropy", 60),
        4096,
        256,
    ),
    ("brutzkus2021 ConvPool, Adam", ("patterns", "brutzkus2021-fig3a", "orthogonal", "conv_pool", "adam", 200), 32, 2),
    ("brutzkus2021 MLP, Adam", ("patterns", "brutzkus2021-fig3a", "orthogonal", "mlp", "adam", 200), 32, 2),
    (
        "brutzkus2021 ConvPool, layerwise",
        ("patterns", "brutzkus2021-layerwise", "orthogonal", "conv_pool", "layerwise", 100),
        8,
        1,
    ),
]


def prepared(job: tuple, device: str, networks: int, first: int = 0) -> Callable[[], object]:
    """A function that trains networks of a job, their training sets drawn already."""
    from convbias.detection import shard as detectors
    from convbias.detection.inputs import draw_inputs
    from convbias.detection.settings import Shard
    from convbias.linear import shard as experiments
    from convbias.linear import tasks

    section, experiment, task, model, way, n_train = job
    config, seeds = yaml.safe_load((ROOT / "config.yaml").read_text()), [*range(first, first + networks)]
    linear = section == "experiments"
    settings = {**config, **config[section][experiment], "experiment": experiment, "task": task, "model": model}
    settings |= {"n_train": n_train, "loss": way, "training": way}
    kind = experiments.Shard if linear else Shard
    shard = kind(**{field.name: settings[field.name] for field in fields(kind)})
    if linear:
        drawn = tasks.make(task, shard.d)
        points = np.stack([tasks.draw_points(drawn, shard.root_seed, n_train, seed) for seed in seeds])
        return partial(experiments.train_shard, shard, points, seeds, device)
    sizes = (shard.d, shard.l, shard.n_patterns, n_train, shard.n_test, shard.root_seed)
    columns = draw_inputs(task, *sizes, seeds, None)
    inputs = {name: np.array(column) for name, column in columns.items()}
    return partial(detectors.train_shard, shard, inputs, seeds, None, device)


def on_a_core(job: tuple, networks: int, first: int) -> float:
    """Networks per second in this process, on one thread."""
    import torch

    torch.set_num_threads(1)
    return timed(prepared(job, "cpu", networks, first), networks)


def timed(train: Callable[[], object], networks: int) -> float:
    """Networks per second; what the training prints is dropped."""
    with redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        train()  # gives numbers on the host: whatever the GPU had to do is done then
    return networks / (time.perf_counter() - began)


def traffic(work: Callable[[], object]) -> int:
    """The bytes that all operations of some work read and write: what it moves where nothing stays in a cache."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Counting(TorchDispatchMode):
        bytes = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            written = func(*args, **kwargs)
            read = args, {name: part for name, part in kwargs.items() if name != "out"}
            for part in tree_leaves((read, written)) if not func.is_view else ():
                if isinstance(part, torch.Tensor):
                    lengths = (n for n, stride in zip(part.shape, part.stride(), strict=True) if stride)
                    self.bytes += part.element_size() * prod(lengths)
            return written

    with Counting() as counted, redirect_stdout(io.StringIO()):
        work()
    return counted.bytes


def bandwidth(device: str, size: int = 2**30) -> float:
    """The bytes a second that copying a large tensor reads and writes; the best of a few times."""
    import torch

    one, other = (torch.ones(size, dtype=torch.uint8, device=device) for _ in range(2))
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        other.copy_(one)
        other[0].item()  # waits for the copy
        seconds.append(time.perf_counter() - began)
    return 2 * size / min(seconds)


def rates(device: str, cores: int, shrink: int = 1) -> pd.DataFrame:
    """Networks per second on one GPU and on so many cores, with the GPU's memory and what it moves a second.

    The bytes of a network are those of all operations (``traffic``) in a batch of as many as a core has.
    """
    import torch

    lines = []
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        for name, job, on_gpu, on_core in FAMILIES:
            networks, each = max(1, on_gpu // shrink), max(1, on_core // shrink)
            timed(prepared(job, device, 1), 1)  # loads what the first step needs
            train, memory = prepared(job, device, networks), float("nan")
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            gpu = timed(train, networks)
            if device == "cuda":
                memory = torch.cuda.max_memory_allocated() / 2**20
            cpu = sum(pool.map(partial(on_a_core, job, each), range(0, cores * each, each)))
            moved = traffic(prepared(job, "cpu", each)) / each
            lines.append((name, networks, gpu, cores * each, cpu, gpu / cpu, memory, moved / 1e6, gpu * moved / 1e9))
    columns = ["family", "networks", "GPU, 1/s", "networks", f"{cores} cores, 1/s", "ratio", "GPU memory, MiB"]
    columns += ["MB a network", "GPU, GB/s"]
    return pd.DataFrame(lines, columns=columns)


def main() -> None:
    """Print both tables; stop if a difference is larger than it may be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", type=Path, default=ROOT / "tests/config.yaml", help="of which all networks train")
    parser.add_argument("--jobs-per-gpu", type=int, default=4)
    parser.add_argument("--results", type=Path, help="keep the two runs in this folder, and go on from what is there")
    options = parser.parse_args()
    try:
        devices.require()
    except devices.DeviceError as problem:
        raise SystemExit(str(problem)) from None
    with ExitStack() as last:
        folder = options.results or last.enter_context(tempfile.TemporaryDirectory())
        seconds = {}
        for device in ("cpu", "cuda"):
            seconds[device] = run(options.preset.resolve(), device, Path(folder, device), options.jobs_per_gpu)
        table = agreement(Path(folder, "cpu"), Path(folder, "cuda"))
    print(f"\n{options.preset}: {seconds['cpu']:.0f} s on the CPU, {seconds['cuda']:.0f} s with the GPU\n")
    print(table.to_string(index=False))
    import torch

    print(f"\n{torch.cuda.get_device_name()} against {os.cpu_count()} cores\n")
    print(rates("cuda", os.cpu_count() or 1).to_string(index=False, float_format="{:,.3g}".format))
    host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\ncopying moves {bandwidth('cuda') / 1e9:,.0f} GB/s on the GPU")
    print(f"main memory of this process at most: {host:,} MiB")
    if table["by too much"].any():
        raise SystemExit("\nThe GPU's rows differ from the CPU's by more than they may.")


if __name__ == "__main__":
    main()
