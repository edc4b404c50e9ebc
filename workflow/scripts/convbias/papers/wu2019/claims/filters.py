"""What learning the filter adds, where the filter goes, and what a sum or a ReLU after it adds or breaks.

Ref: wu2019, Section 6 (future work: convolution as prior knowledge)
"""

from math import inf

from convbias.claims import Tables
from convbias.statistics.comparison import by_seed, counted
from convbias.statistics.evidence import Evidence, mean_test

TABLES = ("theory",)
COMMON = {
    "looks": 3,
    "precision": 0.005,
    "kind": "extension",
    "scope": "the three tasks, d = 100, k = 5, hinge loss",
    "over": "n",
    "where": "Section 6 (extended)",
    "figure": "wu2019-filters",
}
CLAIMS = {
    "wu2019-frozen-limit": {
        "statement": "A frozen filter, the v of the training set's limit, is not worse than a filter that learns.",
        "statistic": "test error of Model-Conv-k minus that with the frozen filter, on the same training set",
        "threshold": "mean above -{margin} (our threshold) on each task, at each n",
        "settings": {"first": "joint_error", "less": "limit_error", "margin": 0.02},
    },
    "wu2019-frozen-ones": {
        "statement": "A frozen filter with equal entries, which knows no sample, is not worse than one that learns.",
        "statistic": "test error of Model-Conv-k minus that with the frozen filter, on the same training set",
        "threshold": "mean above -{margin} (our threshold) on each task, at each n",
        "settings": {"first": "joint_error", "less": "ones_error", "margin": 0.02},
    },
    "wu2019-frozen-random": {
        "statement": "A frozen filter with the initial entries is worse than a filter that learns.",
        "statistic": "test error with the frozen filter minus that of Model-Conv-k, on the same training set",
        "threshold": "mean above 0 on each task, at each n",
        "settings": {"first": "random_error", "less": "joint_error"},
        "note": "Some random filters make the problem ill-conditioned. Networks that do not fit their training set "
        "within the step limit are left out.",
    },
    "wu2019-alignment": {
        "precision": 0.05,
        "kind": "observation",
        "quote": "We conjecture that the jointly trained filter works as a data adaptive bias as it requires a certain "
        "amount of data to provide the generalization bias",
        "where": "Section 6",
        "statement": "Training turns the filter towards v of the training set's limit, and more so with more samples.",
        "statistic": "absolute cosine of the angle between v and the learned filter, minus that of the initial filter",
        "threshold": "mean above 0 on each task, at each n; higher at the largest n than at the smallest",
        "settings": {"first": "alignment", "less": "start", "grows": True},
        "note": "Our reading of the conjecture: the direction to which the filter adapts is v.",
    },
    "wu2019-sum-pooling": {
        "precision": 0,
        "over": "",
        "scope": "Task-Cls, b = 0.1",
        "statement": "With a sum over positions instead of w2, one sample from position k on suffices on Task-Cls.",
        "statistic": "training sets with such a sample on which the trained network has an error",
        "threshold": "none",
        "settings": {"prefix": "filter_cls_sum_"},
        "note": "All effective weights from position k on are the sum of the filter. So it cannot solve the two "
        "other tasks, where positions have different signs.",
    },
    "wu2019-one-relu": {
        "precision": 0,
        "over": "",
        "scope": "Task-Cls, one filter",
        "statement": "With a ReLU after the convolution, no weights solve Task-Cls.",
        "statistic": "drawn filters with which a linear program finds a linear layer that classifies all points",
        "threshold": "none",
        "settings": {"prefix": "filter_relu_"},
        "note": "Let P and N be the positive and the negative part of the filter. The outputs are P * w2 and N * w2. "
        "If the first is positive and the second negative everywhere, then N * P * w2 has two signs.",
    },
}


def evidence(
    tables: Tables,
    experiments: list[str],
    first: str = "",
    less: str = "",
    margin: float = 0,
    grows: bool = False,
    prefix: str = "",
) -> Evidence:
    """On each task, one test at each sample size, over training sets, and one of the growth; or an exact check.

    Ref: wu2019, Section 6
    """
    if prefix:
        return [counted(tables["theory"], experiments, prefix)]
    sub_tests = []
    for task in ("cls", "first_person", "third_person"):
        one, other = (
            by_seed(tables["theory"], experiments, f"filter_{task}_{name}", "n_train") for name in (first, less)
        )
        gaps = one - other
        sub_tests += [mean_test(f"{task}: n = {n:g}", gap.to_numpy(), -margin, inf) for n, gap in gaps.items()]
        if grows:
            sizes = sorted(gaps)
            growth = (gaps[sizes[-1]] - gaps[sizes[0]]).to_numpy()
            sub_tests.append(mean_test(f"{task}: from n = {sizes[0]:g} to {sizes[-1]:g}", growth, 0, inf))
    return sub_tests
