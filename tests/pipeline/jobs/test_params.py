"""The params of each kind of job change if, and only if, something changes that its result depends on."""

import copy
import json
import shutil
from functools import partial

import pytest

from convbias_pipeline.configuration.load import ENTRIES
from convbias_pipeline.jobs import plan
from convbias_pipeline.jobs.params import JobParams, job_of
from running import ROOT, changes, expanded

SCRIPTS = ROOT / "workflow" / "scripts"
SMOKE = expanded(changes())
BLOCK = {"first": "0", "last": "5"}  # Snakemake's wildcards are strings
LINEAR = {"experiment": "wu2019-fig2", "task": "cls", "n_train": "10", "model": "conv", "loss": "hinge", **BLOCK}
DETECTION = {
    "experiment": "brutzkus2021-fig3a",
    "task": "orthogonal",
    "model": "mlp",
    "training": "adam",
    "n_train": "10",
}
DIGITS = {**DETECTION, "experiment": "brutzkus2021-fig3c", "task": "digits", "model": "conv_pool", "n_train": "20"}
INPUTS = {"task": "orthogonal", "d": "8", "l": "6", "n_patterns": "4", "n_train": "10", "n_test": "200", **BLOCK}
OF_LINEAR = ["linear.tasks.{task}", "linear.models.{model}", "linear.losses.{loss}"]
OF_DETECTION = ["detection.tasks.{task}", "detection.models.{model}", "detection.training.{training}"]

# The params of one job of each kind, as the rules ask for them
JOBS = {
    "train_linear": lambda params: params("train_linear", LINEAR, section="linear", plugins=OF_LINEAR),
    "train_detection": lambda params: params(
        "train_detection", {**DETECTION, **BLOCK}, section="detection", plugins=OF_DETECTION
    ),
    "train_digits": lambda params: params(
        "train_detection", {**DIGITS, **BLOCK}, section="detection", plugins=OF_DETECTION
    ),
    "make_dataset": lambda params: params(
        "make_dataset", {"task": "cls", "d": "10", "n_train": "10", **BLOCK}, plugins=["linear.tasks.{task}"]
    ),
    "make_inputs": lambda params: params("make_inputs", INPUTS, plugins=["detection.tasks.{task}"]),
    "make_input_digits": lambda params: params(
        "make_inputs", {**INPUTS, "task": "digits"}, plugins=["detection.tasks.{task}"]
    ),
    "estimate_asymptotics": lambda params: params(
        "estimate_asymptotics",
        {"experiment": "wu2019-fig5", "task": "cls", "n_train": "10", **BLOCK},
        section="linear",
        settings=["d", "k"],
        plugins=["linear.tasks.{task}"],
    ),
    "compute_theory": lambda params: params.theory({"experiment": "wu2019-lemma1"}),
    "make_examples": lambda params: params(
        "make_examples", {"experiment": "brutzkus2021-fig1"}, section="examples", plugins=["detection.tasks.{task}"]
    ),
    "plot_figure": lambda params: params.figure("brutzkus2021-fig3"),
    "plot_explorer": lambda params: params.explorer(),
    "check_claims": lambda params: params.claims(),
}
OF_DIGITS = {"train_digits", "make_input_digits", "plot_figure"}
WITHOUT_SEED = {"plot_figure", "plot_explorer", "check_claims"}  # they only read tables
ENTRY_OF = {  # the entry of each job, if it has one
    "train_linear": ("linear", "wu2019-fig2"),
    "train_detection": ("detection", "brutzkus2021-fig3a"),
    "estimate_asymptotics": ("linear", "wu2019-fig5"),
    "compute_theory": ("theory", "wu2019-lemma1"),
    "make_examples": ("examples", "brutzkus2021-fig1"),
}
NO_SETTINGS = {  # keys of an entry that do not change the result of one job
    "train_linear": {"tasks", "models", "losses", "n_train", "seeds", "asymptotics"},
    "train_detection": {"tasks", "models", "trainings", "n_train", "seeds"},
    "estimate_asymptotics": {*SMOKE["linear"]["wu2019-fig5"]} - {"d", "k"},
    "compute_theory": set(),
    "make_examples": set(),
}
OTHER_VALUES = {"tasks": ["cls"], "task": "dynamic_signal", "models": ["conv"], "trainings": ["layerwise"]}


