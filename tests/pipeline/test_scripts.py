"""Each script refuses inputs that other jobs made, before it computes anything."""

import re
from runpy import run_path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from convbias_pipeline.store.files import write_table
from running import ROOT

SCRIPTS = ROOT / "workflow" / "scripts"
INPUTS = {  # of each script, by name
    "train_linear": ["points"],
    "estimate_asymptotics": ["points"],
    "train_detection": ["digits", "inputs"],
    "make_inputs": ["digits"],
    "make_examples": ["digits"],
    "check_claims": ["linear", "theory"],
    "plot_figure": ["linear", "asymptotics"],
    "plot_explorer": ["linear", "asymptotics", "detection"],
    "write_page": ["claims"],
    "tabulate_times": ["linear", "theory"],
}
SETTINGS = {"figure": "wu2019-fig2", "experiments": ["wu2019-fig2"], "claims": {}, "first": 0, "last": 1}


def test_these_are_all_scripts_that_read_files_of_other_jobs():
    """But for ``collect_table``, which compares each shard with its job."""
    texts = {file.stem: file.read_text() for file in SCRIPTS.glob("*.py")}
    readers = {name for name, text in texts.items() if "snakemake.input" in text or "params.shards" in text}
    assert readers == {*INPUTS, "collect_table"}
    assert not [name for name in readers if re.search(r"read_table|read_provenance\b|parquet", texts[name])]


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_of_another_root_seed_are_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("convbias_pipeline.run.begin.begin_job", lambda log: None)
    expected = {"code": "abc", "root_seed": 2019}
    paths = {one: f"{one}.parquet" for one in INPUTS[name]}
    for path in paths.values():
        write_table(pa.table({"seed": [0, 1]}), path, {"configuration": expected | {"root_seed": 7}})
    attributes = {"tabulate_times": {"tables": list(paths.values())}, "write_page": paths}
    given = SimpleNamespace(**attributes[name]) if name in attributes else paths
    job = SimpleNamespace(
        log=[""],
        params=SimpleNamespace(job_params=SETTINGS, expected=dict.fromkeys(paths, expected), benchmarks="."),
        input=given,
        output=SimpleNamespace(times="times.csv", environment="environment.csv"),
        resources=SimpleNamespace(gpu=0),
        config={"device": "cpu"},
    )
    with pytest.raises(ValueError, match=r"^Cannot use these files: .* Delete them and run snakemake again:") as caught:
        run_path(str(SCRIPTS / f"{name}.py"), {"snakemake": job})
    line = "was computed with root_seed = 7; the configuration now has root_seed = 2019"
    assert str(caught.value).split("\n")[1:] == [f"{path} {line}" for path in paths.values()]
    assert not list(tmp_path.glob("*.csv"))
