"""Random sequences of edits, kills, copies and foreign files. After each, the results must equal those of a fresh run.

``make torture`` runs a hundred, and ``make torture N=1 SEED=17`` repeats one. The seed determines all attacks, but not
what Snakemake has just done when they come.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import yaml

from convbias_pipeline.store.digest import rows_digest
from convbias_pipeline.store.files import read_table
from running import copy_repository, small

CORE = "workflow/scripts/convbias"
CODE = {  # edits of the core that change rows, figures or verdicts: the file, a text in it, and what replaces it
    "points": (f"{CORE}/linear/tasks/__init__.py", '"points"', '"other points"'),
    "hinge": (f"{CORE}/linear/losses/hinge.py", "if margin < 1.0", "if margin < 1.5"),
    "inputs": (f"{CORE}/detection/inputs.py", "of {n_patterns} patterns", "of {n_patterns} other patterns"),
    "adam": (f"{CORE}/detection/training/adam.py", "beta_2: float = 0.999", "beta_2: float = 0.99"),
    "theory": (f"{CORE}/papers/wu2019/checks/error_terms.py", "n, count / draws", "n, count / draws / 2"),
    "claim": (f"{CORE}/papers/wu2019/claims/fig2.py", '"margin": 0.02', '"margin": 0.03'),
    "figure": (f"{CORE}/papers/wu2019/figures/fig2.py", "np.arange(1, rows", "np.arange(2, rows"),
}
ORIGINAL = "original"
TIMEOUT = 600  # seconds of one run


class State(NamedTuple):
    """All that the results depend on: settings, and the code."""

    root_seed: int = 2019
    seeds: int = 4
    sizes: tuple[int, ...] = (3, 10)
    xhinge: bool = True
    code: str = ORIGINAL


VALUES = State([2019, 1], [2, 3, 4], [(3, 10), (10,)], [True, False], [ORIGINAL, *CODE])  # type: ignore[arg-type]


def settings(state: State) -> dict[str, Any]:
    """The changes of a run of a few seconds. Those of the first state are ``small``."""
    config = small()
    config["root_seed"] = state.root_seed
    config["linear"]["wu2019-fig2"] |= {"n_train": {"cls": list(state.sizes)}, "seeds": state.seeds}
    config["detection"]["brutzkus2021-fig3a"]["seeds"] = state.seeds
    if not state.xhinge:
        del config["linear"]["wu2019-fig5"], config["claims"]["wu2019-xhinge-estimate"]
    return config


# Runs in every Python process of a run. If there is a file before-3 in the folder, the process that renames the fourth
# complete file stops before it does. Likewise "after" it does, and "write": before a process opens a file to write it.
HOOK = """
import os, signal, sys

replace = os.replace

def due(moment):
    for token in os.listdir({folder!r}):
        name, _, left = token.partition("-")
        if name == moment:
            try:
                if left == "0":
                    os.unlink({folder!r} + "/" + token)
                    return True
                os.rename({folder!r} + "/" + token, {folder!r} + "/" + name + "-" + str(int(left) - 1))
            except FileNotFoundError:  # another process was faster
                pass
    return False

def stop():
    open({folder!r} + "/stopped-" + str(os.getpid()), "w").close()
    os.kill(os.getpid(), signal.SIGSTOP)

def stopping(source, target, **options):
    part = str(source).endswith(".part")
    if part and due("before"):
        stop()
    replace(source, target, **options)
    if part and due("after"):
        stop()

def audit(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".part") and str(arguments[1]).startswith("w") and due("write"):
        stop()

