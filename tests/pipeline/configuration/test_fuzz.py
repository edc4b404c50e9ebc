"""Thousands of mutations of a configuration and of changes: each is refused in clear words or can be planned."""

import copy
import json
import re
from functools import cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configuration_errors import SMOKE
from convbias.registry import names
from convbias_pipeline.configuration import check as checking
from convbias_pipeline.configuration import load as loading
from convbias_pipeline.configuration.check import ConfigurationError, check
from convbias_pipeline.configuration.load import ENTRIES, expand
from convbias_pipeline.jobs import plan
from convbias_pipeline.jobs.params import JobParams
from convbias_pipeline.report import captions
from running import ROOT, changes, loaded, read_once

MANY = settings(max_examples=600, deadline=None, derandomize=True, database=None)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TASKS, MODELS, LOSSES, DETECTION = (
    names(kind) for kind in ("linear.tasks", "linear.models", "linear.losses", "detection.tasks")
)
CLEAR = "must be|unknown|missing; |is no name|needs|no entry matches|no such entry to drop|choose another|rename one"
KEPT = {
    "linear": ["wu2019-fig2", "wu2019-phase-k"],
    "detection": ["brutzkus2021-fig3a", "brutzkus2021-fig4"],
    "theory": ["wu2019-fig4", "wu2019-lemma1", "wu2019-lemma5", "wu2019-separation", "brutzkus2021-lemma5.3"],
    "claims": ["wu2019-fig2-cls", "wu2019-lemma1", "brutzkus2021-fig3a"],
    "figures": ["wu2019-fig2", "wu2019-phase-k", "brutzkus2021-phase"],
}


def few():
    """The smoke preset with few entries of each section: a mutation finds each kind of value more often."""
    preset = changes()
    kept = {section: {name: preset.get(section, {}).get(name, {}) for name in names} for section, names in KEPT.items()}
    kept["claims"]["wu2019-fig2-cls"] = {"sensitivity": {"k = 1 and k = 3": ["wu2019-phase-k"]}}
    kept["figures"] = {name: shown for name, shown in SMOKE["figures"].items() if name in KEPT["figures"]}
    return {**preset, **{section: {"*": None, **entries} for section, entries in kept.items()}}


CHANGES = few()
FEW = loaded(CHANGES)

texts = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            ".",
            "..",
            "../up",
            "a/b",
            "/etc/passwd",
            "~",
            "a\nb",
            "a\n",
            "x" * 65,
            "{d}",
            "nan",
            "ä",
            "*",
            "wu2019-*",
        ]
    ),
    st.sampled_from([*SMOKE["linear"], *SMOKE["detection"], *SMOKE["theory"], *TASKS, *MODELS]),
    st.text(max_size=8),
)
numbers = st.one_of(
    st.sampled_from([0, 1, -1, 2, 3, 100001, 2**63, 2**64, 10**400, 0.0, -0.0, 1e-300, 1e101, 0.5, 2.0]),
    st.integers(),
    st.floats(),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.integers(), inner, max_size=4),
    max_leaves=6,
)


def places(node, path=()):
    """The path of every value in a configuration."""
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def at(config, path):
    for key in path:
        config = config[key]
    return config


@st.composite
def mutated(draw, original):
    """A configuration, or changes, with a value replaced, removed, renamed or repeated at a few places."""
    config, everywhere = copy.deepcopy(original), [path for path in places(original) if path]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(everywhere))
        try:
            parent, key = at(config, path[:-1]), path[-1]
            parent[key]
        except (LookupError, TypeError):
            continue  # an earlier mutation removed it
        if isinstance(parent, str):
            continue  # an earlier mutation put it in place of a list
        how = draw(st.sampled_from(["replace", "remove", "rename", "repeat", "another"]))
        if how == "replace":
            parent[key] = draw(values)
        elif how == "another":  # a value from another place
            parent[key] = copy.deepcopy(at(original, draw(st.sampled_from(everywhere))))
        elif how == "remove":
            del parent[key]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        else:
            parent[draw(texts | scalars)] = parent.pop(key) if how == "rename" else copy.deepcopy(parent[key])
    return config


@pytest.fixture(scope="module", autouse=True)
def _read_once():
    """The schema and the files of the papers are the same for all examples."""
    with pytest.MonkeyPatch.context() as patch:
        duplicate_keys = checking._duplicate_keys
        patch.setattr(checking, "_duplicate_keys", cache(lambda file: tuple(duplicate_keys(file))))
        patch.setattr(checking, "complete_schema", cache(checking.complete_schema))
        patch.setattr(loading, "read", read_once)
        patch.setattr(checking, "read", read_once)
        yield


class Params(JobParams):
    """Params without hashes of code, which take most of the time."""

    def code(self, script, modules=()):
        return f"{script} {modules}"


