import copy

import pytest

from convbias.registry import names
from convbias_pipeline.configuration import check as configuration
from convbias_pipeline.jobs import plan
from running import ROOT, preset

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


SMOKE, PAPER = preset("tests/config.yaml"), preset("config.yaml")

FIGURES = ", ".join(names("figures")).replace("_", "-")
CLAIMS = ", ".join(plan.claims())
TASKS, MODELS, LOSSES = (", ".join(names(family)) for family in ("tasks", "models", "losses"))
SETTINGS = (
    "tasks, models, losses, d, k, seeds, initialisations, n_train, learning_rate, init_scale, steps, step_limit, "
    "record_every, labels, asymptotics"
)
COUNT = "allowed: a whole number from 1 to 1000000000"
MANY = " or a list of different ones"
POSITIVE = f"allowed: a positive number up to 1.0e+100 (YAML wants a dot before an exponent: 1.0e-3){MANY}"
NAME = "allowed: letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 64"
X = "experiments.wu2019-fig5"

# path in the file, value put there (... removes the key), the line that must be reported
MISTAKES = [
    (("experiments", "wu2019-fig5", "learning_rat"), 1, f"{X}.learning_rat: unknown key; allowed here: {SETTINGS}"),
    (("experiments", "wu2019-fig5", "tasks"), ["cls", "clss"], f'{X}.tasks[1]: allowed: {TASKS}; given: "clss"'),
    (
        ("experiments", "wu2019-fig5", "tasks"),
        [],
        f"{X}.tasks: allowed: a list of different tasks, at least one; given: []",
    ),
    (
        ("experiments", "wu2019-fig5", "tasks"),
        ["cls", "cls"],
        f'{X}.tasks: allowed: a list of different tasks, at least one; given: ["cls", "cls"]',
    ),
    (("experiments", "wu2019-fig5", "models"), ["cnn"], f'{X}.models[0]: allowed: {MODELS}; given: "cnn"'),
    (("experiments", "wu2019-fig5", "losses"), ["hing"], f'{X}.losses[0]: allowed: {LOSSES}; given: "hing"'),
    (
        ("experiments", "wu2019-fig5", "losses"),
        "hinge",
        f'{X}.losses: allowed: a list of different losses, at least one; given: "hinge"',
    ),
    (
        ("experiments", "wu2019-fig5", "d"),
        101,
        f"{X}.d: allowed: an even whole number from 2 to 100000{MANY}; given: 101",
    ),
    (
        ("experiments", "wu2019-fig5", "d"),
        100.0,
        f"{X}.d: allowed: an even whole number from 2 to 100000{MANY}; given: 100.0",
    ),
    (
        ("experiments", "wu2019-fig5", "d"),
        True,
        f"{X}.d: allowed: an even whole number from 2 to 100000{MANY}; given: true",
    ),
    (("experiments", "wu2019-fig5", "k"), 11, f"{X}.k: allowed: at most d = 10; given: 11"),
    (("experiments", "wu2019-fig5", "k"), [3, 11, 12], f"{X}.k: allowed: at most d = 10; given: 12"),
    (("experiments", "wu2019-fig5", "d"), [2, 10], f"{X}.k: allowed: at most d = 2; given: 3"),
    (
        ("experiments", "wu2019-fig5", "d"),
        [8, 9],
        f"{X}.d: allowed: an even whole number from 2 to 100000{MANY}; given: [8, 9]",
    ),
    (("experiments", "wu2019-fig5", "k"), [], f"{X}.k: {COUNT}{MANY}; given: []"),
    (("experiments", "wu2019-fig5", "k"), [3, 3], f"{X}.k: {COUNT}{MANY}; given: [3, 3]"),
    (("experiments", "wu2019-fig5", "init_scale"), [0.1, "b"], f'{X}.init_scale: {POSITIVE}; given: [0.1, "b"]'),
    (
        ("experiments", "wu2019-fig2", "init_scale"),
        [0.1, 1],
        'experiments.wu2019-fig2: allowed: a name that leaves wu2019-fig2-b1 free; given: "wu2019-fig2"',
    ),
    (("experiments", "wu2019-fig5", "k"), 0, f"{X}.k: {COUNT}{MANY}; given: 0"),
    (("experiments", "wu2019-fig5", "seeds"), 0, f"{X}.seeds: {COUNT}; given: 0"),
    (("experiments", "wu2019-fig5", "seeds"), -5, f"{X}.seeds: {COUNT}; given: -5"),
    (("experiments", "wu2019-fig5", "n_train", "cls"), [5, 0], f"{X}.n_train.cls[1]: {COUNT}; given: 0"),
    (("experiments", "wu2019-fig5", "n_train", "cls"), [-3], f"{X}.n_train.cls[0]: {COUNT}; given: -3"),
    (
        ("experiments", "wu2019-fig5", "n_train", "cls"),
        5,
        f"{X}.n_train.cls: allowed: a list of different sample sizes, at least one; given: 5",
    ),
    (
        ("experiments", "wu2019-fig5", "n_train", "cls"),
        ...,
        f"{X}.n_train.cls: missing; allowed: a list of sample sizes for every task named",
    ),
    (
        ("experiments", "wu2019-fig5", "n_train", "chess"),
        [5],
        f'{X}.n_train: "chess" cannot be a name; allowed: {TASKS}',
    ),
    (("experiments", "wu2019-fig5", "learning_rate"), 0, f"{X}.learning_rate: {POSITIVE}; given: 0"),
    (("experiments", "wu2019-fig5", "learning_rate"), -0.1, f"{X}.learning_rate: {POSITIVE}; given: -0.1"),
    (("experiments", "wu2019-fig5", "learning_rate"), float("nan"), f"{X}.learning_rate: {POSITIVE}; given: NaN"),
    (("experiments", "wu2019-fig5", "learning_rate"), float("inf"), f"{X}.learning_rate: {POSITIVE}; given: Infinity"),
    (("experiments", "wu2019-fig5", "learning_rate"), "1e-3", f'{X}.learning_rate: {POSITIVE}; given: "1e-3"'),
    (("experiments", "wu2019-fig5", "learning_rate"), None, f"{X}.learning_rate: {POSITIVE}; given: null"),
    (("experiments", "wu2019-fig5", "init_scale"), 0, f"{X}.init_scale: {POSITIVE}; given: 0"),
    (("experiments", "wu2019-fig5", "steps"), 1.5, f"{X}.steps: {COUNT}; given: 1.5"),
    (("experiments", "wu2019-fig5", "asymptotics"), "yes", f'{X}.asymptotics: allowed: true or false; given: "yes"'),
    (("experiments", "wu2019-fig5", "steps"), ..., f"{X}.steps: missing; {COUNT}"),
    (("experiments", "wu2019-fig5", "learning_rate"), 10**400, f"{X}.learning_rate: {POSITIVE}; given: 1{'0' * 76}..."),
    (("experiments", "wu2019-fig5", "seeds"), 10**30, f"{X}.seeds: {COUNT}; given: 1{'0' * 30}"),
    (("seeds_per_job",), 0, f"seeds_per_job: {COUNT}; given: 0"),
    (("device",), "gpu", 'device: allowed: auto, cpu, cuda; given: "gpu"'),
    (("root_seed",), -1, "root_seed: allowed: a whole number from 0 to 2^63 - 1; given: -1"),
    (("experiments",), None, "experiments: allowed: a mapping from names to experiments; given: null"),
    (("experiments", "a/b"), {}, f'experiments: "a/b" cannot be a name; {NAME}'),
    (("experiments", ".."), {}, f'experiments: ".." cannot be a name; {NAME}'),
    (("experiments", "wu2019-fig5"), 3, f"{X}: allowed: a mapping of settings; given: 3"),
    (
        ("figures", "wu2019-fig2"),
        ["wu2019"],
        f'figures.wu2019-fig2[0]: allowed: {", ".join(SMOKE["experiments"])}; given: "wu2019"',
    ),
    (
        ("figures", "wu2019-fig9"),
        ["wu2019-fig2"],
        'figures: "wu2019-fig9" cannot be a name; allowed: ' + FIGURES,
    ),
    (
        ("figures", "wu2019-fig5"),
        ["wu2019-fig5"],
        (
            'figures.wu2019-fig5: allowed: experiments of which one has models "conv", losses "hinge"; '
            'given: ["wu2019-fig5"]'
        ),
    ),
    (
        ("figures", "wu2019-fig4"),
        ["wu2019-fig2"],
        f'figures.wu2019-fig4[0]: allowed: {", ".join(SMOKE["theory"])}; given: "wu2019-fig2"',
    ),
    (("theory", "wu2019-fig4", "k"), 11, "theory.wu2019-fig4.k: allowed: at most d = 10; given: 11"),
    (
        ("theory", "wu2019-fig4", "draw"),
        5,
        "theory.wu2019-fig4.draw: unknown key; allowed here: curves, labels, d, k, n_train, draws",
    ),
    (
        ("theory", "wu2019-fig4", "n_train"),
        [0],
        "theory.wu2019-fig4.n_train[0]: allowed: a whole number from 1 to 2000; given: 0",
    ),
    (
        ("theory", "wu2019-fig2"),
        SMOKE["theory"]["wu2019-fig4"],
        'theory.wu2019-fig2: allowed: a name that experiments does not have; given: "wu2019-fig2"',
    ),
    (
        ("figures", "wu2019-fig6"),
        ["wu2019-fig2", "wu2019-fig5"],
        (
            'figures.wu2019-fig6: allowed: experiments of which one has models "conv", losses "hinge" and "xhinge", '
            'record_every above 0; given: ["wu2019-fig2", "wu2019-fig5"]'
        ),
    ),
    (
        ("figures", "wu2019-complexity"),
        ["wu2019-fig2"],
        (
            'figures.wu2019-complexity: allowed: experiments of which one has tasks "cls", asymptotics true; '
            'given: ["wu2019-fig2"]'
        ),
    ),
    (
        ("figures", "wu2019-fig4"),
        ["brutzkus2021-thm4.2"],
        (
            'figures.wu2019-fig4: allowed: experiments of which one has curves "error_terms"; '
            'given: ["brutzkus2021-thm4.2"]'
        ),
    ),
    (
        ("patterns", "brutzkus2021-fig3a", "trainings"),
        ["adam"],
        "patterns.brutzkus2021-fig3a.trainings: allowed: with svm one of max_margin; given: adam",
    ),
    (
        ("patterns", "brutzkus2021-k5", "trainings"),
        ["adam", "max_margin"],
        "patterns.brutzkus2021-k5.models: allowed: with max_margin one of svm; given: conv_pool",
    ),
    (
        ("patterns", "brutzkus2021-layerwise", "n_train", "orthogonal"),
        [40, 1],
        (
            "patterns.brutzkus2021-layerwise.n_train.orthogonal: allowed: with layerwise training at least 2, one for "
            "each layer; given: [40, 1]"
        ),
    ),
    (
        ("patterns", "brutzkus2021-fig3c", "tasks"),
        ["digits", "orthogonal"],
        "patterns.brutzkus2021-fig3c.n_train.orthogonal: missing; allowed: a list of sample sizes for every task named",
    ),
    (
        ("patterns", "brutzkus2021-k5", "l"),
        9,
        "patterns.brutzkus2021-k5.l: allowed: at most d = 8; given: 9",
    ),
    (
        ("examples", "brutzkus2021-fig1", "l"),
        9,
        "examples.brutzkus2021-fig1.l: allowed: at most d = 8; given: 9",
    ),
    (
        ("patterns", "brutzkus2021-k5", "models"),
        ["cnn"],
        f'patterns.brutzkus2021-k5.models[0]: allowed: {", ".join(names("detection.models"))}; given: "cnn"',
    ),
    (
        ("patterns", "brutzkus2021-k5", "noise"),
        -1,
        f"patterns.brutzkus2021-k5.noise: allowed: a number from 0 to 1000{MANY}; given: -1",
    ),
    (
        ("patterns", "brutzkus2021-k5", "noise_law"),
        "gaussian",
        'patterns.brutzkus2021-k5.noise_law: allowed: ball, radius, normal; given: "gaussian"',
    ),
    (("mnist",), 5, "mnist: allowed: a folder with MNIST's four files or null; given: 5"),
    (
        ("theory", "brutzkus2021-prop6.1", "curves"),
        "margin",
        f'theory.brutzkus2021-prop6.1.curves: allowed: {", ".join(names("theory.curves"))}; given: "margin"',
    ),
    (
        ("theory", "brutzkus2021-lemma5.2", "d"),
        [2],
        "theory.brutzkus2021-lemma5.2.d[0]: allowed: a whole number from 3 to 50; given: 2",
    ),
    (
        ("examples",),
        {},
        (
            "figures.brutzkus2021-fig1[0]: allowed: the name of an entry of examples, which has none; "
            'given: "brutzkus2021-fig1"'
        ),
    ),
    (
        ("theory",),
        {},
        'figures.wu2019-fig4[0]: allowed: the name of an entry of theory, which has none; given: "wu2019-fig4"',
    ),
    (
        ("experiments", "wu2019-fig6", "record_every"),
        1001,
        "experiments.wu2019-fig6.record_every: allowed: at most steps = 1000; given: 1001",
    ),
    (("experiments", "wu2019-fig5", "initialisations"), 0, f"{X}.initialisations: {COUNT}; given: 0"),
    (
        ("experiments", "wu2019-fig6", "labels"),
        {"n_train": "known"},
        'experiments.wu2019-fig6.labels.n_train: allowed: stated, derived, assumed; given: "known"',
    ),
    (
        ("claims", "wu2019-fig7"),
        {"experiments": ["wu2019-fig2"]},
        f'claims: "wu2019-fig7" cannot be a name; allowed: {CLAIMS}',
    ),
    (
        ("claims", "wu2019-thm2"),
        ["wu2019-fig5"],
        'claims.wu2019-thm2: allowed: a mapping with experiments and, if wanted, sensitivity; given: ["wu2019-fig5"]',
    ),
    (
        ("claims", "wu2019-thm2", "experiments"),
        [],
        "claims.wu2019-thm2.experiments: allowed: a list of different experiments, at least one; given: []",
    ),
    (
        ("claims", "wu2019-thm2", "experiments"),
        ["wu2019-fig5", "brutzkus2021-fig3a"],
        f'claims.wu2019-thm2.experiments[1]: allowed: {", ".join(SMOKE["experiments"])}; given: "brutzkus2021-fig3a"',
    ),
    (
        ("claims", "brutzkus2021-fig3a", "sensitivity"),
        {"other noise": ["brutzkus2021-radius"]},
        (
            "claims.brutzkus2021-fig3a.sensitivity.'other noise'[0]: "
            f'allowed: {", ".join(SMOKE["patterns"])}; given: "brutzkus2021-radius"'
        ),
    ),
    (
        ("figures", "wu2019-claims"),
        ["wu2019-fig2"],
        f'figures.wu2019-claims[0]: allowed: {", ".join(SMOKE["claims"])}; given: "wu2019-fig2"',
    ),
    (("labels", "d"), "guessed", 'labels.d: allowed: stated, derived, assumed; given: "guessed"'),
]


