import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias import figures
from convbias.checks import THEORY, compute
from convbias.columns import build
from convbias.detection.summary import summarise_networks
from convbias.detection.tables import PATTERNS
from convbias.figures import style as style
from convbias.registry import names
from convbias.statistics.samples import crossing
from printed import alike

DETECTORS = [("conv_pool", "adam"), ("mlp", "adam"), ("svm", "max_margin")]
EXPERIMENTS = {
    "own": {"noise": 1.0},
    "plain": {},
    "digits": {"task": "digits", "images": "bundled 8x8 digits"},
    "more": {"noise": 1.0, "n_patterns": 20},
    "wide": {"noise": 1.0, "width": 900},
    "rate": {"noise": 1.0, "learning_rate": 0.01, "init_scale": 3.0},
    "radius": {"noise": 1.0, "noise_law": "radius"},
    "layers": {"noise": 1.0},
    "theorem": {"d": 4},
    "longer": {"d": 8},
}
MADE_UP = {
    "task": "orthogonal",
    "images": None,
    "d": 20,
    "l": 20,
    "n_patterns": 10,
    "noise": 0.0,
    "noise_law": "ball",
    "width": 500,
    "n_test": 1000,
    "learning_rate": 1e-3,
    "init_scale": 1.0,
    "steps": 9,
    "stopped": "fitted",
    "train_loss": 0.001,
    "target_loss": 0.01,
    "train_error": 0.0,
}
SHOWN = {
    "brutzkus2021_fig1": ["orthogonal"],
    "brutzkus2021_fig3": ["plain", "own", "digits"],
    "brutzkus2021_fig4": ["own", "more"],
    "brutzkus2021_fig5": ["images"],
    "brutzkus2021_layerwise": ["layers", "own", "plain"],
    "brutzkus2021_channels": ["own", "wide"],
    "brutzkus2021_sensitivity": ["own", "rate", "radius"],
    "brutzkus2021_thm5_1": ["theorem", "longer", "lemmas"],
    "brutzkus2021_lemmas": ["lemmas"],
}
CURVES = {
    "shattering": {"n_patterns": [2, 3], "draws": 3},
    "lucky_filters": {"d": [3, 4], "draws": 10},
    "first_layer": {
        "d": [3, 4],
        "n_patterns": 3,
        "n_train": 12,
        "seeds": 1,
        "first_layer_steps": 3,
        "second_layer_steps": 20,
    },
    "detection_margin": {"n_patterns": [1, 2], "d": 4},
}


@pytest.fixture(scope="module")
def tables():
    """Tables as the pipeline hands them on: detectors with made-up errors, real curves of theory, made-up pictures."""
    rng = np.random.default_rng(5)
    rows = []
    for experiment, settings in EXPERIMENTS.items():
        ways = DETECTORS
        if experiment == "layers":
            ways = [("conv_pool", "layerwise"), ("conv_pool", "layerwise_limit")]
        if experiment in ("theorem", "longer"):
            ways = [("conv_pool", "layerwise_limit")]
        for model, training in ways:
            for n_train in (10, 40) if experiment == "more" else (10, 40, 100):
                for seed in range(5):
                    row = {**MADE_UP, "experiment": experiment, "model": model, "training": training}
                    row |= {"n_train": n_train, "seed": seed, "test_error": round(rng.uniform(0, 1 / n_train), 3)}
                    row |= settings
                    row["n_parameters"] = 21 * row["width"]
                    rows.append(row)
    patterns = pd.DataFrame(rows)[PATTERNS.names]
    unfit = (patterns["experiment"] == "own") & (patterns["n_train"] == 100)
    patterns.loc[unfit & (patterns["model"] == "svm") & (patterns["seed"] < 3), "train_error"] = 0.25
    lost = unfit & (patterns["model"] == "mlp") & (patterns["seed"] == 4)
    patterns.loc[lost, ["stopped", "train_error"]] = ["step_limit", 0.1]
    zero = unfit & (patterns["model"] == "conv_pool")
    patterns.loc[zero, "test_error"] = 0.0
    theory = pd.concat(
        build(THEORY, {**compute(name, {**settings, "root_seed": 3}), "experiment": "lemmas"}).to_pandas()
        for name, settings in CURVES.items()
    )
    examples = []
    for experiment, images, height in (("orthogonal", None, 2), ("images", "MNIST", 3)):
        for sample, y in enumerate((1, 1, -1)):
            for place in range(4):
                pixels = rng.uniform(-1 if images is None else 0, 1, 6).tolist()
                role = y if place == sample else 0
                examples.append((experiment, "x", images, sample, y, place, 7, role, height, pixels))
    columns = ["experiment", "task", "images", "sample", "y", "place", "pattern", "role", "height", "pixels"]
    names_of = ["experiment", "task", "images", "model", "training", "noise_law", "stopped"]
    return {
        "patterns": patterns.astype(dict.fromkeys(names_of, "category")),
        "theory": theory.reset_index(drop=True),
        "examples": pd.DataFrame(examples, columns=columns),
    }


