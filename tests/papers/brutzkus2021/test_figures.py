"""The figures of brutzkus2021: the drawn numbers, labels and pictures."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias.statistics.samples import crossing
from made_brutzkus2021_figures import SHOWN
from made_brutzkus2021_figures import tables as make_tables
from printed import draw, indistinguishable, texts


@pytest.fixture(scope="module")
def tables():
    return make_tables(np.random.default_rng(5))


def drawn(name, tables):
    return draw(f"brutzkus2021-{name}", tables, SHOWN[f"brutzkus2021-{name}"])


def lines(ax):
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def means(tables, experiment, by="n_train", **where):
    """The mean test errors of an experiment's networks that finished and have these values."""
    rows = tables["detection"]
    rows = rows[(rows["experiment"] == experiment) & (rows["stopped"] != "step_limit")]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.groupby(by)["test_error"].mean()


@pytest.mark.parametrize("name", ["fig3", "fig4", "sensitivity"])
def test_an_added_model_has_its_name_and_its_own_look(name, tables):
    runs = tables["detection"].astype({"model": str})
    added = runs[runs["model"] == "mlp"].assign(model="lcn")
    _, figure = drawn(name, {**tables, "detection": pd.concat([runs, added])})
    assert "LCN" in texts(figure).split()
    assert indistinguishable(figure) == []


# Figure 3


def test_figure_3_counts_the_excluded_networks(tables):
    assert "1 more excluded (diverged or did not finish)" in texts(drawn("fig3", tables)[1])


def test_figure_3_has_a_panel_for_each_experiment_and_names_the_images(tables):
    _, figure = drawn("fig3", tables)
    for ax, experiment in zip(figure.axes[:3], SHOWN["brutzkus2021-fig3"], strict=True):
        for model, label in (("conv_pool", "ConvPool"), ("mlp", "MLP"), ("svm", "SVM")):
            expected = means(tables, experiment, model=model)
            assert np.allclose(lines(ax)[label], np.column_stack([expected.index, expected]))
    titles = [ax.get_title() for ax in figure.axes[:3]]
    assert titles == ["(a) orthogonal patterns", "(b) noise of norm ≤ 1", "(c) bundled 8x8 digits"]
    svm = [line.get_ydata() for line in figure.axes[4].get_lines()][2]
    assert svm.tolist() == [0, 0, 0.6]


# Figure 4


def test_figure_4_shows_the_sample_sizes_that_all_experiments_have(tables):
    _, figure = drawn("fig4", tables)
    assert [ax.get_title() for ax in figure.axes] == ["10 training samples", "40 training samples"]
    assert all(ax.get_yscale() == "symlog" and ax.get_ylim()[0] == 0 for ax in figure.axes)  # zeros are visible
    expected = [means(tables, experiment, model="mlp")[40] for experiment in ("own", "more")]
    assert np.allclose(lines(figure.axes[1])["MLP"], np.column_stack([[10, 20], expected]))


# Other experiments


def test_channels_and_parameters_are_on_the_horizontal_axes(tables):
    _, figure = drawn("channels", tables)
    expected = [means(tables, experiment, model="conv_pool")[40] for experiment in ("own", "wide")]
    assert np.allclose(lines(figure.axes[0])["40 training samples"], np.column_stack([[500, 900], expected]))
    left, right = figure.axes[0].get_xlim()
    top = figure.axes[0].child_axes[0]
    figure.draw_without_rendering()
    assert np.allclose(top.get_xlim(), (21 * left, 21 * right))


def test_layerwise_training_is_compared_with_adam(tables):
    _, figure = drawn("layerwise", tables)
    plain, noisy, *_ = figure.axes
    assert (plain.get_title(), noisy.get_title()) == ("no noise", "noise of norm ≤ 1")
    labels = {
        "Adam": ("own", "adam"),
        "Algorithm 1": ("layers", "layerwise"),
        "Algorithm 1, $T_2 = \\infty$": ("layers", "layerwise_limit"),
    }
    for label, (experiment, training) in labels.items():
        expected = means(tables, experiment, model="conv_pool", training=training)
        assert np.allclose(lines(noisy)[label][:, 1], expected)
    assert np.allclose(lines(plain)["Adam"][:, 1], means(tables, "plain", model="conv_pool"))