def put(config, path, value):
    """Set or remove one key."""
    *parents, key = path
    for parent in parents:
        config = config[parent]
    if value is ...:
        del config[key]
    else:
        config[key] = value


def complaints(config):
    with pytest.raises(configuration.ConfigurationError) as caught:
        configuration.check(config, SCHEMA)
    first, *lines = str(caught.value).split("\n")
    count = f"{len(lines)} mistake{'s' if len(lines) > 1 else ''}"
    assert first == f"{count} in the configuration:"
    return [line.strip() for line in lines]


@pytest.mark.parametrize("file", ["config.yaml", "config-extended.yaml", "config-signal.yaml", "tests/config.yaml"])
def test_presets_are_valid(file):
    configuration.check(preset(file), SCHEMA)


def test_presets_have_the_same_keys():
    first = {"experiments": "wu2019-fig2", "patterns": "brutzkus2021-fig3a", "examples": "brutzkus2021-fig5"}
    assert list(PAPER) == list(SMOKE) and list(PAPER["labels"]) == list(SMOKE["labels"])
    for part, name in [*first.items(), *(("theory", name) for name in SMOKE["theory"])]:
        assert set(PAPER[part][name]) - {"labels"} == set(SMOKE[part][name]) - {"labels"}
    assert {entry["curves"] for entry in PAPER["theory"].values()} == set(names("theory.curves"))


