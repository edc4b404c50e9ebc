import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias import figures
from convbias.linear.tables import _NETWORK
from convbias.papers.wu2019.checks.error_terms import curves
from convbias.papers.wu2019.convergence import convergence
from convbias.papers.wu2019.theory.neighbours import no_pair_probability, uncovered_error, uncovered_error_approximation
from convbias.papers.wu2019.theory.one_layer import one_layer_error
from convbias.papers.wu2019.theory.sample_complexity import samples_needed
from convbias.registry import names
from convbias.statistics.samples import crossing
from convbias.statistics.summary import mean_interval, rank_correlation, select, share_interval, spread_ratio, summarise
from printed import alike

EXPERIMENTS = ["own", "other", "weights"]
NETWORKS = [(model, "hinge") for model in ("one_layer", "two_layer", "conv")]
NETWORKS += [("conv", loss) for loss in ("xhinge", "cross_entropy")]
APART = ("wu2019_claims", "wu2019_phase_b", "wu2019_phase_d", "wu2019_phase_k")  # which have tests of their own
FIGURES = [figure for figure in names("figures") if figure.startswith("wu2019") and figure not in APART]
TRAINED = [figure for figure in FIGURES if "linear" in figures.load(figure).TABLES]


@pytest.fixture
def tables(rng):
    """Tables as the pipeline hands them on, with made-up errors.

    Two experiments, of which the second has another b, and one with five initial weights on one training set.
    """
    rows = []
    for experiment, scale in zip(EXPERIMENTS, (0.1, 1.0, 0.1), strict=True):
        for task in ("cls", "third_person"):
            for model, loss in NETWORKS if experiment != "weights" else [("conv", "hinge"), ("conv", "xhinge")]:
                for n_train in (10, 30):
                    for init_seed in range(5):
                        seed = 0 if experiment == "weights" else init_seed
                        rows.append((experiment, task, model, loss, 20, 3, n_train, seed, init_seed, 0.1, scale))
    columns = [name for name, _ in _NETWORK]
    linear = pd.DataFrame(rows, columns=columns)
    linear["test_error"] = rng.uniform(size=len(linear))
    linear["stopped"] = np.where(linear["loss"] == "hinge", "zero_loss", "all_steps")
    steps = pd.DataFrame({"step": [0, 10, 40]})
    trajectories = linear[linear["experiment"] == "weights"].merge(steps, how="cross")
    trajectories[["train_error", "test_error"]] = rng.uniform(size=(len(trajectories), 2))
    limits = linear[(linear["loss"] == "xhinge") & (linear["experiment"] != "weights")]
    limits = limits[["experiment", "task", "d", "k", "n_train", "seed", "test_error"]]
    limits = limits.assign(degenerate=limits["n_train"].eq(10) & limits["seed"].lt(2))
    limits["gaussian_test_error"] = limits["test_error"] - 0.1 * limits["degenerate"]
    limits["train_error"] = np.where(limits["task"].eq("third_person") & limits["seed"].eq(0), 0.1, 0.0)
    categories = dict.fromkeys(("experiment", "task", "model", "loss", "stopped"), "category")
    theory = pd.concat(pd.DataFrame({"experiment": name, **curves(20, 3, [2, 8], 50, 7)}) for name in EXPERIMENTS)
    return {
        "linear": linear.astype(categories),
        "trajectories": trajectories.drop(columns="stopped"),
        "asymptotics": limits.reset_index(drop=True),
        "theory": theory,
    }


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text")))


def test_summary_is_students_interval(tables):
    runs = select(tables["linear"], ["own"], task="cls", model="conv", loss="hinge", n_train=10)
    error = runs["test_error"]
    summary = summarise(runs, ["task", "n_train"]).iloc[0]
    low, high = stats.ttest_1samp(error, 0).confidence_interval(0.95)
    assert summary["mean"] == pytest.approx(error.mean()) and summary["sd"] == pytest.approx(error.std(ddof=1))
    assert (summary["low"], summary["high"]) == pytest.approx((low, high))
    assert (summary["networks"], summary["left_out"]) == (5, 0)