def test_sensitivity_names_the_changed_settings(tables):
    frame, figure = drawn("sensitivity", tables)
    assert dict(zip(frame["experiment"], frame["setting"], strict=True)) == {
        "own": "as assumed",
        "rate": "rate 0.01, weights ×3",
        "radius": "noise: radius",
        "batches": "batches of 10",
    }
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["as assumed", "rate 0.01, weights ×3", "noise: radius", "batches of 10"]
    sizes = sorted(set(frame["n_train"]))
    assert len(figure.axes) == 2 * len(sizes)  # ConvPool, and the others
    for model, ax in (("conv_pool", figure.axes[0]), ("svm", figure.axes[1])):
        own = frame[(frame["model"] == model) & (frame["n_train"] == sizes[0])]
        points = [bars.lines[0].get_xdata().tolist() for bars in ax.containers]
        assert own["mean"].tolist() in points
        dotted = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
        assert own.loc[own["setting"] == "as assumed", "mean"].item() in dotted


def test_width_shows_each_scale_and_the_kernel_of_the_smallest_and_the_largest(tables):
    frame, figure = drawn("width", tables)
    assert [ax.get_title() for ax in figure.axes] == ["(a) gradient descent", "(b) Adam"]
    found = lines(figure.axes[0])
    for label, experiment, width in (("b = 1", "descent", 500), ("b = 3", "wide descent", 900)):
        expected = means(tables, experiment, model="conv_pool")[10]
        assert np.allclose(found[label], [[width, expected]])
    errors = tables["theory"].query("quantity == 'kernel_noisy_error'").groupby("init_scale")["value"].mean()
    for scale in (0.1, 3.0):
        assert np.allclose(found[f"kernel, b = {scale:g}"][:, 1], errors[scale])
    assert "kernel, b = 1" not in found and set(frame["n_train"].dropna()) == {10}


def test_dimension_shows_the_largest_l_by_d_and_the_smallest_d_by_l(tables):
    _, figure = drawn("dimension", tables)
    errors = tables["theory"].query("quantity == 'dimension_adam_error'").groupby(["d", "l"])["value"].mean()
    by_d, by_l = (lines(ax)["Adam"] for ax in figure.axes)
    assert np.allclose(by_d, [[4, errors[4, 4]], [6, errors[6, 4]]])
    assert np.allclose(by_l, [[3, errors[4, 3]], [4, errors[4, 4]]])


# Theory


def test_theorem_5_1_shows_the_loss_and_the_error_with_its_prediction(tables):
    _, figure = drawn("thm5-1", tables)
    losses = tables["theory"].query("quantity == 'second_loss' and d == 4")
    assert np.allclose(lines(figure.axes[0])["d = 4"], losses[["step", "value"]].astype(float))
    expected = means(tables, "theorem")
    assert np.allclose(lines(figure.axes[1])["d = 4"], np.column_stack([expected.index, expected]))
    predicted = tables["theory"].query("quantity == 'few_predicted' and d == 8").groupby("n_train")["value"].mean()
    (dashed,) = [line for line in figure.axes[1].get_lines() if line.get_linestyle() == "--"][-1:]
    assert np.allclose(dashed.get_xydata(), np.column_stack([predicted.index, predicted]))
    one_class = figure.axes[1].get_lines()[-1].get_xydata()
    assert one_class[:4].tolist() == [[2, 0.5], [3, 0.5], [4, 0.25], [5, 0.25]]


def test_the_margin_has_a_column_for_each_setting(tables):
    frame, figure = drawn("margin", tables)
    columns = {"d": "d", "channels": "k", "n_patterns": "n_patterns", "first_layer_steps": "step"}
    for number, (sweep, column) in enumerate(columns.items()):
        for row, label, name in ((0, "initial filters", "untrained_complexity"), (1, "votes", "votes_share")):
            own = tables["theory"][tables["theory"]["quantity"] == f"{sweep}_{name}"].groupby(column)["value"].mean()
            found = lines(figure.axes[number + 4 * row])[label]
            assert np.allclose(found, np.column_stack([own.index, own])), (sweep, name)
    bounds = lines(figure.axes[0])["bound"]
    assert bounds.tolist() == [[3, 51200 * 3], [4, 51200 * 4]]
    assert frame[frame["series"] == "complexity"]["networks"].sum() == 24 and "24 networks" in texts(figure)


