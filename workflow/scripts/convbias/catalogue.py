"""The figures, claims and checks of all papers, read from the constants of their modules without importing them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar, get_args

from convbias import registry

Kind = Literal["theorem", "result", "observation", "extension"]


@dataclass(frozen=True)
class Check:
    """Values that a paper's theory predicts, or the cases in which it was checked: one entry of the theory table.

    ``settings`` names the settings of its function, each with its type: see ``configuration.check``.
    """

    name: str
    module: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure of a paper.

    ``title`` names the item of the paper. ``caption`` is reStructuredText. Its first sentence says what is plotted, and
    its last what to notice: the page of a run shows these two, and folds the rest. ``tables`` are the tables that it
    draws. For each item of ``required_settings``, one of its experiments must have all the settings of the item. An
    empty list stands for any value except 0, and None for the value that the first experiment has. All experiments of a
    figure with ``common_sizes`` must have these settings and a sample size in common.
    A ``streamed`` figure reads its tables row group by row group. ``options`` are passed to its functions.
    """

    name: str
    module: str
    title: str
    caption: str
    tables: tuple[str, ...]
    required_settings: list[dict[str, list[Any] | None]]
    streamed: bool = False
    common_sizes: Mapping[str, list[str]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def paper(self) -> str:
        return self.name.split("-")[0]


@dataclass(frozen=True)
class Claim:
    """A statement of a paper, as we read it.

    ``quote`` is the paper's own sentence, and ``scope`` says where the paper states it. A ``theorem`` is decided case
    by case. A ``result`` is about expectations or rates that the paper derived or measured. An ``observation`` is a
    remark on a figure. An ``extension`` is ours, and needs no quote. ``over`` is the symbol of a setting over which the
    claim speaks: then it may hold in part. ``looks`` counts how often we looked at its verdict while we added data.
    ``precision`` is the half-width that the 95 % interval of a sub-test needs if it contains a bound: a quarter of the
    claim's margin where it has one. Exact checks need none.
    ``threshold`` and ``statistic`` may name the numbers of ``settings`` in braces. ``note`` explains our reading of the
    paper, for example of a misprint.

    Raises:
        ValueError: the kind is unknown, or the quote is missing.
    """

    id: str
    module: str
    tables: tuple[str, ...]
    where: str
    statement: str
    kind: Kind
    statistic: str
    threshold: str
    figure: str
    settings: Mapping[str, Any]
    quote: str = ""
    scope: str = ""
    over: str = ""
    looks: int = 1
    precision: float = 0
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"claim {self.id}: kind is {self.kind!r}. Allowed: {', '.join(get_args(Kind))}")
        if not self.quote and self.kind != "extension":
            raise ValueError(f"claim {self.id}: quote is missing. Only an extension has none")
        for name in ("statistic", "threshold"):
            object.__setattr__(self, name, getattr(self, name).format(**self.settings))

    @property
    def paper(self) -> str:
        return self.id.split("-")[0]


Declared = TypeVar("Declared", Check, Figure, Claim)


@cache
def checks() -> dict[str, Check]:
    """All checks by name: ``wu2019-error-terms`` is ``papers/wu2019/checks/error_terms.py``."""

    def declared() -> Iterator[tuple[str, Check]]:
        for paper, module, name in _modules("checks"):
            yield f"{paper}-{name}", Check(f"{paper}-{name}", module, registry.constants(module)["SETTINGS"])

    return _unique("check", declared())


@cache
def figures() -> dict[str, Figure]:
    """All figures of papers by name: ``wu2019-fig2`` is ``papers/wu2019/figures/fig2.py``.

    A module with the constant ``FIGURES`` draws several: each key is the name of a figure, its value the options.
    """

    def declared() -> Iterator[tuple[str, Figure]]:
        for paper, module, name in _modules("figures"):
            for own, options in registry.constants(module).get("FIGURES", {name: {}}).items():
                yield f"{paper}-{own}", _figure(f"{paper}-{own}", module, options)

    return _unique("figure", declared())


@cache
def claims() -> dict[str, Claim]:
    """All claims by id, in the order of their modules' names."""

    def declared() -> Iterator[tuple[str, Claim]]:
        for _, module, _ in _modules("claims"):
            constants = registry.constants(module)
            common = constants["COMMON"]
            for name, own in constants["CLAIMS"].items():
                settings = {**common.get("settings", {}), **own.get("settings", {})}
                fields = {**common, **own, "tables": tuple(constants["TABLES"]), "settings": settings}
                yield name, Claim(**{**fields, "id": name, "module": module})

    return _unique("claim", declared())


def _unique(kind: str, declared: Iterator[tuple[str, Declared]]) -> dict[str, Declared]:
    """What is declared, by name.

    Raises:
        ValueError: names are declared more than once; the message has the files of each.
    """
    result: dict[str, Declared] = {}
    errors = []
    for name, one in declared:
        if name in result:
            first, second = (registry.path(each.module).relative_to(registry.CORE) for each in (result[name], one))
            errors.append(f"{kind} {name} is declared in {first} and in {second}. Rename one.")
        result[name] = one
    if errors:
        raise ValueError("\n".join(errors))
    return result


def _figure(name: str, module: str, options: Mapping[str, Any]) -> Figure:
    constants = registry.constants(module)
    if missing := [text for text in ("TITLE", "CAPTION", "TABLES", "REQUIRED_SETTINGS") if text not in constants]:
        file = registry.path(module).relative_to(registry.CORE)
        raise ValueError(f"{file}: {' and '.join(missing)} missing. Every figure needs them: see docs/extending.md.")
    title, caption = (constants[text].strip() for text in ("TITLE", "CAPTION"))
    return Figure(
        name,
        module,
        title.format(**options) if options else title,
        caption.format(**options) if options else caption,
        tuple(constants["TABLES"]),
        constants["REQUIRED_SETTINGS"],
        constants.get("STREAMED", False),
        constants.get("COMMON_SIZES", {}),
        {key: value for key, value in options.items() if key in constants.get("OPTIONS", ())},
    )


@cache
def _modules(kind: str) -> list[tuple[str, str, str]]:
    """Paper, module and name (with ``-`` for ``_``) of all checks, figures or claims."""
    folders = [(paper, f"papers.{paper}.{kind}") for paper in registry.papers()]
    return [
        (paper, f"{folder}.{name}", name.replace("_", "-"))
        for paper, folder in folders
        for name in registry.names(folder)
    ]
