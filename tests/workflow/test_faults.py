"""The files that a crash, a damaged file, a full disk or a second run leaves behind, with real processes."""

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import yaml

from convbias_pipeline.run.unrecorded import entry
from convbias_pipeline.store.files import KEY, read_table, write_table
from running import copy_repository, jobs_of, run_small, small, snakemake

KILLS = 6
SHARDS = "results/runs/wu2019-fig2/cls"


def tables(where):
    """The tables, figures and claims of a run, as bytes."""
    files = [*where.glob("results/tables/*.parquet"), *where.glob("results/figures/*"), where / "results/claims.md"]
    assert len(files) == 7 + 2 * 4 + 1
    return {file.name: file.read_bytes() for file in files}


def half_written(where):
    """Temporary files; an error if a file cannot be read."""
    for file in (where / "results").rglob("*.parquet"):
        read_table(str(file))
    return list((where / "results").rglob(".*.part"))


@pytest.fixture
def repository(undisturbed, tmp_path):
    return shutil.copytree(undisturbed, tmp_path / "repository", symlinks=True)


@pytest.fixture
def fresh(undisturbed, tmp_path):
    """A copy of the repository in which nothing has run."""
    where = copy_repository(tmp_path / "fresh")
    shutil.copy(undisturbed / "small.yaml", where)
    return where


def start(where):
    command = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml", "--cores", "2", "--quiet", "all"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, cwd=where, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_tables(undisturbed, fresh):
    """Kill Snakemake while jobs compute; every second time, kill one of the jobs first."""
    stream, kills = random.Random(7), 0
    while kills < KILLS:
        process = start(fresh)
        while process.poll() is None and not jobs_of(process):
            time.sleep(0.02)
        time.sleep(stream.uniform(0, 0.8))
        if process.poll() is not None:  # everything was finished: start again
            shutil.rmtree(fresh / "results")
        elif jobs := jobs_of(process):
            if kills % 2:
                with suppress(psutil.NoSuchProcess):
                    stream.choice(jobs).kill()
                time.sleep(stream.uniform(0, 0.2))
            kills += 1
        process.kill()
        process.communicate()
    done = run_small(fresh)
    assert done.returncode == 0, done.stdout
    assert tables(fresh) == tables(undisturbed) and half_written(fresh) == []


def test_damaged_shards_are_named_and_one_run_replaces_them(undisturbed, repository):
    good = (repository / SHARDS / "conv/hinge/n3/seeds0-1.parquet").read_bytes()
    damaged = {
        "conv/hinge/n3/seeds0-1": good[: len(good) // 2],
        "conv/hinge/n3/seeds2-3": b"",
        "one_layer/hinge/n10/seeds2-3": good[:2000] + bytes([good[2000] ^ 8]) + good[2001:],
    }
    for name, content in damaged.items():
        (repository / SHARDS / f"{name}.parquet").write_bytes(content)
    done = run_small(repository)
    assert done.returncode != 0
    assert "Cannot build the table: these files are damaged or out of date. Delete them and run again:" in done.stdout
    for name in damaged:
        assert f"{SHARDS}/{name}.parquet failed its checksum or was not written by this pipeline (" in done.stdout
        (repository / SHARDS / f"{name}.parquet").unlink()
    done = run_small(repository)
    assert done.returncode == 0, done.stdout
    assert tables(repository) == tables(undisturbed)


def make_foreign(path):
    """Put the file of another run in place of a file of this run. It looks old."""
    table, origin = read_table(str(path))
    write_table(table, str(path), {**origin, "configuration": {**origin["configuration"], "root_seed": 7}})
    os.utime(path, (1, 1))
    return path


def test_files_of_other_jobs_are_refused_or_made_again(undisturbed, repository):
    """Shards of other seeds and of other code, and a dataset of another root seed, are refused.

    A table that is not that of its record is made again, and so are files without a record. A killed run leaves these.
    """
    points = make_foreign(repository / "results/datasets/cls/d10/n3/seeds0-1.parquet")
    for file in ("asymptotics/wu2019-fig5/cls/n3/seeds0-1.parquet", "tables/asymptotics.parquet"):
        (repository / "results" / file).unlink()  # so a job reads the points again
    make_foreign(repository / "results/tables/theory.parquet")
    make_foreign(repository / "results/tables/claims.parquet")
    (inputs,) = repository.glob("results/inputs/orthogonal/*/*/*/*/seeds2-3.parquet")
    make_foreign(inputs)
    (repository / "results/figures/wu2019-fig4.csv").write_text("of another run")
    for file in (str(inputs.relative_to(repository)), "results/figures/wu2019-fig4.csv"):
        entry(repository / "results/records", file).unlink()
    folder = repository / SHARDS / "conv/hinge/n3"
    shutil.copy(folder / "seeds0-1.parquet", folder / "seeds2-3.parquet")
    other = repository / SHARDS / "conv/hinge/n10/seeds0-1.parquet"
    table, origin = read_table(str(other))
    assert KEY in table.schema.metadata
    write_table(table, str(other), {**origin, "configuration": {**origin["configuration"], "code": "0123"}})
    done = run_small(repository)
    assert done.returncode != 0
    assert (
        "n3/seeds2-3.parquet was computed with first = 0, last = 1; the configuration now has first = 2, last = 3"
        in done.stdout
    )
    assert "n10/seeds0-1.parquet was computed with code = '0123'; the configuration now has code = '" in done.stdout
    assert "seeds0-1.parquet was computed with root_seed = 7; the configuration now has root_seed = 2019" in done.stdout
    assert "they are damaged or come from other jobs. Delete them and run snakemake again:" in done.stdout
    points.unlink()
    other.unlink()
    (folder / "seeds2-3.parquet").unlink()
    done = run_small(repository)
    assert done.returncode == 0, done.stdout
    assert tables(repository) == tables(undisturbed)


@pytest.fixture
def mount():
    """Mount over a folder for the time of a test; where that is not allowed the test is skipped."""
    mounted = []

    def mount(*arguments):
        done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"nothing can be mounted here ({done.stderr.strip()})")
        if "remount" not in str(arguments[1]):
            mounted.append(arguments[-1])

    yield mount
    for place in reversed(mounted):
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_is_reported_and_a_run_with_space_continues(undisturbed, fresh, mount):
    (fresh / "results").mkdir()
    mount("-o", "size=800k", "-t", "tmpfs", "tmpfs", fresh / "results")
    done = run_small(fresh)
    assert done.returncode != 0 and "no space left on device" in done.stdout.lower()
    assert half_written(fresh) == []
    mount("-o", "remount,size=80m", fresh / "results")
    done = run_small(fresh)
    assert done.returncode == 0, done.stdout
    assert tables(fresh) == tables(undisturbed)


