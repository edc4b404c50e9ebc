"""The figures of wu2019: the drawn numbers, excluded networks, and incomplete tables."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias import catalogue, figures
from convbias.figures import style
from convbias.linear import tasks
from convbias.papers.wu2019.checks.error_terms import curves
from convbias.papers.wu2019.convergence import convergence
from convbias.papers.wu2019.figures.sensitivity import STATEMENTS
from convbias.papers.wu2019.relu_networks import NETWORKS
from convbias.papers.wu2019.theory.exact_limit import limit_error, not_primitive_probability
from convbias.papers.wu2019.theory.neighbours import no_pair_probability, uncovered_error, uncovered_error_approximation
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.population import population_limit
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias.statistics.summary import select
from convbias_pipeline.store.files import read_table
from made_wu2019_figures import (
    EXPERIMENTS,
    MEANS,
    PHASES,
    SHOWN,
    SIZES,
    VALUES,
    filter_tables,
    floor_tables,
    phase_limits,
    phase_rows,
    prediction_tables,
    relu_tables,
)
from made_wu2019_figures import tables as make_tables
from printed import draw, pdf, texts

TRAINED = [name for name in SHOWN if "linear" in catalogue.figures()[name].tables and name not in PHASES]


@pytest.fixture
def tables(rng):
    return make_tables(rng)


@pytest.mark.parametrize("name", TRAINED)
def test_figures_count_the_excluded_networks(name, tables):
    assert "none excluded" in texts(draw(name, tables, EXPERIMENTS)[1])
    linear = tables["linear"]
    linear.loc[(linear["model"] == "conv") & (linear["seed"] == 0), "stopped"] = "all_steps"
    mine = linear["experiment"] == ("weights" if name == "wu2019-fig6" else "own")
    lost = mine & (linear["task"] == "cls") & (linear["model"] == "conv") & (linear["loss"] == "hinge")
    lost &= linear["init_seed"] == 1
    linear["stopped"] = linear["stopped"].cat.add_categories("diverged")
    linear.loc[lost, ["stopped"]] = "diverged"
    linear.loc[lost, "test_error"] = np.nan
    assert lost.sum() == 2
    assert "2 more excluded (diverged or did not finish)" in texts(draw(name, tables, EXPERIMENTS)[1])


@pytest.mark.parametrize("name", TRAINED)
def test_figures_can_be_drawn_if_all_networks_of_a_task_diverged(name, tables):
    linear = tables["linear"].astype({"stopped": object})
    lost = (linear["task"] == "cls") & (linear["loss"] == "xhinge")
    linear.loc[lost, "stopped"] = "diverged"
    linear.loc[lost, "test_error"] = np.nan
    pdf(draw(name, {**tables, "linear": linear}, EXPERIMENTS)[1])


def test_experiments_that_differ_in_the_learning_rate_are_separate_lines(tables):
    linear = tables["linear"].astype({"experiment": object})
    third = linear[linear["experiment"] == "own"].assign(experiment="third", learning_rate=0.5)
    several = {**tables, "linear": pd.concat([linear, third], ignore_index=True)}
    for name in TRAINED:
        _, figure = draw(name, several, [*EXPERIMENTS, "third"])
        for line in (line for axes in figure.axes for line in axes.lines if line.get_linestyle() != "None"):
            x = np.asarray(line.get_xdata())
            assert (np.diff(x) > 0).all() or len(set(x)) == 1, (name, line.get_label())  # one: a vertical line
    sensitivity, _ = draw("wu2019-sensitivity", several, [*EXPERIMENTS, "third"])
    assert not sensitivity.duplicated(["statement", "learning_rate", "init_scale", "task", "n_train"]).any()
    assert set(sensitivity["learning_rate"]) == {0.1, 0.5}
    _, fig2 = draw("wu2019-fig2", several, [*EXPERIMENTS, "third"])
    labels = {line.get_label() for line in fig2.axes[2].lines}
    assert {"b = 0.1, α = 0.1", "b = 0.1, α = 0.5", "b = 1, α = 0.1"} <= labels


@pytest.mark.parametrize("name", ["wu2019-fig5", "wu2019-variants"])
@pytest.mark.parametrize("change", [{"k": 5}, {"learning_rate": 0.5}, {"init_scale": 0.5}])
def test_only_series_with_the_settings_of_the_first_experiment_are_compared(name, change, tables):
    """A second experiment has all networks of the first, but another setting. It changes nothing."""
    more = dict(tables)
    for table_name in ("linear", "asymptotics"):
        table = tables[table_name].astype({"experiment": object})
        other = table[table["experiment"] == "own"].assign(experiment="a", test_error=0.9)
        known = {key: value for key, value in change.items() if key in table}
        more[table_name] = pd.concat([other.assign(**known), table], ignore_index=True) if known else table
    plain, _ = draw(name, tables, ["own"])
    pd.testing.assert_frame_equal(draw(name, more, ["own", "a"])[0], plain)
    linear = more["linear"]
    hinge_only = linear[(linear["experiment"] != "own") | (linear["loss"] == "hinge")]  # in the first experiment
    frame, _ = draw(name, {**more, "linear": hinge_only}, ["own", "a"])
    assert not set(frame["series" if name == "wu2019-fig5" else "pair"]) & {"xhinge", "cross entropy"}


# Figure 2


def test_figure_2_shows_the_means_and_the_exact_errors(tables):
    frame, figure = draw("wu2019-fig2", tables, EXPERIMENTS)
    exact = frame[frame["model"] == "exact"]
    assert set(exact["task"]) == {"cls"} and len(exact) == 30
    np.testing.assert_allclose(exact["mean"], one_layer_error(20, exact["n_train"].to_numpy()))
    top = figure.axes[0]
    for model, label in (("one_layer", "Model-1-Layer"), ("conv", "Model-Conv-3")):
        (line,) = [line for line in top.lines if line.get_label() == label]
        own = frame[(frame["task"] == "cls") & (frame["model"] == model) & frame["main"]]
        np.testing.assert_allclose(line.get_ydata(), own["mean"])
        linear = tables["linear"]
        rows = linear[(linear["experiment"] == "own") & (linear["task"] == "cls") & (linear["model"] == model)]
        means = rows[rows["loss"] == "hinge"].groupby("n_train")["test_error"].mean()
        np.testing.assert_allclose(line.get_ydata(), means)
    band = top.collections[0].get_datalim(top.transData)
    errors = linear.query("experiment == 'own' and task == 'cls' and model == 'one_layer'")
    ends = errors.groupby("n_train")["test_error"].quantile([0.1, 0.9])
    assert (band.y0, band.y1) == pytest.approx((ends.min(), ends.max()))
    labels = {line.get_label() for line in figure.axes[2].lines}
    assert {"b = 0.1", "b = 1"} <= labels


# Figure 4


def test_figure_4_shows_the_terms_of_theorem_4_and_their_ratio(tables):
    _, figure = draw("wu2019-fig4", tables, ["own"])
    left, right = figure.axes
    n_train = np.arange(1, 9)
    lines = {line.get_label(): line for ax in (left, right) for line in ax.lines if len(line.get_xdata()) == 8}
    err_1, err_2 = no_pair_probability(20, 3, n_train), uncovered_error(20, 3, n_train)
    approximation = uncovered_error_approximation(20, 3, n_train)
    for label, expected in {
        "exact": err_1 / err_2,
        "approximate Err_2": err_1 / approximation,
        "Err_1": err_1,
        "Err_2": err_2,
        "Err_2, approximate": approximation,
        "Err_1 + Err_2": err_1 + err_2,
        "Model-1-Layer": one_layer_error(20, n_train),
        "E_inf": np.mean(limit_error(20, 3, n_train), axis=0),
    }.items():
        np.testing.assert_allclose(lines[label].get_ydata(), expected)
    purple = [line for line in right.lines if line.get_color() == style.COLOUR["primitive"]]
    (exact,) = [line for line in purple if len(line.get_xdata()) == 8]
    np.testing.assert_allclose(exact.get_ydata(), not_primitive_probability(20, 3, n_train))
    estimates = tables["theory"].query("experiment == 'own' and quantity == 'err_1_estimate'")
    (points,) = [line for line in left.lines if len(line.get_xdata()) == 2]
    np.testing.assert_allclose(np.asarray(points.get_ydata(), float), estimates["value"] / approximation[[1, 7]])
    assert len(draw("wu2019-fig4", tables, EXPERIMENTS)[1].axes) == 6


@pytest.mark.parametrize(("d", "k", "n_train"), [(10, 10, [2, 5]), (2, 2, [1]), (100, 50, [2000]), (4, 1, [1, 3])])
def test_figure_4_can_be_drawn_at_extreme_settings(d, k, n_train):
    theory = pd.DataFrame({"experiment": "edge", "d": d, "k": k, **curves(d, k, n_train, 20, 7)})
    frame, figure = draw("wu2019-fig4", {"theory": theory}, ["edge"])
    assert not np.isinf(frame["value"].dropna()).any()
    pdf(figure)


def test_figure_4_shows_exact_values_only_with_the_same_settings(tables):
    """Otherwise the figure has the terms alone."""
    theory = tables["theory"]
    others = theory["quantity"].isin(["not_primitive", "limit_low", "limit_high"])
    for changed in (theory[~others], theory.assign(k=theory["k"].mask(others, 4))):
        frame, figure = draw("wu2019-fig4", {"theory": changed}, ["own"])
        assert not set(frame["quantity"]) & {"not_primitive", "limit_low", "limit_high"}
        assert "E_inf" not in {line.get_label() for line in figure.axes[1].lines}


# Figure 5


def test_figure_5_shows_the_exact_error_of_the_limit_on_task_cls(tables):
    frame, figure = draw("wu2019-fig5", tables, ["own"])
    exact = frame[frame["series"] == "exact"]
    n_train = np.arange(10, 31)  # the sizes between those of the training sets
    assert set(exact["task"]) == {"cls"} and exact["n_train"].tolist() == n_train.tolist()
    np.testing.assert_array_equal(exact[["low", "high"]].T, limit_error(20, 3, n_train))
    (line,) = [line for ax in figure.axes for line in ax.lines if line.get_label() == "exact mean"]
    assert line.axes is figure.axes[0]
    for middle in (line.get_ydata(), exact["mean"]):
        np.testing.assert_allclose(middle, (exact["low"] + exact["high"]) / 2)
    for changed in (tables["theory"].query("n_train < 9"), tables["theory"].assign(k=4)):
        frame, _ = draw("wu2019-fig5", {**tables, "theory": changed}, ["own"])
        assert set(frame["series"]) == {"hinge", "xhinge", "asymptotics"}


def test_figure_5_shows_the_proportions_of_degenerate_and_of_not_separated_training_sets(tables):
    frame, figure = draw("wu2019-fig5", tables, ["own"])
    degenerate = frame[frame["series"] == "asymptotics"].set_index(["task", "n_train"])["degenerate"]
    assert degenerate["cls", 10] == 0.4 and degenerate["cls", 30] == 0
    np.testing.assert_allclose(figure.axes[2].lines[0].get_ydata(), [0.4, 0])
    np.testing.assert_allclose(figure.axes[2].lines[1].get_ydata(), [0, 0])
    np.testing.assert_allclose(figure.axes[3].lines[1].get_ydata(), [0.2, 0.2])
    (mean,) = [line for line in figure.axes[0].lines if line.get_label() == "mean over initial weights"]
    own = tables["asymptotics"].query("experiment == 'own' and task == 'cls' and n_train == 10")
    np.testing.assert_allclose(mean.get_ydata(), [own["test_error"].mean() - 0.04])  # 2 of 5 are degenerate
    assert {"hinge loss", "X-hinge", "SVD estimate"} <= {line.get_label() for line in figure.axes[0].lines}


# Figure 6


def test_figure_6_shows_accuracy_at_each_step_and_hinge_error_against_speed(tables):
    frame, figure = draw("wu2019-fig6", tables, EXPERIMENTS)
    steps, linear = tables["trajectories"], tables["linear"]
    own = steps[(steps["experiment"] == "weights") & (steps["task"] == "cls") & (steps["n_train"] == 10)]
    for ax, loss in ((figure.axes[0], "hinge"), (figure.axes[4], "xhinge")):
        lines = {line.get_label(): line for line in ax.lines}
        for split, label in (("train", "mean, training accuracy"), ("test", "mean")):
            expected = 1 - own[own["loss"] == loss].groupby("step")[f"{split}_error"].mean()
            np.testing.assert_allclose(lines[label].get_ydata(), expected)
            assert lines[label].get_xdata().tolist() == [0, 10, 40]
        thin = [line for line in ax.lines if line.get_linewidth() == 0.4]
        each = own[own["loss"] == loss].sort_values(["init_seed", "step"]).groupby("init_seed")["test_error"]
        np.testing.assert_allclose([line.get_ydata() for line in thin], [1 - errors for _, errors in each])
    points = figure.axes[8].collections[0].get_offsets()
    runs = linear[(linear["experiment"] == "weights") & (linear["task"] == "cls") & (linear["loss"] == "hinge")]
    runs = runs[runs["n_train"] == 10].sort_values("init_seed")
    xhinge = own[own["loss"] == "xhinge"].pivot_table(index="init_seed", columns="step", values="test_error")
    speed = (5 * (xhinge[0] + xhinge[10]) + 15 * (xhinge[10] + xhinge[40])) / 40
    np.testing.assert_allclose(points, np.column_stack([speed, runs["test_error"]]))
    shades = [sum(colour[:3]) for colour in figure.axes[8].collections[0].get_facecolors()]
    assert np.argsort(shades).tolist() == np.argsort(speed.to_numpy()).tolist()  # dark: fast
    assert figure.axes[8].get_xlabel().endswith("← faster    slower →")
    row = frame[(frame["kind"] == "correlation") & (frame["task"] == "cls")].iloc[0]
    assert row["networks"] == 10 and f"ρ = {row['mean']:.2f}" in texts(figure)


def test_figure_6_shows_at_most_30_trajectories_and_few_steps(tables):
    """Otherwise its file of numbers would have more than a megabyte."""
    runs = tables["linear"].query("experiment == 'weights' and task == 'cls' and n_train == 10")
    many = pd.concat([runs.assign(init_seed=runs["init_seed"] + 5 * block) for block in range(7)], ignore_index=True)
    steps = many.merge(pd.DataFrame({"step": range(0, 1010, 10)}), how="cross").drop(columns="stopped")
    steps["train_error"] = steps["test_error"] = np.linspace(0, 1, len(steps))
    frame, _ = draw("wu2019-fig6", {"linear": many, "trajectories": steps}, ["weights"])
    shown = frame[frame["kind"] == "trajectory"]
    assert set(shown["init_seed"]) == set(range(30)) and set(shown["loss"]) == {"hinge", "xhinge"}
    for _, one in shown.groupby(["loss", "init_seed"]):
        assert one["step"].is_monotonic_increasing and 15 < len(one) <= 26
        assert one["step"].iloc[[0, -1]].tolist() == [0, 1000]


# Variants


def test_variants_are_shown_as_differences_on_the_same_training_sets(tables):
    linear = tables["linear"].sample(frac=1, random_state=1).reset_index(drop=True)
    frame, figure = draw("wu2019-variants", {"linear": linear}, EXPERIMENTS)
    own = linear[(linear["experiment"] == "own") & (linear["task"] == "third_person")]
    for ax, pair, variant, usual in (
        (0, "two layers", ("two_layer", "hinge"), ("one_layer", "hinge")),
        (2, "cross entropy", ("conv", "cross_entropy"), ("conv", "hinge")),
    ):
        one, other = (
            own[(own["model"] == model) & (own["loss"] == loss)].set_index(["n_train", "seed"])["test_error"]
            for model, loss in (variant, usual)
        )
        difference = (one - other).groupby("n_train")
        column = list(dict.fromkeys(frame["task"])).index("third_person")
        (line,) = [line for line in figure.axes[ax + column].lines if not line.get_label().startswith("_")]
        np.testing.assert_allclose(line.get_ydata(), difference.mean())
        rows = frame[(frame["task"] == "third_person") & (frame["pair"] == pair)].set_index("n_train")
        np.testing.assert_allclose(rows["p10"].sort_index(), difference.quantile(0.1))
        for n, values in difference:
            expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
            assert tuple(rows.loc[n, ["low", "high"]]) == pytest.approx(tuple(expected))


# Sample complexity


def complexity_tables(d, ks, sizes, seeds, rng):
    """Errors whose expectation is the predicted one; k = 1 is a separate experiment."""
    rows = []
    for k in ks:
        for n_train in sizes(samples_needed(d, k, 0.05)):
            mean = uncovered_error_approximation(d, k, n_train)
            for seed in range(seeds):
                error = float(mean) * rng.uniform(0.5, 1.5)
                rows.append(("one" if k == 1 else "others", "cls", d, k, n_train, seed, error))
    table = pd.DataFrame(rows, columns=["experiment", "task", "d", "k", "n_train", "seed", "test_error"])
    linear = table.assign(model="conv", loss="hinge", init_seed=table["seed"], stopped="zero_loss")
    linear = linear.assign(learning_rate=0.1, init_scale=0.1)
    return {"asymptotics": table, "linear": linear}


def test_sample_complexities_agree_with_the_prediction(rng):
    ks = (1, 2, 4)
    made = complexity_tables(100, ks, lambda n: [int(n * share) for share in (0.5, 0.8, 1.1, 1.6)], 200, rng)
    frame, figure = draw("wu2019-complexity", made, ["one", "others"])
    slower = made["linear"].assign(experiment="slower", learning_rate=0.01, test_error=0.5)  # must be left out
    more = {**made, "linear": pd.concat([slower, made["linear"]], ignore_index=True)}
    pd.testing.assert_frame_equal(draw("wu2019-complexity", more, ["one", "slower", "others"])[0], frame)
    needed = frame[frame["kind"] == "needed"].set_index(["series", "k"])
    for k in ks:
        expected = samples_needed(100, k, 0.05)
        assert needed.loc[("predicted", k), "mean"] == pytest.approx(expected)
        for series in ("asymptotics", "hinge"):
            row = needed.loc[(series, k)]
            assert row["low"] < row["mean"] < row["high"]
            assert row["mean"] == pytest.approx(expected, rel=0.03) and row["high"] - row["low"] < 0.15 * expected
    left = figure.axes[0]
    assert left.get_yscale() == "symlog" and left.get_ylim()[0] == 0  # errors of 0 are at the bottom
    labels = {line.get_label(): line for line in figure.axes[1].lines}
    np.testing.assert_allclose(labels["predicted"].get_ydata(), [samples_needed(100, k, 0.05) for k in range(1, 5)])
    np.testing.assert_allclose(
        labels["n(k=1) / (2k - 1)"].get_ydata(), samples_needed(100, 1, 0.05) / np.array([1, 3, 5, 7])
    )


def test_filter_sizes_without_svd_estimates_are_left_out_of_the_complexity(rng):
    made = complexity_tables(100, (1, 2), lambda n: [int(n / 2), int(2 * n)], 5, rng)
    made["asymptotics"] = made["asymptotics"].query("k == 2")
    _, figure = draw("wu2019-complexity", made, ["one", "others"])
    assert "k = 2" in texts(figure) and "k = 1" not in texts(figure).replace("n(k=1)", "")


# Predicted errors


def test_predictions_are_drawn_against_trained_errors_with_their_means(rng):
    made = prediction_tables(rng)["theory"]
    lost = (made["quantity"] == "prediction_cls_mean_gap") & (made["n_train"] == 10) & (made["seed"] == 0)
    made.loc[lost, "value"] = np.nan
    other = made.assign(experiment="other", value=0.5)  # which has nothing that the first one lacks
    frame, figure = draw("wu2019-prediction", {"theory": pd.concat([other, made])}, ["own", "other"])
    value = made.set_index(["quantity", "n_train", "seed"])["value"].sort_index()
    for column, task in enumerate(("cls", "third_person")):
        own = frame[frame["task"] == task]
        networks = own[own["kind"] == "network"]
        assert set(networks["n_train"]) == {30} and len(networks) == 4
        for name in ("predicted", "trained"):
            assert networks[name].tolist() == [value[f"prediction_{task}_{name}", 30, seed] for seed in range(4)]
        top, middle, bottom = (figure.axes[2 * row + column] for row in range(3))
        (points,) = [line for line in top.lines if line.get_marker() == "."]
        assert points.get_xdata().tolist() == networks["trained"].tolist()
        assert points.get_ydata().tolist() == networks["predicted"].tolist()
        ours = value[f"prediction_{task}_mean_correlation", 30].mean(), value[f"prediction_{task}_mean_gap", 30].mean()
        assert "ρ = {:.2f}\ndistance {:.3f}".format(*ours) in [text.get_text() for text in top.texts]
        lines = {line.get_label(): line for ax in (middle, bottom) for line in ax.lines}
        for series, label in (("mean", "mean margin 1"), ("first", "first margin 1"), ("limit", "X-hinge limit")):
            quality = own[(own["kind"] == "quality") & (own["series"] == series)].set_index("n_train")
            gaps = [value[f"prediction_{task}_{series}_gap", n].dropna() for n in (10, 30)]
            assert quality["mean"].tolist() == pytest.approx([gap.mean() for gap in gaps])
            ends = [stats.t.interval(0.95, len(gap) - 1, gap.mean(), stats.sem(gap)) for gap in gaps]
            assert quality[["low", "high"]].to_numpy() == pytest.approx(np.array(ends))
            drawn = [line for line in middle.lines if line.get_label() == label]
            assert drawn[0].get_ydata() == pytest.approx(quality["mean"])
        small = made[made["quantity"] == f"small_b_{task}_end"].groupby("init_scale")["value"]
        assert lines["end of training"].get_ydata() == pytest.approx(
            stats.gmean(np.array(list(small.apply(list))), axis=1)
        )
        power = made.loc[made["quantity"] == f"small_b_{task}_exponent", "value"].mean()
        law = lines["power"].get_ydata()
        start = stats.gmean(made[(made["quantity"] == f"small_b_{task}_first") & (made["init_scale"] == 0.01)]["value"])
        assert law == pytest.approx([start, start * 10**power])


# Filters


def test_filters_show_means_over_the_networks_that_finished(rng):
    made = filter_tables(rng)
    frame, figure = draw("wu2019-filters", made, ["own"])
    values = made["theory"].groupby(["quantity", "n_train"])["value"]
    for (quantity, n), own in values:
        task, _, name = next(
            (task, *quantity.partition(f"{task}_")[1:]) for task in ("cls", "third_person") if task in quantity
        )
        (row,) = frame[(frame["task"] == task) & (frame["series"] == name) & (frame["n_train"] == n)].to_dict("records")
        ends = stats.t.interval(0.95, 3, own.mean(), stats.sem(own.dropna()))
        assert (row["mean"], row["low"], row["high"]) == pytest.approx((own.mean(), *ends))
        assert (row["networks"], row["left_out"]) == (4, 1)
    assert len(frame) == 2 * 13 and "72 networks; 18 more did not finish, or σ₁ is degenerate" in texts(figure)
    for ax, name, label in (
        (0, "cls_sum_error", "sum"),
        (1, "third_person_joint_error", "learns"),
        (3, "third_person_start", "initial filter"),
    ):
        line = next(line for line in figure.axes[ax].lines if line.get_label() == label)
        assert line.get_ydata() == pytest.approx([values.get_group((f"filter_{name}", n)).mean() for n in (10, 30)])


# Sensitivity


def test_sensitivity_shows_the_statistic_of_each_statement(tables):
    wider = tables["asymptotics"].assign(k=5, test_error=0.0)  # another filter size, which must be left out
    tables["asymptotics"] = pd.concat([wider, tables["asymptotics"]], ignore_index=True)
    own = tables["asymptotics"].query(
        "experiment == 'own' and task == 'cls' and n_train == 30 and seed == 0 and k == 3"
    )
    tie = (tables["linear"]["experiment"] == "other") & (tables["linear"]["task"] == "cls")
    tie &= (tables["linear"]["n_train"] == 30) & (tables["linear"]["seed"] == 0)
    tables["linear"].loc[tie & (tables["linear"]["model"] == "conv"), "test_error"] = own["test_error"].item()
    frame, figure = draw("wu2019-sensitivity", tables, EXPERIMENTS)
    assert set(frame["init_scale"]) == {0.1, 1.0} and (frame["own"] == (frame["init_scale"] == 0.1)).all()
    linear = tables["linear"].astype({"model": str, "loss": str, "experiment": str, "task": str})
    here = linear[(linear["experiment"] == "other") & (linear["task"] == "cls") & (linear["n_train"] == 30)]
    one, conv, xhinge = (
        here[(here["model"] == model) & (here["loss"] == loss)].sort_values("seed")["test_error"].to_numpy()
        for model, loss in (("one_layer", "hinge"), ("conv", "hinge"), ("conv", "xhinge"))
    )
    # The SVD estimate does not depend on these settings: it is that of the first experiment.
    estimates = tables["asymptotics"].query("k == 3 and experiment == 'own' and task == 'cls' and n_train == 30")
    svd = estimates["test_error"].to_numpy()
    rows = frame[(frame["init_scale"] == 1.0) & (frame["task"] == "cls") & (frame["n_train"] == 30)]
    found = rows.set_index("statement")
    for statement, difference in (("advantage", one - conv), ("limit", conv - svd), ("xhinge", xhinge - svd)):
        low, high = stats.ttest_1samp(difference, 0).confidence_interval(0.95)
        assert tuple(found.loc[statement, ["mean", "low", "high"]]) == pytest.approx((difference.mean(), low, high))
    assert found.loc["optimistic", "mean"] == (svd <= conv).mean()
    assert found.loc["spread", "mean"] == pytest.approx(conv.std() / svd.std())
    one_column, *_ = zip(*[iter(figure.axes)] * 2, strict=True)
    headings = [(ax.get_legend().get_title().get_text(), *ax.get_legend_handles_labels()[1]) for ax in one_column]
    assert headings == [("as assumed", "b = 0.1\nα = 0.1"), ("other b", "b = 1")]
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["Task-Cls, 10", "Task-Cls, 30", "Task-3rdCtrl, 10", "Task-3rdCtrl, 30"]
    drawn = [ax.lines[1].get_xdata()[1] for ax in figure.axes[1:10:2]]  # line 0 is the dotted one
    assert drawn == pytest.approx([found.loc[name, "mean"] for name in STATEMENTS if name != "speed"])


def test_sensitivity_draws_the_assumed_setting_once(tables):
    linear = tables["linear"].astype({"experiment": object})
    others = [
        linear[linear["experiment"] == "own"].assign(experiment=name, learning_rate=rate, init_scale=scale)
        for name, rate, scale in (("rate", 0.5, 0.1), ("both", 0.5, 1.0))
    ]
    several = {**tables, "linear": pd.concat([linear, *others], ignore_index=True)}
    frame, figure = draw("wu2019-sensitivity", several, [*EXPERIMENTS, "rate", "both"])
    titles = [ax.get_legend().get_title().get_text() for ax in figure.axes[:4]]
    assert titles == ["as assumed", "other b", "other α", "both differ"]
    shown = sum(len(bars.lines[0].get_xdata()) for ax in figure.axes for bars in ax.containers)
    assert shown == len(frame.dropna(subset="mean")) == 5 * 4 * 4 + 4


def test_sensitivity_leaves_out_sample_sizes_that_a_setting_lacks(tables):
    linear = tables["linear"]
    gone = (linear["experiment"] == "other") & (linear["n_train"] == 30) & (linear["loss"] == "xhinge")
    frame, _ = draw("wu2019-sensitivity", {**tables, "linear": linear[~gone]}, EXPERIMENTS)
    assert set(frame.loc[frame["statement"] != "speed", "n_train"]) == {10}


def test_sensitivity_correlates_each_conv_network_once(tables):
    """Networks of other models, and copies in other experiments, do not change the correlation."""
    plain = draw("wu2019-sensitivity", tables, EXPERIMENTS)[0].query("statement == 'speed'")
    pairs = convergence(
        *(select(tables[name], ["weights"], task="cls", n_train=30) for name in ("linear", "trajectories"))
    )
    expected = stats.spearmanr(pairs["speed"], pairs["hinge_error"]).statistic
    row = plain.query("task == 'cls' and n_train == 30").iloc[0]
    assert len(pairs) == 5 and row["mean"] == pytest.approx(expected) and row["networks"] == 10
    more = dict(tables)
    for name in ("linear", "trajectories"):
        table = tables[name].astype({"experiment": object, "model": object})
        mine = table[table["experiment"] == "weights"]
        others = [mine.assign(model="one_layer", test_error=1 - mine["test_error"]), mine.assign(experiment="copy")]
        more[name] = pd.concat([table, *others], ignore_index=True)
    again = draw("wu2019-sensitivity", more, [*EXPERIMENTS, "copy"])[0].query("statement == 'speed'")
    pd.testing.assert_frame_equal(again.reset_index(drop=True), plain.reset_index(drop=True))


def test_sensitivity_needs_a_sample_size_with_all_models(tables):
    tables["linear"] = tables["linear"].query("model == 'conv' and experiment != 'weights'")
    with pytest.raises(ValueError, match=r"^wu2019-sensitivity needs one_layer and conv") as problem:
        draw("wu2019-sensitivity", tables, EXPERIMENTS)
    assert str(problem.value).endswith("given: own, other, weights")


# Phase diagrams


@pytest.mark.parametrize("name", PHASES)
@pytest.mark.parametrize("groups", [1, 2, 7])
def test_phase_diagrams_show_hinge_networks_of_their_experiments_and_the_prediction(name, groups):
    setting, described = PHASES[name], catalogue.figures()[name]
    tables = [
        phase_rows(setting),
        phase_rows(setting, "third_person"),
        phase_rows(setting, "first_person", "one_layer"),
    ]
    table = pd.concat(tables)
    other = table.assign(experiment="other", test_error=0.5), table.assign(loss="xhinge", test_error=0.5)
    mixed = pd.concat([table, *other]).sample(frac=1, random_state=1)
    parts = np.array_split(np.arange(len(mixed)), groups)
    data, _ = figures.load(described)
    frame = data({"linear": (mixed.iloc[part] for part in parts), "asymptotics": iter(())}, ["own"])
    assert "limit" not in set(frame["model"])
    cells = frame[frame["kind"] == "cell"]
    assert len(cells) == 3 * len(VALUES[setting]) * len(SIZES)
    assert (cells["networks"] == 2).all() and (cells["left_out"] == 1).all()
    assert cells["mean"].tolist() == pytest.approx(cells["n_train"].map(MEANS).tolist())
    needed = frame[frame["kind"] == "needed"]
    assert needed["n_train"].tolist() == pytest.approx([30.0] * 3 * len(VALUES[setting]))  # half way in the logarithm
    theory = frame[frame["kind"] == "theory"].groupby(["task", "model"])
    assert set(theory.groups) == {("cls", "conv"), ("first_person", "one_layer")}
    for (_, model), rows in theory:
        values = {"d": 100, "k": 5} | {setting: rows[setting]}
        settings = pd.DataFrame({key: values[key] for key in ("d", "k")}, index=rows.index).to_numpy()
        expected = [samples_needed(int(d), 1 if model == "one_layer" else int(k), 0.05) for d, k in settings]
        assert rows["n_train"].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("groups", [1, 3])
def test_the_phase_diagram_of_filter_sizes_has_the_limit_and_the_best_sizes(groups):
    data, plot = figures.load(catalogue.figures()["wu2019-phase-k"])
    limits = pd.concat([phase_limits(), phase_limits().assign(experiment="other", gaussian_test_error=0.0)])
    networks = phase_rows("k")
    networks.loc[networks["k"] == 1, "test_error"] *= 1.1  # so that k = 3 and k = 5 are the best
    parts = np.array_split(np.arange(len(limits)), groups)
    frame = data({"linear": iter([networks]), "asymptotics": (limits.iloc[part] for part in parts)}, ["own"])
    limit = frame[(frame["model"] == "limit") & (frame["kind"] == "cell")]
    half = np.where(limit["k"] == 5, 1, 0.5)
    assert limit["mean"].tolist() == pytest.approx((half * limit["n_train"].map(MEANS)).tolist())
    best = frame[frame["kind"] == "best"].set_index(["model", "n_train"])["k"]
    assert best.to_dict() == {(model, n): k for model, k in (("limit", 1), ("conv", 3)) for n in SIZES}
    needed = frame[(frame["kind"] == "needed") & (frame["model"] == "limit")].set_index("k")["n_train"]
    assert needed[5] == pytest.approx(30) and needed[1] == needed[3] == pytest.approx(20)
    theory = frame[frame["kind"] == "theory"].set_index(["model", "k"])["n_train"]
    assert theory["limit", 3] == theory["conv", 3] == samples_needed(100, 3, 0.05)
    figure = plot(frame)
    assert [axes.get_ylabel() for axes in figure.axes[:2]] == [
        "X-hinge limit\nfilter size k",
        "Model-Conv\nfilter size k",
    ]
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert squares[0].get_xdata().tolist() == list(SIZES) and list(squares[0].get_ydata()) == [0] * 4
    assert "24 trained networks; 12 more excluded" in texts(figure)  # the limit is not among them


# The bias floor


def test_the_figure_of_the_floor_shows_every_filter_size():
    made = floor_tables(None)["theory"]
    frame, figure = draw("wu2019-floor", {"theory": made}, EXPERIMENTS)
    assert len(frame) == 3 * (6 + 10) and set(frame["experiment"]) == {"own"}
    left, right = figure.axes
    line = next(line for line in left.lines if line.get_label() == "Task-3rdCtrl")
    expected = [population_limit(tasks.make("third_person", 10), k).error for k in range(1, 11)]
    assert line.get_ydata().tolist() == expected and line.get_xdata().tolist() == list(range(1, 11))
    shown = [line for line in right.lines if len(line.get_xdata())]
    assert len(shown) == 2 and all(line.get_xdata()[-1] == 1 for line in shown)  # only one task has errors at d <= 10
    assert shown[0].get_linestyle() != shown[1].get_linestyle()


# Fully connected networks


def test_the_figure_of_relu_networks_shows_their_means_and_the_curves():
    made = relu_tables(None)["theory"]
    lost = (made["experiment"] == "own") & (made["seed"] == 0) & (made["n_train"] == 8)
    made.loc[lost & made["quantity"].str.startswith("relu_gd_3"), "value"] = np.nan
    _, figure = draw("wu2019-fully-connected", {"theory": made}, EXPERIMENTS)
    left, right = figure.axes
    for of, axes in (("error", left), ("seen", right)):
        for key, label in NETWORKS.items():
            own = made[(made["experiment"] == "own") & (made["quantity"] == f"relu_{key}_{of}")]
            means = own.groupby("n_train")["value"].mean()
            line = next(line for line in axes.lines if line.get_label() == label)
            np.testing.assert_allclose(line.get_ydata(), means)
            np.testing.assert_array_equal(line.get_xdata(), means.index)
    lines = {line.get_label(): line for line in left.lines}
    n = np.arange(1, 9)
    np.testing.assert_allclose(lines["bound"].get_ydata(), 0.5 * (5 / 6) ** n)
    np.testing.assert_allclose(lines["guess at unseen points"].get_ydata(), 0.5 * (11 / 12) ** n)
    distance = next(line for line in right.lines if len(line.get_xdata()) == 8)
    np.testing.assert_allclose(distance.get_ydata(), 0.5 * ((11 / 12) ** n - (5 / 6) ** n))
    assert "47 trained networks; 1 more excluded" in texts(figure)


def test_the_pipeline_draws_the_means_of_its_table(finished):
    table = read_table(str(finished / "results/tables/linear.parquet"))[0].to_pandas()
    table = table[table["experiment"].str.startswith("wu2019-phase-k")]
    shown = pd.read_csv(finished / "results/figures/wu2019-phase-k.csv").query("kind == 'cell'")
    estimates = read_table(str(finished / "results/tables/asymptotics.parquet"))[0].to_pandas()
    estimates = estimates[estimates["experiment"].str.startswith("wu2019-phase-k")]
    limits = estimates.groupby(["k", "n_train"])["gaussian_test_error"].mean()
    for _, cell in shown.query("model == 'limit'").iterrows():
        assert cell["mean"] == pytest.approx(limits[cell["k"], cell["n_train"]])
    frame = shown.query("model == 'conv'")
    assert len(limits) == len(shown) - len(frame) == 4
    assert sorted(set(frame["k"])) == [1, 3] and frame["networks"].sum() == len(table) == 24
    means = table.groupby(["k", "n_train"])["test_error"].mean()
    for _, cell in frame.iterrows():
        assert cell["mean"] == pytest.approx(means[cell["k"], cell["n_train"]])
