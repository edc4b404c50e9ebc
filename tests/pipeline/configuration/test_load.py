"""How the files of papers, the general settings and the user's changes are merged."""

import json
import re
import shutil
from unittest.mock import patch

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from convbias_pipeline.configuration import load as loading
from convbias_pipeline.configuration import reference
from convbias_pipeline.configuration.check import ConfigurationError, check
from convbias_pipeline.configuration.load import ENTRIES, SECTIONS, VARIED, exact, expand, load, read
from convbias_pipeline.jobs import plan
from convbias_pipeline.jobs.params import JobParams
from running import ROOT, expanded, loaded, read_once

MAIN = expanded({})
WU2019, BRUTZKUS2021 = (read(ROOT / "config" / f"{paper}.yaml") for paper in ("wu2019", "brutzkus2021"))


def refused(changes):
    """The lines that report what is wrong with some changes."""
    with pytest.raises(ConfigurationError) as caught:
        check(loaded(changes), ROOT)
    return [line.removeprefix("  ") for line in str(caught.value).split("\n")[1:]]


def accepted(changes):
    """The configuration that results from changes, with its default settings."""
    config = loaded(changes)
    check(config, ROOT)
    return config


def mentions(config):
    """All names in the lists of claims and figures."""
    lists = [*config["figures"].values(), *(claim["experiments"] for claim in config["claims"].values())]
    lists += [names for claim in config["claims"].values() for names in claim.get("sensitivity", {}).values()]
    return {name for names in lists for name in names}


def plan_all(config):
    """Every job of a configuration, with the params of its claims and figures."""
    params = JobParams(config, ROOT / "workflow/scripts", lambda: "images")
    jobs = [*plan.shards(config, "linear"), *plan.shards(config, "detection"), *plan.estimates(config)]
    return jobs, [params.claims(), *map(params.figure, config["figures"])]


def test_without_changes_it_is_the_papers_in_order_and_the_general_settings():
    config = accepted({})
    for section in SECTIONS:
        assert list(config[section]) == [*WU2019.get(section, {}), *BRUTZKUS2021.get(section, {})]
    assert {key: config[key] for key in config if key not in SECTIONS} == read(ROOT / "config.yaml")
    turned = accepted({"papers": ["brutzkus2021", "wu2019"]})
    assert list(turned["claims"]) == [*BRUTZKUS2021["claims"], *WU2019["claims"]]
    for section in SECTIONS:
        assert turned[section] == config[section]


def test_a_change_replaces_one_setting_and_leaves_all_others():
    config = accepted({"seeds_per_job": 7, "linear": {"wu2019-fig2": {"seeds": 200, "n_train": {"cls": [5]}}}})
    original = accepted({})
    expected = original["linear"]["wu2019-fig2"]
    labels = expected["labels"] | {"seeds": "assumed", "n_train": "assumed"}
    sizes = expected["n_train"] | {"cls": [5]}
    assert config["linear"]["wu2019-fig2"] == expected | {"seeds": 200, "n_train": sizes, "labels": labels}
    assert config["seeds_per_job"] == 7
    for section in SECTIONS:
        others = {
            name: entry for name, entry in config[section].items() if name != "wu2019-fig2" or section != "linear"
        }
        assert others.items() <= original[section].items()


def test_a_new_experiment_is_added_at_the_end():
    own = {key: value for key, value in accepted({})["linear"]["wu2019-fig5"].items() if key != "labels"}
    config = accepted({"linear": {"own": own}, "figures": {"wu2019-fig5": ["wu2019-fig2", "own"]}})
    assert list(config["linear"])[-1] == "own" and config["figures"]["wu2019-fig5"] == ["wu2019-fig2", "own"]
    assert set(config["linear"]["own"]["labels"].values()) == {"assumed"}
    assert config["linear"]["own"]["labels"].keys() == own.keys()


def test_changes_of_a_shared_anchor_stay_apart():
    """In the file of a paper, two claims may be the same YAML node."""
    limit = "wu2019-upper-confidence-cls", "wu2019-upper-confidence-first_person"
    config = accepted({"claims": {limit[0]: {"sensitivity": {"b = 1": None}}}})
    first, second = (config["claims"][name]["sensitivity"] for name in limit)
    assert set(second) - set(first) == {"b = 1"} and set(first) < set(second)


