import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convbias import figures
from convbias.figures._summary import rank_correlation, select, summarise
from convbias.registry import names
from convbias.tables import _NETWORK
from convbias.theory.curves import curves
from convbias.theory.neighbours import no_pair_probability, uncovered_error, uncovered_error_approximation
from convbias.theory.one_layer import one_layer_error

EXPERIMENTS = ["own", "other"]
TRAINED = [figure for figure in names("figures") if "linear" in figures.load(figure).TABLES]


@pytest.fixture
def tables(rng):
    """Tables as the pipeline hands them on, with made-up errors: two experiments, of which the second has another b."""
    rows = []
    for experiment, scale in zip(EXPERIMENTS, (0.1, 1.0), strict=True):
        for task in ("cls", "third_person"):
            for model, loss in (("one_layer", "hinge"), ("conv", "hinge"), ("conv", "xhinge")):
                for n_train in (10, 30):
                    for seed in range(5):
                        rows.append((experiment, task, model, loss, 20, 3, n_train, seed, seed, 0.1, scale))
    columns = [name for name, _ in _NETWORK]
    linear = pd.DataFrame(rows, columns=columns)
    linear["test_error"] = rng.uniform(size=len(linear))
    linear["stopped"] = np.where(linear["loss"] == "hinge", "zero_loss", "all_steps")
    steps = pd.DataFrame({"step": [0, 10, 40]})
    trajectories = linear[linear["model"] == "conv"].merge(steps, how="cross")
    trajectories[["train_error", "test_error"]] = rng.uniform(size=(len(trajectories), 2))
    limits = linear[(linear["model"] == "conv") & (linear["loss"] == "xhinge")]
    limits = limits[["experiment", "task", "d", "k", "n_train", "seed", "test_error"]]
    limits = limits.assign(degenerate=limits["n_train"].eq(10) & limits["seed"].lt(2))
    categories = dict.fromkeys(("experiment", "task", "model", "loss", "stopped"), "category")
    theory = pd.concat(
        pd.DataFrame({"experiment": name, "d": 20, "k": 3, **curves(20, 3, [2, 8], 50, 7)}) for name in EXPERIMENTS
    )
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
    lost = (
        (linear["model"] == "conv")
        & (linear["loss"] == "hinge")
        & (linear["experiment"] == "own")
        & (linear["seed"] == 1)
    )
    linear["stopped"] = linear["stopped"].cat.add_categories("diverged")
    linear.loc[lost, ["stopped"]] = "diverged"
    linear.loc[lost, "test_error"] = np.nan
    assert f"{lost.sum()} more diverged or did not finish and are LEFT OUT" in texts(
        module.plot(module.data(tables, EXPERIMENTS))
    )


@pytest.mark.parametrize("figure", names("figures"))
def test_figures_are_the_same_bytes_each_time(figure, tables):
    module = figures.load(figure)
    files = []
    for _ in range(2):
        file = io.BytesIO()
        module.plot(module.data(tables, EXPERIMENTS)).savefig(file, format="pdf", metadata={"CreationDate": None})
        files.append(file.getvalue())
    assert files[0] == files[1]


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
        figure = module.plot(module.data(several, ["own", "other", "third"]))
        for line in (line for axes in figure.axes for line in axes.lines if line.get_linestyle() != "None"):
            x = np.asarray(line.get_xdata())
            assert (np.diff(x) > 0).all(), (name, line.get_label())
    fig2 = figures.load("wu2019-fig2")
    labels = {line.get_label() for line in fig2.plot(fig2.data(several, ["own", "other", "third"])).axes[2].lines}
    assert {"b = 0.1, α = 0.1", "b = 0.1, α = 0.5", "b = 1, α = 0.1"} <= labels


def test_figure_5_shows_the_share_of_degenerate_training_sets(tables):
    module = figures.load("wu2019-fig5")
    frame = module.data(tables, ["own"])
    shares = frame[frame["series"] == "asymptotics"].set_index(["task", "n_train"])["degenerate"]
    assert shares["cls", 10] == 0.4 and shares["cls", 30] == 0
    figure = module.plot(frame)
    np.testing.assert_allclose(figure.axes[2].lines[0].get_ydata(), [0.4, 0])
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
    assert len(module.plot(module.data(tables, EXPERIMENTS)).axes) == 4


def test_rank_correlation_is_spearmans_within_groups(rng):
    x, group = rng.normal(size=60), np.repeat([0, 1], 30)
    y = x + rng.normal(size=60)
    value, low, high = rank_correlation(x, y, group)
    each = [stats.spearmanr(x[group == g], y[group == g]) for g in (0, 1)]
    assert value == pytest.approx(np.mean([one.statistic for one in each]))
    assert low < value < high and high - low < 0.5
    shifted = rank_correlation(x + 100 * group, np.exp(y) - 50 * group, group)  # groups may lie anywhere
    assert shifted == (value, low, high)
    assert (
        np.isnan(rank_correlation(x, np.ones(60), group)).all()
        and np.isnan(rank_correlation(x[:2], y[:2], group[:2])).all()
    )


def test_the_interval_of_the_rank_correlation_covers(rng):
    """Of 200 samples from a bivariate normal law, about 95 % of the intervals hold its Spearman correlation."""
    r, hits = 0.6, 0
    truth = 6 / np.pi * np.arcsin(r / 2)
    for _ in range(200):
        x, z = rng.normal(size=(2, 50))
        _, low, high = rank_correlation(x, r * x + (1 - r**2) ** 0.5 * z, np.zeros(50))
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_figure_6_draws_accuracy_by_step_and_hinge_error_by_speed(tables):
    module = figures.load("wu2019-fig6")
    frame = module.data(tables, ["own", "other"])
    steps, linear = tables["trajectories"], tables["linear"]
    own = steps[(steps["experiment"] == "own") & (steps["task"] == "cls") & (steps["n_train"] == 10)]
    figure = module.plot(frame)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    for loss, label in (("hinge", "Normal (hinge)"), ("xhinge", "X-hinge")):
        for split in ("train", "test"):
            expected = 1 - own[own["loss"] == loss].groupby("step")[f"{split}_error"].mean()
            np.testing.assert_allclose(lines[f"{label}, {split}"].get_ydata(), expected)
            assert lines[f"{label}, {split}"].get_xdata().tolist() == [0, 10, 40]
    (points,) = figure.axes[4].lines
    runs = linear[(linear["experiment"] == "own") & (linear["task"] == "cls") & (linear["loss"] == "hinge")]
    runs = runs[(runs["model"] == "conv") & (runs["n_train"] == 10)].sort_values("seed")
    xhinge = own[own["loss"] == "xhinge"].pivot_table(index="seed", columns="step", values="test_error")
    speed = (5 * (xhinge[0] + xhinge[10]) + 15 * (xhinge[10] + xhinge[40])) / 40
    np.testing.assert_allclose(points.get_xdata(), speed)
    np.testing.assert_allclose(points.get_ydata(), runs["test_error"])
    row = frame[(frame["kind"] == "correlation") & (frame["task"] == "cls")].iloc[0]
    assert row["networks"] == 10 and f"ρ = {row['mean']:.2f}" in texts(figure)
