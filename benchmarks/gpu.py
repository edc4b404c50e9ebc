"""Compare a GPU with the cores of this machine: rows within tolerances, and networks per second.

The pipeline runs a preset twice, on the CPU and on the GPU, and we compare the rows of the trained networks. We fixed
the tolerances before any such run. Then each kind of network trains on one GPU and on all cores, with one process per
core as in the pipeline. Run it by ``make gpu-check``.
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
from importlib import import_module
from math import prod
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from convbias_pipeline.configuration.load import load
from convbias_pipeline.jobs import plan
from convbias_pipeline.run import devices
from convbias_pipeline.store.files import read_table

ROOT = Path(__file__).parents[1]
LINEAR_KEYS = ["experiment", "task", "model", "loss", "n_train", "seed", "init_seed"]
DETECTION_KEYS = ["experiment", "task", "model", "training", "n_train", "seed"]


@dataclass(frozen=True)
class Tolerance:
    """The allowed difference from the number of the CPU: the larger of an absolute and a relative bound."""

    absolute: float = 0.0
    relative: float = 0.0


SAME = Tolerance()
# Linear networks in float64. A step has few operations, and sums of whole numbers are exact. Only products that are
# added in one instruction (FMA) round differently. A test error then changes only if an output is 0 up to rounding.
LINEAR = {"steps": SAME, "stopped": SAME, "train_loss": Tolerance(1e-12, 1e-9), "train_error": SAME, "test_error": SAME}
RECORDED = {"train_loss": Tolerance(1e-12, 1e-9), "train_error": SAME, "test_error": SAME}
# Adam in float32. Sums of hundreds of terms have another order, and rounding errors grow over hundreds of steps.
ADAM = {
    "steps": Tolerance(5, 0.1),
    "stopped": SAME,
    "train_loss": Tolerance(0, 0.1),
    "train_error": SAME,
    "test_error": Tolerance(0.05),
}


def compared(cpu: pd.DataFrame, gpu: pd.DataFrame, keys: list[str], tolerances: dict[str, Tolerance]) -> pd.DataFrame:
    """For each quantity: how many rows differ, the largest difference, and how many rows exceed the tolerance."""
    both = cpu.merge(gpu, on=keys, suffixes=("_cpu", "_gpu"), validate="one_to_one")
    if not len(both) == len(cpu) == len(gpu):
        raise SystemExit(f"The two runs have different rows: {len(cpu)} and {len(gpu)}, of which {len(both)} match.")
    lines = []
    for quantity, tolerance in tolerances.items():
        one, other = (both[f"{quantity}_{device}"].to_numpy() for device in ("cpu", "gpu"))
        if quantity == "stopped":
            gap, allowed = (one != other).astype(float), 0.0
        else:
            gap = np.where(np.isnan(one) & np.isnan(other), 0.0, np.nan_to_num(np.abs(one - other), nan=np.inf))
            allowed = np.maximum(tolerance.absolute, tolerance.relative * np.nan_to_num(np.abs(one)))
        lines.append((quantity, len(both), int((gap > 0).sum()), gap.max(initial=0), int((gap > allowed).sum())))
    return pd.DataFrame(lines, columns=["quantity", "rows", "differ", "largest difference", "too large"])


def agreement(cpu: Path, gpu: Path) -> pd.DataFrame:
    """Compare all tables of trained networks of two runs, for each loss and training."""
    comparisons = []
    for table, keys in (
        ("linear", LINEAR_KEYS),
        ("trajectories", [*LINEAR_KEYS, "step"]),
        ("detection", DETECTION_KEYS),
    ):
        one, other = (read_table(str(run / f"results/tables/{table}.parquet"))[0].to_pandas() for run in (cpu, gpu))
        kinds = one["training" if table == "detection" else "loss"]
        for kind in kinds.unique():
            if table == "detection" and not plan.uses_gpu(kind):
                continue
            tolerances = {"linear": LINEAR, "trajectories": RECORDED, "detection": ADAM}[table]
            mine = [rows[rows[kinds.name] == kind] for rows in (one, other)]
            comparisons.append(compared(*mine, keys, tolerances).assign(table=table, kind=kind))
    return pd.concat(comparisons, ignore_index=True)[["table", "kind", *comparisons[0].columns[:-2]]]


def run(preset: Path, device: str, folder: Path, share: int) -> float:
    """Train all networks of a preset with the pipeline, and return the seconds."""
    tables = [f"results/tables/{table}.parquet" for table in ("linear", "trajectories", "detection")]
    gpus = len(devices.visible()) * share
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--directory", folder, "--configfile", preset]
    options = ["--cores", "all", "--resources", f"gpu={gpus}", "--config", f"device={device}", f"jobs_per_gpu={share}"]
    began = time.perf_counter()
    subprocess.run([*command, *options, "--", *tables], cwd=ROOT, check=True)
    return time.perf_counter() - began


# Each kind of network: its name, its job in the configuration, and the numbers of networks on the GPU and per core
KINDS = [
    ("wu2019 conv, hinge", ("linear", "wu2019-fig2", "cls", "conv", "hinge", 100), 16384, 1024),
    ("wu2019 one layer, hinge", ("linear", "wu2019-fig2", "cls", "one_layer", "hinge", 100), 16384, 1024),
    ("wu2019 conv, X-hinge", ("linear", "wu2019-fig5", "cls", "conv", "xhinge", 100), 16384, 1024),
    ("wu2019 conv, cross entropy", ("linear", "wu2019-cross-entropy", "cls", "conv", "cross_entropy", 60), 4096, 256),
    ("brutzkus2021 ConvPool, Adam", ("detection", "brutzkus2021-fig3a", "orthogonal", "conv_pool", "adam", 200), 32, 2),
    ("brutzkus2021 MLP, Adam", ("detection", "brutzkus2021-fig3a", "orthogonal", "mlp", "adam", 200), 32, 2),
]


def prepared(job: tuple, device: str, networks: int, first: int = 0) -> Callable[[], object]:
    """Draw the training sets of a job's networks, and return a function that trains the networks."""
    from convbias.detection.inputs import draw_inputs
    from convbias.linear import tasks

    section, experiment, task, model, way, n_train = job
    config, seeds = load({}, ROOT), [*range(first, first + networks)]
    values = {**config, **config[section][experiment], "experiment": experiment, "task": task, "model": model}
    values |= {"n_train": n_train, "loss": way, "training": way}
    system, shard = (import_module(f"convbias.{section}.{name}") for name in ("settings", "shard"))
    names = {field.name for field in fields(system.Settings)}
    settings = system.Settings(**{name: value for name, value in values.items() if name in names})
    if section == "linear":
        drawn = tasks.make(task, settings.d)
        points = np.stack([tasks.draw_points(drawn, settings.root_seed, n_train, seed) for seed in seeds])
        return partial(shard.train_shard, settings, points, seeds, device)
    sizes = (settings.d, settings.l, settings.n_patterns, n_train, settings.n_test, settings.root_seed)
    columns = draw_inputs(task, *sizes, seeds, None)
    inputs = {name: np.array(column) for name, column in columns.items()}
    return partial(shard.train_shard, settings, inputs, seeds, None, device)


