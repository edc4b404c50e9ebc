"""A page with sliders: exact error curves for any setting, and trained networks at the settings of the run.

The page is one file that works offline. Altair writes the charts, whose expressions compute the curves and the samples
needed in the reader's browser. The trained networks come from the tables of the run.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from jinja2 import Environment
from scipy import stats

from convbias.detection.summary import END_TO_END, summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import select
from convbias.stops import UNFINISHED

TEMPLATE = Path(__file__).with_suffix(".html")
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
EXACT, FAR = "Model-1-Layer, exact", "X-hinge limit, Err_2 of Theorem 4"
ESTIMATE = "X-hinge limit, SVD estimate"
CURVES = {"cls": [EXACT, FAR], "first_person": [EXACT]}  # of each task
NETWORK = {"one_layer": "Model-1-Layer, trained", "conv": "Model-Conv-k, trained", "two_layer": "two layers, trained"}
WITHOUT_FILTER = ("one_layer", "two_layer")
GRID = sorted({int(n) for n in np.geomspace(1, 4000, 160)})  # sample sizes of the curves
LENGTHS = (4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
FILTERS = range(1, 21)
ERRORS = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
TARGET = 0.05  # where the slider of the error starts
LABEL = {
    "task": "task",
    "d": "input length d",
    "k": "filter size k",
    "init_scale": "scale b of the initial weights",
    "n_train": "training samples",
    "n_patterns": "patterns per input n",
    "channels": "channels",
    "noise": "noise",
    "error": "error e",
}
LINEAR, DETECTION = ["task", "d", "k", "init_scale", "n_train"], ["task", "n_patterns", "channels", "noise", "n_train"]
FIXED = ["l", "d", "noise_law", "n_test", "init_scale", "learning_rate", "target_loss", "batch_size"]
SHAPE = {
    "o": ("circle", "●"),
    "s": ("square", "■"),
    "D": ("diamond", "◆"),
    "^": ("triangle-up", "▲"),
    "v": ("triangle-down", "▼"),
    "P": ("cross", "✚"),
    "<": ("triangle-left", "◀"),
    ">": ("triangle-right", "▶"),
}


def page(tables: Mapping[str, Iterable[pd.DataFrame]], channels: Mapping[str, int]) -> str:
    """The page as HTML.

    Args:
        tables: the rows of the tables ``linear``, ``asymptotics`` and ``detection``, each in groups.
        channels: the channels of each experiment of the detection system: in the table, only ConvPool has them.
    """
    sections = [
        linear_section(tables["linear"], tables["asymptotics"]),
        detection_section(tables["detection"], channels),
    ]
    shown = [section for section in sections if section]
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    texts = {"library": library, "data": json.dumps(shown, allow_nan=False)}
    safe = {name: text.replace("</script", "<\\/script") for name, text in texts.items()}  # it would end the script
    return template.render(labels=LABEL, sections=shown, target=TARGET, **safe)


def linear_section(linear: Iterable[pd.DataFrame], estimates: Iterable[pd.DataFrame]) -> dict[str, Any] | None:
    """The section of linear classifiers: exact curves, the SVD estimate and networks with the most usual settings."""
    networks = _cells(linear, ["task", "model", "d", "k", "init_scale", "learning_rate", "init_law", "n_train"])
    if networks.empty:
        return None
    networks, usual = _usual(networks, ["learning_rate", "init_law"])
    networks["series"] = [NETWORK.get(name, style.model(name)) for name in networks["model"]]
    networks["k"] = networks["k"].mask(networks["model"].isin(WITHOUT_FILTER))
    limit = _cells(estimates, ["task", "d", "k", "n_train"]).assign(series=ESTIMATE)
    points = pd.concat([frame for frame in (networks, limit) if len(frame)], ignore_index=True)
    points = _largest(points, ["series", *LINEAR])
    looks = {EXACT: "one_layer", FAR: "xhinge", ESTIMATE: "xhinge"}
    looks |= dict(zip(networks["series"], networks["model"], strict=True))
    ks = sorted({*FILTERS, *points["k"].dropna().astype(int)})
    return {
        "name": "linear",
        "title": "Linear classifiers on sparse inputs (wu2019)",
        "usual": [f"hinge loss, learning rate = {usual['learning_rate']:g}, init_law = {usual['init_law']}"],
        "controls": [
            *_controls(points, ["task"]),
            _control("d", sorted({*LENGTHS, *points["d"].astype(int)})),
            _control("k", ks),
            *_controls(points, ["init_scale"]),
            _control("error", ERRORS),
        ],
        "start": _start(points, LINEAR),
        "free": ["d", "k"],
        "series": _series(looks),
        "charts": {"n_train": chart("n_train", points, LINEAR, looks, curves(max(ks)))},
        "points": [*({"n_train": n} for n in GRID), *_records(points, ["series", *LINEAR])],
    }


def detection_section(detection: Iterable[pd.DataFrame], channels: Mapping[str, int]) -> dict[str, Any] | None:
    """The section of detection networks with the most usual settings, against each of four settings."""
    trained = [select(rows, list(channels)) for rows in detection]
    ends = [rows[rows["training"].isin(END_TO_END)] for rows in trained]
    if not any(map(len, ends)):
        return None
    groups = summarise_networks(pd.concat(ends, ignore_index=True))
    groups["channels"] = groups["experiment"].map(channels).mask(groups["training"] == "max_margin")
    descent = [name for name in FIXED if name not in ("l", "d", "noise_law", "n_test")]
    groups.loc[groups["training"] == "max_margin", descent] = np.nan  # they have no effect on it
    kept, usual = [], []
    for (task, training), rows in groups.groupby(["task", "training"], sort=False):
        own, values = _usual(rows, FIXED)
        kept.append(own)
        texts = ", ".join(f"{name} = {_plain(value)}" for name, value in values.items() if not pd.isna(value))
        usual.append(f"{task}, {training}: {texts}")
    groups = pd.concat(kept, ignore_index=True)
    groups["series"] = [style.model(name) for name in groups["model"]]
    points = _largest(groups, ["series", *DETECTION])
    looks = dict(zip(points["series"], points["model"], strict=True))
    axes = [name for name in ("n_train", "n_patterns", "channels", "noise") if len(set(points[name].dropna())) > 1]
    return {
        "name": "detection",
        "title": "Detection of a pattern (brutzkus2021)",
        "usual": usual,
        "controls": [*_controls(points, DETECTION), _control("error", ERRORS)],
        "start": _start(points, DETECTION),
        "free": [],
        "series": _series(looks),
        "charts": {axis: chart(axis, points, DETECTION, looks) for axis in axes or ["n_train"]},
        "points": _records(points, ["series", *DETECTION]),
    }


def curves(largest_k: int) -> dict[str, str]:
    """The closed forms as Vega expressions of the sliders d and k and of the sample size; null where there is none.

    Err_2 is a sum over positions. For d >= 2k - 1, d - 2k + 2 of these have 2k - 1 positions nearer than k, including
    themselves, and two each have k to 2k - 2. An expression has no loops, so it has a term for each k up to the
    largest.

    They are ``one_layer_error`` and ``uncovered_error`` of wu2019's theory.
    """
    n = "datum.n_train"
    border = " + ".join(f"({j + 2} > k ? 0 : 2 * pow(1 - (k + {j}) / d, {n}))" for j in range(largest_k - 1)) or "0"
    inner = f"(d - 2 * k + 2) * pow(1 - (2 * k - 1) / d, {n})"
    tasks = {name: [task for task in CURVES if name in CURVES[task]] for name in (EXACT, FAR)}
    return {
        EXACT: f"indexof({json.dumps(tasks[EXACT])}, task) < 0 ? null : 0.5 * pow((d - 1) / d, {n})",
        FAR: f"indexof({json.dumps(tasks[FAR])}, task) < 0 || d < 2 * k - 1 ? null : ({inner} + {border}) / (2 * d)",
    }


def chart(
    axis: str, points: pd.DataFrame, settings: list[str], looks: Mapping[str, str], of_curves: Mapping[str, str] = {}
) -> dict[str, Any]:
    """A Vega-Lite chart of the error against one setting; the other settings are parameters, which the page sets.

    Where a mean first falls below the parameter ``error``, the chart marks the sample size. As in
    ``statistics.samples.first_below``, the logarithm of the error is interpolated linearly.
    """
    others = [name for name in settings if name != axis]
    start = _start(points, settings)
    parameters = [alt.param(name, value=start[name]) for name in others] + [alt.param("error", value=TARGET)]
    matches = " && ".join(f"(datum.{name} == null || datum.{name} === {name})" for name in others)
    made = ", ".join(f"{{series: {json.dumps(name)}, mean: {value}}}" for name, value in of_curves.items())
    known = points[axis].dropna()
    ticks: dict[str, Any] = {"values": sorted(set(known)), "labelOverlap": True} if axis == "noise" else {}
    kind: dict[str, Any] = {"type": "symlog", "constant": 0.05} if axis == "noise" else {"type": "log"}
    low = 1 if of_curves else min(0.85 * known.min(), known.min() - 0.005)
    scale = alt.Scale(domain=[float(low), float(1.15 * known.max())], nice=False, **kind)
    x = alt.X(f"{axis}:Q", title=LABEL[axis], scale=scale, axis=alt.Axis(format=",", grid=False, **ticks))
    top = max(0.55, float(1.05 * points["mean"].max()))
    y = alt.Y("mean:Q", title=style.ERROR, scale=alt.Scale(domain=[0, top]), axis=alt.Axis(tickCount=6))
    marks = {name: _look(model) for name, model in looks.items()}
    colour, shape = (  # the table on the page is the legend
        encode(
            "series:N", scale=alt.Scale(domain=list(marks), range=[look[part] for look in marks.values()]), legend=None
        )
        for encode, part in ((alt.Color, "colour"), (alt.Shape, "shape"))
    )
    tip = [
        alt.Tooltip("series:N"),
        alt.Tooltip(f"{axis}:Q", title=LABEL[axis]),
        alt.Tooltip("mean:Q", title="mean test error"),
        *(alt.Tooltip(f"{end}:Q", title=f"95 % interval, {end}") for end in ("low", "high")),
        alt.Tooltip("networks:Q", title="training sets"),
    ]
    trained = "isValid(datum.networks)"
    layers = [
        alt.Chart(name="lines").mark_line(clip=True, strokeWidth=1.5).encode(x, y, colour),
        alt.Chart().transform_filter(trained).mark_rule(clip=True).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), colour),
        alt.Chart(name="trained")
        .transform_filter(trained)
        .mark_point(clip=True, filled=True, opacity=1, size=45)
        .encode(x, y, colour, shape, tooltip=tip),
    ]
    if axis == "n_train":
        layers += [
            alt.Chart()
            .mark_rule(strokeDash=[2, 3], color="#808080")
            .encode(alt.YDatum({"expr": "error"}, type="quantitative")),
            _crossings(axis)
            .mark_point(clip=True, size=120, strokeWidth=1.5)
            .encode(alt.X("needed:Q", scale=scale), alt.Y("at:Q"), colour, opacity=alt.Opacity("shown:Q", scale=None)),
        ]
    layered = (
        alt.layer(*layers, data=alt.NamedData("points"))
        .add_params(*parameters)
        .transform_filter(f"datum.series == null || ({matches})")
        .transform_calculate(item=f"datum.series == null ? [{made}] : [{{series: datum.series, mean: datum.mean}}]")
        .transform_flatten(["item"])
        .transform_calculate(series="datum.item.series", mean="datum.item.mean")
        .transform_filter("isValid(datum.mean)")
        .properties(width="container", height=320)
    )
    return layered.to_dict(validate=True)


def _crossings(axis: str) -> alt.Chart:
    """For each series, a row with its ``status``: never below the error, below at all sizes, or found at ``needed``."""
    share = "datum.mean > 0 ? log(datum.before / error) / log(datum.before / datum.mean) : 1 - error / datum.before"
    return (
        alt.Chart(name="needed")
        .transform_window(
            before_n=f"lag({axis})", before="lag(mean)", sort=[alt.SortField(axis)], groupby=["series"], frame=[None, 0]
        )
        .transform_calculate(below=f"datum.mean < error ? datum.{axis} : null")
        .transform_joinaggregate(first="min(below)", least=f"min({axis})", last=f"max({axis})", groupby=["series"])
        .transform_filter(f"datum.{axis} === (isValid(datum.first) ? datum.first : datum.last)")
        .transform_calculate(
            status="!isValid(datum.first) ? 'never' : isValid(datum.before) ? 'found' : 'below'",
            share=share,
            at="error",
        )
        .transform_calculate(
            needed="datum.status === 'found' "
            f"? datum.before_n + datum.share * (datum.{axis} - datum.before_n) : datum.last",
            shown="datum.status === 'found' ? 1 : 0",
        )
    )


def _cells(groups: Iterable[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Means of test errors with their 95 % (Student) intervals, by experiment and ``by``.

    One network counts for each training set, with the first initial weights: networks on the same training set are not
    independent. Networks trained with another loss than hinge, and those that did not finish, are excluded. Only sums
    are kept, so the table need not fit in memory.
    """
    keys, sums = ["experiment", *by], []
    for rows in groups:
        if "loss" in rows:
            rows = rows[(rows["loss"] == "hinge") & ~rows["stopped"].isin(UNFINISHED)]
        rows = rows.drop_duplicates([*keys, "seed"])
        error = rows["test_error"]
        sums.append(rows[keys].assign(networks=1, total=error, squares=error**2).groupby(keys, observed=True).sum())
    if not sums:
        return pd.DataFrame(columns=[*keys, "networks", "mean", "low", "high"])
    table = pd.concat(sums).groupby(keys, observed=True).sum().reset_index()
    n = table["networks"]
    table["mean"] = table.pop("total") / n
    variance = ((table.pop("squares") - n * table["mean"] ** 2) / (n - 1)).clip(lower=0)
    half = stats.t.ppf(0.975, n - 1) * (variance / n) ** 0.5
    table = table.assign(low=(table["mean"] - half).clip(lower=0), high=(table["mean"] + half).clip(upper=1))
    return table.astype({name: object for name in keys if isinstance(table[name].dtype, pd.CategoricalDtype)})