def drawn(figure, tables, shown=None):
    module = figures.load(figure)
    frame = module.data(tables, shown or SHOWN[figure])
    return frame, module.plot(frame)


def lines(ax):
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text")))


def means(tables, experiment, by="n_train", **where):
    rows = tables["patterns"]
    rows = rows[(rows["experiment"] == experiment) & (rows["stopped"] != "step_limit")]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.groupby(by)["test_error"].mean()


def test_every_figure_of_the_paper_is_tested_here():
    assert set(SHOWN) == {name for name in names("figures") if name.startswith("brutzkus2021")} - {
        "brutzkus2021_claims",
        "brutzkus2021_phase",
    }


@pytest.mark.parametrize("figure", ["brutzkus2021_fig3", "brutzkus2021_fig4", "brutzkus2021_sensitivity"])
def test_a_model_of_ones_own_has_its_name_and_a_look_that_no_other_has(figure, tables):
    runs = tables["patterns"].astype({"model": str})
    added = runs[runs["model"] == "mlp"].assign(model="lcn")
    _, drawing = drawn(figure, {**tables, "patterns": pd.concat([runs, added])})
    assert "LCN" in texts(drawing).split()
    assert alike(drawing) == []
    looks = [style.look(name) for name in ("lcn", "svm", "mlp", "conv_pool")]
    for what, taken in (("color", style.COLOUR), ("marker", style.MARKER)):
        assert len({look[what] for look in looks}) == 4 and looks[0][what] not in taken.values()
    assert style.model("conv_pool") == "ConvPool"


@pytest.mark.parametrize("figure", SHOWN)
def test_figures_are_the_same_bytes_each_time(figure, tables):
    files = []
    for _ in range(2):
        files.append(io.BytesIO())
        drawn(figure, tables)[1].savefig(files[-1], format="pdf", metadata={"CreationDate": None})
    assert files[0].getvalue() == files[1].getvalue() and len(files[0].getvalue()) > 5000


@pytest.mark.parametrize("figure", SHOWN)
def test_what_a_figure_names_differs_on_paper_too(figure, tables):
    assert alike(drawn(figure, tables)[1]) == []


def test_intervals_hold_where_no_test_sample_is_misclassified(tables):
    frame = summarise_networks(tables["patterns"])
    own = frame[(frame["experiment"] == "own") & (frame["n_train"] == 100)].set_index("model")
    exact = stats.binomtest(0, 5000).proportion_ci(0.95, "exact")
    assert own.loc["conv_pool", "mean"] == own.loc["conv_pool", "low"] == 0
    assert own.loc["conv_pool", "high"] == pytest.approx(exact.high)
    rows = tables["patterns"].query("experiment == 'own' and n_train == 10 and model == 'svm'")["test_error"]
    student = stats.t.interval(0.95, 4, rows.mean(), stats.sem(rows))
    svm = frame[(frame["experiment"] == "own") & (frame["n_train"] == 10) & (frame["model"] == "svm")].iloc[0]
    pooled = stats.binomtest(round(rows.sum() * 1000), 5000).proportion_ci(0.95, "exact")
    assert svm["low"] == pytest.approx(max(0, min(student[0], pooled.low)))
    assert svm["high"] == pytest.approx(max(student[1], pooled.high))


def test_unfitted_detectors_are_counted_and_unfinished_ones_left_out(tables):
    frame = summarise_networks(tables["patterns"])
    own = frame[(frame["experiment"] == "own") & (frame["n_train"] == 100)].set_index("model")
    assert own["not_fitted"].to_dict() == {"conv_pool": 0, "mlp": 0.2, "svm": 0.6}
    assert own["left_out"].to_dict() == {"conv_pool": 0, "mlp": 1, "svm": 0}
    assert own.loc["mlp", "mean"] == means(tables, "own", model="mlp")[100]
    assert "1 more excluded (diverged or did not finish)" in texts(drawn("brutzkus2021_fig3", tables)[1])


def test_figure_3_has_a_panel_for_each_experiment_and_names_the_images(tables):
    _, figure = drawn("brutzkus2021_fig3", tables)
    for ax, experiment in zip(figure.axes[:3], SHOWN["brutzkus2021_fig3"], strict=True):
        for model, label in (("conv_pool", "ConvPool"), ("mlp", "MLP"), ("svm", "SVM")):
            expected = means(tables, experiment, model=model)
            assert np.allclose(lines(ax)[label], np.column_stack([expected.index, expected]))
    titles = [ax.get_title() for ax in figure.axes[:3]]
    assert titles == ["(a) orthogonal patterns", "(b) noise of norm ≤ 1", "(c) bundled 8x8 digits"]
    svm = [line.get_ydata() for line in figure.axes[4].get_lines()][2]
    assert svm.tolist() == [0, 0, 0.6]


def test_figure_4_shows_the_sizes_that_all_have(tables):
    _, figure = drawn("brutzkus2021_fig4", tables)
    assert [ax.get_title() for ax in figure.axes] == ["10 training samples", "40 training samples"]
    expected = [means(tables, experiment, model="mlp")[40] for experiment in ("own", "more")]
    assert np.allclose(lines(figure.axes[1])["MLP"], np.column_stack([[10, 20], expected]))


