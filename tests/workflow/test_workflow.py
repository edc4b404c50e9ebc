"""The workflow as a user runs it: real processes in a copy of the repository."""

import re
import shutil

import pytest
import yaml

from convbias.claims.table import CLAIMS
from convbias.detection import tables as detection_tables
from convbias.linear import tables as linear_tables
from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import read_table
from running import ROOT, changes, copy_repository, expanded, job_counts, small, smoke, snakemake

MAKEFILE = (ROOT / "Makefile").read_text()
SMOKE, MAIN = expanded(changes()), expanded({})
PAGES = ("results/claims.html", "results/claims.md")


@pytest.fixture(scope="module")
def repository(finished, tmp_path_factory):
    """A copy of the repository in which the smoke preset has run."""
    return shutil.copytree(finished, tmp_path_factory.mktemp("workflow") / "repository", symlinks=True)


def expected_rows(config):
    names = ("experiment", "task", "model", "loss", "n_train", "seed")
    rows = []
    for name, experiment in config["linear"].items():
        for task in experiment["tasks"]:
            for n_train in experiment["n_train"][task]:
                for model in experiment["models"]:
                    for loss in experiment["losses"]:
                        for seed in range(experiment["seeds"]):
                            row = dict(zip(names, (name, task, model, loss, n_train, seed), strict=True))
                            rows += [row] * experiment["initialisations"]
    return names, rows


def test_smoke_preset_gives_every_row_once_with_its_convergence_status(repository):
    table, origin = read_table(repository / "results/tables/linear.parquet")
    names, rows = expected_rows(SMOKE)
    assert table.schema.names == linear_tables.LINEAR.names
    assert sorted(map(str, table.select(names).to_pylist())) == sorted(map(str, rows))
    assert all(table[column].null_count == 0 for column in table.column_names)
    for row in table.to_pylist():
        expected = ("zero_loss", 0.0) if row["loss"] == "hinge" else ("all_steps", row["train_loss"])
        assert (row["stopped"], row["train_loss"]) == expected
        assert 0 <= row["test_error"] <= 1 and row["steps"] > 0
    assert len(origin["environments"]) == 1
    assert set(origin["environments"][0]) == set(origin) - {"configuration", "environments", "rows", "shards"}
    groups = origin["shards"]["groups"]
    assert {group["shared"]["root_seed"] for group in groups} == {SMOKE["root_seed"]}
    steps, _ = read_table(repository / "results/tables/trajectories.parquet")
    assert steps.schema.names == linear_tables.TRAJECTORIES.names
    assert steps.num_rows == 11 * sum(row["experiment"] == "wu2019-fig6" for row in rows)
    limits, _ = read_table(repository / "results/tables/asymptotics.parquet")
    assert limits.schema.names == linear_tables.ASYMPTOTICS.names
    training_sets = {tuple(row[name] for name in ("experiment", "task", "n_train", "seed")) for row in rows}
    assert limits.num_rows == sum(SMOKE["linear"][name]["asymptotics"] for name, *_ in training_sets)


def test_smoke_preset_gives_every_detection_network_once_with_its_convergence_status(repository):
    table, _ = read_table(repository / "results/tables/detection.parquet")
    names = ("experiment", "task", "model", "training", "n_train", "seed")
    fitting = {"adam": {"conv_pool", "mlp"}, "max_margin": {"svm"}, "perceptron": {"svm"}}
    rows = [
        (name, task, model, training, n_train, seed)
        for name, experiment in SMOKE["detection"].items()
        for task in experiment["tasks"]
        for n_train in experiment["n_train"][task]
        for model in experiment["models"]
        for training in experiment["trainings"]
        if model in fitting.get(training, {"conv_pool"})
        for seed in range(experiment["seeds"])
    ]
    assert table.schema.names == detection_tables.DETECTION.names
    assert sorted(tuple(row[name] for name in names) for row in table.to_pylist()) == sorted(rows)
    ends = {
        "adam": {"fitted", "step_limit"},
        "gradient_descent": {"fitted", "step_limit"},
        "max_margin": {"separated"},
        "perceptron": {"separated", "step_limit"},
        "layerwise": {"all_steps"},
        "layerwise_whole": {"all_steps"},
        "layerwise_limit": {"separated"},
    }
    for row in table.to_pylist():
        assert row["stopped"] in ends[row["training"]] and 0 <= row["test_error"] <= 1
        if row["training"] in ("adam", "gradient_descent"):
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
    page, readme = ((repository / file).read_text() for file in PAGES)
    assert all(f'id="{name}"' in page and f"| `{name}` " in readme for name in rows)


