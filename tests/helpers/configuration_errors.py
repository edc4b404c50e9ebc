"""Errors in the smoke configuration, each with the line that must report it."""

from convbias import catalogue
from convbias.registry import names
from running import changes, loaded

SMOKE = loaded(changes())

COUNT = "must be a whole number from 1 to 1000000000"
MANY = ", or a list of different ones"
EVEN = f"must be an even whole number from 2 to 100000{MANY}"
POSITIVE = f"must be a positive number up to 1.0e+30 (YAML needs a dot before an exponent: 1.0e-3){MANY}"
NAME = "must be letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 64"
LABEL = "must be stated, derived or assumed"
SETTINGS = (
    "tasks, models, losses, d, k, seeds, initialisations, n_train, learning_rate, init_scale, init_law, steps, "
    "step_limit, record_every, asymptotics"
)
SOME_CLAIMS = f"{', '.join(list(catalogue.claims())[:50])} and {len(catalogue.claims()) - 50} more"
FIGURES = f"Available: {', '.join(catalogue.figures())}"
FIG5, DETECTION = "linear.wu2019-fig5", "detection.brutzkus2021"


def available(plugin_type):
    return f"Available: {', '.join(names(plugin_type))}"


def entries(*sections):
    return f"Available: {', '.join(name for section in sections for name in SMOKE[section])}"


