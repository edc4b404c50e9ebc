"""Which jobs run again after a change: a dry run lists them in a copy of a finished run."""

import ast
import os
import random
import re
import shutil
import subprocess
import time

import pytest
import yaml

from convbias_pipeline.jobs import plan
from convbias_pipeline.store.files import read_table
from running import changes, copy_repository, expanded, job_counts, loaded, smoke, snakemake

CORE = "workflow/scripts/convbias"
SMOKE, SMOKE_LOADED = expanded(changes()), loaded(changes())
NOTHING = "Nothing to be done"
EVERYTHING = {
    "make_dataset": 7,
    "make_digits": 1,
    "make_inputs": 5,
    "make_examples": 2,
    "train_linear": len(list(plan.shards(SMOKE, "linear"))),
    "train_detection": len(list(plan.shards(SMOKE, "detection"))),
    "estimate_asymptotics": len(list(plan.estimates(SMOKE))),
    "compute_theory": len(list(plan.entries(SMOKE, "theory"))),
    "collect_table": 6,
    "check_claims": 1,
    "plot_figure": len(SMOKE["figures"]),
    "plot_explorer": 1,
}
FIGURES = {name: EVERYTHING[name] for name in ("plot_figure", "plot_explorer")}


@pytest.fixture
def repository(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "repository", symlinks=True)


def edit(where, file, old, new):
    text = (where / file).read_text()
    assert old in text
    (where / file).write_text(text.replace(old, new))


def planned(done):
    """The jobs that a dry run lists, but for those that follow any other.

    The page is written again if figures or claims are, so it is listed only if it runs without them.
    """
    assert done.returncode == 0, done.stdout
    jobs = job_counts(done.stdout)
    assert bool(jobs) != (NOTHING in done.stdout)
    if {"plot_figure", "check_claims"} & jobs.keys():
        assert jobs.pop("write_page") == 1
    return {rule: count for rule, count in jobs.items() if rule not in ("all", "tabulate_times", "total")}


def dry_run(where, *arguments):
    return planned(smoke(where, "--dry-run", "--cores", 2, *arguments))


