"""The configuration under thousands of mutations: each is either refused in clear words, or can be planned."""

import copy
import re
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st
from test_configuration import SCHEMA, SMOKE

from convbias.registry import names
from convbias_pipeline.configuration import check as configuration
from convbias_pipeline.jobs import plan

MANY = settings(max_examples=1200, deadline=None, derandomize=True, database=None)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TASKS, MODELS, LOSSES, PATTERNS = (names(family) for family in ("tasks", "models", "losses", "detection.tasks"))

texts = st.one_of(
    st.sampled_from(
        ["", " ", ".", "..", "../up", "a/b", "/etc/passwd", "~", "a\nb", "a\n", "x" * 65, "{d}", "nan", "ä"]
    ),
    st.sampled_from([*SMOKE["experiments"], *SMOKE["patterns"], *SMOKE["theory"], *TASKS, *MODELS]),
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


PLACES = [path for path in places(SMOKE) if path]


def at(config, path):
    for key in path:
        config = config[key]
    return config


@st.composite
def mutated(draw):
    """The smoke preset with a value replaced, removed, renamed or repeated, at a few places."""
    config = copy.deepcopy(SMOKE)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES))
        try:
            parent, key = at(config, path[:-1]), path[-1]
            parent[key]
        except (LookupError, TypeError):
            continue  # an earlier mutation took it away
        how = draw(st.sampled_from(["replace", "remove", "rename", "repeat", "another"]))
        if how == "replace":
            parent[key] = draw(values)
        elif how == "another":  # of the same kind, from elsewhere
            parent[key] = copy.deepcopy(at(SMOKE, draw(st.sampled_from(PLACES))))
        elif how == "remove":
            del parent[key]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        else:
            parent[draw(texts | scalars)] = parent.pop(key) if how == "rename" else copy.deepcopy(parent[key])
    return config


def is_planned(config):
    """All that the rules ask of a configuration can be told, and no name leaves the folder of the results."""
    for jobs in (plan.shards, plan.recorded_shards, plan.estimates, plan.pattern_shards, plan.examples, plan.curves):
        for job in islice(jobs(config), 50):
            assert all(isinstance(value, int) or NAME.fullmatch(value) for value in job.values())
    plan.asked(config)
    for figure in config["figures"]:
        assert NAME.fullmatch(figure) and plan.idle_settings(config, figure) is not None
        plan.shows_images(config, figure)


@MANY
@given(mutated())
def test_a_mutation_is_refused_in_clear_words_or_can_be_planned(config):
    try:
        configuration.check(config, SCHEMA)
    except configuration.ConfigurationError as mistakes:
        head, *lines = str(mistakes).split("\n")
        told = re.fullmatch(r"(\d+) mistakes? in the configuration:", head)
        assert told and int(told[1]) == len(lines) == len(set(lines)) > 0
        for line in lines:
            assert re.match(r"  \S.*: ", line) and re.search(r"allowed|unknown key|missing|cannot be a name", line), (
                line
            )
            assert len(line) < 2500
    else:
        is_planned(config)


def lists_of(values, most=3):
    return st.lists(values, min_size=1, max_size=most, unique=True)


counts = st.integers(1, 10**9)
positive = st.floats(1e-100, 1e100) | st.integers(1, 10**6)


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
        "steps": steps,
        "step_limit": draw(counts),
        "record_every": draw(st.integers(0, steps)),
        "asymptotics": draw(st.booleans()),
    }


@st.composite
def pattern_experiments(draw):
    training, models = draw(
        st.sampled_from([("adam", ["conv_pool", "mlp"]), ("max_margin", ["svm"]), ("layerwise", ["conv_pool"])])
    )
    task = draw(st.sampled_from(PATTERNS))
    d = draw(st.integers(3, 10_000))
    return {
        **SMOKE["patterns"]["brutzkus2021-fig3a"],
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
    }


@settings(MANY, max_examples=200)
@given(
    st.dictionaries(st.from_regex(NAME, fullmatch=True), linear_experiments(), max_size=3),
    st.dictionaries(st.from_regex(r"[a-z]{3}-[0-9]", fullmatch=True), pattern_experiments(), max_size=3),
    st.integers(0, 2**63 - 1),
    counts,
)
def test_what_is_allowed_is_accepted_and_planned(linear, patterns, root_seed, seeds_per_job):
    config = copy.deepcopy(SMOKE) | {"root_seed": root_seed, "seeds_per_job": seeds_per_job}
    taken = {name for section in plan.SECTIONS for name in config[section]}
    config["experiments"] |= {name: entry for name, entry in linear.items() if name not in taken}
    taken |= set(linear)
    config["patterns"] |= {name: entry for name, entry in patterns.items() if name not in taken}
    configuration.check(config, SCHEMA)
    is_planned(config)
