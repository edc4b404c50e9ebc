"""The numbers of two runs, side by side: the mean of each cell over its seeds, and whether the two means agree.

A cell has all rows of a table that differ in their seed only: those of one experiment, task, model, loss or training,
n_train, and of every other setting that takes several values in one of the runs. A setting that each run fixes at
another value does not separate cells, because its effect is to be seen.
"""

from collections.abc import Collection
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from convbias.statistics.comparison import RESULTS
from convbias.stops import UNFINISHED
from convbias_pipeline.report.verify import ROUNDED, Agreement

LEVEL = 0.05  # of all tests of one table together
Z95 = NormalDist().inv_cdf(0.975)
CELL = ("experiment", "quantity", "task", "model", "loss", "training", "n_train")
SEEDS = ("seed", "init_seed")
INTERVAL = ("low", "high")
NOT_TESTED = "not tested"
COLUMNS = [
    *("cell", "experiment", "mean_a", "error_a", "networks_a", "mean_b", "error_b", "networks_b"),
    *("left_out_a", "left_out_b", "common", "p_value", "p_holm", "agreement", "other"),
]


def compare_cells(a: pd.DataFrame, b: pd.DataFrame, same_draws: Collection[str]) -> pd.DataFrame:
    """The cells that both runs have, one per row, with ``COLUMNS``.

    ``error`` is the standard error of a mean over seeds. A single estimate has that of its 95 % interval. ``common``
    counts the seeds that both runs have. ``other`` names the results that differ although the compared numbers agree.

    Args:
        a: the rows of a table of one run.
        b: those of the other run.
        same_draws: the experiments that have the same root seed in both runs. Their networks are compared in pairs.
    """
    value = "value" if "value" in a else "test_error"
    keys = cell_columns(a, b)
    seeds = [name for name in SEEDS if name in a and name in b]
    results = [name for name in (*RESULTS, "value", *INTERVAL) if name in a and name in b]
    if not keys or value not in results:
        return pd.DataFrame(columns=COLUMNS)
    rows = _side_by_side(a, b, keys, seeds, results, value)
    cells = _means(rows, keys, seeds)
    if cells.empty:
        return pd.DataFrame(columns=COLUMNS)
    cells["paired"] = cells["experiment"].isin(same_draws) & (cells["common"] > 0)
    cells["p_value"] = _p_values(cells)
    cells["agreement"] = _agreements(cells)
    tested = cells["agreement"] == str(Agreement.ALIKE)
    cells["p_value"], cells["p_holm"] = cells["p_value"].where(tested), np.nan
    if tested.any():
        cells.loc[tested, "p_holm"] = multipletests(cells.loc[tested, "p_value"], method="holm")[1]
        cells.loc[cells["p_holm"] <= LEVEL, "agreement"] = str(Agreement.DIFFERS)
    cells["cell"] = _labels(cells, keys)
    others = {name.removeprefix("other "): cells[name] for name in cells if name.startswith("other ")}
    cells["other"] = [", ".join(name for name, differs in others.items() if differs[row]) for row in cells.index]
    return cells[COLUMNS]


