import copy
import json
import shutil

import pytest
import yaml
from snakemake.utils import update_config

import configuration_errors
from configuration_errors import ERRORS, SMOKE, put
from convbias import catalogue, registry
from convbias_pipeline.configuration.check import ConfigurationError, check, complete_schema
from convbias_pipeline.configuration.load import ENTRIES, load
from convbias_pipeline.configuration.read import ReadError
from convbias_pipeline.jobs import plan
from running import ROOT, changes, expanded, loaded

PAPER = expanded({})


def errors(config, root=ROOT, files=()):
    with pytest.raises(ConfigurationError) as caught:
        check(config, root, files)
    first, *lines = str(caught.value).split("\n")
    count = f"{len(lines)} error{'s' if len(lines) > 1 else ''}"
    assert files or first == f"The configuration has {count}:"
    return [line.removeprefix("  ") for line in lines]


@pytest.mark.parametrize(
    "changed", [{}, {"papers": ["lahoti2024"]}, {"papers": []}], ids=["main", "lahoti2024", "none"]
)
def test_papers_are_valid(changed):
    check(loaded(changed), ROOT)


@pytest.mark.parametrize("file", ["tests/config.yaml", *map(str, (ROOT / "config" / "presets").glob("*.yaml"))])
def test_presets_are_valid(file):
    check(loaded(changes(file)), ROOT, [ROOT / file])


def test_smoke_preset_has_each_check_and_no_setting_of_its_own():
    for section in ENTRIES:
        for name, entry in SMOKE[section].items():
            assert entry.keys() == load({}, ROOT)[section].get(name, entry).keys()
    checks = {name for name in catalogue.checks() if name.startswith(tuple(f"{paper}-" for paper in SMOKE["papers"]))}
    assert {entry["check"] for entry in SMOKE["theory"].values()} == checks


@pytest.mark.parametrize(
    ("path", "value", "line"), ERRORS, ids=[f"{path[-1]}={value}"[:40] for path, value, _ in ERRORS]
)
def test_each_error_is_reported_in_full(path, value, line):
    config = copy.deepcopy(SMOKE)
    put(config, path, value)
    found = errors(config)
    assert line in found
    if path not in [(section,) for section in ENTRIES]:  # or claims and figures name entries that are gone
        assert found == [line]


def test_all_errors_are_reported_at_once():
    config = copy.deepcopy(SMOKE)
    chosen = ("learning_rat", "k", "d", "chess", "device")
    several = {path: (value, line) for path, value, line in ERRORS if path[-1] in chosen}
    for path, (value, _) in several.items():
        put(config, path, value)
    assert len(several) > 4 and set(errors(config)) == {line for _, line in several.values()}


@pytest.mark.parametrize("config", [None, [], "text", 3])
def test_a_configuration_that_is_not_a_mapping_is_refused(config):
    assert errors(config) == [f"the configuration: must be a mapping of settings; found {json.dumps(config)}"]


def test_assumed_settings_of_a_claim_are_those_that_its_experiments_use():
    assumed = plan.assumed(PAPER, ["brutzkus2021-lr0.0003", "brutzkus2021-lr0.003"], ("detection",))
    assert "learning_rate = 0.0003, 0.003" in assumed and "n_train" in assumed and "noise_law = ball" in assumed
    assert not any(setting.startswith(("noise =", "d =", "first_layer_steps")) for setting in assumed)
    requested = plan.requested_claims(PAPER)
    of_claim = {claim: entry["assumed"] for claim, entry in requested.items()}
    assert of_claim["wu2019-xhinge-estimate"] == plan.assumed(
        PAPER, PAPER["claims"]["wu2019-xhinge-estimate"]["experiments"], ("linear", "asymptotics")
    )
    assert (
        "record_every = 100" in of_claim["wu2019-fig6a"]
        and "record_every = 0" not in of_claim["wu2019-xhinge-estimate"]
    )
    assert of_claim["wu2019-limit-not-separating-first_person"] == ["n_train"]  # the SVD estimate trains no network
    assert "noise_law = ball" not in of_claim["brutzkus2021-fig3a"]  # it has no noise
    assert requested["wu2019-two-layer"]["sensitivity"] == {}
    unused = set(plan.unused_settings(PAPER["detection"]["brutzkus2021-thm5.1-d4"]))
    assert {"learning_rate", "init_scale", "target_loss", "step_limit", "noise_law"} <= unused
    descent = plan.unused_settings(PAPER["detection"]["brutzkus2021-fig3b"] | {"trainings": ["gradient_descent"]})
    assert descent == ["first_layer_steps", "second_layer_steps"]


