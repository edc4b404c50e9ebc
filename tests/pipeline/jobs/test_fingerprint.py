import shutil
from pathlib import Path

import pytest

import convbias
from convbias_pipeline.jobs import fingerprint as module

SCRIPTS = Path(convbias.__file__).parents[1]


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A copy of the scripts to edit, in place of the real ones."""
    copied = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "convbias", type("Copy", (), {"__file__": str(copied / "convbias" / "__init__.py")}))
    return copied


def training(scripts, model="conv", loss="hinge", task="cls"):
    module._meaning.cache_clear()
    return module.fingerprint(scripts / "train_linear.py", [f"models.{model}", f"losses.{loss}", f"tasks.{task}"])


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_comments_docstrings_and_layout_do_not_count(scripts):
    before = training(scripts)
    for file in ("train_linear.py", "convbias/models/conv.py", "convbias/bits.py"):
        path = scripts / file
        path.write_text("# a comment\n" + path.read_text().replace('"""', '"""More words. ', 1) + "\n\n\n")
    assert training(scripts) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("train_linear.py", "snakemake.threads", "1"),
        ("convbias/models/conv.py", "BLOCK = 32", "BLOCK = 16"),
        ("convbias/bits.py", "left = half", "left = half  + 0"),  # imported by what is imported by name
        ("convbias/training/until_satisfied.py", "PERIOD = 64", "PERIOD = 32"),
        ("convbias/draws.py", "digest_size=16", "digest_size=8"),
    ],
)
def test_code_that_the_job_runs_counts(scripts, file, old, new):
    before = training(scripts)
    edit(scripts / file, old, new)
    assert training(scripts) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("convbias/models/one_layer.py", "working_rows: int = 0", "working_rows: int = 1"),
        ("convbias/losses/xhinge.py", "-margin", "-2 * margin"),
        ("convbias/tasks/first_person.py", "d // 2", "d // 3"),
        ("convbias/asymptotics.py", "1e-10", "1e-9"),
        ("convbias/figures/_style.py", "3.35", "6.0"),
        ("pipeline/provenance.py", '"numpy", ', ""),
    ],
)
def test_code_that_the_job_does_not_run_does_not_count(scripts, file, old, new):
    before = training(scripts)
    edit(scripts / file, old, new)
    assert training(scripts) == before


def test_what_a_module_reads_counts_with_it(scripts):
    def deciding():
        module._meaning.cache_clear()
        return module.fingerprint(scripts / "check_claims.py", ["claims.wu2019_fig2"])

    before, other = deciding(), training(scripts)
    (scripts / "convbias/models/conv.py.orig").write_text("an editor's")
    (scripts / "convbias/models/conv.py~").write_text("an editor's")
    edit(scripts / "convbias/claims/_page.html", "<title>", "<title>Other ")
    assert deciding() != before and training(scripts) == other


def test_each_model_loss_and_task_has_its_own(scripts):
    variants = [{}, {"model": "one_layer"}, {"loss": "xhinge"}, {"task": "third_person"}]
    assert len({training(scripts, **variant) for variant in variants}) == len(variants)


def test_the_version_of_a_library_counts_where_it_computes(scripts, monkeypatch):
    def with_versions(**versions):
        monkeypatch.setattr(module, "version", lambda name: versions.get(name, "1.0"))
        return training(scripts)

    assert with_versions() != with_versions(torch="1.1")
    assert with_versions() != with_versions(numpy="1.1")
    assert with_versions() == with_versions(seaborn="1.1", pyarrow="1.1")