def of_all(config, images="MNIST", scripts=SCRIPTS):
    """The params of one job of each kind."""
    params = JobParams(config, scripts, lambda: images)
    return {name: job(params) for name, job in JOBS.items()}


def changed(config, **how):
    """The kinds of jobs whose params differ from those of the smoke preset."""
    before, after = of_all(SMOKE), of_all(config, **how)
    return {name for name in JOBS if before[name] != after[name]}


def put(*path_and_value):
    """The smoke preset with another value at one place."""
    *parents, key, value = path_and_value
    config = place = copy.deepcopy(SMOKE)
    for parent in parents:
        place = place[parent]
    place[key] = value
    return config


def types(value):
    """The types of a value and of all that it contains."""
    inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return {type(value), *(kind for one in inner for kind in types(one))}


@pytest.mark.parametrize("name", JOBS)
def test_params_are_plain_values(name):
    params = of_all(SMOKE)[name]
    assert types(params) <= {dict, list, str, int, float, bool, type(None)}
    assert json.loads(json.dumps(params)) == params


def test_the_code_that_makes_the_inputs_is_part_of_the_params():
    """The rest of what the inputs depend on is part of them anyway."""
    params = JobParams(SMOKE, SCRIPTS, lambda: "MNIST")
    expected = {"points": params("make_dataset", {"task": "cls", "d": "10", "n_train": "10", **BLOCK})}
    made = params("train_linear", LINEAR, section="linear", plugins=OF_LINEAR, expected=expected)
    assert made == {**JOBS["train_linear"](params), "points_code": expected["points"]["code"]}
    assert {item for item in expected["points"].items() if item[0] != "code"} <= made.items()


def test_the_order_of_settings_in_a_file_has_no_effect():
    """Snakemake compares params as text."""
    config = copy.deepcopy(SMOKE)
    for section in ENTRIES:
        config[section] = {name: dict(reversed(entry.items())) for name, entry in reversed(config[section].items())}
    assert repr(of_all(config)) == repr(of_all(SMOKE))


def test_whole_numbers_of_wildcards_are_numbers():
    job = job_of({"experiment": "2019", "task": "cls", "n_train": "10", "first": "0", "last": "5"})
    assert job == {"experiment": "2019", "task": "cls", "n_train": 10, "first": 0, "last": 5}
    params = of_all(SMOKE)
    assert (params["make_inputs"]["n_test"], params["make_dataset"]["d"]) == (200, 10)


def test_params_hold_wildcards_settings_code_and_root_seed():
    params = of_all(SMOKE)["train_linear"]
    settings = {key: SMOKE["linear"]["wu2019-fig2"][key] for key in SMOKE["linear"]["wu2019-fig2"]}
    own = {key: value for key, value in settings.items() if key not in {*NO_SETTINGS["train_linear"], "labels"}}
    assert params == {**job_of(LINEAR), **own, "root_seed": 2019, "code": params["code"]}
    assert list(own) != sorted(own) and [key for key in params if key in own] == sorted(own)


@pytest.mark.parametrize("name", ENTRY_OF)
def test_a_setting_changes_the_jobs_of_its_experiment_only(name):
    section, entry = ENTRY_OF[name]
    others = {other for other in ENTRY_OF if ENTRY_OF[other] != (section, entry)} | {"make_dataset", "make_inputs"}
    for key in SMOKE[section][entry].keys() - {"check", "labels"}:
        found = changed(put(section, entry, key, OTHER_VALUES.get(key, 77)))
        assert (name in found) == (key not in NO_SETTINGS[name]), key
        assert not others & found, key


def test_labels_change_claims_only():
    """The table of claims shows the assumed settings of each claim."""
    assert changed(put("linear", "wu2019-fig2", "labels", "k", "stated")) == {"check_claims"}
    assert changed(put("theory", "wu2019-lemma1", "labels", "d", "stated")) <= {"check_claims"}


