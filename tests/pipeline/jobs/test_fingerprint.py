import ast
import inspect
import shutil
from hashlib import sha256
from importlib.metadata import PackageNotFoundError

import pytest

from convbias_pipeline.jobs import fingerprint as module
from convbias_pipeline.jobs import versions
from convbias_pipeline.run.sources import SCRIPTS
from convbias_pipeline.store import files


@pytest.fixture
def scripts(tmp_path):
    """A copy of the scripts that a test can edit."""
    return shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))


def training(scripts, model="conv", loss="hinge", task="cls"):
    plugins = [f"linear.models.{model}", f"linear.losses.{loss}", f"linear.tasks.{task}"]
    return module.fingerprint("train_linear", plugins, module.Sources(scripts))


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_comments_docstrings_and_layout_do_not_change_it(scripts):
    before = training(scripts)
    for file in ("train_linear.py", "convbias/linear/models/conv.py", "convbias/linear/kernel.py"):
        path = scripts / file
        path.write_text("# a comment\n" + path.read_text().replace('"""', '"""More words. ', 1) + "\n\n\n")
    assert training(scripts) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("train_linear.py", "snakemake.threads", "1"),
        ("convbias/linear/models/conv.py", "border = k - 1", "border = k - 1 + 0"),
        ("convbias/linear/models/__init__.py", "zeros: int = 0", "zeros: int = 1"),  # imported by a plugin
        ("convbias/linear/kernel.py", "PERIOD = 16", "PERIOD = 32"),
        ("convbias/draws.py", "digest_size=16", "digest_size=8"),
    ],
)
def test_code_that_the_job_runs_changes_it(scripts, file, old, new):
    before = training(scripts)
    edit(scripts / file, old, new)
    assert training(scripts) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("convbias/linear/models/one_layer.py", '"w", d', '"w", d + 0'),
        ("convbias/linear/losses/xhinge.py", "-margin", "-2 * margin"),
        ("convbias/linear/tasks/first_person.py", "d // 2", "d // 3"),
        ("convbias/papers/wu2019/theory/svd_estimate.py", "1e-10", "1e-9"),
        ("convbias/figures/style.py", "3.35", "6.0"),
        ("convbias_pipeline/store/provenance.py", '"numpy", ', ""),
    ],
)
def test_code_that_the_job_does_not_run_does_not_change_it(scripts, file, old, new):
    before = training(scripts)
    edit(scripts / file, old, new)
    assert training(scripts) == before


def test_a_file_that_a_module_reads_is_part_of_it(scripts):
    def deciding():
        return module.fingerprint("check_claims", ["papers.wu2019.claims.fig2"], module.Sources(scripts))

    before, other = deciding(), training(scripts)
    (scripts / "convbias/linear/models/conv.py.orig").write_text("a backup of an editor")
    (scripts / "convbias/linear/models/conv.py~").write_text("a backup of an editor")
    edit(scripts / "convbias/claims/page.html", "<title>", "<title>Other ")
    assert deciding() != before and training(scripts) == other


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("from . import kernel, own", "convbias/linear/own.py"),
        ("from .own import value", "convbias/linear/own.py"),
        ("from ..own import value", "convbias/own.py"),
        ("from .inner.own import value", "convbias/linear/inner/__init__.py"),
        ("import_module('convbias.linear.own')", "convbias/linear/own.py"),
        ("importlib.import_module('.own', __package__)", "convbias/linear/own.py"),
        ("import convbias.inner.own as inner", "convbias/inner/__init__.py"),
        ("import convbias.inner.own as inner", "convbias/inner/own.py"),
        ("import own", "own.py"),
        ("from inner.own import value", "inner/__init__.py"),
        ("(Path(__file__).parent / 'points.csv').open()", "convbias/linear/points.csv"),
        ("(Path(__file__).parent / f'{name}.csv').open()", "convbias/linear/points.csv"),
        ("Path(__file__).with_suffix('.tar.gz')", "convbias/linear/shard.tar.gz"),
        ("(CORE / 'data/points.csv').open()", "convbias/data/points.csv"),
        ("from convbias.detection import tasks; tasks.make('own')", "convbias/detection/tasks/own.py"),
    ],
)
def test_everything_that_a_module_loads_changes_it(scripts, code, file):
    (scripts / file).parent.mkdir(exist_ok=True)
    (scripts / file).write_text("value = 1\n")
    own = scripts / "convbias/linear/shard.py"
    own.write_text(f"{own.read_text()}\n{code}\n")
    before = training(scripts)
    (scripts / file).write_text("value = 2\n")
    assert training(scripts) != before


def test_a_module_beside_the_scripts_that_a_script_imports_changes_it(scripts):
    (scripts / "helper.py").write_text("value = 1\n")
    script = scripts / "train_linear.py"
    script.write_text(f"import helper\n{script.read_text()}")
    before = training(scripts)
    (scripts / "helper.py").write_text("value = 2\n")
    assert training(scripts) != before


