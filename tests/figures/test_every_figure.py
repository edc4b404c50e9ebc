"""Every figure of every paper: captions, files, and their look in print."""

import numpy as np
import pytest

from convbias import catalogue
from made_figures import SHOWN, TABLES
from printed import draw, indistinguishable, pdf


@pytest.fixture(scope="module", params=SHOWN)
def drawing(request):
    """A function that draws one figure, each time from the same tables."""
    name, rng = request.param, np.random.default_rng(20190416)
    tables = TABLES[name](rng)
    return lambda: draw(name, tables, SHOWN[name])[1]


def test_every_figure_has_made_tables():
    assert set(SHOWN) == set(TABLES) == set(catalogue.figures())


def test_a_figure_has_the_same_bytes_each_time(drawing):
    files = [pdf(drawing()) for _ in range(2)]
    assert files[0] == files[1] and len(files[0]) > 5000


def test_names_in_a_legend_differ_in_print_without_colour(drawing):
    assert indistinguishable(drawing()) == []


@pytest.mark.parametrize("name", SHOWN)
def test_a_caption_names_its_paper_and_has_no_blanks(name):
    figure = catalogue.figures()[name]
    authors = {"lahoti2024-slopes": "Lahoti, Karp, Winston, Singh and Li (ICLR 2024)"}
    assert authors.get(name, figure.paper) in " ".join(figure.caption.split())
    assert figure.caption.endswith(".") and not set("{}") & set(figure.caption)


def test_captions_differ():
    captions = [catalogue.figures()[name].caption for name in SHOWN]
    assert len(set(captions)) == len(captions)