def test_networks_without_a_result_are_left_out_and_counted(tables):
    runs = select(tables["linear"], ["own"], task="cls", model="conv", loss="hinge", n_train=10).reset_index(drop=True)
    runs.loc[0, ["stopped", "test_error"]] = ["diverged", np.nan]
    runs.loc[1, ["stopped", "test_error"]] = ["step_limit", 0.9]
    summary = summarise(runs, ["task", "n_train"]).iloc[0]
    assert (summary["networks"], summary["left_out"]) == (3, 2)
    assert summary["mean"] == pytest.approx(runs.loc[2:, "test_error"].mean())


@pytest.mark.parametrize("figure", TRAINED)
def test_figures_say_how_many_networks_were_left_out(figure, tables):
    module = figures.load(figure)
    clean = module.plot(module.data(tables, EXPERIMENTS))
    assert "none left out" in texts(clean)
    linear = tables["linear"]
    linear.loc[(linear["model"] == "conv") & (linear["seed"] == 0), "stopped"] = "all_steps"
    mine = linear["experiment"] == ("weights" if figure == "wu2019_fig6" else "own")
    lost = mine & (linear["task"] == "cls") & (linear["model"] == "conv") & (linear["loss"] == "hinge")
    lost &= linear["init_seed"] == 1
    linear["stopped"] = linear["stopped"].cat.add_categories("diverged")
    linear.loc[lost, ["stopped"]] = "diverged"
    linear.loc[lost, "test_error"] = np.nan
    assert lost.sum() == 2
    assert "2 more diverged or did not finish and are LEFT OUT" in texts(module.plot(module.data(tables, EXPERIMENTS)))


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_are_the_same_bytes_each_time(figure, tables):
    module = figures.load(figure)
    files = []
    for _ in range(2):
        file = io.BytesIO()
        module.plot(module.data(tables, EXPERIMENTS)).savefig(file, format="pdf", metadata={"CreationDate": None})
        files.append(file.getvalue())
    assert files[0] == files[1]


@pytest.mark.parametrize("figure", FIGURES)
def test_what_a_figure_names_differs_on_paper_too(figure, tables):
    module = figures.load(figure)
    assert alike(module.plot(module.data(tables, EXPERIMENTS))) == []


def test_figure_2_draws_what_its_table_holds(tables):
    module = figures.load("wu2019-fig2")
    frame = module.data(tables, EXPERIMENTS)
    exact = frame[frame["model"] == "exact"]
    assert set(exact["task"]) == {"cls"} and len(exact) == 30
    np.testing.assert_allclose(exact["mean"], one_layer_error(20, exact["n_train"].to_numpy()))
    figure = module.plot(frame)
    top = figure.axes[0]
    for model, label in (("one_layer", "Model-1-Layer"), ("conv", "Model-Conv-3")):
        (line,) = [line for line in top.lines if line.get_label() == label]
        own = frame[(frame["task"] == "cls") & (frame["model"] == model) & frame["main"]]
        np.testing.assert_allclose(line.get_ydata(), own["mean"])
        linear = tables["linear"]
        rows = linear[(linear["experiment"] == "own") & (linear["task"] == "cls") & (linear["model"] == model)]
        means = rows[rows["loss"] == "hinge"].groupby("n_train")["test_error"].mean()
        np.testing.assert_allclose(line.get_ydata(), means)
    labels = {line.get_label() for line in figure.axes[2].lines}
    assert {"b = 0.1", "b = 1"} <= labels


def test_figures_keep_experiments_apart(tables):
    """A third experiment that differs in its learning rate alone is a line of its own, or not shown."""
    linear = tables["linear"].astype({"experiment": object})
    third = linear[linear["experiment"] == "own"].assign(experiment="third", learning_rate=0.5)
    several = {**tables, "linear": pd.concat([linear, third], ignore_index=True)}
    for name in TRAINED:
        module = figures.load(name)
        figure = module.plot(module.data(several, [*EXPERIMENTS, "third"]))
        for line in (line for axes in figure.axes for line in axes.lines if line.get_linestyle() != "None"):
            x = np.asarray(line.get_xdata())
            assert (np.diff(x) > 0).all(), (name, line.get_label())
    sensitivity = figures.load("wu2019-sensitivity").data(several, [*EXPERIMENTS, "third"])
    assert not sensitivity.duplicated(["statement", "learning_rate", "init_scale", "task", "n_train"]).any()
    assert set(sensitivity["learning_rate"]) == {0.1, 0.5}
    fig2 = figures.load("wu2019-fig2")
    labels = {line.get_label() for line in fig2.plot(fig2.data(several, [*EXPERIMENTS, "third"])).axes[2].lines}
    assert {"b = 0.1, α = 0.1", "b = 0.1, α = 0.5", "b = 1, α = 0.1"} <= labels


