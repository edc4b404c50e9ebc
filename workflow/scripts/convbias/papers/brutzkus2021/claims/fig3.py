"""ConvPool has lower test errors than an MLP with as many parameters, and than the SVM.

Ref: brutzkus2021, Figure 3
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, over_sizes, rows_of
from convbias.statistics.evidence import Check, Evidence, Test

TABLES = ("detection",)
COMMON = {
    "precision": 0.005,
    "kind": "observation",
    "statistic": "test error of the MLP or the SVM minus that of ConvPool on the same training set",
    "threshold": "mean over n ≥ {smallest} above {margin}, mean at each of these n above -{margin}, and zero training "
    "error if claimed",
    "figure": "brutzkus2021-fig3",
    "settings": {"smallest": 50, "margin": 0.02},
}
CLAIMS = {
    "brutzkus2021-fig3a": {
        "quote": "ConvPool can be seen to outperform the other methods",
        "scope": "orthogonal patterns, d = 20, n = 10, 500 channels",
        "over": "n",
        "where": "Section 7, Figure 3 (a)",
        "statement": "ConvPool outperforms the MLP and the SVM on orthogonal patterns. All have zero training error.",
        "settings": {"task": "orthogonal", "noise": 0, "fits": ("conv_pool", "mlp", "svm")},
    },
    "brutzkus2021-fig3b": {
        "quote": "the linear method now fails, but ConvPool performs well and outperforms MLP",
        "scope": "noise of norm up to 1",
        "over": "n",
        "where": "Section 7, Figure 3 (b)",
        "statement": "ConvPool outperforms the MLP and the SVM on noisy patterns. Both networks have zero training "
        "error.",
        "settings": {"task": "orthogonal", "noise": 1, "fits": ("conv_pool", "mlp")},
    },
    "brutzkus2021-fig3c": {
        "quote": "Results in Fig. 3c again show excellent performance of the pooling model compared to the baselines",
        "scope": "MNIST digits, four per input",
        "over": "n",
        "where": "Section 7, Figure 3 (c)",
        "statement": "ConvPool outperforms the MLP and the SVM on the detection of digits.",
        "settings": {"task": "digits", "noise": 0, "fits": ()},
    },
}


def evidence(
    tables: Tables,
    experiments: list[str],
    task: str,
    noise: float,
    smallest: int,
    margin: float,
    fits: tuple[str, ...],
) -> Evidence:
    """For each baseline, one test over the sample sizes and one at each; for each model that must fit, one check.

    The check counts networks that misclassify a training sample after training. It includes those that reach the step
    limit, which is assumed, with such an error. Digits are those of the first image collection; the names of the
    sub-tests give it.

    Ref: brutzkus2021, Figure 3
    """
    ours: dict[str, object] = {"task": task, "noise": noise}
    if task == "digits":
        ours["images"] = rows_of(tables["detection"], experiments, **ours)["images"].iloc[0]
    images = f"{ours['images']}, " if task == "digits" else ""
    runs = {
        model: rows_of(tables["detection"], experiments, model=model, training=training, **ours)
        for model, training in (("conv_pool", "adam"), ("mlp", "adam"), ("svm", "max_margin"))
    }
    sub_tests: list[Test | Check] = []
    for name, prefix in (("mlp", f"{images}MLP: "), ("svm", f"{images}SVM: ")):
        pairs = differences(runs[name], runs["conv_pool"])
        sub_tests += [
            over_sizes(pairs, margin, smallest, prefix),
            *at_each_size(pairs, above=-margin, prefix=prefix, smallest=smallest),
        ]
    for model in fits:
        wrong = ~(runs[model]["train_error"] == 0)
        sub_tests.append(Check(f"{images}training error of {model} after training", len(wrong), int(wrong.sum())))
    return sub_tests
