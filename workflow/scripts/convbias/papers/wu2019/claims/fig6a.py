"""With hinge the test error stays once the training loss is 0; with X-hinge it still moves, to the limit's.

Ref: wu2019, Figure 6
"""

from convbias.claims import Tables
from convbias.statistics.comparison import at_each_size, differences, rows_of
from convbias.statistics.evidence import Check, Evidence, Test, share_test

TABLES = ("trajectories", "linear", "asymptotics")
COMMON = {
    "kind": "statistical",
    "statistic": "test error at a recorded step minus that when the training set is fitted, or minus the SVD estimate",
    "threshold": "hinge: always 0; X-hinge: in the end not 0 for over {share}, mean within {margin} of the estimate",
    "figure": "wu2019-fig6",
    "settings": {"share": 0.5, "margin": 0.02},
}
CLAIMS = {
    "wu2019-fig6a": {
        "where": "Section 4, Figure 6 (a)",
        "statement": "Test accuracy stays once the hinge loss is 0; by X-hinge it still changes, to the limit's.",
    },
}
NETWORK = ["n_train", "seed", "init_seed"]


def evidence(tables: Tables, experiments: list[str], share: float, margin: float) -> Evidence:
    """On each task one check, one test of the share, and one of the mean at each sample size.

    Ref: wu2019, Figure 6
    """
    found: list[Test | Check] = []
    for task, rows in rows_of(tables["trajectories"], experiments, model="conv").groupby("task"):
        own, rows = list(rows["experiment"].unique()), rows.sort_values("step")
        satisfied = rows[(rows["loss"] == "hinge") & (rows["train_loss"] == 0)]
        moves = satisfied["test_error"] != satisfied.groupby(NETWORK)["test_error"].transform("first")
        later = satisfied.duplicated(NETWORK)
        found.append(Check(f"{task}: hinge, steps after the first with loss 0", int(later.sum()), int(moves.sum())))

        xhinge = rows[rows["loss"] == "xhinge"]
        fitted = xhinge[xhinge["train_error"] == 0].drop_duplicates(NETWORK).set_index(NETWORK)["test_error"]
        ends = xhinge.drop_duplicates(NETWORK, keep="last").set_index(NETWORK)["test_error"]
        gap = ends - fitted  # NaN where the network diverged or its training set was never fitted
        found.append(share_test(f"{task}: X-hinge, share that moves", (gap != 0).where(gap.notna()), above=share))

        trained = rows_of(tables["linear"], own, task=task, model="conv", loss="xhinge")
        limits = rows_of(tables["asymptotics"], experiments, task=task)
        found += at_each_size(differences(trained, limits), -margin, margin, f"{task}: X-hinge, ")
    return found
