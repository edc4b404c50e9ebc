"""The workflow as a user runs it: real processes in a copy of the repository."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
import yaml
from test_configuration import MISTAKES, PAPER, preset, put

from convbias.claims.table import CLAIMS
from convbias.detection import tables as patterns
from convbias.linear import tables as linear
from convbias_pipeline.jobs import plan
from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import read_table
from running import copy_repository, job_counts, small, smoke, snakemake

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()


def unfolded(name):
    """A preset as the workflow has it: no experiment has lists of settings."""
    config = preset(name)
    plan.unfold(config)
    return config


SMOKE = unfolded("tests/config.yaml")


@pytest.fixture(scope="module")
def repository(finished, tmp_path_factory):
    """A copy of the repository in which the smoke preset has run."""
    return shutil.copytree(finished, tmp_path_factory.mktemp("workflow") / "repository", symlinks=True)


def expected_rows(config):
    names = ("experiment", "task", "model", "loss", "n_train", "seed")
    rows = []
    for name, experiment in config["experiments"].items():
        for task in experiment["tasks"]:
            for n_train in experiment["n_train"][task]:
                for model in experiment["models"]:
                    for loss in experiment["losses"]:
                        for seed in range(experiment["seeds"]):
                            row = dict(zip(names, (name, task, model, loss, n_train, seed), strict=True))
                            rows += [row] * experiment["initialisations"]
    return names, rows


def test_smoke_preset_gives_every_row_once_with_its_certificate(repository):
    table, origin = read_table(repository / "results/tables/linear.parquet")
    names, rows = expected_rows(SMOKE)
    assert table.schema.names == linear.LINEAR.names
    assert sorted(map(str, table.select(names).to_pylist())) == sorted(map(str, rows))
    assert all(table[column].null_count == 0 for column in table.column_names)
    for row in table.to_pylist():
        expected = ("zero_loss", 0.0) if row["loss"] == "hinge" else ("all_steps", row["train_loss"])
        assert (row["stopped"], row["train_loss"]) == expected
        assert 0 <= row["test_error"] <= 1 and row["steps"] > 0
    assert len(origin["parts"]) == 1 and set(origin["parts"][0]) == set(origin) - {"configuration", "parts", "rows"}
    groups = origin["configuration"]["parts"]["groups"]
    assert {group["shared"]["root_seed"] for group in groups} == {SMOKE["root_seed"]}
    steps, _ = read_table(repository / "results/tables/trajectories.parquet")
    assert steps.schema.names == linear.TRAJECTORIES.names
    assert steps.num_rows == 11 * sum(row["experiment"] == "wu2019-fig6" for row in rows)
    limits, _ = read_table(repository / "results/tables/asymptotics.parquet")
    assert limits.schema.names == linear.ASYMPTOTICS.names
    assert limits.num_rows == sum(row["experiment"] in ("wu2019-fig5", "wu2019-k1") for row in rows)


def test_smoke_preset_gives_every_detector_once_with_its_certificate(repository):
    table, _ = read_table(repository / "results/tables/patterns.parquet")
    names = ("experiment", "task", "model", "training", "n_train", "seed")
    fitting = {"adam": {"conv_pool", "mlp"}, "max_margin": {"svm"}}
    rows = [
        (name, task, model, training, n_train, seed)
        for name, experiment in SMOKE["patterns"].items()
        for task in experiment["tasks"]
        for n_train in experiment["n_train"][task]
        for model in experiment["models"]
        for training in experiment["trainings"]
        if model in fitting.get(training, {"conv_pool"})
        for seed in range(experiment["seeds"])
    ]
    assert table.schema.names == patterns.PATTERNS.names
    assert sorted(tuple(row[name] for name in names) for row in table.to_pylist()) == sorted(rows)
    ends = {
        "adam": {"fitted", "step_limit"},
        "max_margin": {"separated"},
        "layerwise": {"all_steps"},
        "layerwise_limit": {"separated"},
    }
    for row in table.to_pylist():
        assert row["stopped"] in ends[row["training"]] and 0 <= row["test_error"] <= 1
        if row["training"] == "adam":
            fits = row["train_loss"] < row["target_loss"] and row["train_error"] == 0
            assert (row["stopped"] == "fitted") == fits and (fits or row["steps"] == 2000)
        assert row["images"] == ("bundled 8x8 digits" if row["task"] == "digits" else None)
        assert row["d"] == (64 if row["task"] == "digits" else 8)


def test_smoke_preset_decides_its_claims(repository):
    table, origin = read_table(repository / "results/tables/claims.parquet")
    assert table.schema.names == CLAIMS.names and origin["configuration"]["claims"].keys() == SMOKE["claims"].keys()
    rows = {row["id"]: row for row in table.to_pylist()}
    assert list(rows) == list(SMOKE["claims"])
    for name in ("wu2019-closed-form", "brutzkus2021-thm4.2"):
        assert rows[name]["verdict"] == "holds" and rows[name]["cases"] > 0 == rows[name]["violations"]
    assert rows["wu2019-fig2-cls"]["sensitivity"][0]["setting"] == "b = 1"
    assert "learning_rate = 0.1" in rows["wu2019-fig2-cls"]["assumed"]
    page, readme = ((repository / f"results/claims.{ending}").read_text() for ending in ("html", "md"))
    assert all(f'id="{name}"' in page and f"| `{name}` " in readme for name in rows)


def test_claims_are_decided_anew_from_the_tables_that_are_there(repository, tmp_path):
    """Without a look at what the tables come from: `make claims`."""
    (recipe,) = re.findall(r"^claims: .*\n\t\$\(BIN\)/snakemake --cores \$\(CORES\) (.*)$", MAKEFILE, re.MULTILINE)
    where = copy_repository(tmp_path)
    shutil.copytree(repository / "results/tables", where / "results/tables")
    (where / "results/tables/claims.parquet").unlink()
    done = smoke(where, "--cores", 2, *recipe.split())
    assert done.returncode == 0, done.stdout
    theirs, ours = (read_table(place / "results/tables/claims.parquet")[0] for place in (repository, where))
    assert ours.equals(theirs) and sorted(file.name for file in (where / "results/figures").glob("*.png")) == [
        "brutzkus2021-claims.png",
        "wu2019-claims.png",
    ]
    again = smoke(where, "--cores", 2, *recipe.split())
    assert again.returncode == 0 and "Decide the claims" in again.stdout
    (where / "results/tables/theory.parquet").unlink()
    lacking = smoke(where, "--cores", 2, *recipe.split())
    assert lacking.returncode != 0 and "results/tables/theory.parquet" in lacking.stdout


def test_smoke_preset_draws_every_figure(repository):
    for figure in SMOKE["figures"]:
        for ending, start in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            assert (repository / f"results/figures/{figure}.{ending}").read_bytes().startswith(start)
        header, *lines = (repository / f"results/figures/{figure}.csv").read_text().splitlines()
        assert {"n_train", "pixel", "p_holm"} & set(header.split(",")) and len(lines) > 1
    assert not list(repository.rglob("results/**/*.part"))


def test_experiments_share_training_sets(repository):
    table, _ = read_table(repository / "results/tables/linear.parquet")
    points = list((repository / "results/datasets").glob("*/d*/n*/*.parquet"))
    blocks = {name: experiment["seeds"] for name, experiment in SMOKE["experiments"].items()}
    wanted = {(row["task"], row["n_train"], blocks[row["experiment"]]) for row in table.to_pylist()}
    assert len(points) == len(wanted) < table.num_rows / 10


def test_every_table_carries_the_digest_of_its_rows(repository):
    tables = sorted((repository / "results/tables").glob("*.parquet"))
    assert len(tables) == 7
    for path in tables:
        table, origin = read_table(path)
        assert origin["rows"] == rows_digest(table), path.name


def test_other_blocks_cores_and_order_give_the_same_rows(undisturbed, tmp_path):
    """There two blocks of two seeds on two cores, here blocks of three and of one on three, some of these first."""
    other = copy_repository(tmp_path)
    (other / "other.yaml").write_text(yaml.safe_dump(small() | {"seeds_per_job": 3}))
    shards = ("wu2019-fig2/cls/one_layer/hinge/n10", "brutzkus2021-fig3a/orthogonal/conv_pool/adam/n10")
    for cores, wanted in ((1, [f"results/runs/{shard}/seeds3-3.parquet" for shard in shards]), (3, ["all"])):
        done = snakemake(other, "--configfile", "other.yaml", "--cores", cores, "--", *wanted)
        assert done.returncode == 0, done.stdout
    for path in sorted((undisturbed / "results/tables").glob("*.parquet")):
        (mine, origin), (theirs, others) = (
            read_table(str(file)) for file in (path, other / path.relative_to(undisturbed))
        )
        assert origin["rows"] == others["rows"]
        assert mine.replace_schema_metadata() == theirs.replace_schema_metadata()
    assert len(list(other.glob(f"results/runs/{shards[1]}/*.parquet"))) == 2


def test_paper_preset_has_the_jobs_that_it_should(tmp_path):
    done = snakemake(copy_repository(tmp_path), "--dry-run", "--cores", 2)
    assert done.returncode == 0, done.stdout
    config = unfolded("config.yaml")
    shards, estimates, training_sets = 0, 0, set()
    per_job = config["seeds_per_job"]
    for experiment in config["experiments"].values():
        sizes = [
            (task, experiment["d"], n, block * per_job, min(experiment["seeds"], (block + 1) * per_job))
            for task in experiment["tasks"]
            for n in experiment["n_train"][task]
            for block in range(-(-experiment["seeds"] // per_job))
        ]
        shards += len(sizes) * len(experiment["models"]) * len(experiment["losses"])
        estimates += len(sizes) * experiment["asymptotics"]
        training_sets |= set(sizes)
    detectors, inputs = 0, set()
    trained_by = {"adam": {"conv_pool", "mlp"}, "max_margin": {"svm"}}
    for experiment in config["patterns"].values():
        places = [(task, n) for task in experiment["tasks"] for n in experiment["n_train"][task]]
        sizes, shared = len(places), ("d", "l", "n_patterns", "n_test", "seeds")
        inputs |= {(*place, *(experiment[name] for name in shared)) for place in places}
        for training in experiment["trainings"]:
            detectors += sizes * len(trained_by.get(training, {"conv_pool"}) & set(experiment["models"]))
    expected = {
        "make_digits": 1,
        "make_inputs": len(inputs),
        "make_examples": len(config["examples"]),
        "train_patterns": detectors,
        "make_dataset": len(training_sets),
        "train_linear": shards,
        "estimate_asymptotics": estimates,
        "compute_theory": len(config["theory"]),
        "collect_table": 6,
        "check_claims": 1,
        "plot_figure": len(config["figures"]),
        "tabulate_times": 1,
        "all": 1,
    }
    assert job_counts(done.stdout) == {**expected, "total": sum(expected.values())}


def caption_of(figure, config, **spec):
    """As Snakemake fills it in for its report."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((ROOT / "workflow/report/figure.rst").read_text())
    params = SimpleNamespace(
        spec=spec,
        idle=plan.idle_settings(config, figure),
        caption=plan.figure_constant(figure, "CAPTION").strip(),
        claims=plan.claims_shown(config, figure),
    )
    return template.render(
        snakemake=SimpleNamespace(config=config, params=params, wildcards=SimpleNamespace(figure=figure))
    )