def test_figure_5_shows_the_shares_of_degenerate_and_of_not_separated_training_sets(tables):
    module = figures.load("wu2019-fig5")
    frame = module.data(tables, ["own"])
    shares = frame[frame["series"] == "asymptotics"].set_index(["task", "n_train"])["degenerate"]
    assert shares["cls", 10] == 0.4 and shares["cls", 30] == 0
    figure = module.plot(frame)
    np.testing.assert_allclose(figure.axes[2].lines[0].get_ydata(), [0.4, 0])
    np.testing.assert_allclose(figure.axes[2].lines[1].get_ydata(), [0, 0])
    np.testing.assert_allclose(figure.axes[3].lines[1].get_ydata(), [0.2, 0.2])
    (mean,) = [line for line in figure.axes[0].lines if line.get_label() == "Asym, mean over initial weights"]
    own = tables["asymptotics"].query("experiment == 'own' and task == 'cls' and n_train == 10")
    np.testing.assert_allclose(mean.get_ydata(), [own["test_error"].mean() - 0.04])  # 2 of 5 are degenerate
    assert {"Normal (hinge)", "X-hinge", "Asym (SVD)"} <= {line.get_label() for line in figure.axes[0].lines}


def test_figure_4_draws_the_terms_of_theorem_4_and_their_ratio(tables):
    module = figures.load("wu2019-fig4")
    figure = module.plot(module.data(tables, ["own"]))
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
        "Err_one_Layer": one_layer_error(20, n_train),
    }.items():
        np.testing.assert_allclose(lines[label].get_ydata(), expected)
    estimates = tables["theory"].query("experiment == 'own' and quantity == 'err_1_estimate'")
    (points,) = [line for line in left.lines if len(line.get_xdata()) == 2]
    np.testing.assert_allclose(np.asarray(points.get_ydata(), float), estimates["value"] / approximation[[1, 7]])
    assert len(module.plot(module.data(tables, EXPERIMENTS)).axes) == 6


def test_rank_correlation_is_spearmans_within_groups(rng):
    x, group = rng.normal(size=60), np.repeat([0, 1], 30)
    y = x + rng.normal(size=60)
    value, low, high = rank_correlation(x, y, group).interval()
    each = [stats.spearmanr(x[group == g], y[group == g]) for g in (0, 1)]
    assert value == pytest.approx(np.mean([one.statistic for one in each]))
    assert low < value < high and high - low < 0.5
    shifted = rank_correlation(x + 100 * group, np.exp(y) - 50 * group, group).interval()  # groups may lie anywhere
    assert shifted == (value, low, high)
    assert (
        np.isnan(rank_correlation(x, np.ones(60), group).interval()).all()
        and np.isnan(rank_correlation(x[:2], y[:2], group[:2]).interval()).all()
    )


def test_the_interval_of_the_rank_correlation_covers(rng):
    """Of 200 samples from a bivariate normal law, about 95 % of the intervals hold its Spearman correlation."""
    r, hits = 0.6, 0
    truth = 6 / np.pi * np.arcsin(r / 2)
    for _ in range(200):
        x, z = rng.normal(size=(2, 50))
        _, low, high = rank_correlation(x, r * x + (1 - r**2) ** 0.5 * z, np.zeros(50)).interval()
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_figure_6_draws_accuracy_by_step_and_hinge_error_by_speed(tables):
    module = figures.load("wu2019-fig6")
    frame = module.data(tables, EXPERIMENTS)
    steps, linear = tables["trajectories"], tables["linear"]
    own = steps[(steps["experiment"] == "weights") & (steps["task"] == "cls") & (steps["n_train"] == 10)]
    figure = module.plot(frame)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    for loss, label in (("hinge", "Normal (hinge)"), ("xhinge", "X-hinge")):
        for split in ("train", "test"):
            expected = 1 - own[own["loss"] == loss].groupby("step")[f"{split}_error"].mean()
            np.testing.assert_allclose(lines[f"{label}, {split}"].get_ydata(), expected)
            assert lines[f"{label}, {split}"].get_xdata().tolist() == [0, 10, 40]
    (points,) = figure.axes[4].lines
    runs = linear[(linear["experiment"] == "weights") & (linear["task"] == "cls") & (linear["loss"] == "hinge")]
    runs = runs[runs["n_train"] == 10].sort_values("init_seed")
    xhinge = own[own["loss"] == "xhinge"].pivot_table(index="init_seed", columns="step", values="test_error")
    speed = (5 * (xhinge[0] + xhinge[10]) + 15 * (xhinge[10] + xhinge[40])) / 40
    np.testing.assert_allclose(points.get_xdata(), speed)
    np.testing.assert_allclose(points.get_ydata(), runs["test_error"])
    row = frame[(frame["kind"] == "correlation") & (frame["task"] == "cls")].iloc[0]
    assert row["networks"] == 10 and f"ρ = {row['mean']:.2f}" in texts(figure)


