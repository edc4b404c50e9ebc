"""How much the network could overfit, and how little it does: VC dimension, a bad network, and trained ones.

Ref: brutzkus2021, Section 4 (can thus potentially overfit badly); Theorem 4.2
"""

import pandas as pd
from matplotlib.figure import Figure

from convbias.detection.summary import summarise_networks
from convbias.figures import style as style
from convbias.statistics.summary import first, select

TITLE = "Section 4: capacity, and a network that fits and fails"
CAPTION = """
brutzkus2021, Section 4: how many inputs ConvPool can shatter, and a network that fits its training set and errs on all
other inputs. The paper says: "the network can separate datasets of size up to exponential in d, and can thus
potentially overfit badly". (a) The exact VC dimension of ConvPool with any number of channels, on inputs of d = l = 2n
patterns, and the bound of Theorem 4.2. The cross is the number of parameters of the trained networks in (b). (b) Test
errors of networks of Equation 1. The bad network has 2^d channels. It outputs the label of each set of patterns in its
training set, and the wrong label for all other sets. ConvPool trained with Adam or with Algorithm 1 does not find it.
With T_2 = infinity, the second layer of Algorithm 1 is the classifier of maximum margin. Bars are 95 % intervals of the
mean. All networks in (b) have training error 0, so minimising that error cannot tell the bad one from the others.
"""
TABLES = ("theory", "detection")
REQUIRED_SETTINGS = [
    {"check": ["brutzkus2021-vc-dimension"]},
    {"check": ["brutzkus2021-bad-erm"]},
    {"models": ["conv_pool"], "trainings": ["adam"]},
]
CAPACITY = {"vc_dimension": ("VC dimension", "black", "-"), "vc_bound": ("bound", style.COLOUR["mlp"], ":")}
TRAINING = {
    "adam": ("Adam", "conv_pool"),
    "layerwise": ("Algorithm 1", "layerwise"),
    "layerwise_limit": ("Algorithm 1, $T_2 = \\infty$", "layerwise_limit"),
}


def data(tables: dict[str, pd.DataFrame], experiments: list[str]) -> pd.DataFrame:
    """The numbers of the theory table, the mean error of the bad network, and the summaries of ConvPool."""
    theory = select(tables["theory"], experiments)
    theory = theory[theory["quantity"].isin([*CAPACITY, "bad_erm_error"])]
    own = theory[["experiment", "quantity", "d", "n_train", "low", "high"]].assign(mean=theory["value"])
    runs = select(tables["detection"], experiments, model="conv_pool")
    trained = [
        summarise_networks(first(rows, experiments)).assign(quantity=name)
        for name in TRAINING
        if len(rows := runs[runs["training"] == name])
    ]
    return pd.concat([own, *trained], ignore_index=True)


def plot(frame: pd.DataFrame) -> Figure:
    """Left: the capacity against d. Right: test errors against the number of training samples."""
    trained = frame[frame["networks"].notna()]
    with style.style():
        figure, ((left, right),) = style.axes_grid(1, 2, 2.3, width_ratios=[1, 1.25])
        for name, (label, colour, dashes) in CAPACITY.items():
            rows = frame[frame["quantity"] == name].sort_values("d")
            left.plot(rows["d"], rows["mean"], dashes, color=colour, label=label)
        left.plot(trained["d"].iloc[0], trained["n_parameters"].iloc[0], "x", color="0.4", markersize=4)
        left.set_yscale("log", base=2)
        left.set(xlabel="d = l = 2n", ylabel="inputs that are shattered", title="(a) capacity")
        left.legend(loc="upper left", handlelength=1.5, borderaxespad=0)
        bad = frame[frame["quantity"] == "bad_erm_error"]
        style.draw(right, bad, "bad network", style.COLOUR["mlp"], band=False, marker="s", linestyle="--")
        for (name, (label, looks)), shift in zip(TRAINING.items(), style.shifts(len(TRAINING)), strict=True):
            rows = trained[trained["quantity"] == name]
            if len(rows):
                style.draw(right, rows, label, band=False, shift=shift, **style.look(looks))
        style.sample_axis(right, pd.concat([bad["n_train"], trained["n_train"]]))
        right.set(xlabel=style.SAMPLES, ylabel=style.ERROR, title="(b) no training errors", ylim=(-0.03, 1.05))
        right.legend(loc="center right", handlelength=1.8, fontsize=5.5, borderaxespad=0)
        style.note(figure, trained, "Bars: 95 % intervals of the mean.")
    return figure