def test_duplicate_keys_are_reported_with_their_lines(tmp_path, monkeypatch):
    """YAML itself takes the last of them, and would silently lose one of two experiments of the same name."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "twice.yaml"
    anchors = "a: &a {d: 1}\nb:\n  <<: *a\n  <<: *a\n  d: 2\n"
    file.write_text(anchors + "figures: {}\nlinear:\n  own: {}\n  2019: {}\n  own: {d: 10}\nfigures: {}\n")
    expected = [
        "linear.own: duplicate key (lines 8 and 10 of twice.yaml)",
        "figures: duplicate key (lines 6 and 11 of twice.yaml)",
    ]
    assert errors(copy.deepcopy(SMOKE), files=[file]) == expected
    with pytest.raises(ConfigurationError, match=r"^twice\.yaml has 2 errors:\n"):
        check(copy.deepcopy(SMOKE), ROOT, [file])
    with pytest.raises(ConfigurationError, match=r"^twice\.yaml and twice\.yaml have 2 errors:\n"):
        check(copy.deepcopy(SMOKE), ROOT, [file, file])


@pytest.mark.parametrize(
    ("in_file", "option", "found"),
    [
        ({}, {"device": "tpu"}, ["--config has 1 error:", 'device: must be auto, cpu or cuda; found "tpu"']),
        ({"device": "tpu"}, {}, ["mine.yaml has 1 error:", 'device: must be auto, cpu or cuda; found "tpu"']),
        (
            {"linear": {"wu2019-fig2": {"seeds": 0}}},
            {"linear": {"wu2019-fig2": {"steps": 0}}, "seeds_per_job": 3},
            [
                "mine.yaml and --config have 2 errors:",
                "linear.wu2019-fig2.seeds: must be a whole number from 1 to 1000000000; found 0",
                "linear.wu2019-fig2.steps: must be a whole number from 1 to 1000000000; found 0 (from --config)",
            ],
        ),
    ],
)
def test_settings_of_the_command_line_are_not_blamed_on_a_file(tmp_path, monkeypatch, in_file, option, found):
    monkeypatch.chdir(tmp_path)
    (file := tmp_path / "mine.yaml").write_text(yaml.safe_dump(in_file))
    update_config(merged := copy.deepcopy(in_file), option)  # as Snakemake does
    with pytest.raises(ConfigurationError) as caught:
        check(loaded(merged), ROOT, [file], option)
    assert [line.strip() for line in str(caught.value).split("\n")] == found


@pytest.fixture
def checkout(tmp_path):
    """A copy of the configuration files, which a test can change."""
    for part in ("config", "workflow/schemas"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["config.yaml", "config/wu2019.yaml"])
def test_a_slip_in_our_own_files_is_reported_with_its_place(checkout, monkeypatch, name):
    monkeypatch.chdir(checkout)
    text = (checkout / name).read_text(encoding="utf-8")
    (checkout / name).write_text(f"{text}a: {{b: 1\n", encoding="utf-8")
    line = len(text.splitlines()) + 2
    with pytest.raises(ReadError, match=rf"^{name} is not valid YAML: line {line}, column 1: did not find expected"):
        load({}, checkout)


def test_duplicate_keys_in_the_file_of_a_paper_are_reported(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    with (checkout / "config" / "wu2019.yaml").open("a") as file:
        file.write("claims: {}\n")
    (line,) = errors(load({"claims": {"*": None}}, checkout), checkout)
    assert line.startswith("claims: duplicate key (lines ") and line.endswith(" of config/wu2019.yaml)")


def test_an_unknown_section_in_the_file_of_a_paper_is_reported(checkout):
    (checkout / "config" / "own.yaml").write_text("linaer: {own: {d: 10}}\n")
    (line,) = errors(load({"papers": ["own"]}, checkout), checkout)
    assert line.startswith('linaer: unknown key. Did you mean "linear"? ')


def test_a_configuration_without_papers_is_reported(checkout):
    (checkout / "config.yaml").write_text("")
    missing = {line.partition(":")[0] for line in errors(load({}, checkout), checkout)}
    assert missing == {"papers", "root_seed", "seeds_per_job", "device", "jobs_per_gpu", "digits", "mnist"}


def test_a_name_with_a_line_break_does_not_break_a_line():
    config = copy.deepcopy(SMOKE)
    config["linear"]["a\nb"] = config["linear"].pop("wu2019-fig2")
    assert f'linear: "a\\nb" is no name; {configuration_errors.NAME}' in errors(config)


OWN_CHECK = '''
"""A check of one's own."""