def on_a_core(job: tuple, networks: int, first: int) -> float:
    """Networks per second in this process, on one thread."""
    import torch

    torch.set_num_threads(1)
    return timed(prepared(job, "cpu", networks, first), networks)


def timed(train: Callable[[], object], networks: int) -> float:
    """Networks per second. The output of the training is dropped."""
    with redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        train()  # returns numbers on the host, so the GPU has finished
    return networks / (time.perf_counter() - began)


def traffic(work: Callable[[], object]) -> int:
    """The bytes that all operations of some work read and write, as if nothing stayed in a cache."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Counting(TorchDispatchMode):
        bytes = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            written = func(*args, **kwargs)
            read = args, {name: value for name, value in kwargs.items() if name != "out"}
            for leaf in tree_leaves((read, written)) if not func.is_view else ():
                if isinstance(leaf, torch.Tensor):
                    lengths = (n for n, stride in zip(leaf.shape, leaf.stride(), strict=True) if stride)
                    self.bytes += leaf.element_size() * prod(lengths)
            return written

    with Counting() as counted, redirect_stdout(io.StringIO()):
        work()
    return counted.bytes


def bandwidth(device: str, size: int = 2**30) -> float:
    """The bytes per second that copying a large tensor reads and writes: the best of five measurements."""
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
    """Networks per second on one GPU and on some cores, the memory of the GPU, and the bytes that it moves per second.

    The bytes per network are those of all operations (``traffic``) in a batch of the size of one core. There are no
    bytes and no memory for linear networks: only torch counts them.
    """
    import torch

    lines = []
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        for name, job, on_gpu, on_core in KINDS:
            networks, each = max(1, on_gpu // shrink), max(1, on_core // shrink)
            timed(prepared(job, device, 1), 1)  # loads the libraries of the first step
            train, memory = prepared(job, device, networks), float("nan")
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            gpu = timed(train, networks)
            if device == "cuda" and job[0] == "detection":
                memory = torch.cuda.max_memory_allocated() / 2**20
            cpu = sum(pool.map(partial(on_a_core, job, each), range(0, cores * each, each)))
            moved = traffic(prepared(job, "cpu", each)) / each if job[0] == "detection" else float("nan")
            lines.append((name, networks, gpu, cores * each, cpu, gpu / cpu, memory, moved / 1e6, gpu * moved / 1e9))
    columns = ["kind", "networks", "GPU, 1/s", "networks", f"{cores} cores, 1/s", "ratio", "GPU memory, MiB"]
    columns += ["MB per network", "GPU, GB/s"]
    return pd.DataFrame(lines, columns=columns)


def main() -> None:
    """Print both tables. Stop if a difference exceeds its tolerance."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--preset", type=Path, default=ROOT / "tests/config.yaml", help="the preset whose networks train"
    )
    parser.add_argument("--jobs-per-gpu", type=int, default=4)
    parser.add_argument("--results", type=Path, help="keep the two runs in this folder, and reuse finished results")
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

    print(f"\n{torch.cuda.get_device_name()} and {os.cpu_count()} cores\n")
    print(rates("cuda", os.cpu_count() or 1).to_string(index=False, float_format="{:,.3g}".format))
    host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\nA copy on the GPU moves {bandwidth('cuda') / 1e9:,.0f} GB/s.")
    print(f"Peak main memory of this process: {host:,} MiB")
    if table["too large"].any():
        raise SystemExit("\nRows of the GPU and the CPU differ by more than the tolerances.")


if __name__ == "__main__":
    main()
