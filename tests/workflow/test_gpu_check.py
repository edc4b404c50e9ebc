"""``make gpu-check`` without a GPU: the CPU takes its place."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from running import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import gpu


def rows(**columns):
    frame = pd.DataFrame({"experiment": "e", "n_train": 10, "seed": range(4)} | columns)
    return frame, frame.copy()


KEYS = ["experiment", "n_train", "seed"]
ALLOWED = {"steps": gpu.Tolerance(5, 0.1), "stopped": gpu.SAME, "test_error": gpu.Tolerance(0.05)}


def counts(one, other):
    """For each quantity, the number of rows that differ and of those that exceed the tolerance."""
    return gpu.compared(one, other, KEYS, ALLOWED).set_index("quantity")[["differ", "too large"]].T.to_dict("list")


def test_rows_are_matched_in_any_order_and_may_differ_within_the_tolerances():
    one, other = rows(steps=[100, 100, 7, 7], stopped="fitted", test_error=[0.1, 0.2, 0.3, np.nan])
    other["steps"] += [10, 11, 5, -6]
    other["test_error"] += [0.04, -0.06, 0, 0]
    assert counts(one, other[::-1]) == {"steps": [4, 2], "stopped": [0, 0], "test_error": [2, 1]}


def test_another_status_and_a_missing_number_exceed_the_tolerances():
    one, other = rows(steps=5, stopped="fitted", test_error=[0.1, 0.2, np.nan, np.nan])
    other.loc[1, "stopped"], other.loc[[1, 2], "test_error"] = "diverged", [np.nan, 0.3]
    assert counts(one, other) == {"steps": [0, 0], "stopped": [1, 1], "test_error": [2, 2]}


def test_missing_rows_stop_the_comparison():
    one, other = rows(steps=5, stopped="fitted", test_error=0.1)
    with pytest.raises(SystemExit, match="The two runs have different rows: 4 and 3, of which 3 match"):
        counts(one, other[:3])


def test_every_table_of_trained_networks_is_compared(finished):
    table = gpu.agreement(finished, finished)
    kinds = {(row.table, row.kind) for row in table.itertuples()}
    linear = {("linear", "hinge"), ("linear", "xhinge"), ("linear", "cross_entropy")}
    detection = {("detection", "adam"), ("detection", "gradient_descent")}
    assert kinds == linear | detection | {("trajectories", "hinge"), ("trajectories", "xhinge")}
    assert (table["rows"] > 0).all() and not table[["differ", "largest difference", "too large"]].any(axis=None)


RATES = """
import gpu
if __name__ == "__main__":  # the worker processes import this file
    table = gpu.rates("cpu", cores=1, shrink=10**6)
    moved = table[["MB per network", "GPU, GB/s"]] > 0
    print(len(table), (table["ratio"] > 0).all(), moved.all(axis=1).tolist())
"""


def test_every_kind_of_network_is_timed_on_both_devices(tmp_path):
    (script := tmp_path / "script.py").write_text(RATES)
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'benchmarks'}:{ROOT / 'workflow/scripts'}"}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    counted = [job[0] == "detection" for _, job, *_ in gpu.KINDS]
    assert done.stdout == f"{len(gpu.KINDS)} True {counted}\n"


def test_traffic_counts_the_bytes_that_operations_read_and_write():
    a, b, row = torch.ones(10, 100), torch.ones(10, 100), torch.ones(100)
    assert gpu.traffic(lambda: a + b) == 3 * 4000  # two are read, one is written
    assert gpu.traffic(lambda: torch.add(a, b, out=a)) == 3 * 4000
    assert (
        gpu.traffic(lambda: a.mul_(row.expand(10, 100))) == 2 * 4000 + 400
    )  # a row that is read repeatedly counts once
    assert gpu.traffic(lambda: a.mul_(row[None])) == 2 * 4000 + 400
    assert gpu.traffic(lambda: a.T[3:].unflatten(0, (1, -1))) == 0  # views


def test_the_bandwidth_of_copies_is_measured():
    assert 1e8 < gpu.bandwidth("cpu", 2**24) < 1e13


def test_without_a_gpu_the_check_stops_with_a_message(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    with pytest.raises(SystemExit, match=r"device is cuda, but CUDA_VISIBLE_DEVICES is ''\. Set device: auto or cpu\."):
        gpu.main()
