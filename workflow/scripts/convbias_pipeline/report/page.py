"""The page of a run, ``results/index.html``. Its figures and links are files beside it, so it stays small."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from convbias.claims.finding import VERDICTS
from convbias.claims.page import EXCEPTIONS, Rows, colour, counted, groups

TEMPLATE = Path(__file__).with_suffix(".html")
SHOWN = 5  # claims beside a figure; the page folds the others


def page(claims: Rows, figures: Sequence[Mapping[str, Any]], drawings: Iterable[str]) -> str:
    """The page of a run.

    Args:
        claims: the rows of the table of claims.
        figures: the texts and settings of each figure, as ``captions.figures`` returns them.
        drawings: the SVG file of each figure.
    """
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(colour=colour, emphasised=emphasised, counted=_counted)
    sizes = {Path(drawing).stem: size(Path(drawing)) for drawing in drawings}
    described = [{**figure, **sizes[figure["name"]], **_claims(claims, figure["name"])} for figure in figures]
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        papers={paper: [one for one in described if one["paper"] == paper] for paper in _papers(described)},
        groups=[{**group, "counts": Counter(row["verdict"] for row in group["rows"])} for group in groups(claims)],
        total=Counter(row["verdict"] for row in claims),
        verdicts=VERDICTS,
        images=sorted({figure["images"] for figure in figures} - {""}),
    )


def emphasised(text: str) -> Markup:
    """A sentence of a caption as HTML. Captions mark *words* in no other way."""
    return Markup(re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", str(escape(text))))


def size(drawing: Path) -> dict[str, int]:
    """The width and height of an SVG, so that the page keeps its place while figures load."""
    with drawing.open(encoding="utf-8") as file:
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', file.read(2000))
    if not box:
        raise ValueError(f"{drawing} has no viewBox and was not drawn by this pipeline. Delete it and run again.")
    return {"width": round(float(box[1])), "height": round(float(box[2]))}


def _papers(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(figure["paper"] for figure in figures))


def _claims(claims: Rows, figure: str) -> dict[str, list[Mapping[str, Any]]]:
    """The claims that a figure bears on: those that do not hold come first. The page folds the last ones."""
    own = [row for row in claims if row["figure"] == figure]
    own.sort(key=lambda row: [*EXCEPTIONS, "holds"].index(row["verdict"]))
    return {"claims": own[:SHOWN], "more": own[SHOWN:]}


def _counted(rows: Rows) -> str:
    return counted(rows, "other claim")
