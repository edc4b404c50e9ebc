"""The caption of a figure and the settings of its experiments, for the page of a run and for the report."""

import ast
import re
from collections.abc import Callable
from typing import Any

from convbias import catalogue, registry
from convbias_pipeline.jobs import plan
from convbias_pipeline.jobs.plan import Config

LABELS = ("stated", "derived", "assumed")


def figures(config: Config, images: Callable[[], str]) -> list[dict[str, Any]]:
    """The texts and settings of each figure of a run. ``images`` names its digit images."""
    described = (catalogue.figures()[name] for name in config["figures"])
    return [
        {
            "name": figure.name,
            "paper": figure.paper,
            "reference": reference(figure.paper),
            "title": figure.title,
            "caption": sentences(figure.caption),
            "settings": settings(config, figure.name),
            "images": images() if plan.shows_images(config, figure.name) else "",
        }
        for figure in described
    ]


def reference(paper: str) -> str:
    """The authors, place and year of a paper: the first line of its package."""
    text = registry.path(f"papers.{paper}.__init__").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or paper).split("\n")[0]


def sentences(caption: str) -> list[str]:
    """The sentences of a caption."""
    return re.split(r"(?<=[.!?]) (?=[A-Z(*])", " ".join(caption.split()))


def settings(config: Config, figure: str) -> list[dict[str, Any]]:
    """For each experiment of a figure, its name and its settings under stated, derived and assumed.

    The first experiment has all settings, and the others only those that differ from the first. Settings without effect
    are left out.
    """
    shown: list[dict[str, Any]] = []
    names = config["figures"][figure]
    first = plan.entry(config, names[0]) if names else {}
    unused_in_first = plan.unused_settings(first)
    for name in names:
        entry = plan.entry(config, name)
        unused = plan.unused_settings(entry)
        texts: dict[str, list[str]] = {label: [] for label in LABELS}
        for key, label in entry["labels"].items():
            differs = entry[key] != first.get(key) or key in unused_in_first
            if key not in unused and (entry is first or differs):
                texts[label].append(f"{key} = {entry[key]}")
        shown.append({"name": name, **texts})
    return shown