def test_variants_draws_each_series_once(tables):
    module = figures.load("wu2019-variants")
    figure = module.plot(module.data(tables, EXPERIMENTS))
    linear = tables["linear"]
    own = linear[(linear["experiment"] == "own") & (linear["task"] == "third_person")]
    for ax, model, loss, label in (
        (1, "one_layer", "hinge", "Model-1-Layer"),
        (1, "two_layer", "hinge", "fully connected, 2 layers"),
        (3, "conv", "hinge", "Model-Conv-3, hinge"),
        (3, "conv", "cross_entropy", "Model-Conv-3, cross entropy"),
    ):
        (line,) = [line for line in figure.axes[ax].lines if line.get_label() == label]
        runs = own[(own["model"] == model) & (own["loss"] == loss)]
        np.testing.assert_allclose(line.get_ydata(), runs.groupby("n_train")["test_error"].mean())


def complexity_tables(d, ks, sizes, seeds, rng):
    """Errors as if the prediction held exactly on average, with k = 1 in an experiment of its own."""
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


def test_complexity_finds_the_samples_that_the_prediction_needs(rng):
    module = figures.load("wu2019-complexity")
    ks = (1, 2, 4)
    made = complexity_tables(100, ks, lambda n: [int(n * share) for share in (0.5, 0.8, 1.1, 1.6)], 200, rng)
    frame = module.data(made, ["one", "others"])
    slower = made["linear"].assign(experiment="slower", learning_rate=0.01, test_error=0.5)  # is not to be mixed in
    more = {**made, "linear": pd.concat([slower, made["linear"]], ignore_index=True)}
    pd.testing.assert_frame_equal(module.data(more, ["one", "slower", "others"]), frame)
    needed = frame[frame["kind"] == "needed"].set_index(["series", "k"])
    for k in ks:
        expected = samples_needed(100, k, 0.05)
        assert needed.loc[("predicted", k), "mean"] == pytest.approx(expected)
        for series in ("asymptotics", "hinge"):
            row = needed.loc[(series, k)]
            assert row["low"] < row["mean"] < row["high"]
            assert row["mean"] == pytest.approx(expected, rel=0.03) and row["high"] - row["low"] < 0.15 * expected
    figure = module.plot(frame)
    labels = {line.get_label(): line for line in figure.axes[1].lines}
    np.testing.assert_allclose(labels["predicted"].get_ydata(), [samples_needed(100, k, 0.05) for k in range(1, 5)])
    np.testing.assert_allclose(
        labels["n(k=1) / (2k - 1)"].get_ydata(), samples_needed(100, 1, 0.05) / np.array([1, 3, 5, 7])
    )


def test_crossing_interpolates_between_the_sizes_around_it():
    exact = [np.full(50, 0.5 * 0.9**n) for n in (10, 20, 30)]
    value, low, high = crossing(np.array([10, 20, 30]), exact, 0.05).interval()
    assert value == pytest.approx(np.log(10) / -np.log(0.9)) and low == pytest.approx(value) == pytest.approx(high)
    to_zero = [np.full(5, 0.2), np.zeros(5)]
    assert crossing(np.array([10, 20]), to_zero, 0.05).interval()[0] == pytest.approx(17.5)
    for never in ([0.5, 0.4], [0.01, 0.001]):
        assert np.isnan(crossing(np.array([10, 20]), [np.full(5, mean) for mean in never], 0.05).interval()).all()


