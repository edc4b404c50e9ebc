"""ConvPool needs fewer samples than an MLP with as many parameters and than the SVM.

Ref: brutzkus2021, Figure 3
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, over_sizes, rows_of
from convbias.statistics.evidence import Check, Evidence, Test

TABLES = ("detection",)
COMMON = {
    "kind": "statistical",
    "statistic": "test error of the other minus that of ConvPool on the same training set",
    "threshold": "mean over n ≥ {smallest} above {margin}, at each above -{margin}; those that are to fit do",
    "figure": "brutzkus2021-fig3",
    "settings": {"smallest": 50, "margin": 0.02},
}
CLAIMS = {
    "brutzkus2021-fig3a": {
        "where": "Section 7, Figure 3 (a)",
        "statement": "ConvPool outperforms the MLP and the SVM on orthogonal patterns; all have zero training error.",
        "settings": {"task": "orthogonal", "noise": 0, "fits": ("conv_pool", "mlp", "svm")},
    },
    "brutzkus2021-fig3b": {
        "where": "Section 7, Figure 3 (b)",
        "statement": "ConvPool outperforms the MLP and the SVM on noisy patterns; the networks have no training error.",
        "settings": {"task": "orthogonal", "noise": 1, "fits": ("conv_pool", "mlp")},
    },
    "brutzkus2021-fig3c": {
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
    """For each baseline a test over the sample sizes and one at each; for those that are to fit, a count.

    The count is of networks that misclassify a training sample at their end. Those that hit the step limit, which is
    assumed, with such an error are among them. Digits are of one collection, the first, which the parts name.

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
    found: list[Test | Check] = []
    for name, prefix in (("mlp", f"{images}MLP: "), ("svm", f"{images}SVM: ")):
        pairs = differences(runs[name], runs["conv_pool"])
        found += [
            over_sizes(pairs, margin, smallest, prefix),
            *at_each_size(pairs, above=-margin, prefix=prefix, smallest=smallest),
        ]
    for model in fits:
        wrong = ~(runs[model]["train_error"] == 0)
        found.append(Check(f"{images}training error of {model} at its end", len(wrong), int(wrong.sum())))
    return found