def test_channels_are_the_axis_of_their_figure(tables):
    _, figure = drawn("brutzkus2021_channels", tables)
    expected = [means(tables, experiment, model="conv_pool")[40] for experiment in ("own", "wide")]
    assert np.allclose(lines(figure.axes[0])["40 training samples"], np.column_stack([[500, 900], expected]))
    left, right = figure.axes[0].get_xlim()
    top = figure.axes[0].child_axes[0]
    figure.draw_without_rendering()
    assert np.allclose(top.get_xlim(), (21 * left, 21 * right))


def test_layerwise_training_is_beside_adam(tables):
    _, figure = drawn("brutzkus2021_layerwise", tables)
    plain, noisy, *_ = figure.axes
    assert (plain.get_title(), noisy.get_title()) == ("no noise", "noise of norm ≤ 1")
    wanted = {
        "Adam": ("own", "adam"),
        "Algorithm 1": ("layers", "layerwise"),
        "Algorithm 1, $T_2 = \\infty$": ("layers", "layerwise_limit"),
    }
    for label, (experiment, training) in wanted.items():
        expected = means(tables, experiment, model="conv_pool", training=training)
        assert np.allclose(lines(noisy)[label][:, 1], expected)
    assert np.allclose(lines(plain)["Adam"][:, 1], means(tables, "plain", model="conv_pool"))


def test_sensitivity_says_what_differs(tables):
    frame, figure = drawn("brutzkus2021_sensitivity", tables)
    assert dict(zip(frame["experiment"], frame["setting"], strict=True)) == {
        "own": "as assumed",
        "rate": "rate 0.01, weights ×3",
        "radius": "noise: radius",
    }
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["as assumed", "rate 0.01, weights ×3", "noise: radius"]


def test_theorem_5_1_counts_the_samples_needed_by_d(tables):
    frame, figure = drawn("brutzkus2021_thm5_1", tables)
    rows = tables["patterns"][tables["patterns"]["experiment"] == "longer"]
    errors = [part.to_numpy() for _, part in rows.groupby("n_train")["test_error"]]
    needed = frame[(frame["kind"] == "needed") & (frame["d"] == 8)].iloc[0]
    assert tuple(needed[["mean", "low", "high"]]) == pytest.approx(
        crossing(np.array([10, 40, 100]), errors, 0.05).interval()
    )
    losses = tables["theory"].query("quantity == 'second_loss' and d == 4")
    assert np.allclose(lines(figure.axes[0])["d = 4"], losses[["step", "value"]].astype(float))
    rates = [line.get_ydata() for line in figure.axes[1].get_lines() if line.get_linestyle() == ":"]
    assert np.allclose(rates[-1], np.sqrt(8 / np.array([10, 40, 100])))


def test_lemmas_are_counted(tables):
    frame, figure = drawn("brutzkus2021_lemmas", tables)
    steps = frame["step"].notna()
    cases = frame[frame["quantity"].str.endswith("_cases") & steps]["value"].sum()
    assert f"Lemmas 5.3 to 5.5: 0 violations in {cases:,.0f} cases" in texts(figure)
    assert f"Theorem 4.2: 0 violations in {4 * 2 + 16 * 4} cases" in texts(figure)
    broken = {**tables, "theory": tables["theory"].copy()}
    first = broken["theory"].index[broken["theory"]["quantity"] == "shattering_violations"][0]
    broken["theory"].loc[first, "value"] = 7
    assert "Theorem 4.2: 7 violations" in texts(drawn("brutzkus2021_lemmas", broken)[1])
    for count, lemma in enumerate(("lemma5.3", "cor5.4", "lemma5.5"), start=1):
        first = broken["theory"].index[broken["theory"]["quantity"] == f"{lemma}_violations"][0]
        broken["theory"].loc[first, "value"] = 1
        assert f"Lemmas 5.3 to 5.5: {count} violations" in texts(drawn("brutzkus2021_lemmas", broken)[1])


@pytest.mark.parametrize(("figure", "name"), [("brutzkus2021_fig1", "orthogonal"), ("brutzkus2021_fig5", "MNIST")])
def test_pictures_show_the_pixels_and_frame_the_discriminative_pattern(figure, name, tables):
    frame, picture = drawn(figure, tables)
    height, width = (2, 3) if name == "orthogonal" else (3, 2)
    panels = [ax for ax in picture.axes if ax.images]
    assert len(panels) == 3 and name in texts(picture)
    for sample, ax in enumerate(panels):
        rows = frame[frame["sample"] == sample]
        image = np.ma.filled(ax.images[0].get_array(), np.nan)
        for place in range(4):
            top, left = (place // 2) * (height + 1), (place % 2) * (width + 1)
            expected = rows[rows["place"] == place]["value"].to_numpy().reshape(height, width)
            assert np.array_equal(image[top : top + height, left : left + width], expected)
        (corner,) = [patch.get_xy() for patch in ax.patches]
        assert corner == ((sample % 2) * (width + 1) - 1, (sample // 2) * (height + 1) - 1)