def test_samples_needed_are_those_at_which_the_mean_error_crosses(tables):
    frame, figure = drawn("samples", tables)
    rows = tables["detection"].query("experiment == 'few' and model == 'mlp'")
    errors = [part.to_numpy() for _, part in rows.groupby("n_train")["test_error"]]
    needed = frame[(frame["model"] == "mlp") & (frame["n_patterns"] == 5)].iloc[0]
    expected = crossing(np.array([10, 40, 100]), errors, 0.1).interval()
    assert tuple(needed[["mean", "low", "high"]]) == pytest.approx(expected, nan_ok=True)
    assert {"ConvPool", "MLP", "SVM", "ConvPool, Algorithm 1"} < set(lines(figure.axes[0]))


def test_separability_leaves_out_training_sets_without_a_decision(tables):
    frame, figure = drawn("separability", tables)
    digits = frame[frame["task"] == "digits"].set_index("n_train")
    assert digits["mean"].to_dict() == {10: 1, 40: 1, 100: 0, 400: pytest.approx(np.nan, nan_ok=True)}
    assert digits["left_out"].to_dict() == {10: 0, 40: 0, 100: 0, 400: 5} and "5 more excluded" in texts(figure)
    assert {"noise law: ball", "noise law: radius"} <= set(lines(figure.axes[0]))
    assert "bundled 8x8 digits" in lines(figure.axes[1])


def test_the_lemmas_are_a_table_of_promised_and_found_values_with_margins(tables):
    frame, figure = drawn("lemmas", tables)
    rows = frame[frame["kind"] == "statement"].set_index(["item", "sense"])
    theory = tables["theory"].assign(value=tables["theory"]["value"].astype(float))
    value = dict(iter(theory.groupby("quantity")))
    share = value["lucky_probability"]["d"] * value["lucky_probability"]["value"]
    for key, promised, found, factor in (
        (("Lemma 5.2", "≥"), 0.25, share.min(), share.min() / 0.25),
        (("Lemma 5.2", "≤"), 1, share.max(), 1 / share.max()),
        (("Lemma 5.3", "≥"), 1 / 9, (low := value["lucky_projection"]["value"].min()), 9 * low),
        (("Lemma 5.3", "≤"), 1, (high := value["other_projection"]["value"].max()), 1 / high),
        (("Lemma 5.5", "≤"), 2, (most := value["response"]["value"].max()), 2 / most),
        (("Prop. 6.1", "≥"), 1, pytest.approx(2, rel=1e-3), pytest.approx(2, rel=1e-3)),
    ):
        assert tuple(rows.loc[key, ["promised", "value"]]) == (promised, found)
        assert rows.loc[key, "margin"] == pytest.approx(factor)
        assert f"{key[1]} {promised:.3g}" in texts(figure) and f"×{rows.loc[key, 'margin']:.3g}" in texts(figure)
    assert lines(figure.axes[1])["found (exact)"].tolist() == value["outside"][["d", "value"]].to_numpy().tolist()


def test_violations_of_the_lemmas_are_counted(tables):
    frame, figure = drawn("lemmas", tables)
    theory = tables["theory"]
    for lemma, item in (
        ("lemma5.3", "Lemma 5.3"),
        ("cor5.4", "Cor. 5.4"),
        ("lemma5.5", "Lemma 5.5"),
        ("lemmaC.1", "Lemma C.1"),
        ("lemmaC.2", "Lemma C.2"),
    ):
        cases = theory[theory["quantity"] == f"{lemma}_cases"]["value"].sum()
        assert cases > 0 and set(frame.loc[frame["item"] == item, "cases"]) == {cases}
        assert f"0 of {cases:,.0f}" in texts(figure)
        broken = theory.copy()
        broken.loc[broken.index[broken["quantity"] == f"{lemma}_violations"][0], "value"] = 7
        assert f"7 of {cases:,.0f}" in texts(drawn("lemmas", {**tables, "theory": broken})[1])
    for item, cases in (("Section 4", 16), ("Thm. 4.2", 4 * 2 + 16 * 4)):
        assert frame.loc[frame["item"] == item, ["violations", "cases"]].to_numpy().tolist() == [[0, cases]]


def test_the_capacity_and_the_errors_of_the_bad_and_the_trained_networks(tables):
    _, figure = drawn("capacity", tables)
    left, right = figure.axes
    assert lines(left)["VC dimension"].tolist() == [[4, 4], [6, 20]]
    assert lines(left)["bound"].tolist() == [[4, 2], [6, 4]]
    assert [20, 21 * 500] in [line.get_xydata().tolist()[0] for line in left.get_lines()]
    bad = tables["theory"].query("quantity == 'bad_erm_error'")
    assert lines(right)["bad network"].tolist() == bad[["n_train", "value"]].to_numpy().tolist()
    for label, experiment, training in (("Adam", "plain", "adam"), ("Algorithm 1", "still", "layerwise")):
        expected = means(tables, experiment, model="conv_pool", training=training)
        assert np.allclose(lines(right)[label], np.column_stack([expected.index, expected]))