def test_claims_are_decided_again_from_the_existing_tables(repository, tmp_path):
    """`make claims` does not look at the shards of the tables."""
    (recipe,) = re.findall(r"^claims: .*\n\t\$\(BIN\)/snakemake --cores \$\(CORES\) (.*)$", MAKEFILE, re.MULTILINE)
    recipe = recipe.replace("$(wildcard results/index.html)", "")  # here, there is no page yet
    where = copy_repository(tmp_path)
    shutil.copytree(repository / "results/tables", where / "results/tables")
    (where / "results/tables/claims.parquet").unlink()
    done = smoke(where, "--cores", 2, *recipe.split())
    assert done.returncode == 0, done.stdout
    theirs, ours = (read_table(place / "results/tables/claims.parquet")[0] for place in (repository, where))
    assert ours.equals(theirs) and job_counts(done.stdout) == {"check_claims": 1, "total": 1}
    assert [(where / file).read_text() for file in PAGES] == [(repository / file).read_text() for file in PAGES]
    again = smoke(where, "--cores", 2, *recipe.split())
    assert again.returncode == 0 and "Decide the claims" in again.stdout
    (where / "results/tables/theory.parquet").unlink()
    lacking = smoke(where, "--cores", 2, *recipe.split())
    assert lacking.returncode != 0 and "results/tables/theory.parquet" in lacking.stdout


def test_smoke_preset_draws_every_figure(repository):
    for figure in SMOKE["figures"]:
        for ending, start in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<?xml")):
            assert (repository / f"results/figures/{figure}.{ending}").read_bytes().startswith(start)
        header, *lines = (repository / f"results/figures/{figure}.csv").read_text().splitlines()
        assert {"n_train", "pixel", "n_patterns", "k", "d"} & set(header.split(",")) and len(lines) > 1
    assert not list(repository.rglob("results/**/*.part"))


def test_experiments_share_training_sets(repository):
    table, _ = read_table(repository / "results/tables/linear.parquet")
    points = list((repository / "results/datasets").glob("*/d*/n*/*.parquet"))
    blocks = {name: experiment["seeds"] for name, experiment in SMOKE["linear"].items()}
    wanted = {(row["task"], row["n_train"], blocks[row["experiment"]]) for row in table.to_pylist()}
    assert len(points) == len(wanted) < table.num_rows / 10


def test_every_table_stores_the_digest_of_its_rows(repository):
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
        assert origin["rows"] == others["rows"] and origin["configuration"] == others["configuration"]
        assert mine.replace_schema_metadata() == theirs.replace_schema_metadata()
    assert len(list(other.glob(f"results/runs/{shards[1]}/*.parquet"))) == 2


