"""Figures of other experiments than their own: each is drawn, or refused when the configuration is read."""

import random
from runpy import run_path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest

from convbias import catalogue, figures
from convbias_pipeline.configuration import check
from convbias_pipeline.jobs import plan
from convbias_pipeline.store.files import read_frames, read_provenance, stream_frames
from running import ROOT, changes, expanded

FIGURES = catalogue.figures()
CONFIG = expanded(changes())


def named(figure):
    return [name for section in plan.sections_of(FIGURES[figure].tables) for name in CONFIG[section]]


def sample():
    """One experiment, two, and those of the preset with one more in front of them or behind them, for each figure."""
    drawn = random.Random(20190416)
    for figure in FIGURES:
        names, own = named(figure), CONFIG["figures"].get(figure, [])
        another = drawn.choice([name for name in names if name not in own])
        yield from ((figure, one) for one in ([another], drawn.sample(names, 2), [*own, another], [another, *own]))


def refused(figure, experiments):
    return list(check._unmet({**CONFIG, "figures": {figure: experiments}}))


def named_tables(finished, figure):
    """The files of a figure's tables, and the params of the jobs that made them."""
    paths = {table: finished / f"results/tables/{table}.parquet" for table in FIGURES[figure].tables}
    return paths, {table: read_provenance(path)["configuration"] for table, path in paths.items()}


def draw(finished, figure, experiments):
    read = stream_frames if FIGURES[figure].streamed else read_frames
    tables, expected = named_tables(finished, figure)
    data, plot = figures.load(FIGURES[figure])
    plot(data(read(tables.items(), experiments, expected), experiments))
    plt.close("all")


VARIANTS = ["wu2019-two-layer", "wu2019-cross-entropy", "wu2019-fig2"]


@pytest.mark.parametrize(
    ("figure", "experiments"),
    [
        ("wu2019-fig4", ["wu2019-fig4", "wu2019-term-bounds"]),
        ("wu2019-fig4", ["wu2019-fig4", "wu2019-capacity"]),
        ("wu2019-fully-connected", ["wu2019-fig4", "wu2019-fully-connected"]),
        ("wu2019-phase-k", ["wu2019-fig2", "wu2019-phase-k-k3"]),
        ("wu2019-phase-b", ["wu2019-b1-one-layer", "wu2019-fig6"]),
        ("wu2019-phase-d", ["wu2019-fig2", "wu2019-two-layer"]),
        ("brutzkus2021-phase", ["brutzkus2021-fig3c", "brutzkus2021-k5"]),
        ("wu2019-fig5", ["wu2019-lemma1", "wu2019-fig2", "wu2019-fig5"]),
        ("wu2019-floor", ["brutzkus2021-eq14", "wu2019-bias-floor"]),
    ],
)
def test_experiments_of_two_kinds_are_drawn(finished, figure, experiments):
    assert refused(figure, experiments) == []
    draw(finished, figure, experiments)


@pytest.mark.parametrize(
    ("figure", "experiments"),
    [
        ("wu2019-variants", ["wu2019-fig2-b1", *VARIANTS]),
        ("wu2019-complexity", ["wu2019-b1-one-layer", "wu2019-phase-k-k1"]),
        ("wu2019-fig5", ["wu2019-b1-one-layer", "wu2019-fig2", "wu2019-fig5"]),
        ("wu2019-fig5", ["wu2019-exact-limit", "wu2019-fig5", "wu2019-fig2"]),
        ("wu2019-sensitivity", ["wu2019-b1-one-layer", "wu2019-fig6"]),
        ("brutzkus2021-channels", ["brutzkus2021-layerwise", "brutzkus2021-k5"]),
        ("brutzkus2021-fig4", ["brutzkus2021-separability-digits", "brutzkus2021-fig3a"]),
        ("brutzkus2021-sensitivity", ["brutzkus2021-separability-digits", "brutzkus2021-fig3a"]),
    ],
)
def test_experiments_that_cannot_be_drawn_together_are_refused(figure, experiments):
    assert set(experiments) <= set(named(figure))
    for line in refused(figure, experiments) or ["accepted"]:
        assert line.startswith(f"figures.{figure}: ") and "need" in line and experiments[0] in line


def test_a_sample_of_combinations_is_drawn_or_refused(finished):
    accepted = [(figure, experiments) for figure, experiments in sample() if not refused(figure, experiments)]
    failed = {}
    for figure, experiments in random.Random(20190416).sample(accepted, 20):
        try:
            draw(finished, figure, experiments)
        except Exception as error:
            failed[figure, *experiments] = repr(error)
    assert failed == {} and len(accepted) > 50


def test_a_figure_that_cannot_be_drawn_names_its_experiments(finished, monkeypatch):
    monkeypatch.setattr("convbias_pipeline.run.begin.begin_job", lambda job: None)
    params = {"figure": "wu2019-sensitivity", "experiments": ["wu2019-b1-one-layer", "wu2019-fig6"]}
    tables, expected = named_tables(finished, params["figure"])
    job = SimpleNamespace(log=[""], params=SimpleNamespace(job_params=params, expected=expected), input=tables)
    with pytest.raises(ValueError, match="wu2019-sensitivity needs one_layer") as caught:
        run_path(str(ROOT / "workflow/scripts/plot_figure.py"), {"snakemake": job})
    (note,) = caught.value.__notes__
    assert note.startswith("wu2019-sensitivity cannot be drawn from wu2019-b1-one-layer, wu2019-fig6. Name other ")