def test_a_paper_runs_alone():
    config = expanded({"papers": ["lahoti2024"]})
    assert all(name.startswith("lahoti2024") for section in SECTIONS for name in config[section])
    assert list(config["figures"]) == ["lahoti2024-slopes", "lahoti2024-ratios"] and len(config["claims"]) == 11
    jobs, _ = plan_all(config)
    assert len(jobs) == 13 * 3 * 16 and not config["linear"] and len(config["theory"]) == 6


def test_no_paper_gives_empty_sections():
    config = accepted({"papers": []})
    assert all(config[section] == {} for section in SECTIONS)


def test_an_unknown_paper_is_refused():
    (line,) = refused({"papers": ["wu2019", "brutzkus"]})
    assert line == (
        'papers[1]: unknown paper "brutzkus". Did you mean "brutzkus2021"? '
        "Available: brutzkus2021, kou2023, lahoti2024, wu2019"
    )


def test_null_drops_an_experiment_and_its_mentions():
    before, config = accepted({}), accepted({"linear": {"wu2019-fig2-b1": None}})
    assert before["linear"].keys() - config["linear"].keys() == {"wu2019-fig2-b1"}
    assert mentions(before) - mentions(config) == {"wu2019-fig2-b1"}
    assert config["figures"]["wu2019-fig2"] == ["wu2019-fig2", "wu2019-fig2-b0.01"]
    assert config["claims"].keys() == before["claims"].keys()
    # a list of other settings whose first experiment is gone goes as a whole
    expected = set(before["claims"]["wu2019-fig2-cls"]["sensitivity"]) - {"b = 1"}
    assert set(config["claims"]["wu2019-fig2-cls"]["sensitivity"]) == expected


def test_claims_and_figures_of_a_dropped_experiment_are_dropped():
    before, config = accepted({}), accepted({"theory": {"wu2019-fig4": None}, "detection": {"brutzkus2021": None}})
    gone = {"wu2019-fig4-order", "wu2019-fig4-advantage", "brutzkus2021-overparameterised-adam"}
    assert before["claims"].keys() - config["claims"].keys() == gone
    assert before["figures"].keys() - config["figures"].keys() == {"wu2019-fig4", "brutzkus2021-channels"}


def test_a_figure_that_lacks_required_settings_after_a_drop_is_dropped():
    assert MAIN["figures"]["wu2019-variants"] == ["wu2019-two-layer", "wu2019-cross-entropy", "wu2019-fig2"]
    assert "wu2019-variants" not in accepted({"linear": {"wu2019-fig2": None}})["figures"]


def test_a_figure_that_lacks_required_settings_after_a_change_is_refused():
    changes = {"linear": {"wu2019-fig2": {"models": ["one_layer"]}, "wu2019-k1": None}}
    changes["figures"] = {"wu2019-sensitivity": None}
    figures = [line.partition(": needs at least one experiment with ")[0] for line in refused(changes)]
    assert figures == ["figures.wu2019-fig2", "figures.wu2019-fig5", "figures.wu2019-variants"]


def test_an_empty_section_drops_all_of_its_entries():
    config = accepted({"linear": None})
    assert config["linear"] == {} and not mentions(config) & set(WU2019["linear"])
    assert "wu2019-fig4" in config["figures"] and "wu2019-fig2" not in config["figures"]


def test_star_null_keeps_named_entries():
    config = accepted({"linear": {"*": None, "wu2019-fig5": {}, "wu2019-fig2": {"seeds": 3}}})
    assert list(config["linear"]) == ["wu2019-fig2", "wu2019-fig5"]  # in the order of the paper
    assert config["linear"]["wu2019-fig5"] == accepted({})["linear"]["wu2019-fig5"]
    assert config["linear"]["wu2019-fig2"]["seeds"] == 3
    assert accepted({"figures": {"*": None}})["figures"] == {}
    assert list(accepted({"claims": {"*": None, "wu2019-thm2": {}}})["claims"]) == ["wu2019-thm2"]


def test_star_null_is_accepted_in_an_empty_section():
    assert accepted({"papers": ["lahoti2024"], "linear": {"*": None}})["linear"] == {}


