"""The archive of a run: its contents, the crate, and drawing the figures again from it."""

import json
import re
import subprocess
from hashlib import sha256
from zipfile import ZipFile

import pytest
import yaml

from convbias_pipeline.report.archive import CRATE, MANIFEST, SUMS, WORKFLOW, pack
from convbias_pipeline.report.unpack import unpack
from convbias_pipeline.store.provenance import ARCHIVED
from running import ROOT, copy_repository, job_counts, snakemake

PROFILE = "https://w3id.org/ro/wfrun/workflow/"


@pytest.fixture(scope="module")
def archive(undisturbed, tmp_path_factory):
    """The archive of a small run, from a checkout with its code, and the commit."""
    where = copy_repository(tmp_path_factory.mktemp("archive") / "checkout")
    (where / "small.yaml").write_text((undisturbed / "small.yaml").read_text())
    (where / ".gitignore").write_text("/results/\n")
    git = ["git", "-C", where, "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init"], ["add", "."], ["commit", "-m", "Begin"]):
        subprocess.run([*git, *arguments, "-q"] if arguments != ["add", "."] else [*git, *arguments], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    (where / "notes.txt").write_text("not tracked")
    return pack(where, undisturbed / "results", where / "build"), commit


@pytest.fixture(scope="module")
def content(archive):
    with ZipFile(archive[0]) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_an_archive_has_code_results_and_the_checksum_of_each_file(archive, content, undisturbed):
    path, commit = archive
    assert path.name == f"convbias-{commit[:12]}.crate.zip"
    assert {WORKFLOW, "requirements.lock", "small.yaml", "results/claims.html", "results/claims.md"} <= set(content)
    assert content[ARCHIVED].decode() == f"node: {commit}\n" and "notes.txt" not in content
    for folder in ("tables", "figures", "records"):
        own = {f"results/{folder}/{file.name}" for file in (undisturbed / "results" / folder).iterdir()}
        assert own and own <= set(content)
    assert not [name for name in content if name.startswith("results/runs")]
    lines = [line.split("  ") for line in content[SUMS].decode().splitlines()]
    assert {name: value for value, name in lines} == {
        name: sha256(data).hexdigest() for name, data in content.items() if name != SUMS
    }


def test_the_manifest_has_the_checksum_of_each_table_figure_and_claim(content):
    entries = yaml.safe_load(content[MANIFEST])["manifest"]
    for entry in entries:
        assert entry["comment"] == f"SHA-256 {sha256(content[entry['file']]).hexdigest()}"
    files = {entry["file"] for entry in entries}
    assert {name for name in content if re.match(r"results/(tables|figures|claims)", name)} <= files


def test_the_crate_has_what_the_profiles_require(content):
    """The MUSTs of RO-Crate 1.1, Workflow RO-Crate 1.0, Process Run Crate 0.5 and Workflow Run Crate 0.5."""
    crate = json.loads(content[CRATE])
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"]) and "https://w3id.org/ro/crate/1.1/context" in crate["@context"]
    descriptor, root = entities[CRATE], entities["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert {"@id": "https://w3id.org/ro/crate/1.1"} in descriptor["conformsTo"]
    assert root["@type"] == "Dataset" and root["name"] and root["description"] and root["license"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", root["datePublished"])
    profiles = {one["@id"] for one in root["conformsTo"]}
    assert any(profile.startswith(PROFILE) for profile in profiles)
    assert all(entities[profile]["@type"] == "CreativeWork" for profile in profiles)
    workflow = entities[root["mainEntity"]["@id"]]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} == set(workflow["@type"])
    assert entities[workflow["programmingLanguage"]["@id"]]["@type"] == "ComputerLanguage"
    (action,) = (entity for entity in crate["@graph"] if entity["@type"] == "CreateAction")
    assert action["instrument"] == root["mainEntity"] and root["mentions"] == {"@id": action["@id"]}
    outputs = {one["@id"] for one in action["result"]}
    assert outputs == {name for name in content if name.startswith("results/") and name != "results/.gitkeep"}
    files = {one["@id"] for one in root["hasPart"]}
    assert files == set(content) - {CRATE, SUMS}
    for name in files:
        assert "File" in entities[name]["@type"] and entities[name]["sha256"] == sha256(content[name]).hexdigest()
    for entity in crate["@graph"]:  # no reference leads nowhere
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and not one["@id"].startswith("https://snakemake"):
                    assert one["@id"] in entities or one["@id"] == "https://w3id.org/ro/crate/1.1"


def test_figures_and_claims_are_made_again_from_an_archive_without_training(archive, undisturbed, tmp_path):
    """The recipe of `make figures`, in a fresh folder."""
    (recipe,) = re.findall(r"--config digits=recorded \\\n\t  (--forcerun .*?) \\\n", (ROOT / "Makefile").read_text())
    where = unpack(archive[0], tmp_path / "fresh")
    figures = sorted(f"results/figures/{file.name}" for file in (where / "results/figures").glob("*.csv"))
    made = [*figures, "results/claims.md"]
    for name in made:
        (where / name).unlink()
    arguments = ["--cores", 1, "--configfile", "small.yaml", "--config", "digits=recorded", *recipe.split()]
    done = snakemake(where, *arguments, "--", "check_claims", *figures)
    assert done.returncode == 0, done.stdout
    assert job_counts(done.stdout) == {"check_claims": 1, "plot_figure": len(figures), "total": 1 + len(figures)}
    assert [(where / name).read_bytes() for name in made] == [(undisturbed / name).read_bytes() for name in made]


def test_a_damaged_archive_is_refused(archive, content, tmp_path):
    def changed(**changes):
        with ZipFile(tmp_path / "a.zip", "w") as file:
            for name, data in {**content, **changes}.items():
                if data is not None:
                    file.writestr(name, data)
        return tmp_path / "a.zip"

    (tmp_path / "kept").mkdir()
    for changes, words in (
        ({"results/claims.md": b"other", "LICENSE": b"more"}, "LICENSE, results/claims.md"),
        ({"config.yaml": None}, "config.yaml"),
    ):
        with pytest.raises(ValueError, match=f"is damaged: other checksums than in {SUMS}: {words}"):
            unpack(changed(**changes), tmp_path / "kept")
    outside = {"../outside": b"x", SUMS: content[SUMS] + f"{sha256(b'x').hexdigest()}  ../outside\n".encode()}
    with pytest.raises(ValueError, match=r"has files outside its folder: \.\./outside"):
        unpack(changed(**outside), tmp_path / "kept")
    (tmp_path / "a.zip").write_text("no ZIP")
    with pytest.raises(ValueError, match=r"is no archive of a run .*Name a file that `make archive` wrote"):
        unpack(tmp_path / "a.zip", tmp_path / "kept")
    assert (tmp_path / "kept").exists() and not (tmp_path / "outside").exists()
    assert unpack(tmp_path / "kept", tmp_path / "elsewhere") == tmp_path / "kept"


def test_code_outside_a_checkout_and_an_unfinished_run_are_not_archived(undisturbed, tmp_path):
    with pytest.raises(ValueError, match="is no git checkout"):
        pack(tmp_path, undisturbed / "results", tmp_path)
    with pytest.raises(ValueError, match="has no finished run"):
        pack(ROOT, tmp_path, tmp_path)
