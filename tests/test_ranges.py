"""Values that are no results are refused when a table is built."""

from math import inf, nan

import numpy as np
import pyarrow as pa
import pytest

from convbias.columns import build
from convbias.detection.tables import DETECTION, EXAMPLES, INPUTS
from convbias.linear.tables import ASYMPTOTICS, POINTS, RUNS
from convbias.ranges import problems

COLUMNS = {
    "experiment": "own",
    "task": "cls",
    "images": None,
    "model": "conv",
    "loss": "hinge",
    "training": "adam",
    **dict.fromkeys(("d", "l", "k", "n_patterns", "n_train", "n_test", "width", "n_parameters", "height"), 4),
    "noise": 0.0,
    "noise_law": "ball",
    "seed": [0, 0, 1],
    "init_seed": [0, 1, 2],
    "learning_rate": 0.1,
    "init_scale": 1,
    "init_law": "uniform",
    "target_loss": 0.01,
    "batch_size": 0,
    "steps": [5, 9, 16],
    "stopped": ["zero_loss", "step_limit", "diverged"],
    "train_loss": [0.0, inf, nan],
    "train_error": [0.0, 1.0, nan],
    "test_error": [0.25, 1.0, nan],
    "recorded_step": [[0, 10]] * 3,
    "recorded_train_loss": [[1.5, 0.5], [1.5, 0.0], [1.5, nan]],
    "recorded_train_error": [[0.5, 0.0], [0.5, 0.0], [0.5, nan]],
    "recorded_test_error": [[0.5, 0.0], [0.5, 0.0], [0.5, nan]],
    "sigma1": 0.5,
    "sigma2": 0.0,
    "degenerate": False,
    "gaussian_test_error": 0.5,
    "points": [[0, 3]] * 3,
    "test": True,
    "y": [-1, 1, 1],
    "patterns": [[0, 3]] * 3,
    "sample": 0,
    "place": [0, 1, 2],
    "pattern": [0, 1, 2],
    "role": [-1, 0, 1],
    "pixels": [[0.5, -1.0]] * 3,
}
FINISHED = COLUMNS | {name: [0.0, 0.5, 1.0] for name in ("train_loss", "train_error", "test_error")}
STOPS = "zero_loss, fitted, separated, not_separable, all_steps, step_limit, diverged"
PROPORTION = "must be a number from 0 to 1"


@pytest.mark.parametrize("schema", [RUNS, DETECTION, EXAMPLES, INPUTS, POINTS], ids=lambda schema: schema.names[-1])
def test_results_are_accepted(schema):
    assert build(schema, COLUMNS).num_rows == 3
    assert problems(schema.empty_table()) == []


def test_estimates_have_all_errors():
    assert build(ASYMPTOTICS, FINISHED).num_rows == 3
    with pytest.raises(ValueError, match=rf"\ncolumn test_error, row 2: {PROPORTION}; found none$"):
        build(ASYMPTOTICS, FINISHED | {"test_error": [0.5, 0.5, nan]})


