"""Compiled code on disk: it is read by later processes, replaces no other code, and follows every change."""

import os
import subprocess
import sys
from inspect import unwrap

import numpy as np
import pytest
from numba.core import config

from convbias import compilation
from convbias.linear import cores, kernel, models, rounding, tasks, training
from convbias.linear.losses import cross_entropy

LOOP = "conv", "hinge", 3, 1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Loops are compiled again, and their code is kept in this folder only."""
    monkeypatch.setitem(vars(config), "CACHE_DIR", str(tmp_path))
    cores.compiled_loop.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    cores.compiled_loop.cache_clear()


def trained():
    """The weights of three networks, and how their training ended."""
    task = tasks.make("cls", 10)
    points = np.stack([tasks.draw_points(task, 7, 6, seed) for seed in range(3)])
    weights = models.draw_weights("conv", 10, 3, 7, "cls", 6, [0, 1, 2], 0.1)
    outcome = training.train(task, "conv", "hinge", 3, weights, points, 0.1, 5000)
    return outcome.weights.tobytes(), outcome.stopped


def test_without_a_folder_code_is_compiled_but_not_kept(folder, monkeypatch):
    expected = trained()
    (kept,) = folder.rglob("*.nbc")
    kept.unlink()
    monkeypatch.setattr(compilation, "writable", lambda folder: False)
    cores.compiled_loop.cache_clear()
    assert trained() == expected
    assert [*folder.rglob("*.nbc")] == []


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    assert compilation.writable(tmp_path / "new" / "folder")
    (tmp_path / "file").touch()
    assert not compilation.writable(tmp_path / "file" / "folder")
    assert {path.name for path in tmp_path.rglob("*")} == {"new", "file", "folder"}


def meaning(*loop):
    return compilation.meaning(kernel.training_loop(*loop, unwrap))


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (kernel, "MANY", 3),
        (kernel, "LARGE", 2.0**300),
        (kernel, "inf", 1e300),
        (kernel, "DIVERGED", 7),
        (cross_entropy, "exp_of_minus", lambda x: 2.0**-x),
        (cross_entropy, "slope", lambda margin: 0.5),
        (rounding, "LAST", 700.0),
        (rounding, "HALVED", 0.5 ** np.arange(1075)),
        (rounding, "TAYLOR", (1.0, 1.0, 0.5)),
        (cross_entropy, "SLOPE", "constant"),
    ],
)
def test_the_key_follows_a_change_of_all_that_a_loop_refers_to(module, name, value, monkeypatch):
    loop = "conv", "cross_entropy", 3, 1
    before = meaning(*loop)
    assert meaning(*loop) == before
    monkeypatch.setattr(module, name, value)
    assert meaning(*loop) != before


def test_the_key_ignores_modules_to_which_a_loop_does_not_refer(monkeypatch):
    before = meaning(*LOOP)
    monkeypatch.setattr(rounding, "LAST", 700.0)
    monkeypatch.setattr(training, "MARGINS", 1)
    assert meaning(*LOOP) == before


def test_each_loop_has_its_own_key():
    loops = [("conv", "hinge", 3, 1), ("conv", "hinge", 3, 2), ("conv", "hinge", 4, 1)]
    loops += [("conv", "xhinge", 3, 1), ("one_layer", "hinge", 3, 1)]
    assert len({repr(meaning(*loop)) for loop in loops}) == len(loops)


def test_the_key_follows_a_change_inside_a_function():
    def made(source):
        names = {"__name__": "own", "BOUND": 2.0}
        exec(source, names)
        return compilation.meaning(names["slope"])

    source = "def part(x):\n    return x < BOUND\n\ndef slope(x):\n    return 1.0 if part(x) else 0.0\n"
    changes = [source.replace(old, new) for old, new in (("<", "<="), ("BOUND", "1.0"), ("1.0 if", "2.0 if"))]
    assert made(source) == made("# a comment\n" + source)
    assert len({repr(made(text)) for text in (source, *changes)}) == 4


def test_a_function_that_calls_itself_has_a_key():
    names: dict = {}
    exec("def count(n):\n    return n and count(n - 1)", names)
    assert "itself" in repr(compilation.meaning(names["count"]))


PROGRAM = """
import sys
import numpy as np
from convbias.linear import cores, kernel, models, tasks, training

for loop in sys.argv[1:]:
    model, loss, k, kernel.ZERO_LOSS = (int(part) if part.isdigit() else part for part in loop.split("-"))
    cores.compiled_loop.cache_clear()
    task = tasks.make("cls", 20)
    points = np.stack([tasks.draw_points(task, 7, 12, seed) for seed in range(3)])
    weights = models.draw_weights(model, 20, k, 7, "cls", 12, [0, 1, 2], 0.1)
    trained = training.train(task, model, loss, k, weights, points, 0.1, 2000)
    read = sum(cores.compiled_loop(model, loss, k, 1).stats.cache_hits.values())
    print(loop, read, *trained.stopped, trained.weights.tobytes().hex())
assert "torch" not in sys.modules
"""


def program(home, *loops):
    """Train with each loop in a new process; returns the loops that were read from disk, and the result of each loop.

    A loop is a model, a loss, a filter size, and the number that the kernel uses for networks with a loss of 0.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *loops],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [loop for loop, read, *_ in lines if read == "1"], {loop: result for loop, _, *result in lines}


def test_code_that_is_read_from_disk_and_other_code_of_the_process_do_not_mix(tmp_path):
    """Functions of the same name: of other models, losses and filter sizes, and with another constant."""
    loops = ["conv-hinge-3-1", "conv-hinge-2-1", "conv-hinge-3-2", "one_layer-hinge-3-1", "conv-xhinge-3-1"]
    read, expected = program(tmp_path / "one", *loops)
    assert read == [] and expected[loops[0]][:3] == ["zero_loss"] * 3 and expected[loops[2]][:3] == ["diverged"] * 3
    for loop in loops[:3]:  # each is the first one that its process compiles
        assert program(tmp_path / "other", loop) == ([], {loop: expected[loop]})
    first, *others = loops[::-1]
    read, results = program(tmp_path / "other", first, *others)
    assert read == loops[2::-1] and results == expected
    assert program(tmp_path / "other", *loops) == (loops, expected)