def test_the_root_seed_changes_all_jobs_that_compute():
    assert changed(put("root_seed", 2020)) == set(JOBS) - WITHOUT_SEED


@pytest.mark.parametrize(
    ("key", "value"),
    [("seeds_per_job", 3), ("device", "cuda"), ("jobs_per_gpu", 4), ("digits", "mnist"), ("mnist", "/elsewhere")],
)
def test_other_general_settings_change_nothing(key, value):
    assert changed(put(key, value)) == set()


def test_asymptotics_and_seeds_do_not_retrain():
    for key, value in (("asymptotics", True), ("seeds", 60), ("n_train", {"cls": [10, 20], "third_person": [10]})):
        assert changed(put("linear", "wu2019-fig2", key, value)) <= {"check_claims"}
    config = put("linear", "wu2019-fig2", "seeds", 12)
    before, after = (
        {json.dumps(job): job for job in plan.shards(each, "linear") if job["experiment"] == "wu2019-fig2"}
        for each in (SMOKE, config)
    )
    assert before.keys() < after.keys() and len(after) == 2 * len(before)


def test_images_change_jobs_of_digits_only():
    assert changed(SMOKE, images="bundled 8x8 digits") == OF_DIGITS


def test_jobs_without_digits_do_not_ask_for_images():
    def images():
        raise AssertionError

    params = JobParams(SMOKE, SCRIPTS, images)
    for name in JOBS.keys() - OF_DIGITS:
        JOBS[name](params)
    for name in OF_DIGITS:
        with pytest.raises(AssertionError):
            JOBS[name](params)


@pytest.fixture
def scripts(tmp_path):
    """A copy of the scripts that a test can edit."""
    copied = tmp_path / "scripts"
    return shutil.copytree(SCRIPTS, copied, ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("convbias/linear/tasks/cls.py", {"train_linear", "make_dataset", "estimate_asymptotics", "compute_theory"}),
        ("convbias/linear/tasks/third_person.py", {"compute_theory"}),
        ("convbias/linear/tasks/first_person.py", set()),
        ("convbias/detection/tasks/orthogonal.py", {"train_detection", "make_inputs", "make_examples"}),
        ("convbias/detection/tasks/digits.py", {"train_digits", "make_input_digits"}),
        ("convbias/linear/models/conv.py", {"train_linear", "compute_theory"}),  # this check trains conv with X-hinge
        ("convbias/linear/models/two_layer.py", set()),
        ("convbias/linear/losses/xhinge.py", {"compute_theory"}),
        ("convbias/linear/losses/cross_entropy.py", set()),
        ("convbias/detection/training/adam.py", {"train_detection", "train_digits"}),
        ("convbias/papers/wu2019/checks/xhinge_steps.py", {"compute_theory"}),
        ("convbias/papers/wu2019/claims/xhinge_estimate.py", {"check_claims"}),
        ("convbias/papers/brutzkus2021/figures/fig3.py", {"plot_figure"}),
        ("convbias/figures/explorer.py", {"plot_explorer"}),
        ("train_linear.py", {"train_linear"}),
        ("check_claims.py", {"check_claims"}),
        ("convbias_pipeline/jobs/plan.py", set()),
    ],
)
def test_code_changes_the_jobs_that_run_it(scripts, file, names):
    of_copy = partial(of_all, SMOKE, scripts=scripts)
    before = of_copy()
    with (scripts / file).open("a") as module:
        module.write("\nCHANGED = True\n")
    after = of_copy()
    assert {name for name in JOBS if before[name] != after[name]} == names


def test_other_experiments_of_a_figure_or_a_claim_change_it():
    assert changed(put("figures", "brutzkus2021-fig3", ["brutzkus2021-fig3c"])) == {"plot_figure"}
    assert changed(put("claims", "wu2019-xhinge-estimate", "experiments", ["wu2019-fig5", "wu2019-fig6"])) == {
        "check_claims"
    }
    sensitivity = {"learning rate 1": ["wu2019-fig2"]}
    assert changed(put("claims", "wu2019-xhinge-estimate", "sensitivity", sensitivity)) == {"check_claims"}