os.replace = stopping
sys.addaudithook(audit)
"""


class Runs:
    """Copies of the repository in one folder, and the processes that run in them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.origin, self.hook = folder, folder / "origin", folder / "hook"
        self.started: dict[int, subprocess.Popen] = {}  # by process group, which each Snakemake shares with its jobs
        self._make_origin()
        self.hook.mkdir()
        (self.hook / "sitecustomize.py").write_text(HOOK.format(folder=str(self.hook)), encoding="utf-8")

    def _make_origin(self) -> None:
        copy_repository(self.origin)
        self.git(self.origin, "init", "--initial-branch", ORIGINAL)
        self.git(self.origin, "add", ".")
        self.git(self.origin, "commit", "--message", "The code as it is")
        for name in CODE:
            self.git(self.origin, "switch", "--create", name, ORIGINAL)
            write_code(self.origin, name)
            self.git(self.origin, "commit", "--all", "--message", name)
        self.git(self.origin, "switch", ORIGINAL)

    def git(self, where: Path, *arguments: str) -> None:
        options = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "core.excludesFile=/dev/null")
        subprocess.run(["git", *options, *arguments], cwd=where, check=True, capture_output=True)

    def clone(self, name: str, state: State) -> Path:
        where = self.folder / name
        self.git(self.folder, "clone", str(self.origin), str(where))
        self.branch(where, state)
        write_settings(where, state)
        return where

    def branch(self, where: Path, state: State) -> None:
        self.git(where, "checkout", "--force", "--detach", f"origin/{state.code}")

    def start(self, where: Path, *arguments: str, server: bool = True) -> subprocess.Popen:
        """Start Snakemake. Its output goes to torture.log."""
        command = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml", "--cores", "2", *arguments]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.hook)}
        environment.pop("CONVBIAS_MNIST", None)
        if not server:
            environment["CONVBIAS_FORK_SERVER"] = ""
        with (where / "torture.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=where, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.started[process.pid] = process
        return process

    def complete(self, where: Path) -> tuple[int, str]:
        """Run Snakemake to its end: the exit status and the output."""
        status = self.start(where).wait(timeout=TIMEOUT)
        return status, (where / "torture.log").read_text(encoding="utf-8")

    def living(self, group: int | None = None) -> list[psutil.Process]:
        """The processes of a run, or of all runs."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                own = os.getpgid(process.pid)
                if own in self.started and group in (None, own) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def jobs(self, group: int) -> list[psutil.Process]:
        """The processes of a run's jobs: those that Snakemake starts, and forks of the server."""
        found = []
        for process in self.living(group):
            with suppress(psutil.NoSuchProcess):
                parent = process.parent()
                forked = parent and "fork_server" in " ".join(parent.cmdline())
                found += [process] * (bool(forked) or ".snakemake/scripts/" in " ".join(process.cmdline()))
        return found

    def end(self) -> None:
        """Kill all processes that are left."""
        for group, process in self.started.items():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            process.wait()
        self.started.clear()


def write_settings(where: Path, state: State) -> None:
    (where / "small.yaml").write_text(yaml.safe_dump(settings(state)), encoding="utf-8")


def write_code(where: Path, name: str, original: Path | None = None) -> None:
    """Make an edit of the code, or undo all, for which the original is needed."""
    for file, old, new in CODE.values():
        if original and (where / file).read_text(encoding="utf-8") != (original / file).read_text(encoding="utf-8"):
            shutil.copyfile(original / file, where / file)
        if name in CODE and CODE[name][0] == file:
            text = (where / file).read_text(encoding="utf-8")
            assert text.count(old) == 1, (file, old)
            (where / file).write_text(text.replace(old, new), encoding="utf-8")


def outcome(where: Path) -> dict[str, str]:
    """Each table by the digest of its rows, each CSV of a figure, and the verdicts."""
    results = where / "results"
    files = [*results.glob("figures/*.csv"), *results.glob("claims.md")]
    return {
        **{file.name: rows_digest(rows) for file in results.glob("tables/*") if (rows := rows_of(file)) is not None},
        **{file.name: sha256(file.read_bytes()).hexdigest() for file in files},
    }


def rows_of(table: Path) -> Any:
    """The rows of a table, or None if it cannot be read."""
    with suppress(ValueError):
        return read_table(str(table))[0]


class References:
    """Fresh runs, one for each state. All sequences share them."""

    def __init__(self, runs: Runs, made: dict[State, Path]) -> None:
        self.runs, self.made = runs, made

    def __getitem__(self, state: State) -> Path:
        if state not in self.made:
            where = self.runs.clone(f"fresh-{len(self.made)}", state)
            status, output = self.runs.complete(where)
            assert status == 0, output
            self.made[state] = where
        return self.made[state]


class WrongError(Exception):
    """The results differ from those of a fresh run, or the last command failed without saying what to do."""


class Sequence:
    """One sequence of attacks on a copy of the repository."""

    def __init__(self, seed: int, references: References) -> None:
        self.rng, self.references, self.runs = random.Random(seed), references, references.runs
        self.name, self.clones, self.state = f"seed-{seed}", 0, State()
        self.done: list[str] = []
        self.counts = Counter[str]()
        self.suspended: list[psutil.Process] = []
        self.where = self.runs.clone(self.name, self.state)

    def run(self, attacks: list[str], back: bool = False) -> None:
        """Make the attacks. Then let the last command run to its end, and compare.

        With ``back``, the results are those of the first state again, so that no other fresh run is needed.

        Raises:
            WrongError: the results are wrong.
        """
        if back or self.rng.random() < 0.7:
            self.foreign_folder(self.references[self.state])
        for name in attacks:
            self.note(name, getattr(self, name)())
            self.stop_waiting()
        if back or self.rng.random() < 0.3:
            self.note("restore", self.restore())
        self.conclude()

    def restore(self) -> None:
        """Go back to the first settings and the original code."""
        self.state = State()
        write_settings(self.where, self.state)
        write_code(self.where, self.state.code, self.runs.origin)

    def note(self, name: str, detail: str | None) -> None:
        self.done.append(f"{name}: {detail}" if detail else name)
        self.counts[f"{name}: {detail}" if detail == "too late" else name] += 1

    def conclude(self) -> None:
        """The last command. Suspended jobs go on before it, or afterwards, and then it is repeated."""
        if self.suspended and self.rng.random() < 0.5:
            self.note("resume", self.resume())
        self.finish()
        if self.suspended:
            self.note("resume_after_last_run", self.resume())
            self.finish()
        expected, found = outcome(self.references[self.state]), outcome(self.where)
        if differing := [name for name in expected if found.get(name) != expected[name]]:
            raise WrongError(f"{', '.join(differing)} differ from a fresh run of {self.state}{self.rows(differing)}")

    def finish(self) -> None:
        """Run to the end. If files are refused, delete them as the message says, and run again."""
        for _ in range(8):
            status, output = self.runs.complete(self.where)
            if status == 0:
                return
            if "Another run is writing to" in output:
                self.counts["refused: another run"] += 1
                self.resume()
            elif named := self.refused(output):
                self.counts["refused: files"] += 1
                self.done.append(f"refused {', '.join(named)}")
                for name in named:
                    (self.where / name).unlink()
            else:
                raise WrongError(f"the last command failed without naming a file:\n{output[-3000:]}")
        raise WrongError(f"the last command was refused again and again:\n{output[-3000:]}")

    def refused(self, output: str) -> list[str]:
        """The files that messages refuse: "results/... was computed with ..."."""
        verbs = "was|were|failed|has|does|is|comes|differs|cannot"
        named = re.findall(rf"(results/\S+?\.\w+)[,:]? (?:{verbs})\b", output) if "elete" in output else []
        return [name for name in dict.fromkeys(named) if (self.where / name).is_file()]

    def rows(self, names: list[str]) -> str:
        """How tables differ."""
        text = ""
        for name in (name for name in names if name.endswith(".parquet")):
            tables = [rows_of(at / "results/tables" / name) for at in (self.where, self.references[self.state])]
            found, fresh = (table.to_pylist() if table else [] for table in tables)
            pairs = [(one, other) for one, other in zip(found, fresh, strict=False) if str(one) != str(other)]
            columns = sorted({key for one, other in pairs for key in one if str(one[key]) != str(other[key])})
            keys = ("experiment", "model", "task", "n_train", "seed", "quantity", "id")
            first = {key: pairs[0][1][key] for key in keys if key in pairs[0][1]} if pairs else {}
            text += f"\n  {name}: {len(pairs)} of {len(fresh)} rows (found {len(found)}), {columns}; first {first}"
        return text

    # What users do

    def change(self) -> None:
        """Give the next run some work, mostly."""
        if self.rng.random() < 0.8:
            name = self.rng.choice(["edit_settings", "edit_settings", "edit_code", "switch_branch"])
            self.note(name, getattr(self, name)())

    def edit_settings(self) -> str:
        field = self.rng.choice(State._fields[:-1])
        values = [value for value in getattr(VALUES, field) if value != getattr(self.state, field)]
        self.state = self.state._replace(**{field: self.rng.choice(values)})
        write_settings(self.where, self.state)
        return f"{field} = {getattr(self.state, field)}"

    def edit_code(self, name: str | None = None) -> str:
        other = [code for code in VALUES.code if code != self.state.code]
        choices = other if self.state.code == ORIGINAL else [ORIGINAL, ORIGINAL, *other]
        self.state = self.state._replace(code=name or self.rng.choice(choices))
        write_code(self.where, self.state.code, self.runs.origin)
        return self.state.code

    def switch_branch(self) -> str:
        self.state = self.state._replace(
            code=self.rng.choice([code for code in VALUES.code if code != self.state.code])
        )
        self.runs.branch(self.where, self.state)
        return self.state.code

    def finish_run(self) -> str:
        status, _ = self.runs.complete(self.where)
        return "succeeds" if status == 0 else "fails"

    def run_twice_at_once(self) -> None:
        for process in [self.runs.start(self.where) for _ in range(2)]:
            process.wait(timeout=TIMEOUT)

    def touch(self) -> str:
        """Change the times of some files: older, newer, or in the future."""
        files = [*self.files(), *(file for file in (self.where / "workflow").rglob("*.py"))]
        some = self.rng.sample(files, min(len(files), self.rng.choice([3, 30, 300])))
        most = self.rng.choice([0, 0, 600])
        for file in some:
            moment = time.time() + self.rng.uniform(-1e6, most)
            os.utime(file, (moment, moment))
        return f"{len(some)} files" + (", some in the future" if most else "")

    def delete(self) -> str:
        files = self.files()
        some = self.rng.sample(files, min(len(files), self.rng.randint(1, 4)))
        for file in some:
            file.unlink()
        return ", ".join(map(self.short, some))

    def damage(self) -> str | None:
        if not (files := self.files()):
            return None
        file = self.rng.choice(files)
        content = file.read_bytes()
        file.write_bytes(content[: self.rng.randrange(len(content))])
        return self.short(file)

    def lose_state(self) -> None:
        """Delete Snakemake's folder, which holds the records of jobs in flight."""
        shutil.rmtree(self.where / ".snakemake", ignore_errors=True)

    # Copies

    def copy_to_clone(self) -> str:
        return self.to_clone(self.rng.random() < 0.75)

    def copy_during_run(self) -> str:
        process = self.start_and_wait()
        records = self.to_clone(self.rng.random() < 0.75)
        process.kill()
        return records

    def to_clone(self, with_records: bool) -> str:
        """Go on in a fresh clone with a copy of the results."""
        before, self.clones = self.where, self.clones + 1
        self.where = self.runs.clone(f"{self.name}-{self.clones}", self.state)
        self.foreign_folder(before, with_records)
        return "with its records" if with_records else "without its records"

    def foreign_folder(self, other: Path, with_records: bool = True) -> None:
        """Copy the results of another folder over these. Files may vanish meanwhile: a run may be on."""
        for file in sorted((other / "results").rglob("*")):
            place = self.where / file.relative_to(other)
            record = "records" in file.relative_to(other).parts
            if file.is_file() and (with_records or not record):
                place.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):
                    shutil.copyfile(file, place)

    def mix_results(self) -> str:
        """Copy all results of a run of another state."""
        other, with_records = self.another_state(), self.rng.random() < 0.5
        self.foreign_folder(self.references[other], with_records)
        return f"of {other}, {'with' if with_records else 'without'} records"

    def copy_foreign_files(self) -> str:
        """Copy some files of a run of another state, with any time."""
        other = self.another_state()
        source = self.references[other]
        files = self.files(source)
        kind = self.rng.choice(sorted({file.relative_to(source).parts[1] for file in files}))
        files = [file for file in files if file.relative_to(source).parts[1] == kind]
        some = self.rng.sample(files, min(len(files), self.rng.randint(1, 3)))
        for file in some:
            place = self.where / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
            moment = time.time() - self.rng.choice([0, 1e5])
            os.utime(place, (moment, moment))
        return f"of {other}: {', '.join(self.short(file) for file in some)}"

    def another_state(self) -> State:
        """A state that has been run already, so that the copy costs nothing."""
        known = [state for state in self.references.made if state != self.state]
        return self.rng.choice(known) if known else self.state._replace(root_seed=2020 - self.state.root_seed)

    # Kills

    def kill_snakemake(self) -> None:
        self.start_and_wait().kill()

    def kill_group(self) -> None:
        os.killpg(self.start_and_wait().pid, signal.SIGKILL)

    def kill_job(self) -> str:
        return self.kill_one(lambda group: self.runs.jobs(group))

    def kill_fork_server(self) -> str:
        def servers(group: int) -> list[psutil.Process]:
            jobs = self.runs.jobs(group)
            found = []
            for process in self.runs.living(group):
                with suppress(psutil.NoSuchProcess):
                    found += [process] * ("fork_server" in " ".join(process.cmdline()) and process not in jobs)
            return found

        return self.kill_one(servers)

    def kill_one(self, candidates: Any) -> str:
        process = self.start_and_wait(server=True)
        found = candidates(process.pid)
        if found:
            with suppress(psutil.NoSuchProcess):
                self.rng.choice(found).kill()
        process.wait(timeout=TIMEOUT)
        return "killed" if found else "too late"

    def kill_with_suspended_job(self) -> str:
        """Suspend a job, and kill Snakemake. The job goes on later."""
        process = self.start_and_wait()
        if jobs := self.runs.jobs(process.pid):
            with suppress(psutil.NoSuchProcess):
                job = self.rng.choice(jobs)
                job.suspend()
                self.suspended.append(job)
        time.sleep(self.rng.uniform(0, 0.5))
        process.kill()
        return "suspended" if jobs else "too late"

    def kill_at_moment(self) -> str:
        """Stop a job before it writes, or before or after it renames. Kill Snakemake, all, the job, or nothing."""
        moment, place = self.rng.choice(["write", "before", "after"]), self.rng.randrange(16)
        victim = self.rng.choice(["snakemake", "snakemake", "group", "job", "nothing"])
        self.change()
        (self.runs.hook / f"{moment}-{place}").touch()
        process = self.runs.start(self.where, server=self.rng.random() < 0.9)
        while process.poll() is None and not (stopped := list(self.runs.hook.glob("stopped-*"))):
            time.sleep(0.02)
        if process.poll() is not None:
            return "too late"
        job = psutil.Process(int(stopped[0].name.partition("-")[2]))
        time.sleep(self.rng.uniform(0, 0.3))
        if victim == "snakemake":
            process.kill()
            self.suspended.append(job)
        elif victim == "group":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            job.kill() if victim == "job" else job.resume()
            process.wait(timeout=TIMEOUT)
        return f"{victim}, at {moment} of file {place}"

    def edit_code_during_run(self) -> str:
        """Edit a module while jobs run, and restore it while they run, or when they have ended."""
        process, before = self.start_and_wait(), self.state.code
        during = self.edit_code()
        time.sleep(self.rng.uniform(0, 2))
        if early := self.rng.random() < 0.5:
            self.edit_code(before)
        if killed := self.rng.random() < 0.3:
            process.kill()
        process.wait(timeout=TIMEOUT)
        if not early:
            self.edit_code(before)
        return f"{during}, restored {'during the run' if early else 'afterwards'}{', killed' if killed else ''}"

    def edit_settings_during_run(self) -> str:
        process = self.start_and_wait()
        edit = self.edit_settings()
        process.wait(timeout=TIMEOUT)
        return edit

    def resume(self) -> str:
        """Let suspended jobs go on, and wait for their end."""
        for job in self.suspended:
            with suppress(psutil.NoSuchProcess):
                job.resume()
        count, self.suspended = len(self.suspended), []
        self.wait_for_orphans()
        return f"{count} jobs"

    def start_and_wait(self, server: bool | None = None) -> subprocess.Popen:
        """Start a run, and wait until its jobs compute, and then a random time."""
        self.change()
        process = self.runs.start(self.where, server=self.rng.random() < 0.9 if server is None else server)
        while process.poll() is None and not self.runs.jobs(process.pid):
            time.sleep(0.05)
        time.sleep(self.rng.uniform(0, 3))
        process.poll()
        return process

    def stop_waiting(self) -> None:
        """Before the next attack: forget the moments that did not come, and sometimes wait for orphans."""
        for token in self.runs.hook.glob("*-*"):
            token.unlink(missing_ok=True)
        if self.rng.random() < 0.5:
            self.wait_for_orphans()

    def wait_for_orphans(self) -> None:
        """Wait until no process is left except suspended ones."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit and [one for one in self.runs.living() if not self.is_suspended(one)]:
            time.sleep(0.1)

    def is_suspended(self, process: psutil.Process) -> bool:
        """Whether a process is suspended, or waits for one that is."""
        with suppress(psutil.NoSuchProcess):
            return process.status() == psutil.STATUS_STOPPED or (
                bool(self.suspended) and ".snakemake/scripts/" in " ".join(process.cmdline())
            )
        return True

    def files(self, where: Path | None = None) -> list[Path]:
        """The Parquet files of the results."""
        return sorted(((where or self.where) / "results").rglob("*.parquet"))

    def short(self, file: Path) -> str:
        return str(file).partition("/results/")[2]


# Attacks, or several in a row, each with its weight
ATTACKS = {
    "edit_settings": 2,
    "edit_code": 1,
    "switch_branch": 1,
    "finish_run": 0.5,
    "run_twice_at_once": 0.5,
    "touch": 1,
    "delete": 1,
    "damage": 0.5,
    "lose_state": 0.5,
    "copy_to_clone": 1,
    "copy_during_run": 1,
    "mix_results": 1,
    "copy_foreign_files": 2,
    "kill_snakemake": 1,
    "kill_group": 1,
    "kill_job": 1,
    "kill_fork_server": 0.5,
    "kill_with_suspended_job": 1,
    "kill_at_moment": 2,
    "edit_code_during_run": 1.5,
    "edit_settings_during_run": 0.5,
    "kill_at_moment, copy_to_clone, edit_settings": 2,
    "kill_group, lose_state, edit_settings": 1,
    "kill_with_suspended_job, edit_settings, finish_run, resume": 1.5,
    "kill_at_moment, edit_settings, finish_run, resume": 1.5,
}


def draw(seed: int, length: int) -> list[str]:
    """The attacks of a sequence."""
    drawn = random.Random(seed).choices(list(ATTACKS), list(ATTACKS.values()), k=length)
    return [name for names in drawn for name in names.split(", ")]


def attack(seed: int, references: References, attacks: list[str], back: bool = False) -> tuple[Sequence, str | None]:
    """Run one sequence: the sequence, and why its results are wrong, or None."""
    sequence, wrong = Sequence(seed, references), None
    try:
        sequence.run(attacks, back)
    except (WrongError, subprocess.TimeoutExpired) as problem:
        wrong = str(problem)
    finally:
        references.runs.end()
    return sequence, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first sequence; the next has the next seed")
    parser.add_argument("--length", type=int, default=4, help="attacks in each sequence")
    parser.add_argument("--attacks", help="these instead of random ones, separated by commas")
    parser.add_argument("--minutes", type=float, default=120, help="no sequence starts later")
    parser.add_argument("--folder", type=Path, help="a new folder to work in; results that are wrong stay there")
    options = parser.parse_args()
    began, counts, wrong = time.monotonic(), Counter[str](), list[int]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary, "torture")
        folder.mkdir(parents=True)
        references = References(Runs(folder), {})
        for ran, seed in enumerate(range(options.seed, options.seed + options.sequences)):
            if time.monotonic() - began > 60 * options.minutes:
                print(f"Stopped after {options.minutes:g} minutes and {ran} sequences.")
                break
            attacks = options.attacks.split(",") if options.attacks else draw(seed, options.length)
            sequence, problem = attack(seed, references, attacks)
            counts += sequence.counts
            print(f"seed {seed}: {'WRONG' if problem else 'equal'} ({'; '.join(sequence.done)})", flush=True)
            if problem:
                wrong.append(seed)
                print(f"  {problem}", flush=True)
            else:
                for clone in folder.glob(f"{sequence.name}*"):
                    shutil.rmtree(clone)
    print("\n".join(f"{count:6} {name}" for name, count in sorted(counts.items())))
    print(f"{len(wrong)} sequences wrong: seeds {', '.join(map(str, wrong)) or 'none'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