def test_a_name_with_a_star_changes_all_entries_that_match():
    before, config = (accepted(changes)["linear"] for changes in ({}, {"linear": {"wu2019-fig6*": {"d": 50}}}))
    assert {name for name in before if config[name] != before[name]} == {
        name for name in before if name.startswith("wu2019-fig6")
    }
    assert all(config[name]["d"] == 50 for name in config if name.startswith("wu2019-fig6"))
    assert all(config[name]["labels"]["d"] == "assumed" for name in config if name.startswith("wu2019-fig6"))


def test_a_name_with_a_star_drops_all_entries_that_match():
    config = accepted({"linear": {"wu2019-lr*": None, "wu2019-lr1": {}}})
    assert [name for name in config["linear"] if name.startswith("wu2019-lr")] == ["wu2019-lr1"]


def test_the_change_of_one_entry_wins_over_a_name_with_a_star():
    for names in (("wu2019-*", "wu2019-fig2"), ("wu2019-fig2", "wu2019-*")):
        config = accepted({"linear": {name: {"seeds": len(name)} for name in names}})
        assert config["linear"]["wu2019-fig2"]["seeds"] == len("wu2019-fig2")
        assert config["linear"]["wu2019-fig5"]["seeds"] == len("wu2019-*")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"linear": {"wu2019-fig9*": {"d": 50}}},
            "linear.'wu2019-fig9*': no entry matches. Did you mean \"wu2019-fig6\"? Available: wu2019-fig2, ",
        ),
        (
            {"linear": {"wu2019-fig9*": None}},
            "linear.'wu2019-fig9*': no entry matches. Did you mean \"wu2019-fig6\"? Available: wu2019-fig2, ",
        ),
        (
            {"detection": {"wu2019-fig2": None}},
            "detection.wu2019-fig2: null, but there is no such entry to drop. Available: brutzkus2021-fig3a, ",
        ),
        ({"figures": {"wu2019-fig3": None}}, "figures.wu2019-fig3: null, but there is no such entry to drop. Did you "),
        ({"claims": {"wu2019-thm9": None}}, "claims.wu2019-thm9: null, but there is no such entry to drop. Did you "),
        ({"papers": [], "linear": {"*": {"d": 50}}}, "linear.'*': no entry matches. Available: none"),
        ({"linear": {"wu2019-fig2": {"recrd_every": None}}}, "linear.wu2019-fig2.recrd_every: unknown key. Did you "),
        ({"linear": {"wu2019-fig2": {"learning_rat": 1}}}, "linear.wu2019-fig2.learning_rat: unknown key. Did you "),
        ({"linear": {"wu2019-fig2": {"labels": {"b": "stated"}}}}, "linear.wu2019-fig2.labels.b: unknown key. "),
        ({"linear": {"wu2019-fig2": {"steps": None}}}, "linear.wu2019-fig2.steps: missing; must be a whole number "),
        ({"labels": {"d": "stated"}}, "labels: unknown key. Available: papers, "),
        ({"seeds_per_jobs": 5}, 'seeds_per_jobs: unknown key. Did you mean "seeds_per_job"? '),
        ({"device": None}, "device: must be auto, cpu or cuda; found null"),
    ],
)
def test_a_change_that_matches_nothing_is_refused(changes, line):
    (found,) = refused(changes)
    assert found.startswith(line)


def test_labels_are_the_defaults_of_the_paper():
    entry = accepted({})["linear"]["wu2019-fig2"]
    labels = entry.pop("labels")
    assert labels == {key: WU2019["labels"].get(key, "assumed") for key in entry}
    assert set(labels.values()) == {"stated", "derived", "assumed"}


def test_every_setting_has_a_label():
    for changes in ({}, {"papers": ["lahoti2024"]}, {"linear": {"wu2019-fig2": {"record_every": None}}}):
        config = accepted(changes)
        for entry in (entry for section in ENTRIES for entry in config[section].values()):
            assert entry["labels"].keys() == entry.keys() - {"labels", "check"}
    assert config["linear"]["wu2019-fig2"]["record_every"] == 0


