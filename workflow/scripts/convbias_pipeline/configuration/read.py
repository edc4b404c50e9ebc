"""``python -m convbias_pipeline.configuration.read FILE...`` reads YAML files, within limits, and reports their errors.

Snakemake reads a user's file before this workflow does, and without limits. If it ends with a traceback or does not
answer, this command says why.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is six times as fast, but not always there
MOST_BYTES, MOST_NODES, MOST_DEPTH = 1_000_000, 100_000, 20  # the largest file of a paper has 30 kB and a depth of 5
OCTAL, CLOCK = re.compile(r"[-+]?0[0-7_]+"), re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
KIND = {"int": "whole number", "float": "number", "timestamp": "date", "bool": "true or false"}


class ReadError(ValueError):
    """A file is not a YAML file within the limits; the message lists every error with its line and column."""


def read(file: Path) -> Any:
    """The content of a YAML file.

    Raises:
        ReadError: the file cannot be read, is not valid YAML, exceeds a limit, or has values that YAML misreads.
    """
    return yaml.load(checked(file), LOADER)


def nodes(file: Path) -> yaml.Node | None:
    """The nodes of a YAML file, with their places in it. It raises the errors of ``read``."""
    return yaml.compose(checked(file), LOADER)


def check(files: Iterable[Path]) -> None:
    """Raise the errors of ``read`` for the first of some files that has any."""
    for file in files:
        checked(file)


def checked(file: Path) -> str:
    """The text of a YAML file that has none of the errors of ``read``."""
    name = os.path.relpath(file)
    try:
        with open(file, "rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {error.strerror}. Check its name and permissions.") from None
    if len(content) > MOST_BYTES:
        raise ReadError(f"{name} has more than {MOST_BYTES} bytes. Is it a configuration? Split or shorten it.")
    try:
        text = content.decode()
        problems = list(_problems(text))
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        problems = [f"line {line}, column {column}: byte 0x{content[error.start]:02x} is not UTF-8. Save it as UTF-8."]
    except yaml.MarkedYAMLError as error:
        raise ReadError(f"{name} is not valid YAML: {_place(error.problem_mark)}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ReadError(f"{name} is not valid YAML: {error}") from None
    if problems:
        count = f"{len(problems)} error{'s' if len(problems) > 1 else ''}"
        raise ReadError("\n".join([f"{name} has {count}:", *(f"  {problem}" for problem in problems)]))
    return text


def _problems(text: str) -> Iterator[str]:
    """Each value that YAML misreads. An exceeded limit is the last problem: the rest is not read."""
    loader, resolver = yaml.SafeLoader(""), yaml.SafeLoader("")
    open_nodes: list[list[Any]] = [["", 0]]  # anchor and number of nodes of each node that has not ended
    sizes: dict[str, int] = {}  # by anchor, with all aliases written out
    for event in yaml.parse(text, LOADER):
        place = _place(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            yield from (f"{place}: {problem}" for problem in _misread(event, loader, resolver))
            open_nodes[-1][1] += 1
            sizes[event.anchor or ""] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) > MOST_DEPTH:
                yield f"{place}: nested more than {MOST_DEPTH} deep. A configuration needs 5; remove brackets."
                return
            open_nodes.append([event.anchor or "", 1])
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_nodes.pop()
            open_nodes[-1][1] += size
            sizes[anchor] = size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in [anchor for anchor, _ in open_nodes]:
                yield f"{place}: *{event.anchor} contains itself. Write its values out."
                return
            if event.anchor not in sizes:
                yield f"{place}: there is no &{event.anchor} before this *{event.anchor}. Check its name."
                return
            open_nodes[-1][1] += sizes[event.anchor]
        if open_nodes[-1][1] > MOST_NODES:
            yield f"{place}: more than {MOST_NODES} values, with aliases (*) written out. Use fewer aliases."
            return


def _misread(event: yaml.ScalarEvent, loader: yaml.SafeLoader, resolver: yaml.SafeLoader) -> Iterator[str]:
    """Why a scalar has no value, or another than it seems to have."""
    plain = event.implicit[0] and not event.tag
    tag = event.tag or resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
    shown = event.value if len(event.value) <= 40 else event.value[:37] + "..."
    if tag in ("tag:yaml.org,2002:value", "tag:yaml.org,2002:merge"):
        return
    try:
        value = loader.construct_object(yaml.ScalarNode(tag, event.value))
    except yaml.YAMLError:
        yield f"{shown} has the tag {tag.replace('tag:yaml.org,2002:', '!!')}, which is not allowed. Remove the tag."
        return
    except (ValueError, LookupError, AttributeError, OverflowError):
        kind = KIND.get(kind := tag.rsplit(":", 1)[-1], kind)
        yield f'{shown} is no valid {kind}. Correct it, or write "{shown}" for a text.'
        return
    if plain and isinstance(value, int | float) and CLOCK.fullmatch(event.value):
        yield (
            f'YAML reads {shown} as the number {value:g}. Write {value:g}, "{shown}" for a text, or a space after the '
            "colon for a key."
        )
    elif plain and type(value) is int and OCTAL.fullmatch(event.value):
        meant = event.value.lstrip("+-0_") or "0"
        yield f'YAML reads {shown} as the octal number {value}. Write {meant}, {value}, or "{shown}" for a text.'


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


if __name__ == "__main__":
    try:
        check(map(Path, sys.argv[1:]))
    except ReadError as problem:
        sys.exit(str(problem))