def test_the_interval_of_the_crossing_covers(rng):
    """Of 200 made experiments about 95 % of the intervals hold the true crossing."""
    sizes, truth, hits = np.array([10, 20, 30, 40]), np.log(10) / -np.log(0.9), 0
    for _ in range(200):
        errors = [rng.exponential(0.5 * 0.9**n, size=100) for n in sizes]
        _, low, high = crossing(sizes, errors, 0.05).interval()
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_sensitivity_shows_the_statistics_of_each_statement(tables):
    module = figures.load("wu2019-sensitivity")
    wider = tables["asymptotics"].assign(k=5, test_error=0.0)  # of another filter, and not to be mixed up
    tables["asymptotics"] = pd.concat([wider, tables["asymptotics"]], ignore_index=True)
    own = tables["asymptotics"].query(
        "experiment == 'own' and task == 'cls' and n_train == 30 and seed == 0 and k == 3"
    )
    tie = (tables["linear"]["experiment"] == "other") & (tables["linear"]["task"] == "cls")
    tie &= (tables["linear"]["n_train"] == 30) & (tables["linear"]["seed"] == 0)
    tables["linear"].loc[tie & (tables["linear"]["model"] == "conv"), "test_error"] = own["test_error"].item()
    frame = module.data(tables, EXPERIMENTS)
    assert set(frame["init_scale"]) == {0.1, 1.0} and (frame["own"] == (frame["init_scale"] == 0.1)).all()
    linear = tables["linear"].astype({"model": str, "loss": str, "experiment": str, "task": str})
    here = linear[(linear["experiment"] == "other") & (linear["task"] == "cls") & (linear["n_train"] == 30)]
    one, conv, xhinge = (
        here[(here["model"] == model) & (here["loss"] == loss)].sort_values("seed")["test_error"].to_numpy()
        for model, loss in (("one_layer", "hinge"), ("conv", "hinge"), ("conv", "xhinge"))
    )
    limits = tables["asymptotics"].query(
        "k == 3"
    )  # the limit does not depend on the setting: it is that of the first experiment
    svd = limits[(limits["experiment"] == "own") & (limits["task"] == "cls") & (limits["n_train"] == 30)]["test_error"]
    svd = svd.to_numpy()
    rows = frame[(frame["init_scale"] == 1.0) & (frame["task"] == "cls") & (frame["n_train"] == 30)]
    found = rows.set_index("statement")
    for statement, difference in (("advantage", one - conv), ("limit", conv - svd), ("xhinge", xhinge - svd)):
        low, high = stats.ttest_1samp(difference, 0).confidence_interval(0.95)
        assert tuple(found.loc[statement, ["mean", "low", "high"]]) == pytest.approx((difference.mean(), low, high))
    assert found.loc["optimistic", "mean"] == (svd <= conv).mean()
    assert found.loc["spread", "mean"] == pytest.approx(conv.std() / svd.std())
    figure = module.plot(frame)
    names = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert names == ["b = 0.1", "b = 1", "α = 0.1"]


def test_sensitivity_leaves_out_sizes_that_some_setting_lacks(tables):
    module = figures.load("wu2019-sensitivity")
    linear = tables["linear"]
    gone = (linear["experiment"] == "other") & (linear["n_train"] == 30) & (linear["loss"] == "xhinge")
    frame = module.data({**tables, "linear": linear[~gone]}, EXPERIMENTS)
    assert set(frame.loc[frame["statement"] != "speed", "n_train"]) == {10}


def test_intervals_of_shares_and_of_ratios_of_spread(rng):
    hits = np.array([True] * 97 + [False] * 3)
    low, high = stats.binomtest(97, 100).proportion_ci(0.95, "exact")
    assert share_interval(hits) == (0.97, low, high)
    assert share_interval(np.zeros(10, dtype=bool))[:2] == (0.0, 0.0)
    x, y = 3 * rng.normal(size=400), rng.normal(size=400)
    value, low, high = spread_ratio(x, y).interval()
    assert value == pytest.approx(x.std() / y.std()) and low < 3 < high and high - low < 1
    assert np.isnan(spread_ratio(x, np.ones(400)).interval()).all()


