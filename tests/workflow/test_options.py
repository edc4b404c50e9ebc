"""What Snakemake makes of its options before it reads the workflow: our pages tell it."""

from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import ConfigSettings

from running import ROOT, loaded


@pytest.fixture(scope="module")
def parser():
    return get_argument_parser([])


def test_of_several_files_the_later_wins_key_by_key(parser, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = {"device": "cpu", "seeds_per_job": 7, "linear": {"wu2019-fig2": {"seeds": 3, "models": ["conv"], "d": 50}}}
    second = {"seeds_per_job": 8, "linear": {"wu2019-fig2": {"seeds": 4, "models": ["one_layer"]}, "wu2019-lr1": None}}
    for name, content in (("first", first), ("second", second)):
        Path(f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    files = parser.parse_args(["--configfile", "first.yaml", "second.yaml"]).configfile
    config = loaded(ConfigSettings(configfiles=files, config={"seeds_per_job": 9}).overwrite_config)
    one = config["linear"]["wu2019-fig2"]
    assert (config["device"], config["seeds_per_job"]) == ("cpu", 9)
    assert (one["seeds"], one["models"], one["d"]) == (4, ["one_layer"], 50)
    assert "wu2019-lr1" not in config["linear"]


def test_a_repeated_option_replaces_the_first(parser):
    files = parser.parse_args(["--configfile", "first.yaml", "--configfile", "second.yaml"]).configfile
    assert files == [Path("second.yaml")]


def test_snakemake_does_not_name_the_place_of_a_slip(tmp_path):
    """So config/README.md names a command that does."""
    (tmp_path / "slip.yaml").write_text("linear:\n  own: {seeds: 3\n", encoding="utf-8")
    with pytest.raises(WorkflowError, match=r"^Config file is not valid JSON or YAML\. [^0-9]*$"):
        ConfigSettings(configfiles=[tmp_path / "slip.yaml"])


def test_an_executor_without_its_plugin_is_an_invalid_choice(parser, capsys):
    """Snakemake ends before it reads the workflow, so docs/clusters.md tells what is missing."""
    with pytest.raises(SystemExit):
        parser.parse_args(["--executor", "none"])
    message = "argument --executor/-e: invalid choice: '{}'"
    assert message.format("none") in capsys.readouterr().err
    assert message.format("slurm") in (ROOT / "docs/clusters.md").read_text(encoding="utf-8")