def assert_planned(config):
    """The rules can plan a configuration, and no name leaves the folder of the results."""
    expand(config)
    params = Params(config, ROOT / "workflow/scripts", lambda: "images")
    jobs = [plan.shards(config, "linear"), plan.shards(config, "detection")]
    jobs += [plan.recorded_shards(config), plan.estimates(config), *(plan.entries(config, name) for name in ENTRIES)]
    for job in (job for some in jobs for job in islice(some, 50)):
        assert all(isinstance(value, int) or NAME.fullmatch(value) for value in job.values())
    for section, script in (("linear", "train_linear"), ("detection", "train_detection")):
        for job in islice(plan.shards(config, section), 20):
            json.dumps(params(script, job, section, plugins=[f"{section}.tasks.{{task}}"]), sort_keys=True)
            assert section == "linear" or plan.work(config, job) >= 0
    for job in plan.entries(config, "theory"):
        json.dumps(params.theory(job), sort_keys=True)
    json.dumps([params.claims(), plan.tables_of_claims(config)], sort_keys=True)
    for figure in config["figures"]:
        assert NAME.fullmatch(figure)
        json.dumps([params.figure(figure), captions.settings(config, figure), plan.statements(config, figure)])


def assert_refused_or_planned(config):
    try:
        check(config, ROOT)
    except ConfigurationError as problem:
        head, *lines = str(problem).split("\n")
        count = re.fullmatch(r"The configuration has (\d+) errors?:", head)
        assert count and int(count[1]) == len(lines) == len(set(lines)) > 0
        for line in lines:
            assert re.match(r"  \S.*: ", line) and re.search(CLEAR, line) and len(line) < 2500, line
    else:
        assert_planned(config)


@MANY
@given(mutated(FEW))
def test_mutations_of_a_configuration_are_refused_in_clear_words_or_planned(config):
    assert_refused_or_planned(config)


@settings(MANY, max_examples=400)
@given(mutated(CHANGES))
def test_mutations_of_changes_are_refused_in_clear_words_or_planned(changes):
    assert_refused_or_planned(loaded(changes))


def lists_of(values, most=3):
    return st.lists(values, min_size=1, max_size=most, unique=True)


counts = st.integers(1, 10**9)
positive = st.floats(1e-100, 1e30) | st.integers(1, 10**6)


@st.composite
def linear_experiments(draw):
    d = 2 * draw(st.integers(1, 50_000))
    steps = draw(counts)
    tasks = draw(lists_of(st.sampled_from(TASKS)))
    return {
        "tasks": tasks,
        "models": draw(lists_of(st.sampled_from(MODELS))),
        "losses": draw(lists_of(st.sampled_from(LOSSES))),
        "d": d,
        "k": draw(st.integers(1, d)),
        "seeds": draw(counts),
        "initialisations": draw(counts),
        "n_train": {task: draw(lists_of(counts)) for task in [*tasks, *draw(lists_of(st.sampled_from(TASKS)))]},
        "learning_rate": draw(positive),
        "init_scale": draw(positive),
        "init_law": draw(st.sampled_from(["uniform", "fan_in", "normal", "normal_first"])),
        "steps": steps,
        "step_limit": draw(counts),
        "record_every": draw(st.integers(0, steps)),
        "asymptotics": draw(st.booleans()),
    }


@st.composite
def detection_experiments(draw):
    training, models = draw(
        st.sampled_from([("adam", ["conv_pool", "mlp"]), ("max_margin", ["svm"]), ("layerwise", ["conv_pool"])])
    )
    task = draw(st.sampled_from(DETECTION))
    d = draw(st.integers(3, 10_000))
    return {
        **SMOKE["detection"]["brutzkus2021-fig3a"],
        "tasks": [task],
        "models": draw(lists_of(st.sampled_from(models))),
        "trainings": [training],
        "d": d,
        "l": draw(st.integers(3, d)),
        "n_patterns": draw(st.integers(1, 10_000)),
        "channels": draw(st.integers(1, 10_000)),
        "noise": draw(st.floats(0, 100)),
        "noise_law": draw(st.sampled_from(["ball", "radius"])),
        "seeds": draw(counts),
        "n_train": {task: draw(lists_of(st.integers(2, 100_000)))},
        "learning_rate": draw(positive),
        "batch_size": draw(st.integers(0, 1000)),
    }


@settings(MANY, max_examples=200)
@given(
    st.dictionaries(st.from_regex(NAME, fullmatch=True), linear_experiments(), max_size=3),
    st.dictionaries(st.from_regex(r"[a-z]{3}-[0-9]", fullmatch=True), detection_experiments(), max_size=3),
    st.integers(0, 2**63 - 1),
    counts,
)
def test_allowed_values_are_accepted_and_planned(linear, detection, root_seed, seeds_per_job):
    config = copy.deepcopy(FEW) | {"root_seed": root_seed, "seeds_per_job": seeds_per_job}
    taken = {name for section in ENTRIES for name in config[section]}
    config["linear"] |= {name: entry for name, entry in linear.items() if name not in taken}
    taken |= set(linear)
    config["detection"] |= {name: entry for name, entry in detection.items() if name not in taken}
    try:
        check(config, ROOT)
    except ConfigurationError as problem:  # all values are allowed, but there are too many jobs
        _, line = str(problem).split("\n")
        assert "at most 100000 can be planned" in line
    else:
        assert_planned(config)