def _usual(cells: pd.DataFrame, settings: list[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The cells with the combination of settings that most networks have, and that combination."""
    usual = cells.groupby(settings, dropna=False, sort=False)["networks"].sum().idxmax()
    values = dict(zip(settings, usual, strict=True))
    same = [(cells[name] == value) | (cells[name].isna() & pd.isna(value)) for name, value in values.items()]
    return cells[np.logical_and.reduce(same)].copy(), values


def _largest(cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """For each combination of keys, the cell with most networks: experiments with the same settings share networks."""
    return cells.sort_values("networks", ascending=False, kind="stable").drop_duplicates(keys).sort_index()


def _start(points: pd.DataFrame, settings: list[str]) -> dict[str, Any]:
    """The settings with which the page begins: on the first task, those with most points, and with all settings."""
    points = points[points["task"] == points["task"].iloc[0]]
    complete = points.dropna(subset=settings)
    fixed = [name for name in settings if name != "n_train"]
    values = (complete if len(complete) else points).groupby(fixed, dropna=False, sort=False).size().idxmax()
    n_train = points["n_train"].min()
    return {name: _plain(value) for name, value in [*zip(fixed, values, strict=True), ("n_train", n_train)]}


def _control(name: str, values: Iterable[Any]) -> dict[str, Any]:
    own = [_plain(value) for value in values]
    return {"name": name, "label": LABEL[name], "values": own, "texts": [style.TASK.get(value, value) for value in own]}


def _controls(points: pd.DataFrame, settings: list[str]) -> list[dict[str, Any]]:
    """A control for each setting, with the trained values; tasks are in the order of the table."""
    values = {name: points[name].dropna().unique().tolist() for name in settings}
    return [_control(name, own if name == "task" else sorted(own)) for name, own in values.items()]


def _look(model: str) -> dict[str, str]:
    look = style.look(model)
    shape, glyph = SHAPE.get(look["marker"], SHAPE["o"])
    return {"colour": look["color"], "shape": shape, "glyph": glyph}


def _series(looks: Mapping[str, str]) -> list[dict[str, str]]:
    """The names of the series with colour and glyph, as the table on the page shows them."""
    lines = {name: {"glyph": "—"} for name in (EXACT, FAR)}
    return [{"name": name, **_look(model), **lines.get(name, {})} for name, model in looks.items()]


def _records(points: pd.DataFrame, settings: list[str]) -> list[dict[str, Any]]:
    """The points without missing values, with five digits."""
    columns = [*settings, "mean", "low", "high", "networks"]
    return [
        {name: _plain(value) for name, value in row.items() if not pd.isna(value)}
        for row in points[columns].to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """A number with five digits, as an integer if it is one; or a text."""
    if isinstance(value, str):
        return value
    number = float(f"{value:.5g}")
    return int(number) if number.is_integer() else number