def test_changed_settings_become_assumed():
    config = accepted({"linear": {"wu2019-fig2": {"d": 100, "labels": {"seeds": "derived"}}}})
    labels = config["linear"]["wu2019-fig2"]["labels"]
    assert (labels["d"], labels["seeds"], labels["k"]) == ("assumed", "derived", "stated")
    assert config["linear"]["wu2019-fig5"]["labels"]["d"] == "stated"


def test_own_labels_win():
    linear = {"wu2019-*": {"d": 50, "labels": {"d": "derived"}}, "wu2019-fig5": {"d": 60}}
    config = accepted({"linear": linear, "figures": {"wu2019-complexity": None}})
    assert config["linear"]["wu2019-fig2"]["labels"]["d"] == "derived"
    assert config["linear"]["wu2019-fig5"]["labels"]["d"] == "assumed"
    assert config["linear"]["wu2019-cross-entropy"]["labels"]["steps"] == "assumed"  # from its paper's file
    assert config["detection"]["brutzkus2021-thm5.1-d4"]["labels"]["channels"] == "derived"


def test_lists_stand_for_one_experiment_per_value_wherever_they_are_named():
    lists = {"k": [2, 5], "learning_rate": [0.1, 1]}
    config = expanded({"linear": {"wu2019-fig2": lists, "wu2019-fig2-b1": {"init_scale": [1, 2]}}})
    members = [f"wu2019-fig2-k{k}-lr{rate}" for k in (2, 5) for rate in (0.1, 1)]
    assert list(config["linear"])[:4] == members and "wu2019-fig2" not in config["linear"]
    for name, (k, rate) in zip(members, [(2, 0.1), (2, 1), (5, 0.1), (5, 1)], strict=True):
        member = MAIN["linear"]["wu2019-fig2"] | {"k": k, "learning_rate": rate}
        assert {**config["linear"][name], "labels": {}} == {**member, "labels": {}}
    assert config["figures"]["wu2019-fig5"] == [*members, "wu2019-fig5", "wu2019-exact-limit"]
    assert config["claims"]["wu2019-fig2-cls"]["experiments"] == [*members, "wu2019-smallest"]
    others = ["wu2019-fig2-b1-b1", "wu2019-fig2-b1-b2", "wu2019-b1-one-layer"]
    assert config["claims"]["wu2019-fig2-cls"]["sensitivity"]["b = 1"] == others
    assert not {"wu2019-fig2", "wu2019-fig2-b1"} & mentions(config)
    plan_all(config)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0000001, 1.0000002], ["1.0000001", "1.0000002"]),
        ([999999, 1000000, 1000001, 1.0e7], ["999999", "1000000", "1000001", "10000000"]),
        ([1.0e16, 10**17, 10**17 + 1], ["1e16", "100000000000000000", "100000000000000001"]),
        ([0.1, 0.30000000000000004, 2, 3.0], ["0.1", "0.30000000000000004", "2", "3"]),
        ([1.0e-5, 1.5e-300, 1.0e25], ["1e-05", "1.5e-300", "1e25"]),
    ],
)
def test_names_of_listed_values_are_exact_and_match_the_rules(values, texts):
    """Six digits made one name of two values, and one million was written with a plus sign, which no rule matches."""
    # these figures need experiments with the same scale
    figures = {"wu2019-variants": None, "wu2019-sensitivity": None}
    config = expanded({"linear": {"wu2019-fig2": {"init_scale": values}}, "figures": figures})
    names = [f"wu2019-fig2-b{text}" for text in texts]
    assert list(config["linear"])[: len(names)] == names
    assert [config["linear"][name]["init_scale"] for name in names] == values
    rules = (ROOT / "workflow/rules/common.smk").read_text()
    pattern = re.search(r'experiment=r"(.*)"', rules)[1]
    assert all(re.fullmatch(pattern, name) for name in config["linear"])


def test_names_of_the_papers_have_at_most_six_digits():
    """Files have these names, so they stay."""
    for paper in (WU2019, BRUTZKUS2021):
        for name, entry in [item for section in ("linear", "detection") for item in paper.get(section, {}).items()]:
            values = {value for key in VARIED if isinstance(entry.get(key), list) for value in entry[key]}
            assert all(exact(value) == f"{value:g}" for value in values), name