def test_sensitivity_correlates_the_networks_of_conv_once(tables):
    """Whatever else was recorded, and in however many experiments."""
    module = figures.load("wu2019-sensitivity")
    plain = module.data(tables, EXPERIMENTS).query("statement == 'speed'")
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
    again = module.data(more, [*EXPERIMENTS, "copy"]).query("statement == 'speed'")
    pd.testing.assert_frame_equal(again.reset_index(drop=True), plain.reset_index(drop=True))


@pytest.mark.parametrize("figure", ["wu2019-fig5", "wu2019-variants"])
@pytest.mark.parametrize("change", [{"k": 5}, {"learning_rate": 0.5}, {"init_scale": 0.5}])
def test_series_that_are_compared_have_the_settings_of_the_first_experiment(figure, change, tables):
    """An experiment with other settings, listed second but with all that the first has, changes nothing."""
    module, more = figures.load(figure), dict(tables)
    for name in ("linear", "asymptotics"):
        table = tables[name].astype({"experiment": object})
        other = table[table["experiment"] == "own"].assign(experiment="a", test_error=0.9)
        known = {key: value for key, value in change.items() if key in table}
        more[name] = pd.concat([other.assign(**known), table], ignore_index=True) if known else table
    plain = module.data(tables, ["own"])
    pd.testing.assert_frame_equal(module.data(more, ["own", "a"]), plain)
    linear = more["linear"]
    apart = linear[(linear["experiment"] != "own") | (linear["loss"] == "hinge")]  # the first has hinge alone
    frame = module.data({**more, "linear": apart}, ["own", "a"])
    assert not set(frame.get("series", frame.get("loss"))) & {"xhinge", "cross_entropy"}


@pytest.mark.parametrize("figure", TRAINED)
def test_figures_can_be_drawn_when_all_of_a_task_diverged(figure, tables):
    linear = tables["linear"].astype({"stopped": object})
    lost = (linear["task"] == "cls") & (linear["loss"] == "xhinge")
    linear.loc[lost, "stopped"] = "diverged"
    linear.loc[lost, "test_error"] = np.nan
    module = figures.load(figure)
    figure = module.plot(module.data({**tables, "linear": linear}, EXPERIMENTS))
    figure.savefig(io.BytesIO(), format="pdf")


def test_sensitivity_without_a_size_that_has_all_says_what_it_wants(tables):
    module = figures.load("wu2019-sensitivity")
    with pytest.raises(ValueError, match=r"^wu2019-sensitivity: allowed: experiments that have one_layer") as problem:
        module.data(
            {**tables, "linear": tables["linear"].query("model == 'conv' and experiment != 'weights'")}, EXPERIMENTS
        )
    assert str(problem.value).endswith("given: own, other, weights")


@pytest.mark.parametrize(("d", "k", "n_train"), [(10, 10, [2, 5]), (2, 2, [1]), (100, 50, [2000]), (4, 1, [1, 3])])
def test_figure_4_can_be_drawn_at_the_edges(d, k, n_train):
    module = figures.load("wu2019-fig4")
    theory = pd.DataFrame({"experiment": "edge", "d": d, "k": k, **curves(d, k, n_train, 20, 7)})
    frame = module.data({"theory": theory}, ["edge"])
    assert not np.isinf(frame["value"].dropna()).any()
    module.plot(frame).savefig(io.BytesIO(), format="pdf")


def test_statistics_of_too_little_are_empty():
    empty = np.array([])
    for interval in (
        mean_interval(empty),
        mean_interval(np.ones(1)),
        share_interval(empty),
        spread_ratio(empty, empty).interval(),
        rank_correlation(empty, empty, empty).interval(),
        crossing(np.array([10]), [np.ones(5)], 0.05).interval(),
    ):
        assert np.isnan(interval).all() and len(interval) == 3


def test_complexity_leaves_out_filters_without_a_limit(tables, rng):
    module = figures.load("wu2019-complexity")
    made = complexity_tables(100, (1, 2), lambda n: [int(n / 2), int(2 * n)], 5, rng)
    made["asymptotics"] = made["asymptotics"].query("k == 2")
    figure = module.plot(module.data(made, ["one", "others"]))
    assert "k = 2" in texts(figure) and "k = 1" not in texts(figure).replace("n(k=1)", "")