@pytest.mark.parametrize(
    ("path", "value", "line"), MISTAKES, ids=[f"{path[-1]}={value}"[:40] for path, value, _ in MISTAKES]
)
def test_each_mistake_is_reported_in_full(path, value, line):
    config = copy.deepcopy(SMOKE)
    put(config, path, value)
    found = complaints(config)
    assert line in found
    if path not in [("theory",), ("examples",)] and path[:-1] != ("experiments",):  # figures name what is missing now
        assert found == [line]


def test_all_mistakes_are_reported_at_once():
    config = copy.deepcopy(SMOKE)
    several = {
        path: (value, line)
        for path, value, line in MISTAKES
        if path[-1] in ("learning_rat", "k", "d", "chess", "device")
    }
    for path, (value, _) in several.items():
        put(config, path, value)
    assert len(several) > 4 and set(complaints(config)) == {line for _, line in several.values()}


@pytest.mark.parametrize("config", [None, [], "text", 3])
def test_something_that_is_no_mapping_is_refused(config):
    assert complaints(config)[0].startswith("the configuration: allowed: a mapping of settings; given: ")


def test_the_assumed_settings_of_a_claim_are_those_that_its_experiments_use():
    names = ["brutzkus2021-lr0.0003", "brutzkus2021-lr0.003"]
    told = plan.assumed(PAPER, names, ("patterns",))
    assert "learning_rate = 0.0003, 0.003" in told and "n_train" in told and "noise_law = ball" in told
    assert not any(setting.startswith(("noise =", "d =", "first_layer_steps")) for setting in told)
    asked = {claim: entry["assumed"] for claim, entry in plan.asked(PAPER).items()}
    assert asked["wu2019-thm2"] == plan.assumed(PAPER, ["wu2019-fig5"], ("linear", "asymptotics"))
    assert "record_every = 10" in asked["wu2019-fig6a"] and "record_every = 0" not in asked["wu2019-thm2"]
    assert asked["wu2019-limit-not-separating"] == ["n_train"]  # of the limit nothing is trained
    assert "noise_law = ball" not in asked["brutzkus2021-fig3a"]  # without noise
    assert plan.asked(PAPER)["wu2019-two-layer"]["sensitivity"] == {}
    unused = set(plan.idle(PAPER["patterns"]["brutzkus2021-thm5.1-d4"]))
    assert {"learning_rate", "init_scale", "target_loss", "step_limit", "noise_law"} <= unused