@pytest.mark.parametrize("file", ["store/collection.py", "jobs/shards.py"])
def test_plumbing_that_collects_rows_changes_only_the_tables(scripts, file):
    def collecting():
        return module.fingerprint("collect_table", [], module.Sources(scripts))

    before, other = collecting(), training(scripts)
    path = scripts / "convbias_pipeline" / file
    path.write_text(f"{path.read_text()}\nown = 1\n")
    assert collecting() != before and training(scripts) == other


def test_the_version_of_reading_and_writing_rows_changes_every_job(scripts, monkeypatch):
    before = training(scripts)
    monkeypatch.setattr(files, "ROWS_VERSION", files.ROWS_VERSION + 1)
    assert training(scripts) != before


def test_reading_and_writing_rows_is_as_in_its_version():
    """If this fails, raise ROWS_VERSION if rows change. Then write the new hash here."""
    functions = (files.write_tables, files.read_table, files.read_frames, files.stream_frames, files._groups)
    text = "".join(inspect.getsource(function) for function in functions)
    assert (files.ROWS_VERSION, sha256(text.encode()).hexdigest()[:16]) == (1, "37942cdef8022961")


def test_each_model_loss_and_task_has_its_own_fingerprint(scripts):
    variants = [{}, {"model": "one_layer"}, {"loss": "xhinge"}, {"task": "third_person"}]
    assert len({training(scripts, **variant) for variant in variants}) == len(variants)


def test_libraries_without_a_version_are_named():
    known = {name: "1.0" for name in module.COMPUTING if name not in ("numpy", "numba")}
    with pytest.raises(
        ValueError, match=r"^train_linear\.py needs numba, numpy, which are not installed\. Run in .* --sdm"
    ):
        module.fingerprint("train_linear", ["linear.models.conv"], module.Sources(SCRIPTS), known)


def test_versions_of_libraries_that_compute_change_it(scripts):
    def with_versions(**versions):
        plugins = ["linear.models.conv", "linear.losses.hinge", "linear.tasks.cls"]
        known = {**dict.fromkeys(module.COMPUTING, "1.0"), **versions}
        return module.fingerprint("train_linear", plugins, module.Sources(scripts), known)

    assert with_versions() != with_versions(numba="1.1")
    assert with_versions() != with_versions(numpy="1.1")
    assert with_versions() == with_versions(seaborn="1.1", pyarrow="1.1", torch="1.1")


def test_environments_of_conda_have_the_versions_that_are_installed_here():
    """So --sdm conda changes no params, except where this is not an environment of the lock."""
    pinned = versions.pinned(SCRIPTS.parents[1] / "envs")
    lock = dict(
        line.split("==") for line in (SCRIPTS.parents[1] / "requirements.lock").read_text().split() if "=" in line
    )
    assert pinned.keys() == {*module.COMPUTING}
    assert pinned == {name: lock[name] for name in pinned}


def test_builds_of_a_library_for_cpu_and_for_cuda_have_the_same_version(monkeypatch):
    versions.installed.cache_clear()
    monkeypatch.setattr(versions, "version", lambda name: "2.13.0+cu130" if name == "torch" else "1.0")
    assert versions.installed()["torch"] == "2.13.0"
    versions.installed.cache_clear()


def test_a_library_that_is_not_installed_has_no_version(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    assert versions.installed().keys() == {*module.COMPUTING}
    versions.installed.cache_clear()
    monkeypatch.setattr(versions, "version", absent)
    assert versions.installed() == {}
    versions.installed.cache_clear()


def test_a_job_finds_that_it_has_loaded_other_code(scripts, monkeypatch):
    """It compares the code that it has loaded, wherever that is now, but not the versions of libraries."""
    expected, conv = training(scripts), "convbias/linear/models/conv.py"
    monkeypatch.setattr(module, "installed", None)
    assert module.changed(expected, "train_linear", module.Sources(scripts)) is None
    loaded = {conv: (scripts / conv).read_bytes()}
    edit(scripts / conv, "border = k - 1", "border = k - 2")
    assert module.changed(expected, "train_linear", module.Sources(scripts, loaded)) is None
    now = module.changed(expected, "train_linear", module.Sources(scripts))
    assert now and now != expected[:16]
    loaded[conv] = (scripts / conv).read_bytes()
    edit(scripts / conv, "border = k - 2", "border = k - 1")
    assert module.changed(expected, "train_linear", module.Sources(scripts, loaded)) == now
    assert module.changed(expected, "train_linear", module.Sources(scripts)) is None


def test_the_code_s_hash_does_not_depend_on_the_version_of_python():
    """Python 3.13 shows no empty lists in syntax trees, and from 3.12 on, trees have further lists that are empty."""
    tree = ast.parse("def f(x: int, *, y=[], z=None) -> str:\n    return f'{x!r:>{y}}'\nclass C: a = {**d}, ...")
    before = module._plain(tree)
    for node in ast.walk(tree):
        node.type_params, node._fields = [], (*node._fields, "type_params")
    assert module._plain(tree) == before
