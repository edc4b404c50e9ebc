"""The jobs that a configuration needs."""

from collections import Counter

import pytest

from convbias import catalogue, registry, tables
from convbias_pipeline.configuration.load import ENTRIES
from convbias_pipeline.jobs import plan
from running import changes, expanded

MAIN, SMOKE = expanded({}), expanded(changes())


def datasets(config):
    """The wildcards of the jobs that draw training sets; experiments share them."""
    names = ("task", "n_train", "first", "last")
    jobs = [*plan.shards(config, "linear"), *plan.estimates(config)]
    return {(config["linear"][job["experiment"]]["d"], *(job[name] for name in names)) for job in jobs}


def inputs(config):
    """The wildcards of the jobs that draw the inputs of detection tasks; experiments share them."""
    names, settings = ("task", "n_train", "first", "last"), ("d", "l", "n_patterns", "n_test")
    jobs = [(job, config["detection"][job["experiment"]]) for job in plan.shards(config, "detection")]
    return {(*(job[name] for name in names), *(experiment[key] for key in settings)) for job, experiment in jobs}


def test_the_main_configuration_plans_these_jobs():
    counts = {
        "train_linear": len(list(plan.shards(MAIN, "linear"))),
        "train_detection": len(list(plan.shards(MAIN, "detection"))),
        "make_dataset": len(datasets(MAIN)),
        "make_inputs": len(inputs(MAIN)),
        "estimate_asymptotics": len(list(plan.estimates(MAIN))),
        "compute_theory": len(list(plan.entries(MAIN, "theory"))),
        "make_examples": len(list(plan.entries(MAIN, "examples"))),
    }
    assert counts == {
        "train_linear": 528,
        "train_detection": 375,
        "make_dataset": 143,
        "make_inputs": 102,
        "estimate_asymptotics": 228,
        "compute_theory": 42,
        "make_examples": 2,
    }


@pytest.mark.parametrize("config", [MAIN, SMOKE], ids=["main", "smoke"])
def test_no_job_is_planned_twice(config):
    for section in ("linear", "detection"):
        assert max(Counter(tuple(job.values()) for job in plan.shards(config, section)).values()) == 1
    assert max(Counter(tuple(job.values()) for job in plan.estimates(config)).values()) == 1


@pytest.mark.parametrize("seeds_per_job", [1, 4, 5, 6, 7, 10**9])
def test_shards_cover_all_seeds_in_order(seeds_per_job):
    config = {**SMOKE, "seeds_per_job": seeds_per_job}
    blocks = {}
    for job in plan.shards(config, "linear"):
        *where, first, last = job.values()
        blocks.setdefault(tuple(where), []).append(range(first, last + 1))
    for (experiment, *_), parts in blocks.items():
        assert [seed for part in parts for seed in part] == list(range(config["linear"][experiment]["seeds"]))
        assert all(len(part) == seeds_per_job for part in parts[:-1])


def test_an_experiment_crosses_its_lists():
    experiment = SMOKE["linear"]["wu2019-fig2"]
    jobs = [job for job in plan.shards(SMOKE, "linear") if job["experiment"] == "wu2019-fig2"]
    places = {(job["task"], job["n_train"], job["model"], job["loss"]) for job in jobs}
    assert places == {
        (task, n_train, model, "hinge")
        for task in ("cls", "third_person")
        for n_train in experiment["n_train"][task]
        for model in ("one_layer", "conv")
    }
    assert len(places) == len(jobs)


def test_only_models_that_fit_a_training_are_trained():
    pairs = {(job["model"], job["training"]) for job in plan.shards(MAIN, "detection")}
    assert pairs == {
        ("conv_pool", "adam"),
        ("conv_pool", "gradient_descent"),
        ("mlp", "adam"),
        ("avg_pool", "adam"),
        ("max_no_relu", "adam"),
        ("leaky_fc", "sgd"),
        ("svm", "max_margin"),
        ("svm", "perceptron"),
        ("conv_pool", "layerwise"),
        ("conv_pool", "layerwise_whole"),
        ("conv_pool", "layerwise_limit"),
    }


def test_only_experiments_that_record_have_trajectories():
    recorded = {job["experiment"] for job in plan.recorded_shards(MAIN)}
    assert recorded == {name for name, entry in MAIN["linear"].items() if entry["record_every"]}
    others = ("b0.01", "b1", "lr0.01", "lr1", "normal", "normal-first", "fan-in", "steps", "first_person")
    assert recorded == {"wu2019-fig6", *(f"wu2019-fig6-{other}" for other in others)}


def test_only_experiments_with_asymptotics_have_estimates():
    assert {job["experiment"] for job in plan.estimates(MAIN)} == {
        name for name, entry in MAIN["linear"].items() if entry["asymptotics"]
    }


def test_larger_detection_jobs_have_more_work():
    jobs = [job for job in plan.shards(MAIN, "detection") if job["experiment"] == "brutzkus2021-fig3a"]
    work = {job["n_train"]: plan.work(MAIN, job) for job in jobs}
    assert list(work.values()) == sorted(work.values()) and work[1000] == 1000 * 10 * 20 * 500 // 1000
    digits = next(job for job in plan.shards(MAIN, "detection") if job["task"] == "digits" and job["n_train"] == 1000)
    assert plan.work(MAIN, digits) == 1000 * 4 * 784 * 500 // 1000  # an image of MNIST has 784 pixels


def test_only_tasks_and_figures_of_digits_use_images():
    assert [task for task in ("digits", "orthogonal", "dynamic_signal") if plan.uses_images(task)] == ["digits"]
    assert not plan.uses_images("cls") and not plan.uses_images("unknown")
    figures = [figure for figure in MAIN["figures"] if plan.shows_images(MAIN, figure)]
    assert figures == ["brutzkus2021-fig3", "brutzkus2021-fig5", "brutzkus2021-separability"]


def test_only_adam_uses_a_gpu():
    trainings = registry.names("detection.training")
    assert [training for training in trainings if plan.uses_gpu(training)] == ["adam", "gradient_descent"]


def test_tables_and_claims_name_the_sections_that_they_are_made_from():
    assert plan.sections_of(["theory", "asymptotics", "linear"]) == ["linear", "theory"]
    assert plan.sections_of(["claims"]) == [] and set(plan.sections_of(plan.TABLES)) == set(ENTRIES)
    assert plan.tables_of_claims({**MAIN, "claims": {"wu2019-xhinge-estimate": {}, "wu2019-lemma1": {}}}) == [
        "linear",
        "asymptotics",
        "theory",
    ]


def test_a_figure_has_the_statements_of_the_claims_that_are_decided():
    claims = ("brutzkus2021-fig4", "brutzkus2021-fig4-relative")
    found = plan.statements(MAIN, "brutzkus2021-fig4")
    assert found == [(catalogue.claims()[name].where, catalogue.claims()[name].statement) for name in claims]
    assert plan.statements({**MAIN, "claims": {claims[1]: {}}}, "brutzkus2021-fig4") == found[1:]


def test_every_table_has_a_schema():
    assert [*tables.SCHEMAS] == plan.TABLES
