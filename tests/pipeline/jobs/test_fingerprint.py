import shutil
from pathlib import Path

import pytest

import convbias
from convbias_pipeline.jobs import fingerprint as module

SCRIPTS = Path(convbias.__file__).parents[1]


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A copy of the scripts that a test can edit."""
    copied = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "convbias", type("Copy", (), {"__file__": str(copied / "convbias" / "__init__.py")}))
    return copied


def training(scripts, model="conv", loss="hinge", task="cls"):
    module._meaning.cache_clear()
    return module.fingerprint(
        scripts / "train_linear.py", [f"linear.models.{model}", f"linear.losses.{loss}", f"linear.tasks.{task}"]
    )


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
        module._meaning.cache_clear()
        return module.fingerprint(scripts / "check_claims.py", ["papers.wu2019.claims.fig2"])

    before, other = deciding(), training(scripts)
    (scripts / "convbias/linear/models/conv.py.orig").write_text("a backup of an editor")
    (scripts / "convbias/linear/models/conv.py~").write_text("a backup of an editor")
    edit(scripts / "convbias/claims/page.html", "<title>", "<title>Other ")
    assert deciding() != before and training(scripts) == other


def test_each_model_loss_and_task_has_its_own_fingerprint(scripts):
    variants = [{}, {"model": "one_layer"}, {"loss": "xhinge"}, {"task": "third_person"}]
    assert len({training(scripts, **variant) for variant in variants}) == len(variants)


def test_versions_of_libraries_that_compute_change_it(scripts, monkeypatch):
    def with_versions(**versions):
        monkeypatch.setattr(module, "version", lambda name: versions.get(name, "1.0"))
        return training(scripts)

    assert with_versions() != with_versions(numba="1.1")
    assert with_versions() != with_versions(numpy="1.1")
    assert with_versions() == with_versions(seaborn="1.1", pyarrow="1.1", torch="1.1")