def idle_in(entry):
    """What nothing of an experiment reads, or is no setting."""
    trainings = entry.get("trainings", ["adam", "layerwise"])
    idle = {"labels", "curves"} | ({"d", "l"} if entry.get("tasks", [entry.get("task")]) == ["digits"] else set())
    idle |= set() if "adam" in trainings else {"learning_rate", "init_scale", "target_loss", "step_limit"}
    idle |= set() if any("layer" in name for name in trainings) else {"first_layer_steps", "second_layer_steps"}
    idle |= {"record_every"} if entry.get("record_every") == 0 else set()
    return idle | ({"noise_law"} if entry.get("noise") == 0 else set())


@pytest.mark.parametrize("paper", ["wu2019", "brutzkus2021"])
def test_the_figures_of_claims_have_a_caption(paper):
    caption = caption_of(f"{paper}-claims", unfolded("config.yaml"))
    assert caption.startswith(f"The claims of {paper}: ") and "Settings of" not in caption


@pytest.mark.parametrize("figure", [name for name in PAPER["figures"] if not name.endswith("-claims")])
def test_every_figure_has_a_caption_that_labels_its_settings(figure):
    config, images = unfolded("config.yaml"), {"images": "MNIST"} if figure.endswith("fig5") else {}
    caption = caption_of(figure, config, **images)
    text, settings = caption.split("\n\nSettings of ")
    assert text.startswith(f"{figure.split('-')[0]}, ") and len(text) > 150
    assert ("The digits are MNIST." in text) == bool(images)
    own, *others = config["figures"][figure]
    entries = {**config["experiments"], **config["patterns"], **config["theory"], **config["examples"]}
    labels = {**config["labels"], **entries[own].get("labels", {})}
    lines = {line.split("*: ")[0].strip("*").lower(): line for line in settings.splitlines() if line.startswith("*")}
    idle = idle_in(entries[own])
    for key, value in entries[own].items():
        assert (f" {key} = " in "".join(lines.values())) == (key not in idle)
        assert key in idle or f"{key} = {value}" in lines[labels[key]]
    for name in others:
        (line,) = [line for line in settings.splitlines() if line.startswith(f"{name} differs in: ")]
        labels = {**config["labels"], **entries[name].get("labels", {})}
        differing = {
            key: value
            for key, value in entries[name].items()
            if key not in idle_in(entries[name]) and (key in idle or value != entries[own].get(key))
        }
        expected = "; ".join(f"{key} = {value} ({labels[key]})" for key, value in differing.items())
        assert line == f"{name} differs in: {expected}."


