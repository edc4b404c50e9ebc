"""With the hinge loss, the test error stays once the training loss is 0. With X-hinge it still moves to its limit.

Ref: wu2019, Figure 6
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Check, Evidence, Test, share_test

TABLES = ("trajectories", "linear", "asymptotics")
COMMON = {
    "precision": 0.005,
    "looks": 2,
    "kind": "observation",
    "statistic": "test error at a recorded step, minus that at the step that fits the training set, or minus the SVD "
    "estimate",
    "threshold": "hinge loss: always 0; X-hinge: at the end not 0 for more than {share} of networks, mean within "
    "{margin} of the estimate (our thresholds)",
    "note": "The part on the hinge loss is true by definition: a loss of 0 has no gradient. X-hinge takes 10,000 steps "
    "here. The paper states 1,000 for Figure 5, and none for Figure 6.",
    "figure": "wu2019-fig6",
    "settings": {"share": 0.5, "margin": 0.02},
}
CLAIMS = {
    "wu2019-fig6a": {
        "quote": "With the normal hinge loss, the test performance remains the same once the training loss reaches 0."
        " With the extreme hinge loss, the test performance is still changing even after the training data is "
        "fitted",
        "scope": "Figure 6 (a): fixed training sets, many initial weights",
        "over": "n",
        "where": "Section 4, Figure 6 (a)",
        "statement": "Test accuracy stays once the hinge loss is 0. With X-hinge it still changes, to that of the "
        "limit.",
    },
}
NETWORK = ["n_train", "seed", "init_seed"]


def evidence(tables: Tables, experiments: list[str], share: float, margin: float) -> Evidence:
    """On each task, one check, one test of the proportion, and one test of the mean at each sample size.

    Ref: wu2019, Figure 6
    """
    sub_tests: list[Test | Check] = []
    for task, rows in rows_of(tables["trajectories"], experiments, model="conv").groupby("task"):
        own, rows = list(rows["experiment"].unique()), rows.sort_values("step")
        satisfied = rows[(rows["loss"] == "hinge") & (rows["train_loss"] == 0)]
        moves = satisfied["test_error"] != satisfied.groupby(NETWORK)["test_error"].transform("first")
        later = satisfied.duplicated(NETWORK)
        sub_tests.append(Check(f"{task}: hinge, steps after the first with loss 0", int(later.sum()), int(moves.sum())))

        xhinge = rows[rows["loss"] == "xhinge"]
        fitted = xhinge[xhinge["train_error"] == 0].drop_duplicates(NETWORK).set_index(NETWORK)["test_error"]
        ends = xhinge.drop_duplicates(NETWORK, keep="last").set_index(NETWORK)["test_error"]
        gap = ends - fitted  # NaN if the network diverged or never fitted its training set
        sub_tests.append(
            share_test(f"{task}: X-hinge, proportion that changes", (gap != 0).where(gap.notna()), above=share)
        )

        trained = rows_of(tables["linear"], own, task=task, model="conv", loss="xhinge")
        limits = rows_of(tables["asymptotics"], experiments, task=task)
        sub_tests += at_each_size(differences(trained, limits), -margin, margin, f"{task}: X-hinge, ")
    return sub_tests
