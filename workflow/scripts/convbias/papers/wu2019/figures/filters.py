"""What learning the filter adds: frozen filters and a sum against Model-Conv-k, and how the filter aligns with v.

Ref: wu2019, Section 6 (future work: convolution as prior knowledge)
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.figures import style as style
from convbias.statistics.summary import first, mean_interval, select

TITLE = "Section 6: convolution as prior knowledge"
CAPTION = """
wu2019, Section 6 (extended): frozen filters against a filter that learns, trained with the hinge loss. Upper row: the
mean test error of Model-Conv-k, whose filter learns, against the same network with a frozen filter: the initial one
(random), equal entries, or v of the X-hinge limit on the same training set. On Task-Cls also a sum over positions
instead of the linear layer. Lower row: the mean absolute cosine of the angle between v and the filter of Model-Conv-k,
before and after training. Bars are 95 % intervals over training sets. Frozen filters with equal entries or v are better
than a filter that learns: most of what convolution adds is in the prior, and training has to find it.
"""
TABLES = ("theory",)
REQUIRED_SETTINGS = [{"check": ["wu2019-filters"]}]
ERRORS = {
    "joint_error": ("learns", "conv", "o", "-"),
    "random_error": ("random", "one_layer", "s", "--"),
    "ones_error": ("equal entries", "two_layer", "v", ":"),
    "limit_error": ("v", "asymptotics", "^", "-."),
    "sum_error": ("sum", "xhinge", "D", "-"),
}
COSINES = {"alignment": ("learned filter", "conv", "o", "-"), "start": ("initial filter", "one_layer", "s", "--")}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The mean of each number with its interval, for each task and sample size; ``networks`` counts training sets."""
    theory = select(tables["theory"], experiments)
    names, rows = theory["quantity"].astype(str), []
    for task in dict.fromkeys(
        names[names.str.endswith("_joint_error")].str.slice(len("filter_"), -len("_joint_error"))
    ):
        for name in (*ERRORS, *COSINES):
            own = first(theory[names == f"filter_{task}_{name}"], experiments)
            for n, values in own.groupby("n_train")["value"]:
                mean, low, high = mean_interval(values.dropna().to_numpy(dtype=float))
                counts = {"networks": int(values.notna().sum()), "left_out": int(values.isna().sum())}
                ends = {"mean": mean, "low": low, "high": high, **counts}
                rows.append({"task": task, "series": name, "n_train": n, **ends})
    return pd.DataFrame(rows)


def plot(frame: pd.DataFrame) -> Figure:
    """A column for each task: errors above, cosines below."""
    with style.style():
        figure, panels = style.task_axes(frame, 2, 3.4, [1.3, 1])
        for task, (top, bottom) in panels.items():
            for ax, series in ((top, ERRORS), (bottom, COSINES)):
                moved = dict(zip(series, style.shifts(len(series), 1.5), strict=True))
                for name, (label, colour, marker, dashes) in series.items():
                    rows = frame[(frame["task"] == task) & (frame["series"] == name)]
                    if len(rows):
                        style.draw(
                            ax,
                            rows,
                            label,
                            style.COLOUR[colour],
                            band=False,
                            shift=moved[name],
                            marker=marker,
                            linestyle=dashes,
                        )
            bottom.set_ylim(0, 1.02)
        left = next(iter(panels.values()))
        left[0].set_ylabel(style.ERROR)
        left[1].set_ylabel("|cos(w₁, v)|")
        style.legend(figure, [left[0]], 5)
        left[1].legend(loc="lower right", fontsize=5.5, handlelength=1.4, borderaxespad=0)
        own = frame[frame["series"].isin(ERRORS)]
        counted = (
            f"{own['networks'].sum():,} networks; {own['left_out'].sum():,} more did not finish, or σ₁ is degenerate."
        )
        figure.supxlabel(f"Bars: 95 % intervals over training sets.\n{counted}", fontsize=6, color="0.3")
    return figure