SETTINGS = {"d": (2, 100), "sizes": ["count"], "scale": "positive"}


def curves(d, sizes, scale, root_seed):
    return {"d": d, "quantity": ["sum"], "value": [scale * sum(sizes)]}
'''


@pytest.fixture
def own_paper(checkout, monkeypatch):
    """A copy of the configuration and the core with a paper ``own``, which has a check and an entry for it."""
    monkeypatch.setattr(registry, "CORE", shutil.copytree(registry.CORE, checkout / "convbias"))
    module = checkout / "convbias" / "papers" / "own" / "checks" / "growing_sum.py"
    module.parent.mkdir(parents=True)
    (module.parents[1] / "__init__.py").touch()
    module.write_text(OWN_CHECK)
    entry = {"check": "own-growing-sum", "d": 10, "sizes": [1, 2], "scale": 0.5}
    (checkout / "config" / "own.yaml").write_text(yaml.safe_dump({"labels": {"d": "stated"}, "theory": {"own": entry}}))
    caches = (catalogue._modules, catalogue.checks, catalogue.figures, catalogue.claims, registry.constants)
    for cached in caches:
        cached.cache_clear()
    yield checkout
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


def test_a_check_of_a_new_paper_is_accepted(own_paper):
    config = load({"papers": ["own"]}, own_paper)
    check(config, own_paper)
    assert config["theory"]["own"]["labels"] == {"d": "stated", "sizes": "assumed", "scale": "assumed"}


def test_an_entry_in_the_files_of_two_papers_is_refused(own_paper, monkeypatch):
    monkeypatch.chdir(own_paper)
    own = yaml.safe_load((own_paper / "config/own.yaml").read_text())
    own["linear"] = {"wu2019-fig2": {"seeds": 1}}
    own["figures"] = {"wu2019-fig2": ["wu2019-fig2"]}
    (own_paper / "config/own.yaml").write_text(yaml.safe_dump(own))
    both = "declared in config/wu2019.yaml and config/own.yaml; rename one"
    names = ("linear.wu2019-fig2", "figures.wu2019-fig2")
    assert errors(load({"papers": ["wu2019", "own"]}, own_paper), own_paper)[:2] == [
        f"{name}: {both}" for name in names
    ]


CLAIM = """
TABLES = ["theory"]
COMMON = {"kind": "extension", "where": "", "figure": "", "statistic": "", "threshold": "", "statement": ""}
CLAIMS = {"own-one": {}, "own-two": {}}
"""
FIGURE = """
TABLES = ["theory"]
TITLE = ""
CAPTION = ""
REQUIRED_SETTINGS = []
"""


def test_a_claim_a_figure_and_a_check_of_two_files_are_refused(own_paper):
    """Planning took one of them, and the job that decides claims the other."""
    paper = own_paper / "convbias/papers/own"
    for folder in ("claims", "figures"):
        (paper / folder).mkdir()
    for name in ("claims/first.py", "claims/second.py"):
        (paper / name).write_text(CLAIM)
    (paper / "figures/one.py").write_text(FIGURE)
    (paper / "figures/several.py").write_text(FIGURE + 'FIGURES = {"one": {}}\n')
    shutil.copy(paper / "checks/growing_sum.py", paper / "checks/growing-sum.py")
    first, second = "papers/own/claims/first.py", "papers/own/claims/second.py"
    one, several = "papers/own/figures/one.py", "papers/own/figures/several.py"
    dash, underscore = "papers/own/checks/growing-sum.py", "papers/own/checks/growing_sum.py"
    for declared, lines in (
        (catalogue.claims, [f"claim own-{name} is declared in {first} and in {second}" for name in ("one", "two")]),
        (catalogue.figures, [f"figure own-one is declared in {one} and in {several}"]),
        (catalogue.checks, [f"check own-growing-sum is declared in {dash} and in {underscore}"]),
    ):
        declared.cache_clear()
        with pytest.raises(ValueError, match="is declared in") as caught:
            declared()
        assert str(caught.value).split("\n") == [f"{line}. Rename one." for line in lines]


def test_a_figure_without_a_title_is_refused(own_paper):
    (folder := own_paper / "convbias/papers/own/figures").mkdir()
    (folder / "one.py").write_text('TABLES = ["theory"]\nREQUIRED_SETTINGS = []\n')
    catalogue.figures.cache_clear()
    message = "^papers/own/figures/one.py: TITLE and CAPTION missing. Every figure needs them: see docs/extending.md.$"
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        catalogue.figures()


def test_a_claim_that_one_file_declares_twice_is_refused(own_paper):
    (folder := own_paper / "convbias/papers/own/claims").mkdir()
    (folder / "first.py").write_text(CLAIM.replace('"own-two"', '"own-one"'))
    catalogue.claims.cache_clear()
    message = "^papers/own/claims/first.py: CLAIMS has the key 'own-one' twice. Rename or remove one.$"
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        catalogue.claims()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"scal": 2}, 'scal: unknown key. Did you mean "scale"? Available: check, d, sizes, scale, labels'),
        ({"scale": None}, "scale: missing; must be a positive number up to 1.0e+30 "),
        ({"scale": 0}, "scale: must be a positive number up to 1.0e+30 "),
        ({"d": 101}, "d: must be a whole number from 2 to 100; found 101"),
        ({"sizes": [1, 0]}, "sizes[1]: must be a whole number from 1 to 1000000000; found 0"),
        ({"labels": {"scal": "stated"}}, 'labels.scal: unknown key. Did you mean "scale"? Available: d, sizes, scale'),
        ({"check": "own-growing-sums"}, 'check: unknown check "own-growing-sums". Did you mean "own-growing-sum"? '),
    ],
)
def test_settings_of_a_check_of_a_new_paper_are_checked(own_paper, change, line):
    (found,) = errors(load({"papers": ["own"], "theory": {"own": change}}, own_paper), own_paper)
    assert found.startswith(f"theory.own.{line}")


def test_an_unknown_type_in_the_settings_of_a_check_is_reported(own_paper):
    module = own_paper / "convbias" / "papers" / "own" / "checks" / "growing_sum.py"
    module.write_text(OWN_CHECK.replace('["count"]', '["cuont"]'))
    with pytest.raises(
        ValueError, match=r'^papers\.own\.checks\.growing_sum: SETTINGS: unknown type "cuont" of sizes\.'
    ):
        complete_schema(own_paper)


def test_a_loss_and_a_training_of_the_same_name_are_refused(monkeypatch):
    names = registry.names
    monkeypatch.setattr(registry, "names", lambda kind: [*names(kind), *["own"] * (kind == "linear.losses")])
    assert errors(copy.deepcopy(SMOKE) | {"mnist": 5}) == ["mnist: must be a folder or null; found 5"]
    both = ("linear.losses", "detection.training")
    monkeypatch.setattr(registry, "names", lambda kind: [*names(kind), "own"] if kind in both else names(kind))
    monkeypatch.setattr(plan, "trained_by", lambda training: ["conv_pool", "mlp", "svm"])
    message = "own: linear/losses and detection/training both have own.py, but their results share a folder; rename one"
    assert message in errors(copy.deepcopy(SMOKE))