def test_an_experiment_may_be_named_by_digits_and_no_figure_wanted(tmp_path):
    where = copy_repository(tmp_path)
    config = unfolded("tests/config.yaml")
    config["experiments"] = {"2019": config["experiments"]["wu2019-fig5"]}
    config["claims"] = config["figures"] = {}
    (where / "digits.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(where, "--dry-run", "--cores", 2, "--configfile", "digits.yaml")
    assert done.returncode == 0, done.stdout
    assert job_counts(done.stdout)["train_linear"] == 4


def test_jobs_run_the_core_of_their_own_checkout(tmp_path):
    """Not the one that is installed, whose fingerprint would be another."""
    where = copy_repository(tmp_path)
    module = where / "workflow/scripts/convbias/tasks/cls.py"
    module.write_text(module.read_text() + '\nprint("the core of the copy")\n')
    dataset = "datasets/cls/d10/n3/seeds0-5"
    done = smoke(where, "--cores", 1, "--", f"results/{dataset}.parquet")
    assert done.returncode == 0, done.stdout
    assert (
        "the core of the copy"
        in (where / f"results/logs/make_dataset/{dataset.removeprefix('datasets/')}.log").read_text()
    )


def test_every_mistake_in_a_configuration_is_reported_before_any_job(tmp_path):
    where = copy_repository(tmp_path)
    config = unfolded("tests/config.yaml")
    chosen = {path: (value, line) for path, value, line in MISTAKES if path[-1] in ("learning_rat", "k", "d", "device")}
    for path, (value, _) in chosen.items():
        put(config, path, value)
    (where / "bad.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(where, "--cores", 2, "--configfile", "bad.yaml")
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert f"{len(chosen)} mistakes in bad.yaml:" in done.stdout
    assert all(line in done.stdout for _, line in chosen.values())
    assert not (where / "results").exists()