def with_config(where, change, *arguments):
    """A dry run under the smoke preset with a change."""
    config = changes()
    change(config)
    (where / "changed.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return planned(snakemake(where, "--dry-run", "--cores", 2, "--configfile", "changed.yaml", *arguments))


@pytest.mark.parametrize(
    ("file", "old", "new", "jobs"),
    [
        pytest.param(
            f"{CORE}/papers/wu2019/figures/fig5.py",
            "[1, 0.3]",
            "[1, 0.4]",
            {"plot_figure": 1},
            id="a figure's settings",
        ),
        pytest.param(
            f"{CORE}/papers/brutzkus2021/figures/fig4.py",
            "def plot(",
            "def plot(_=0, *",
            {"plot_figure": 1},
            id="a figure's code",
        ),
        pytest.param(f"{CORE}/figures/style.py", "WIDTH = 3.35", "WIDTH = 3.4", FIGURES, id="the figures' style"),
        pytest.param(
            f"{CORE}/figures/phase.py", "linewidth=2", "linewidth=3", {"plot_figure": 4}, id="what four figures share"
        ),
        pytest.param(
            f"{CORE}/linear/kernel.py",
            "PERIOD = 16",
            "PERIOD = 32",
            {
                "train_linear": 30,
                "compute_theory": 16,
                "collect_table": 3,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="training of linear networks",
        ),
        pytest.param(
            f"{CORE}/detection/training/adam.py",
            "0.999",
            "0.99",
            {
                "train_detection": 12,
                "compute_theory": 2,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="training of detection networks",
        ),
        pytest.param(
            f"{CORE}/linear/losses/xhinge.py",
            "-margin",
            "0 - margin",
            {
                "train_linear": 7,
                "compute_theory": 1,
                "collect_table": 3,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="a loss",
        ),
        pytest.param(
            f"{CORE}/linear/models/one_layer.py",
            '"w", d',
            '"w", d + 0',
            {
                "train_linear": 5,
                "compute_theory": 4,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="a model",
        ),
        pytest.param(
            f"{CORE}/detection/models/mlp.py",
            "round(channels",
            "int(channels",
            {"train_detection": 4, "collect_table": 1, "check_claims": 1, "plot_figure": 13, "plot_explorer": 1},
            id="a detection model",
        ),
        pytest.param(
            f"{CORE}/linear/tasks/third_person.py",
            "a < b, -1, 1",
            "b > a, -1, 1",
            {
                "make_dataset": 3,
                "train_linear": 8,
                "estimate_asymptotics": 3,
                "compute_theory": 13,
                "collect_table": 4,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="a task",
        ),
        pytest.param(
            f"{CORE}/detection/tasks/digits.py",
            "NEGATIVE = 3, 5",
            "NEGATIVE = 5, 3",
            {
                "make_inputs": 2,
                "make_examples": 1,
                "train_detection": 3,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 15,
                "plot_explorer": 1,
            },
            id="digits",
        ),
        pytest.param(
            f"{CORE}/detection/noise.py",
            "u ** (1 / d)",
            "u ** (2 / d)",
            {
                "train_detection": 24,
                "compute_theory": 2,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
            id="noise",
        ),
        pytest.param(
            f"{CORE}/papers/wu2019/theory/neighbours.py",
            "(-1) **",
            "(0 - 1) **",
            {"compute_theory": 3, "collect_table": 1, "check_claims": 1, "plot_figure": 15},
            id="theory",
        ),
        pytest.param(
            f"{CORE}/papers/wu2019/theory/svd_estimate.py",
            "SAME_MARGIN = 1e-10",
            "SAME_MARGIN = 1e-9",
            {
                "estimate_asymptotics": 12,
                "compute_theory": 19,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 17,
                "plot_explorer": 1,
            },
            id="the SVD estimate",
        ),
        pytest.param(
            f"{CORE}/papers/wu2019/claims/fig2.py",
            '"margin": 0.02',
            '"margin": 0.03',
            {"check_claims": 1},
            id="a claim's threshold",
        ),
        pytest.param(
            f"{CORE}/claims/page.html",
            "<title>",
            "<title>The ",
            {"check_claims": 1},
            id="the page of claims",
        ),
        pytest.param(
            "workflow/scripts/convbias_pipeline/report/page.html",
            "max-width: 40rem",
            "max-width: 41rem",
            {"write_page": 1},
            id="the page of the run",
        ),
        pytest.param(
            f"{CORE}/figures/explorer.html", "<title>", "<title>The ", {"plot_explorer": 1}, id="the explorer"
        ),
        pytest.param(
            f"{CORE}/tables.py",
            "*(table.select",
            "*(table.slice(0).select",
            {"collect_table": 6, "check_claims": 1, **FIGURES},
            id="the collection of tables",
        ),
        pytest.param(
            "workflow/scripts/convbias_pipeline/store/collection.py",
            "GROUP_BYTES = 16",
            "GROUP_BYTES = 8",
            {"collect_table": 6, "check_claims": 1, **FIGURES},
            id="the plumbing that collects tables",
        ),
    ],
)
def test_a_change_of_code_runs_what_it_can_change_and_what_follows(repository, file, old, new, jobs):
    edit(repository, file, old, new)
    assert dry_run(repository) == jobs


def test_comments_docstrings_and_layout_run_nothing(repository):
    """But for the first line of a paper's package, which the page shows."""
    files = {*(repository / "workflow").rglob("*.py")} - {*(repository / CORE / "papers").glob("*/__init__.py")}
    for file in files:
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                node.body[0] = ast.Expr(ast.Constant("Something else."))
        file.write_text("# a comment\n\n\n" + ast.unparse(tree))
    for file in [
        repository / "Snakefile",
        repository / "workflow/Snakefile",
        *(repository / "workflow/rules").glob("*.smk"),
    ]:
        file.write_text("# a comment\n" + file.read_text().replace("\n\n", "\n\n\n"))
    assert with_config(repository, lambda config: None) == {}


def test_rules_settings_that_change_no_result_run_nothing(repository):
    """Logs, threads, memory, priorities, messages and the profile."""
    for file in (repository / "workflow/rules").glob("*.smk"):
        text = file.read_text().replace("results/logs/", "results/messages/").replace("results/benchmarks/", "times/")
        text = re.sub(r"mem_mb=memory\((\d)", r"mem_mb=memory(1\1", text).replace('"Draw ', '"Please draw ')
        text = text.replace("threads: 1", "threads: 2")
        file.write_text(text.replace("int(wildcards.n_train)", "-int(wildcards.n_train)"))
    edit(repository, "profiles/default/config.yaml", "keep-going: true", "keep-going: false")
    edit(repository, "profiles/default/config.yaml", "scheduler: greedy", "latency-wait: 20")
    assert dry_run(repository, "--resources", "gpu=2", "mem_mb=64000", "--set-threads", "train_linear=2") == {}


def test_plugins_and_papers_of_ones_own_run_no_existing_job(repository):
    """A new task, model, loss, training, check, figure or claim, each in its own file."""
    core = repository / CORE
    for file in (
        "linear/tasks/cls.py",
        "linear/models/conv.py",
        "linear/losses/hinge.py",
        "detection/tasks/orthogonal.py",
        "detection/models/mlp.py",
        "detection/training/adam.py",
        "papers/wu2019/checks/error_terms.py",
        "papers/wu2019/figures/fig4.py",
    ):
        name = "my_training.py" if "training" in file else "mine.py"  # a loss and a training need different names
        shutil.copy(core / file, (core / file).with_name(name))
    claim = (core / "papers/wu2019/claims/fig2.py").read_text()
    (mine := core / "papers/mine/claims").mkdir(parents=True)
    (core / "papers/mine/__init__.py").touch()
    (mine / "fig2.py").write_text(claim.replace('"wu2019-fig2', '"mine-fig2'))
    assert dry_run(repository) == {}


def test_more_seeds_sizes_and_experiments_train_only_what_is_new(repository):
    def change(config):
        fig2 = config["linear"]["wu2019-fig2"]
        own = {**SMOKE["linear"]["wu2019-fig2"], "init_scale": 0.2, "tasks": ["cls"], "seeds": 3}
        fig2["seeds"] = 8
        fig2["n_train"]["cls"] = [3, 5, 10]
        config["linear"]["own"] = {**own, "n_train": {"cls": [3, 5, 10]}}
        config["detection"]["brutzkus2021-fig3a"]["n_train"]["orthogonal"] = [10, 20, 40]

    # own: a block of seeds at 3 sizes; fig2: seeds 6-7 at 2 + 2 sizes, and two blocks at the new one
    blocks = 3 + (2 + 2) + 2
    assert with_config(repository, change) == {
        "make_dataset": blocks,
        "train_linear": 2 * blocks,
        "make_inputs": 1,
        "train_detection": 3,
        "collect_table": 2,
        "check_claims": 1,
        "plot_figure": 22,
        "plot_explorer": 1,
    }


def test_fewer_seeds_and_sizes_train_nothing(repository):
    def change(config):
        for section in ("linear", "detection"):
            for name, entry in config[section].items():
                if entry:
                    entry["seeds"] = max(2, SMOKE_LOADED[section][name]["seeds"] - 2)
        config["linear"]["wu2019-fig2"]["n_train"]["third_person"] = [20]
        del config["linear"]["wu2019-two-layer"]

    path = "results/tables/linear.parquet"
    before = read_table(repository / path)[0].to_pylist()
    assert with_config(repository, change) == {
        "collect_table": 3,
        "check_claims": 1,
        "plot_figure": 21,
        "plot_explorer": 1,
    }
    for file in (repository / "results/runs").rglob("*.parquet"):  # a wrong clock must not stop the jobs that read them
        os.utime(file, (time.time() + 86400,) * 2)
    done = snakemake(repository, "--cores", 2, "--configfile", "changed.yaml", "--", "results/tables/linear.parquet")
    assert done.returncode == 0 and "train_linear" not in job_counts(done.stdout), done.stdout
    config = expanded(yaml.safe_load((repository / "changed.yaml").read_text()))
    kept = {
        (name, task, n_train, seed)
        for name, experiment in config["linear"].items()
        for task in experiment["tasks"]
        for n_train in experiment["n_train"][task]
        for seed in range(experiment["seeds"])
    }
    after = [row for row in before if (row["experiment"], row["task"], row["n_train"], row["seed"]) in kept]
    assert read_table(repository / path)[0].to_pylist() == after and 0 < len(after) < len(before)
    assert with_config(repository, change, "--", path) == {}
    more = with_config(repository, lambda config: config["linear"]["wu2019-fig2"].update(seeds=5), "--", path)
    assert more == {"collect_table": 1}


def test_another_shard_size_trains_nothing(repository):
    assert with_config(repository, lambda config: config.update(seeds_per_job=4)) == {}


def test_a_clone_over_copied_results_and_touch_run_nothing(repository, tmp_path):
    clone = copy_repository(tmp_path / "clone")
    shutil.copytree(repository / "results", clone / "results", copy_function=shutil.copyfile)
    for where in (clone, repository):
        files = [file for file in where.rglob("*") if file.is_file() and ".snakemake" not in file.parts]
        for file in files:
            moment = time.time() - random.random() * 1e6
            os.utime(file, (moment, moment))
        assert dry_run(where) == {}


def test_a_branch_and_back_runs_nothing(repository):
    def git(*arguments):
        options = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "core.excludesFile=/dev/null")
        subprocess.run(["git", *options, *arguments], cwd=repository, check=True, capture_output=True)

    (repository / ".gitignore").write_text("/results/*\n/.snakemake/\n")
    git("init", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--message", "First")
    git("switch", "--create", "other")
    edit(repository, f"{CORE}/linear/models/conv.py", "border = k - 1", "border = k - 1 + 0")
    git("commit", "--all", "--message", "Second")
    assert dry_run(repository)["train_linear"] > 20
    git("switch", "main")
    assert dry_run(repository) == {}


@pytest.mark.parametrize(
    ("library", "jobs"),
    [
        (
            "torch",
            {
                "train_detection": 17,
                "compute_theory": 7,
                "collect_table": 2,
                "check_claims": 1,
                "plot_figure": 22,
                "plot_explorer": 1,
            },
        ),
        (
            "numba",
            {
                "train_linear": 30,
                "train_detection": 14,
                "compute_theory": 23,
                "collect_table": 4,
                "check_claims": 1,
                "plot_figure": 30,
                "plot_explorer": 1,
            },
        ),
        ("numpy", EVERYTHING),
        (
            "scipy",
            {"train_detection": 7, "compute_theory": 24, "collect_table": 2, "check_claims": 1, **FIGURES},
        ),
        ("seaborn", FIGURES),
        ("altair", {"plot_explorer": 1}),
        ("statsmodels", {"check_claims": 1}),
        ("pyarrow", {}),
        ("snakefmt", {}),
    ],
)
def test_another_version_of_a_library_runs_what_computes_with_it(repository, tmp_path, monkeypatch, library, jobs):
    about = tmp_path / "other" / f"{library}-99.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {library}\nVersion: 99.0\n")
    monkeypatch.setenv("PYTHONPATH", str(about.parent))
    assert dry_run(repository) == jobs