def test_main_run_has_the_expected_jobs(tmp_path):
    done = snakemake(copy_repository(tmp_path), "--dry-run", "--cores", 2)
    assert done.returncode == 0, done.stdout
    config = MAIN
    shards, estimates, training_sets = 0, 0, set()
    per_job = config["seeds_per_job"]
    for experiment in config["linear"].values():
        sizes = [
            (task, experiment["d"], n, block * per_job, min(experiment["seeds"], (block + 1) * per_job))
            for task in experiment["tasks"]
            for n in experiment["n_train"][task]
            for block in range(-(-experiment["seeds"] // per_job))
        ]
        shards += len(sizes) * len(experiment["models"]) * len(experiment["losses"])
        estimates += len(sizes) * experiment["asymptotics"]
        training_sets |= set(sizes)
    networks, inputs = 0, set()
    descent = {"conv_pool", "mlp", "avg_pool", "max_no_relu"}
    trained_by = {"adam": descent, "sgd": {"leaky_fc"}, "max_margin": {"svm"}, "perceptron": {"svm"}}
    for experiment in config["detection"].values():
        places = [(task, n) for task in experiment["tasks"] for n in experiment["n_train"][task]]
        sizes, shared = len(places), ("d", "l", "n_patterns", "n_test", "seeds")
        inputs |= {(*place, *(experiment[name] for name in shared)) for place in places}
        for training in experiment["trainings"]:
            networks += sizes * len(trained_by.get(training, {"conv_pool"}) & set(experiment["models"]))
    expected = {
        "make_digits": 1,
        "make_inputs": len(inputs),
        "make_examples": len(config["examples"]),
        "train_detection": networks,
        "make_dataset": len(training_sets),
        "train_linear": shards,
        "estimate_asymptotics": estimates,
        "compute_theory": len(config["theory"]),
        "collect_table": 6,
        "check_claims": 1,
        "plot_figure": len(config["figures"]),
        "write_page": 1,
        "plot_explorer": 1,
        "tabulate_times": 1,
        "all": 1,
    }
    assert job_counts(done.stdout) == {**expected, "total": sum(expected.values())}


def test_an_experiment_can_have_a_name_of_digits_and_need_no_figure(tmp_path):
    where = copy_repository(tmp_path)
    sections = dict.fromkeys(("detection", "theory", "examples", "claims", "figures"))
    config = {**sections, "linear": {"*": None, "2019": SMOKE["linear"]["wu2019-fig5"]}}
    (where / "digits.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(where, "--dry-run", "--cores", 2, "--configfile", "digits.yaml")
    assert done.returncode == 0, done.stdout
    assert job_counts(done.stdout)["train_linear"] == 4


def test_one_paper_runs_alone(tmp_path):
    """Planning it writes nothing."""
    where = copy_repository(tmp_path)
    before = sorted(where.rglob("*"))
    done = snakemake(where, "--dry-run", "--cores", 2, "--config", "papers=[lahoti2024]")
    assert done.returncode == 0, done.stdout
    assert sorted(where.rglob("*")) == before
    jobs = job_counts(done.stdout)
    assert jobs["plot_figure"] == 2 and jobs["train_detection"] == 624 and "train_linear" not in jobs


def test_jobs_run_the_core_of_their_own_checkout(tmp_path):
    """They do not run the installed one, whose fingerprint would differ."""
    where = copy_repository(tmp_path)
    module = where / "workflow/scripts/convbias/linear/tasks/cls.py"
    module.write_text(module.read_text() + '\nprint("the core of the copy")\n')
    dataset = "datasets/cls/d10/n3/seeds0-5"
    done = smoke(where, "--cores", 1, "--", f"results/{dataset}.parquet")
    assert done.returncode == 0, done.stdout
    log = where / f"results/logs/make_dataset/{dataset.removeprefix('datasets/')}.log"
    assert "the core of the copy" in log.read_text()


def test_all_errors_of_a_configuration_are_reported_before_any_job(tmp_path):
    where = copy_repository(tmp_path)
    wrong = {
        "device": "gpu",
        "linear": {"wu2019-fig2": {"k": 101, "learning_rat": 1}},
        "detection": {"brutzkus2021-fig3a": {"d": 19}},
    }
    (where / "bad.yaml").write_text(yaml.safe_dump(wrong))
    done = snakemake(where, "--cores", 2, "--configfile", "bad.yaml")
    assert done.returncode != 0 and "Traceback" not in done.stdout
    for line in (
        "bad.yaml has 4 errors:",
        '  device: must be auto, cpu or cuda; found "gpu"',
        "  linear.wu2019-fig2.k: must be at most d = 100; found 101",
        '  linear.wu2019-fig2.learning_rat: unknown key. Did you mean "learning_rate"? Available: ',
        "  detection.brutzkus2021-fig3a.l: must be at most d = 19; found 20",
    ):
        assert line in done.stdout, done.stdout
    assert not (where / "results").exists()


@pytest.mark.parametrize("form", ["--snakefile", "directory"])
def test_the_workflow_runs_from_either_snakefile_and_in_another_directory(tmp_path, form):
    where = copy_repository(tmp_path / "repository")
    chosen = ("--snakefile", "workflow/Snakefile") if form == "--snakefile" else ("--directory", tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    done = smoke(where, *chosen, "--dry-run", "--cores", 2)
    assert done.returncode == 0, done.stdout
    assert job_counts(done.stdout)["plot_figure"] == len(SMOKE["figures"])