@pytest.mark.parametrize("finished", [True, False])
def test_results_that_cannot_be_written_are_reported(repository, fresh, mount, finished):
    where = repository if finished else fresh
    (where / "results").mkdir(exist_ok=True)
    (where / "results/claims.md").unlink(missing_ok=True)
    mount("--bind", where / "results", where / "results")
    mount("-o", "remount,bind,ro", where / "results")
    done = run_small(where)
    assert done.returncode != 0 and "Traceback" not in done.stdout
    message = "Write-protected output files" if finished else "results cannot be written to (Read-only"
    assert message in done.stdout


def test_dry_runs_and_lint_work_in_a_read_only_checkout(tmp_path, mount):
    where = copy_repository(tmp_path)
    mount("--bind", where, where)
    mount("-o", "remount,bind,ro", where)
    for arguments, end in (
        (["--lint"], "Congratulations, your workflow is in a good condition!"),
        (["--dry-run", "--config", "papers=[kou2023]"], "This was a dry-run"),
    ):
        done = snakemake(where, *arguments)
        assert done.returncode == 0 and end in done.stdout, done.stdout


def test_a_second_run_at_the_same_time_is_refused(undisturbed, fresh):
    first = start(fresh)
    while not (fresh / "results/.lock").exists():
        time.sleep(0.1)
    second = run_small(fresh)
    assert second.returncode != 0 and "Traceback" not in second.stdout
    assert f"Another run is writing to {(fresh / 'results').resolve()}. Wait until it ends" in second.stdout
    output, _ = first.communicate()
    assert first.returncode == 0, output.decode()
    assert tables(fresh) == tables(undisturbed)


def test_a_job_without_memory_says_so_and_leaves_nothing(repository):
    """The limit is 3 GiB; two matrices of the weights of 2,000 networks of length 100,000 take more."""
    config = small() | {"seeds_per_job": 2000, "figures": None, "claims": None}
    config["linear"]["wu2019-fig2"] |= {"d": 100000, "seeds": 2000, "models": ["conv"], "n_train": {"cls": [3]}}
    (repository / "large.yaml").write_text(yaml.safe_dump(config))
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (3 * 2**30, limits[1]))
    try:
        shard = Path("runs/wu2019-fig2/cls/conv/hinge/n3/seeds0-1999")
        done = snakemake(repository, "--configfile", "large.yaml", "--cores", 1, "--", f"results/{shard}.parquet")
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, limits)
    assert done.returncode != 0
    assert "The job ran out of memory: lower seeds_per_job." in done.stdout
    assert "Finished results are kept. Rerun the same command to continue." in done.stdout
    assert f"results/logs/train_linear/{shard.relative_to('runs')}.log" in done.stdout
    assert not (repository / "results" / shard.with_suffix(".parquet")).exists() and half_written(repository) == []
