"""Every figure of every paper, and the figures of all claims: captions, files, and their look in print."""

import numpy as np
import pytest

from convbias import catalogue, registry
from made_figures import SHOWN, TABLES, decided
from printed import draw, indistinguishable, pdf

CLAIMS = {catalogue.claims_figure(paper).name: paper for paper in registry.papers()}


@pytest.fixture(scope="module", params=[*SHOWN, *CLAIMS])
def drawing(request):
    """A function that draws one figure, each time from the same tables."""
    name, rng = request.param, np.random.default_rng(20190416)
    if name in CLAIMS:
        shown = [claim.id for claim in catalogue.claims().values() if claim.paper == CLAIMS[name]]
        tables = decided(shown, rng)
    else:
        shown, tables = SHOWN[name], TABLES[name](rng)
    return lambda: draw(name, tables, shown)[1]


def test_every_figure_has_made_tables():
    assert set(SHOWN) == set(TABLES) == set(catalogue.figures())


def test_a_figure_has_the_same_bytes_each_time(drawing):
    files = [pdf(drawing()) for _ in range(2)]
    assert files[0] == files[1] and len(files[0]) > 5000


def test_names_in_a_legend_differ_in_print_without_colour(drawing):
    assert indistinguishable(drawing()) == []


@pytest.mark.parametrize("name", [*SHOWN, *CLAIMS])
def test_a_caption_names_its_paper_and_has_no_blanks(name):
    figure = catalogue.figure(name)
    authors = {"lahoti2024-slopes": "Lahoti, Karp, Winston, Singh and Li (ICLR 2024)"}
    assert authors.get(name, figure.paper) in " ".join(figure.caption.split())
    assert figure.caption.endswith(".") and not set("{}") & set(figure.caption)


def test_captions_differ():
    captions = [catalogue.figure(name).caption for name in (*SHOWN, *CLAIMS)]
    assert len(set(captions)) == len(captions)
