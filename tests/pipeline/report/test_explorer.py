"""The explorer in a real browser: the shown numbers are those of theory and of the tables."""

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from browser import CHROMIUM, opened
from convbias.detection.summary import summarise_networks
from convbias.figures import explorer
from convbias.papers.wu2019.theory.neighbours import uncovered_error
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.statistics.samples import first_below
from convbias.statistics.summary import summarise
from running import changes, expanded

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
MODELS = {"one_layer": "Model-1-Layer, trained", "conv": "Model-Conv-k, trained", "two_layer": "two layers, trained"}


@pytest.fixture(scope="module")
def browser(finished):
    with opened(finished / "results/explorer.html") as page:
        yield page


@pytest.fixture
def page(browser):
    browser.reload()
    settled(browser)
    return browser


def settled(page):
    page.evaluate("() => ready.then(() => null)")


def move(page, section, **settings):
    """Move the controls of a section to these values."""
    for name, value in settings.items():
        control = page.locator(f"#{section} [data-name={name}]")
        place = value if name == "axis" else str(values_of(page, section)[name].index(value))
        (control.select_option if name in ("axis", "task") else control.fill)(place)
        settled(page)


def values_of(page, section):
    found = "name => sections.find(one => one.name === name).controls.map(one => [one.name, one.values])"
    return dict(page.evaluate(found, section))


