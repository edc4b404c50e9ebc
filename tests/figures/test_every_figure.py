"""Every figure of every paper: captions, files, and their look in print."""

import re

import numpy as np
import pytest

from convbias import catalogue
from convbias_pipeline.report.captions import sentences
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
    authors = {
        "lahoti2024": "Lahoti, Karp, Winston, Singh and Li (ICLR 2024)",
        "kou2023": "Kou, Chen, Chen and Gu (ICML 2023)",
    }
    assert authors.get(figure.paper, figure.paper) in " ".join(figure.caption.split())
    assert figure.caption.endswith(".") and not set("{}") & set(figure.caption)


@pytest.mark.parametrize("name", SHOWN)
def test_the_first_and_last_sentence_of_a_caption_are_enough_to_read_the_figure(name):
    """The page of a run shows these two. The first names what is plotted, the last is not about bars and lines."""
    figure = catalogue.figures()[name]
    first, *_, last = sentences(figure.caption)
    assert " ".join(sentences(figure.caption)) == " ".join(figure.caption.split())
    assert all(3 < len(sentence.split()) <= 40 for sentence in (first, last))
    assert not re.search("interval|standard deviation|^(Bars|Bands|Lines|Dots|Grey) ?(are|is|:)", last)
    assert "`" not in figure.caption and "**" not in figure.caption  # the page knows *this* only


@pytest.mark.parametrize("text", ["title", "caption"])
def test_titles_and_captions_differ(text):
    texts = [getattr(catalogue.figures()[name], text) for name in SHOWN]
    assert len(set(zip(texts, (name.split("-")[0] for name in SHOWN), strict=True))) == len(texts)