def test_noise_levels_are_on_the_horizontal_axis_with_the_thresholds(tables):
    _, figure = drawn("noise", tables)
    assert [ax.get_title() for ax in figure.axes] == [f"{n} training samples" for n in (10, 40, 100)]
    middle = lines(figure.axes[1])
    for model, label in (("conv_pool", "ConvPool"), ("mlp", "MLP"), ("svm", "SVM")):
        expected = [means(tables, experiment, model=model)[40] for experiment in ("plain", "own", "loud")]
        assert np.allclose(middle[label], np.column_stack([[0, 1, 2], expected]))
    drawn_error = tables["theory"].query("quantity == 'bayes_error'")
    assert np.allclose(middle["Bayes"], drawn_error[["noise", "value"]].astype(float))
    at = [line.get_xdata()[0] for line in figure.axes[1].get_lines() if line.get_linestyle() == ":"]
    assert at == pytest.approx([1 / (2**0.5 * 3), 1.5**0.5 / 2, 0.5**0.5, 0.5**0.5])
    assert {f"({number})" for number in range(1, 5)} <= set(texts(figure).split())


# Pictures


@pytest.mark.parametrize(("name", "images"), [("fig1", "orthogonal"), ("fig5", "MNIST")])
def test_pictures_show_the_pixels_and_frame_the_discriminative_pattern(name, images, tables):
    frame, picture = drawn(name, tables)
    height, width = (2, 3) if images == "orthogonal" else (3, 2)
    panels = [ax for ax in picture.axes if ax.images]
    assert len(panels) == 3 and images in texts(picture)
    for sample, ax in enumerate(panels):
        rows = frame[frame["sample"] == sample]
        image = np.ma.filled(ax.images[0].get_array(), np.nan)
        for place in range(4):
            top, left = (place // 2) * (height + 1), (place % 2) * (width + 1)
            expected = rows[rows["place"] == place]["value"].to_numpy().reshape(height, width)
            assert np.array_equal(image[top : top + height, left : left + width], expected)
        (corner,) = [patch.get_xy() for patch in ax.patches]
        boxes = [path.vertices.min(0).tolist() for path in ax.collections[0].get_paths()]
        assert boxes == [[place % 2 * (width + 1) - 1, place // 2 * (height + 1) - 1] for place in range(4)]
        assert corner == ((sample % 2) * (width + 1) - 1, (sample // 2) * (height + 1) - 1)


# Phase diagram


def test_the_phase_diagram_shows_the_number_of_patterns_and_no_theory(finished):
    frame = pd.read_csv(finished / "results/figures/brutzkus2021-phase.csv")
    cells = frame[frame["kind"] == "cell"]
    assert set(cells["n_patterns"]) == {4, 8} and set(cells["model"]) == {"conv_pool", "mlp", "svm"}
    assert "theory" not in set(frame["kind"])


# Controls


def test_controls_show_errors_by_noise_and_what_correlation_does(tables):
    _, figure = drawn("controls", tables)
    clean, noisy, growth, margin = figure.axes[:4]
    for ax, experiment in ((clean, "plain"), (noisy, "own")):
        expected = means(tables, experiment, model="conv_pool")
        assert np.allclose(lines(ax)["ConvPool"], np.column_stack([expected.index, expected]))
    assert [ax.get_title() for ax in (clean, noisy)] == ["(a) no noise", "(b) noise of norm ≤ 1"]
    theory = tables["theory"]
    drawn_lines = [ax.get_lines()[at].get_xydata() for ax, at in ((growth, 0), (growth, -2), (margin, 0))]
    for name, line in zip(("lucky_growth", "predicted_growth", "correlated_complexity"), drawn_lines, strict=True):
        values = theory[theory["quantity"] == name].groupby("rho")["value"]
        mean = stats.gmean if name == "correlated_complexity" else np.mean
        assert np.allclose(line, [(rho, mean(group)) for rho, group in values]) and len(line) == 2
    assert growth.get_lines()[-1].get_ydata()[0] == 1 / 9