def points(page, section):
    """The visible points by series and place on the axis: the mean, its interval, and the number of training sets."""
    labels = page.locator(f"#{section} path[aria-roledescription=point]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    number = r"([\d,.]+)"
    words = ("mean test error", "95 % interval, low", "95 % interval, high", "training sets")
    pattern = rf"^[^:]*: {number}; .*series: ([^;]*); " + "; ".join(f"{word}: {number}" for word in words)
    found = [re.search(pattern, label).groups() for label in labels if words[0] in label]
    return {(series, float(x.replace(",", ""))): [float(one) for one in numbers] for x, series, *numbers in found}


def expected(rows, x, series):
    """The same from a summary of networks."""
    rows = rows.assign(low=rows["low"].clip(lower=0), high=rows["high"].clip(upper=1)).to_dict("records")
    numbers = ("mean", "low", "high", "networks")
    return {(series(row), float(row[x])): pytest.approx([row[name] for name in numbers], 1e-4) for row in rows}


@pytest.mark.parametrize(("d", "k"), [(100, 5), (10, 1), (12, 2), (15, 8), (15, 9)])
def test_the_curves_are_those_of_theory_at_any_d_and_k(page, d, k):
    """Each error of the slider cuts a curve somewhere: the page interpolates between its sizes as we do."""
    move(page, "linear", task="cls", d=d, k=k)
    grid = np.array(explorer.GRID)
    curves = {explorer.EXACT: one_layer_error(d, grid), explorer.FAR: uncovered_error(d, k, grid)}
    for error in values_of(page, "linear")["error"]:
        move(page, "linear", error=error)
        found = {row["series"]: row for row in page.evaluate("shown.linear('needed')")}
        for name, curve in curves.items():
            cell = page.locator(f"#linear tr[data-series='{name}'] .needed").inner_text()
            if name == explorer.FAR and d < 2 * k - 1:
                assert name not in found and cell == "–"
                continue
            needed = first_below(grid, curve[:, None], error)[0]
            if needed == -np.inf:
                assert found[name]["status"] == "below" and cell == "fewer than 1"
            else:
                assert found[name]["needed"] == pytest.approx(needed, 1e-9) and float(cell) == float(f"{needed:.3g}")
        if curves[explorer.EXACT][0] > error:
            assert found[explorer.EXACT]["needed"] == pytest.approx(np.log(2 * error) / np.log(1 - 1 / d), 1e-9)


def test_the_points_of_linear_networks_are_the_means_of_the_table(page, finished):
    runs = pd.read_parquet(finished / "results/tables/linear.parquet").astype({"model": str, "task": str})
    runs = runs[runs["loss"] == "hinge"].sort_values("init_seed")
    runs.loc[runs["model"].isin(["one_layer", "two_layer"]), "k"] = 0
    runs = runs.drop_duplicates(["task", "model", "d", "k", "init_scale", "n_train", "seed"])
    limits = pd.read_parquet(finished / "results/tables/asymptotics.parquet").astype({"task": str})
    limits = limits.drop_duplicates(["task", "d", "k", "n_train", "seed"])
    seen = 0
    for task in ("cls", "third_person"):
        for k in (1, 3):
            for b in (0.1, 1):
                move(page, "linear", task=task, d=10, k=k, init_scale=b)
                own = runs[(runs["task"] == task) & runs["k"].isin([0, k]) & (runs["init_scale"] == b)]
                limit = limits[(limits["task"] == task) & (limits["k"] == k)]
                wanted = expected(summarise(own, ["model", "n_train"]), "n_train", lambda row: MODELS[row["model"]])
                wanted |= expected(summarise(limit, ["n_train"]), "n_train", lambda row: explorer.ESTIMATE)
                assert points(page, "linear") == wanted
                seen += len(wanted)
    assert seen > 20


def test_untrained_settings_show_curves_alone_and_lead_to_trained_ones(page):
    message = page.locator("#linear .message")
    expect(message).to_be_hidden()
    move(page, "linear", k=4, d=12)
    assert points(page, "linear") == {}
    expect(message).to_be_visible()
    expect(page.locator("#linear tr[data-series='Model-Conv-k, trained'] .needed")).to_have_text("–")
    message.get_by_role("button").click()
    settled(page)
    expect(message).to_be_hidden()
    shown = page.locator("#linear label", has_text="filter size k").locator("output").inner_text()
    assert shown == "3" and ("Model-Conv-k, trained", 10.0) in points(page, "linear")


@pytest.mark.parametrize(
    ("axis", "moved"),
    [
        ("n_train", {}),
        ("n_train", {"noise": 1}),
        ("n_train", {"channels": 5}),  # trained with 40 samples only
        ("n_train", {"task": "digits"}),
        ("noise", {}),
        ("channels", {}),
        ("n_patterns", {}),
    ],
)
def test_the_points_of_detection_networks_are_the_means_of_the_table(page, finished, axis, moved):
    if axis != "n_train":
        move(page, "detection", axis=axis)
    move(page, "detection", **moved)
    entries = expanded(changes())["detection"]
    runs = pd.read_parquet(finished / "results/tables/detection.parquet")
    runs = runs[runs["training"].isin(["adam", "max_margin"]) & (runs["learning_rate"] == 0.01)]
    runs = runs.astype({name: object for name in runs if isinstance(runs[name].dtype, pd.CategoricalDtype)})
    groups = summarise_networks(runs)
    groups["channels"] = [entries[name]["channels"] for name in groups["experiment"]]
    groups.loc[groups["model"] == "svm", "channels"] = 0
    shown = {"task": "orthogonal", "n_patterns": 4, "channels": 30, "noise": 0, "n_train": 40, **moved}
    for name, value in shown.items():
        if name != axis:
            groups = groups[groups[name].isin([0, value] if name == "channels" else [value])]
    groups = groups[groups[axis] > 0] if axis == "channels" else groups
    own = groups.sort_values("networks", ascending=False).drop_duplicates(["model", axis])
    names = {"conv_pool": "ConvPool", "mlp": "MLP", "svm": "SVM"}
    assert points(page, "detection") == expected(own, axis, lambda row: names[row["model"]])
    assert len(set(own["model"])) > 1 or axis == "channels" or moved == {"channels": 5}


def test_other_sliders_move_to_the_nearest_trained_settings(page):
    """With 5 channels, networks were trained with 4 patterns and without noise only."""
    move(page, "detection", noise=1, channels=5)
    patterns, channels, noise, *_ = page.locator("#detection output").all_inner_texts()
    assert (patterns, channels, noise) == ("4", "5", "0")
    assert points(page, "detection")


def test_the_page_fits_a_phone_and_follows_the_dark_mode(page, finished):
    assert (finished / "results/explorer.html").stat().st_size < 3e6
    page.set_viewport_size({"width": 400, "height": 800})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    label = page.locator("#linear .role-axis-title text").first
    light = label.get_attribute("fill")
    page.emulate_media(color_scheme="dark")
    settled(page)
    expect(page.locator("#linear .role-axis-title text").first).not_to_have_attribute("fill", light)