def cell_columns(a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    """The columns that identify a cell; none if the rows have no experiment."""
    shared = [name for name in a if name in b]
    base = [name for name in CELL if name in shared]
    if "experiment" not in base:
        return []
    others = [name for name in shared if name not in (*CELL, *SEEDS, *RESULTS, *INTERVAL, "value")]
    counts = [frame.groupby(base, observed=True, dropna=False)[others].nunique(dropna=False).max() for frame in (a, b)]
    return [*base, *(name for name in others if max(count[name] for count in counts) > 1)]


def _side_by_side(
    a: pd.DataFrame, b: pd.DataFrame, keys: list[str], seeds: list[str], results: list[str], value: str
) -> pd.DataFrame:
    """All rows of both runs; those of the same cell and seeds are one row.

    ``same`` says whether all results of a row are the same, ``near`` whether its compared numbers agree to within
    rounding, and ``other steps`` and so on whether another result differs.
    """
    numeric = {name: all(pd.api.types.is_numeric_dtype(frame[name]) for frame in (a, b)) for name in (*keys, *seeds)}
    frames = []
    for frame in (a, b):
        plain = {
            name: frame[name].astype(float)
            if is_number
            else frame[name].astype(object).where(frame[name].notna(), "").map(str)
            for name, is_number in numeric.items()
        }
        rows = pd.DataFrame({**plain, **{name: frame[name] for name in results}})
        for name in (name for name in (value, *INTERVAL) if name in results):
            rows[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
        rows["compared"] = rows[value]
        if "stopped" in results:
            rows.loc[frame["stopped"].isin(UNFINISHED), "compared"] = np.nan
        rows["copy"] = rows.groupby([*keys, *seeds], dropna=False).cumcount()  # 0, unless rows are repeated
        frames.append(rows)
    both = frames[0].merge(
        frames[1], how="outer", on=[*keys, *seeds, "copy"], suffixes=("_a", "_b"), indicator="in", sort=False
    )
    names = ["compared", *results]
    equal = {name: _equal(both[f"{name}_a"], both[f"{name}_b"]) for name in names}
    with np.errstate(invalid="ignore"):  # a difference of infinite or missing numbers
        both["near"] = np.all(
            [
                ROUNDED.allows(*(both[f"{name}_{run}"].to_numpy(float) for run in "ab"))
                for name in names
                if name in ("compared", value, *INTERVAL)
            ],
            axis=0,
        )
    both["same"] = np.all([*equal.values()], axis=0)
    for name in results:
        both[f"other {name}"] = ~equal[name] & (name not in (value, *INTERVAL))
    return both


def _equal(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Where two columns have the same values; two missing values are the same."""
    one, other = (column.astype(object) for column in (one, other))
    return ((one == other) | (one.isna() & other.isna())).to_numpy(bool)


def _means(rows: pd.DataFrame, keys: list[str], seeds: list[str]) -> pd.DataFrame:
    """The cells that both runs have. Rows of one seed, which share a training set, are averaged first."""
    units = [*keys, *seeds[:1]]
    rows = rows.assign(both=rows["in"] == "both", in_a=rows["in"] != "right_only", in_b=rows["in"] != "left_only")
    for run in "ab":
        finite = np.isfinite(rows[f"compared_{run}"])
        rows[f"left_out_{run}"] = rows[f"in_{run}"] & ~finite
        rows[f"value_of_{run}"] = rows[f"compared_{run}"].where(finite)
        for name in INTERVAL:
            rows[f"{name}_of_{run}"] = rows.get(f"{name}_{run}", np.nan)
    for name in ("same", "near"):
        rows[name] |= ~rows["both"]
    others = [name for name in rows if name.startswith("other ")]
    rows[others] = rows[others].to_numpy() & rows[["both"]].to_numpy()
    ends = [f"{name}_of_{run}" for name in INTERVAL for run in "ab"]
    values = ["value_of_a", "value_of_b"]
    seed = rows.groupby(units, dropna=False, sort=False).agg(
        **{name: (name, "mean") for name in (*values, *ends)},
        **{name: (name, "any") for name in ("both", "in_a", "in_b", *others)},
        **{name: (name, "all") for name in ("same", "near")},
        **{name: (name, "sum") for name in ("left_out_a", "left_out_b")},
    )
    seed["alone"] = seed["in_a"] != seed["in_b"]
    seed["difference"] = seed["value_of_b"] - seed["value_of_a"]
    grouped = seed.reset_index().groupby(keys, dropna=False, sort=False)
    cells = grouped.agg(
        **{f"mean_{run}": (f"value_of_{run}", "mean") for run in "ab"},
        **{f"sd_{run}": (f"value_of_{run}", "std") for run in "ab"},
        **{f"networks_{run}": (f"value_of_{run}", "count") for run in "ab"},
        **{name: (name, "any") for name in ("in_a", "in_b", "alone", *others)},
        **{name: (name, "all") for name in ("same", "near")},
        **{name: (name, "sum") for name in ("left_out_a", "left_out_b")},
        **{name: (name, "first") for name in ends},
        common=("both", "sum"),
        difference=("difference", "mean"),
        sd=("difference", "std"),
        pairs=("difference", "count"),
    )
    for run in "ab":
        width = (cells[f"high_of_{run}"] - cells[f"low_of_{run}"]) / 2 / Z95
        single = cells[f"networks_{run}"] == 1
        cells[f"error_{run}"] = (cells[f"sd_{run}"] / cells[f"networks_{run}"] ** 0.5).where(~single, width)
    return cells[cells["in_a"] & cells["in_b"]].reset_index()


def _p_values(cells: pd.DataFrame) -> np.ndarray:
    """The p-value of equal means, NaN if a cell has too few values. Values without spread are permuted instead."""
    numbers = cells.select_dtypes(["number", "bool"])
    of = {name: numbers[name].to_numpy(float) for name in numbers}
    n, m, gap = of["networks_a"], of["networks_b"], abs(of["mean_b"] - of["mean_a"])
    with np.errstate(divide="ignore", invalid="ignore"):
        both = [of[f"{name}_{run}"] for run in "ab" for name in ("mean", "sd", "networks")]
        welch = stats.ttest_ind_from_stats(*both, equal_var=False).pvalue
        student = 2 * stats.t.sf(abs(of["difference"]) / (of["sd"] / of["pairs"] ** 0.5), of["pairs"] - 1)
        normal = 2 * stats.norm.sf(gap / np.hypot(of["error_a"], of["error_b"]))
    apart = np.where(gap > 0, np.minimum(1, 2 / special.binom(n + m, n)), 1.0)
    turned = np.where(of["difference"] != 0, 2.0 ** (1 - of["pairs"]), 1.0)
    independent = np.where((of["sd_a"] == 0) & (of["sd_b"] == 0), apart, welch)
    in_pairs = np.where(of["sd"] == 0, turned, student)
    single = (n == 1) & (m == 1)
    many = np.where(cells["paired"], np.where(of["pairs"] > 1, in_pairs, np.nan), independent)
    return np.where(single, normal, np.where((n > 1) & (m > 1), many, np.nan))


def _agreements(cells: pd.DataFrame) -> list[str]:
    """The agreement of each cell before Holm's correction.

    Cells of other draws that happen to have the same numbers are equal, too, but only if they have all seeds in common.
    A number without a standard error must be the same if it comes from the same draws.
    """
    found = []
    for cell in cells.itertuples():
        whole = cell.common and (cell.paired or not cell.alone)
        if whole and cell.same:
            found.append(str(Agreement.BITS))
        elif whole and cell.near:
            found.append(str(Agreement.ROUNDING))
        elif not np.isnan(cell.p_value):
            found.append(str(Agreement.ALIKE))
        else:
            exact = cell.paired and cell.networks_a == cell.networks_b == 1
            found.append(str(Agreement.DIFFERS) if exact else NOT_TESTED)
    return found


def _labels(cells: pd.DataFrame, keys: list[str]) -> list[str]:
    """Each cell in words: the values of its columns, without missing ones and without the experiment."""
    names = [name for name in keys if name != "experiment"]
    labels = []
    for values in cells[names].itertuples(index=False, name=None):
        named = zip(names, values, strict=True)
        labels.append(
            ", ".join(f"{n} = {v:g}" if isinstance(v, float) else str(v) for n, v in named if v == v and v != "")
        )
    return labels