@pytest.mark.parametrize(
    ("schema", "column", "values", "line"),
    [
        (RUNS, "test_error", [7.0, 1.0, nan], f"row 0: {PROPORTION}; found 7.0"),
        (RUNS, "train_error", [0.0, -0.5, nan], f"row 1: {PROPORTION}; found -0.5"),
        (RUNS, "test_error", [0.5, nan, nan], f"row 1: {PROPORTION}; found none"),
        (RUNS, "train_loss", [nan, 0.0, nan], "row 0: must be at least 0; found none"),
        (RUNS, "train_loss", [0.0, -0.1, nan], "row 1: must be at least 0; found -0.1"),
        (RUNS, "recorded_test_error", [[0.0], [0.5, 2.0], [nan]], f"row 1: {PROPORTION}; found 2.0"),
        (RUNS, "recorded_test_error", [[0.0], [0.5, nan], [nan]], f"row 1: {PROPORTION}; found none"),
        (RUNS, "recorded_step", [[0], [-10], [0]], "row 1: must be at least 0; found -10"),
        (RUNS, "recorded_step", [[0], None, [0]], "row 1: must be a list; found none"),
        (RUNS, "steps", [-1, 0, 0], "row 0: must be at least 0; found -1"),
        (RUNS, "steps", [1, None, 0], "row 1: must be at least 0; found none"),
        (RUNS, "stopped", ["done", "diverged", "diverged"], f"row 0: must be one of {STOPS}; found done"),
        (RUNS, "experiment", ["own", None, "own"], "row 1: must be a value; found none"),
        (RUNS, "n_train", 0, "row 0: must be at least 1; found 0"),
        (RUNS, "init_scale", 0.0, "row 0: must be a positive number; found 0.0"),
        (RUNS, "learning_rate", inf, "row 0: must be a positive number; found inf"),
        (DETECTION, "noise", -1.0, "row 0: must be at least 0; found -1.0"),
        (DETECTION, "train_loss", [0.0, -0.1, nan], "row 1: must be at least 0; found -0.1"),
        (INPUTS, "y", [-1, 0, 1], "row 1: must be one of -1, 1; found 0"),
        (INPUTS, "patterns", [[0], [0, -1], [2]], "row 1: must be at least 0; found -1"),
        (POINTS, "points", [[0], [2], [-3]], "row 2: must be at least 0; found -3"),
        (EXAMPLES, "role", [-1, 2, 1], "row 1: must be one of -1, 0, 1; found 2"),
        (EXAMPLES, "pixels", [[0.5], [0.5, inf], [0.5]], "row 1: must be a finite number; found inf"),
    ],
)
def test_values_that_no_result_has_are_refused(schema, column, values, line):
    head = "These rows are no results. Correct the code that computes them:"
    with pytest.raises(ValueError, match=r"^These rows are no results") as caught:
        build(schema, COLUMNS | {column: values})
    assert str(caught.value) == f"{head}\ncolumn {column}, {line}"


def test_all_columns_are_named_at_once():
    spoiled = COLUMNS | {"steps": [1, -2, -3], "test_error": [0.5, 0.5, 8.0], "d": 0}
    with pytest.raises(ValueError, match=r"^These rows are no results") as caught:
        build(RUNS, spoiled)
    assert [line.split(",")[0] for line in str(caught.value).split("\n")[1:]] == [
        "column d",
        "column steps",
        "column test_error",
    ]


def test_only_a_loss_that_is_a_multiple_of_the_margin_can_be_negative():
    negative = {"train_loss": [-1.0, -inf, nan], "recorded_train_loss": [[-1.0], [1.0], [nan]]}
    assert build(RUNS, COLUMNS | negative | {"loss": "xhinge"}).num_rows == 3
    lines = problems(
        build(RUNS, COLUMNS | negative | {"loss": "xhinge"}).set_column(3, "loss", pa.array(["hinge"] * 3))
    )
    assert [line.split(",")[0] for line in lines] == ["column train_loss", "column recorded_train_loss"]


def test_a_limit_of_a_set_that_is_not_separable_has_no_loss_but_errors():
    unseparable = {"stopped": "not_separable", "train_loss": nan, "train_error": 0.5}
    assert build(DETECTION, COLUMNS | unseparable | {"test_error": 0.5}).num_rows == 3
    with pytest.raises(ValueError, match=rf"\ncolumn test_error, row 0: {PROPORTION}; found none$"):
        build(DETECTION, COLUMNS | unseparable | {"test_error": nan})


def test_a_not_a_number_is_no_value_either():
    table = build(RUNS, COLUMNS)
    place = table.schema.get_field_index("test_error")
    spoiled = table.set_column(place, table.schema.field(place), pa.array(np.array([0.5, nan, nan])))
    assert problems(spoiled) == [f"column test_error, row 1: {PROPORTION}; found nan"]
    assert problems(table) == []