# path in the configuration, value put there (... removes the key), the line that reports it
ERRORS = [
    (
        ("linear", "wu2019-fig5", "learning_rat"),
        1,
        f'{FIG5}.learning_rat: unknown key. Did you mean "learning_rate"? Available: {SETTINGS}, labels',
    ),
    (
        ("linear", "wu2019-fig5", "tasks"),
        ["cls", "clss"],
        f'{FIG5}.tasks[1]: unknown task "clss". Did you mean "cls"? {available("linear.tasks")}',
    ),
    (
        ("linear", "wu2019-fig5", "tasks"),
        [],
        f"{FIG5}.tasks: must be a list of different tasks, at least one; found []",
    ),
    (
        ("linear", "wu2019-fig5", "tasks"),
        ["cls", "cls"],
        f'{FIG5}.tasks: must be a list of different tasks, at least one; found ["cls", "cls"]',
    ),
    (
        ("linear", "wu2019-fig5", "models"),
        ["cnn"],
        f'{FIG5}.models[0]: unknown model "cnn". {available("linear.models")}',
    ),
    (
        ("linear", "wu2019-fig5", "losses"),
        ["hing"],
        f'{FIG5}.losses[0]: unknown loss "hing". Did you mean "hinge"? {available("linear.losses")}',
    ),
    (
        ("linear", "wu2019-fig5", "losses"),
        "hinge",
        f'{FIG5}.losses: must be a list of different losses, at least one; found "hinge"',
    ),
    (("linear", "wu2019-fig5", "d"), 101, f"{FIG5}.d: {EVEN}; found 101"),
    (("linear", "wu2019-fig5", "d"), 100.0, f"{FIG5}.d: {EVEN}; found 100.0"),
    (("linear", "wu2019-fig5", "d"), True, f"{FIG5}.d: {EVEN}; found true"),
    (("linear", "wu2019-fig5", "k"), 11, f"{FIG5}.k: must be at most d = 10; found 11"),
    (("linear", "wu2019-fig5", "k"), [3, 11, 12], f"{FIG5}.k: must be at most d = 10; found 12"),
    (("linear", "wu2019-fig5", "d"), [2, 10], f"{FIG5}.k: must be at most d = 2; found 3"),
    (("linear", "wu2019-fig5", "d"), [8, 9], f"{FIG5}.d: {EVEN}; found [8, 9]"),
    (("linear", "wu2019-fig5", "k"), [], f"{FIG5}.k: {COUNT}{MANY}; found []"),
    (("linear", "wu2019-fig5", "k"), [3, 3], f"{FIG5}.k: {COUNT}{MANY}; found [3, 3]"),
    (("linear", "wu2019-fig5", "init_scale"), [0.1, "b"], f'{FIG5}.init_scale: {POSITIVE}; found [0.1, "b"]'),
    (
        ("linear", "wu2019-fig2", "init_scale"),
        [0.1, 1],
        "linear.wu2019-fig2: its lists make an experiment wu2019-fig2-b1, which exists; rename one",
    ),
    (("linear", "wu2019-fig5", "k"), 0, f"{FIG5}.k: {COUNT}{MANY}; found 0"),
    (("linear", "wu2019-fig5", "seeds"), 0, f"{FIG5}.seeds: {COUNT}; found 0"),
    (("linear", "wu2019-fig5", "seeds"), -5, f"{FIG5}.seeds: {COUNT}; found -5"),
    (("linear", "wu2019-fig5", "n_train", "cls"), [5, 0], f"{FIG5}.n_train.cls[1]: {COUNT}; found 0"),
    (("linear", "wu2019-fig5", "n_train", "cls"), [-3], f"{FIG5}.n_train.cls[0]: {COUNT}; found -3"),
    (
        ("linear", "wu2019-fig5", "n_train", "cls"),
        5,
        f"{FIG5}.n_train.cls: must be a list of different sample sizes, at least one; found 5",
    ),
    (
        ("linear", "wu2019-fig5", "n_train", "cls"),
        ...,
        f"{FIG5}.n_train.cls: missing; every task of the experiment needs a list of sample sizes",
    ),
    (
        ("linear", "wu2019-fig5", "n_train", "chess"),
        [5],
        f'{FIG5}.n_train: unknown task "chess". {available("linear.tasks")}',
    ),
    (("linear", "wu2019-fig5", "learning_rate"), 0, f"{FIG5}.learning_rate: {POSITIVE}; found 0"),
    (("linear", "wu2019-fig5", "learning_rate"), -0.1, f"{FIG5}.learning_rate: {POSITIVE}; found -0.1"),
    (("linear", "wu2019-fig5", "learning_rate"), float("nan"), f"{FIG5}.learning_rate: {POSITIVE}; found NaN"),
    (("linear", "wu2019-fig5", "learning_rate"), float("inf"), f"{FIG5}.learning_rate: {POSITIVE}; found Infinity"),
    (("linear", "wu2019-fig5", "learning_rate"), "1e-3", f'{FIG5}.learning_rate: {POSITIVE}; found "1e-3"'),
    (("linear", "wu2019-fig5", "learning_rate"), None, f"{FIG5}.learning_rate: {POSITIVE}; found null"),
    (("linear", "wu2019-fig5", "init_scale"), 0, f"{FIG5}.init_scale: {POSITIVE}; found 0"),
    (
        ("linear", "wu2019-fig5", "init_law"),
        "ball",
        f'{FIG5}.init_law: must be uniform, fan_in, normal or normal_first; found "ball"',
    ),
    (("linear", "wu2019-fig5", "steps"), 1.5, f"{FIG5}.steps: {COUNT}; found 1.5"),
    (("linear", "wu2019-fig5", "asymptotics"), "yes", f'{FIG5}.asymptotics: must be true or false; found "yes"'),
    (("linear", "wu2019-fig5", "steps"), ..., f"{FIG5}.steps: missing; {COUNT}"),
    (("linear", "wu2019-fig5", "learning_rate"), 10**400, f"{FIG5}.learning_rate: {POSITIVE}; found 1{'0' * 76}..."),
    (("linear", "wu2019-fig5", "seeds"), 10**30, f"{FIG5}.seeds: {COUNT}; found 1{'0' * 30}"),
    (("linear", "wu2019-fig5", "initialisations"), 0, f"{FIG5}.initialisations: {COUNT}; found 0"),
    (("linear", "wu2019-fig5"), 3, f"{FIG5}: must be a mapping of settings; found 3"),
    (
        ("linear", "wu2019-fig6", "record_every"),
        1001,
        "linear.wu2019-fig6.record_every: must be at most steps = 1000; found 1001",
    ),
    (
        ("linear", "wu2019-fig6", "labels", "n_train"),
        "known",
        f'linear.wu2019-fig6.labels.n_train: {LABEL}; found "known"',
    ),
    (
        ("linear", "wu2019-fig6", "labels", "n_trian"),
        "stated",
        f'linear.wu2019-fig6.labels.n_trian: unknown key. Did you mean "n_train"? Available: {SETTINGS}',
    ),
    (
        ("linear", "wu2019-fig6", "labels"),
        "stated",
        'linear.wu2019-fig6.labels: must be a mapping from settings to stated, derived or assumed; found "stated"',
    ),
    (("linear",), None, "linear: must be a mapping from names to experiments; found null"),
    (("linear", "a/b"), SMOKE["linear"]["wu2019-fig5"], f'linear: "a/b" is no name; {NAME}'),
    (("linear", ".."), SMOKE["linear"]["wu2019-fig5"], f'linear: ".." is no name; {NAME}'),
    (
        ("linear", "wu2019-fig55"),
        None,
        (
            'linear.wu2019-fig55: null, but there is no such entry to drop. Did you mean "wu2019-fig5"? '
            f"{entries('linear')}"
        ),
    ),
    (
        ("linear", "wu2019-fig55*"),
        {"d": 8},
        f"linear.'wu2019-fig55*': no entry matches. Did you mean \"wu2019-fig5\"? {entries('linear')}",
    ),
    (("seeds_per_job",), 0, f"seeds_per_job: {COUNT}; found 0"),
    (("device",), "gpu", 'device: must be auto, cpu or cuda; found "gpu"'),
    (("root_seed",), -1, "root_seed: must be a whole number from 0 to 2^63 - 1; found -1"),
    (("mnist",), 5, "mnist: must be a folder or null; found 5"),
    (("papers",), "wu2019", 'papers: must be a list of different papers; found "wu2019"'),
    (
        ("papers",),
        ["wu2019", "wu2020"],
        (
            'papers[1]: unknown paper "wu2020". Did you mean "wu2019"? '
            "Available: brutzkus2021, kou2023, lahoti2024, wu2019"
        ),
    ),
    (
        ("labels",),
        {"d": "stated"},
        (
            "labels: unknown key. Available: papers, root_seed, seeds_per_job, device, jobs_per_gpu, digits, mnist, "
            "linear, detection, theory, examples, claims, figures"
        ),
    ),
    (
        ("figures", "wu2019-fig2"),
        ["wu2019"],
        f'figures.wu2019-fig2[0]: unknown entry of linear "wu2019". Did you mean "wu2019-k1"? {entries("linear")}',
    ),
    (
        ("figures", "wu2019-fig9"),
        ["wu2019-fig2"],
        f'figures: unknown figure "wu2019-fig9". Did you mean "wu2019-fig6"? {FIGURES}',
    ),
    (
        ("figures", "wu2019-fig5"),
        ["wu2019-fig5"],
        (
            "figures.wu2019-fig5: needs at least one experiment with models conv, losses hinge, d, k, learning_rate, "
            "init_scale of wu2019-fig5; found none among wu2019-fig5"
        ),
    ),
    (
        ("figures", "wu2019-fig6"),
        ["wu2019-fig2", "wu2019-fig5"],
        (
            "figures.wu2019-fig6: needs at least one experiment with models conv, losses hinge and xhinge, "
            "record_every above 0; found none among wu2019-fig2, wu2019-fig5"
        ),
    ),
    (
        ("figures", "wu2019-complexity"),
        ["wu2019-fig2"],
        (
            "figures.wu2019-complexity: needs at least one experiment with tasks cls, asymptotics true, d of "
            "wu2019-fig2; found none among wu2019-fig2"
        ),
    ),
    (
        ("figures", "wu2019-fig4"),
        ["wu2019-fig2"],
        (
            'figures.wu2019-fig4[0]: unknown entry of theory "wu2019-fig2". Did you mean "wu2019-fig4"? '
            f"{entries('theory')}"
        ),
    ),
    (
        ("figures", "wu2019-fig4"),
        ["brutzkus2021-thm4.2"],
        (
            "figures.wu2019-fig4: needs at least one experiment with check wu2019-error-terms; found none among "
            "brutzkus2021-thm4.2"
        ),
    ),
    (
        ("linear", "wu2019-cross-entropy", "init_scale"),
        1,
        (
            "figures.wu2019-variants: needs at least one experiment with models conv, losses cross_entropy, d, k, "
            "learning_rate, init_scale of wu2019-two-layer; found none among wu2019-two-layer, wu2019-cross-entropy, "
            "wu2019-fig2"
        ),
    ),
    (
        ("figures", "brutzkus2021-channels"),
        ["brutzkus2021", "brutzkus2021-layerwise"],
        (
            "figures.brutzkus2021-channels: its experiments need a sample size in common, with models conv_pool, "
            "trainings adam; found brutzkus2021: 40; brutzkus2021-layerwise: none"
        ),
    ),
    (
        ("detection", "brutzkus2021-fig4", "n_train", "orthogonal"),
        [20],
        (
            "figures.brutzkus2021-fig4: its experiments need a sample size in common, with trainings adam or "
            "max_margin; found brutzkus2021-fig3a: 10, 40; brutzkus2021-fig4: 20"
        ),
    ),
    (
        ("detection", "brutzkus2021-lr0.003", "n_train", "orthogonal"),
        [30],
        (
            "figures.brutzkus2021-sensitivity: its experiments need a sample size in common, with trainings adam or "
            "max_margin; found brutzkus2021-fig3a: 10, 40; brutzkus2021-lr0.003: 30"
        ),
    ),
    (
        ("theory", "wu2019-lemma5", "small_k"),
        [1, 7],
        "theory.wu2019-lemma5.small_k: must be at most small_d = 6; found 7",
    ),
    (
        ("linear", "wu2019-fig2", "seeds"),
        1_000_000,
        (
            "linear.wu2019-fig2: needs 1333336 of 1333382 training jobs; at most 100000 can be planned. Raise "
            "seeds_per_job, now 6, or lower seeds"
        ),
    ),
    (
        ("linear", "wu2019-fig5"),
        {**SMOKE["linear"]["wu2019-fig5"], "k": list(range(1, 9)), "learning_rate": list(range(1, 12600))},
        "linear.wu2019-fig5: must be at most 100000 experiments; its lists make 100792",
    ),
    (("theory", "wu2019-fig4", "k"), 11, "theory.wu2019-fig4.k: must be at most d = 10; found 11"),
    (
        ("theory", "wu2019-fig4", "draw"),
        5,
        'theory.wu2019-fig4.draw: unknown key. Did you mean "draws"? Available: check, d, k, n_train, draws, labels',
    ),
    (("theory", "wu2019-fig4", "draws"), ..., f"theory.wu2019-fig4.draws: missing; {COUNT}"),
    (
        ("theory", "wu2019-fig4", "n_train"),
        [0],
        "theory.wu2019-fig4.n_train[0]: must be a whole number from 1 to 2000; found 0",
    ),
    (
        ("theory", "wu2019-fig2"),
        SMOKE["theory"]["wu2019-fig4"],
        "theory.wu2019-fig2: linear has an entry of this name; choose another",
    ),
    (
        ("theory", "brutzkus2021-prop6.1", "check"),
        "brutzkus2021-detection-margins",
        (
            'theory.brutzkus2021-prop6.1.check: unknown check "brutzkus2021-detection-margins". Did you mean '
            f'"brutzkus2021-detection-margin"? Available: {", ".join(catalogue.checks())}'
        ),
    ),
    (
        ("theory", "brutzkus2021-lemma5.2", "d"),
        [2],
        "theory.brutzkus2021-lemma5.2.d[0]: must be a whole number from 3 to 50; found 2",
    ),
    (("theory",), {}, 'figures.wu2019-fig4[0]: unknown entry of theory "wu2019-fig4". Available: none'),
    (
        ("detection", "brutzkus2021-fig3a", "trainings"),
        ["adam"],
        "detection.brutzkus2021-fig3a.trainings: svm needs one of max_margin, perceptron; found adam",
    ),
    (
        ("detection", "brutzkus2021", "trainings"),
        ["adam", "max_margin"],
        f"{DETECTION}.models: max_margin needs one of svm; found conv_pool",
    ),
    (
        ("detection", "brutzkus2021-layerwise", "n_train", "orthogonal"),
        [40, 1],
        (
            "detection.brutzkus2021-layerwise.n_train.orthogonal: layerwise training needs at least 2 samples, one for "
            "each layer; found [40, 1]"
        ),
    ),
    (
        ("detection", "brutzkus2021-fig3c", "tasks"),
        ["digits", "orthogonal"],
        (
            "detection.brutzkus2021-fig3c.n_train.orthogonal: missing; every task of the experiment needs a list of "
            "sample sizes"
        ),
    ),
    (("detection", "brutzkus2021", "l"), 9, f"{DETECTION}.l: must be at most d = 8; found 9"),
    (
        ("detection", "brutzkus2021", "models"),
        ["cnn"],
        f'{DETECTION}.models[0]: unknown model "cnn". Did you mean "lcn"? {available("detection.models")}',
    ),
    (("detection", "brutzkus2021", "noise"), -1, f"{DETECTION}.noise: must be a number from 0 to 1000{MANY}; found -1"),
    (
        ("detection", "brutzkus2021", "noise_law"),
        "gaussian",
        f'{DETECTION}.noise_law: must be ball, radius or normal; found "gaussian"',
    ),
    (("examples", "brutzkus2021-fig1", "l"), 9, "examples.brutzkus2021-fig1.l: must be at most d = 8; found 9"),
    (("examples",), {}, 'figures.brutzkus2021-fig1[0]: unknown entry of examples "brutzkus2021-fig1". Available: none'),
    (
        ("claims", "wu2019-fig7"),
        {"experiments": ["wu2019-fig2"]},
        'claims: unknown claim "wu2019-fig7". Did you mean "wu2019-fig6a"? Available: ' + SOME_CLAIMS,
    ),
    (
        ("claims", "wu2019-xhinge-estimate"),
        ["wu2019-fig5"],
        (
            "claims.wu2019-xhinge-estimate: must be a mapping with `experiments` and, optionally, `sensitivity`; "
            'found ["wu2019-fig5"]'
        ),
    ),
    (
        ("claims", "wu2019-xhinge-estimate", "experiments"),
        [],
        "claims.wu2019-xhinge-estimate.experiments: must be a list of different experiments, at least one; found []",
    ),
    (
        ("claims", "wu2019-xhinge-estimate", "experiments"),
        ["wu2019-fig5", "brutzkus2021-fig3a"],
        (
            'claims.wu2019-xhinge-estimate.experiments[1]: unknown entry of linear "brutzkus2021-fig3a". '
            f"{entries('linear')}"
        ),
    ),
    (
        ("claims", "brutzkus2021-fig3a", "sensitivity"),
        {"other noise": ["brutzkus2021-radius"]},
        (
            "claims.brutzkus2021-fig3a.sensitivity.'other noise'[0]: unknown entry of detection "
            f'"brutzkus2021-radius". Did you mean "brutzkus2021-layerwise"? {entries("detection")}'
        ),
    ),
]


def put(config, path, value):
    """Set one key of a configuration, or remove it if the value is ``...``."""
    *parents, key = path
    for parent in parents:
        config = config[parent]
    if value is ...:
        del config[key]
    else:
        config[key] = value