def test_what_stands_twice_is_reported_with_its_lines(tmp_path):
    """YAML itself takes the last, and one experiment of two with the same name would be gone."""
    file = tmp_path / "twice.yaml"
    anchors = "a: &a {d: 1}\nb:\n  <<: *a\n  <<: *a\n  d: 2\n"
    file.write_text(anchors + "figures: {}\nexperiments:\n  own: {}\n  2019: {}\n  own: {d: 10}\nfigures: {}\n")
    with pytest.raises(configuration.ConfigurationError) as caught:
        configuration.check(SMOKE, SCHEMA, [file])
    head, *lines = str(caught.value).split("\n")
    assert head.startswith("2 mistakes in ") and head.endswith("twice.yaml:")
    assert lines == [
        "  experiments.own: allowed: once; given: in line 8 and in line 10",
        "  figures: allowed: once; given: in line 6 and in line 11",
    ]
    configuration.check(SMOKE, SCHEMA, [ROOT / "tests/config.yaml", ROOT / "config.yaml"])


def test_a_name_that_is_no_good_one_breaks_no_line():
    config = copy.deepcopy(SMOKE)
    config["experiments"]["a\nb"] = config["experiments"].pop("wu2019-fig2")
    with pytest.raises(configuration.ConfigurationError) as caught:
        configuration.check(config, SCHEMA)
    head, *lines = str(caught.value).split("\n")
    assert head == f"{len(lines)} mistakes in the configuration:" and any(", 'a\\nb'" in line for line in lines)