def test_assumed_values_of_a_claim_are_exact():
    entry = MAIN["linear"]["wu2019-fig2"]
    both = {"one": {**entry, "init_scale": 1.0000001}, "two": {**entry, "init_scale": 1.0000002}}
    assert "init_scale = 1.0000001, 1.0000002" in plan.assumed({**MAIN, "linear": both}, ["one", "two"], ("linear",))


def test_an_experiment_with_a_list_can_decide_a_claim():
    members = [f"brutzkus2021-fig4-n{n}" for n in (5, 20, 40, 80)]
    config = expanded({"detection": {"brutzkus2021-fig4": {"n_patterns": [5, 20, 40, 80]}}})
    assert config["claims"]["brutzkus2021-fig4"]["experiments"] == ["brutzkus2021-fig3b", *members]
    assert config["figures"]["brutzkus2021-fig4"] == ["brutzkus2021-fig3b", *members]
    jobs, requested = plan_all(config)
    assert {job["experiment"] for job in jobs} >= set(members)
    claim = requested[0]["claims"]["brutzkus2021-fig4"]
    assert claim["experiments"] == ["brutzkus2021-fig3b", *members]
    assert "n_patterns = 5, 20, 40, 80" in claim["assumed"] and set(members) <= set(requested[0]["experiments"])


def test_changes_of_the_configuration_that_results_change_nothing():
    """Whoever writes out the whole configuration and runs it gets the same one."""
    for changes in (
        {},
        {"papers": ["lahoti2024"]},
        {"linear": {"*": None, "wu2019-fig2": {"seeds": 3}}, "theory": None},
    ):
        config = accepted(changes)
        again = {section: {"*": None, **config[section]} for section in SECTIONS}
        assert accepted({**config, **again}) == config


def test_invalid_yaml_is_reported_with_its_file(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config.yaml").write_text("papers: [wu2019\n")
    with pytest.raises(ValueError, match=r"config\.yaml is not valid YAML: "):
        load({}, tmp_path)


@pytest.mark.parametrize("section", [None, [], "text", 3, {"own": None}, {"own": []}, {3: {}}, {"own": {"labels": 3}}])
def test_a_paper_with_wrong_types_is_loaded(tmp_path, section):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config.yaml").write_text("papers: [wu2019, own]\n")
    (tmp_path / "config" / "own.yaml").write_text(yaml.safe_dump(dict.fromkeys(SECTIONS, section)))
    load({"linear": {"wu2019-fig2": None}}, tmp_path)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["*", "wu2019-*", *WU2019["linear"]])
)
nonsense = st.recursive(
    scalars | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars | st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
keys = st.sampled_from([*SECTIONS, "papers", "seeds_per_job", "labels"]) | st.text(max_size=5)
entries = st.dictionaries(
    st.sampled_from(["*", "wu2019-*", *WU2019["linear"], *WU2019["figures"]]), nonsense, max_size=4
)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(keys, nonsense | entries, max_size=5))
def test_wrong_types_never_crash(changes):
    """``check`` reports them: see ``test_fuzz``."""
    with patch.object(loading, "read", read_once):
        assert set(load(changes, ROOT)) >= set(SECTIONS)


def test_loading_leaves_the_changes_as_they_are():
    changes = {"linear": {"wu2019-*": {"d": 50}, "wu2019-lr1": None}, "claims": {"wu2019-thm2": {"sensitivity": {}}}}
    before = json.dumps(changes)
    config = load(changes, ROOT)
    check(config, ROOT)
    expand(config)
    assert json.dumps(changes) == before


def test_the_page_of_keys_is_up_to_date():
    assert (ROOT / "config" / "README.md").read_text() == reference.write(ROOT), "run make config-readme"


def test_the_page_of_keys_has_every_key_and_every_check():
    page = reference.write(ROOT)
    settings_of_checks = [f"`{key}`" for entry in MAIN["theory"].values() for key in entry if key != "labels"]
    keys = [
        f"| `{key}` |" for section in ("linear", "detection", "examples") for key in next(iter(MAIN[section].values()))
    ]
    general = [f"| `{key}` |" for key in read(ROOT / "config.yaml")]
    assert all(key in page for key in (*settings_of_checks, *keys, *general))
