"""The papers' claims, as rows that a run decides.

A member of this family is a file with the constants ``TABLES`` (the tables that it decides by), ``CLAIMS`` (each
claim's id with what is said of it, as literals: where, statement, kind, statistic, threshold, figure, and the numbers
of the threshold as ``settings``) and ``COMMON`` (what all of them share), and with a pure function
``evidence(tables, experiments, **settings)`` from tables to tests and checks, all of which the claim says hold. The
first of the experiments is the claim's own; further ones have what it lacks. What none has raises ``Missing``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isinf, isnan
from types import ModuleType
from typing import Any, Literal

import pandas as pd
from statsmodels.stats.multitest import multipletests

from convbias import registry
from convbias.claims.finding import Finding, Verdict
from convbias.claims.words import seen
from convbias.statistics.evidence import Check, Missing, Test

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Claim:
    """What is said of a claim; ``threshold`` and ``statistic`` may name the numbers of ``settings`` in braces.

    ``note`` is what a reader must know of how it is read, such as a slip in print.
    """

    id: str
    tables: tuple[str, ...]
    where: str
    statement: str
    kind: Literal["statistical", "exact"]
    statistic: str
    threshold: str
    figure: str
    settings: Mapping[str, Any]
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("statistic", "threshold"):
            object.__setattr__(self, name, getattr(self, name).format(**self.settings))

    @property
    def paper(self) -> str:
        return self.id.split("-")[0]


@cache
def declared() -> dict[str, Claim]:
    """All claims by id, in the order of their files' names."""
    return {name: _claim(name, module) for name, module in _modules().items()}


def _claim(name: str, module: ModuleType) -> Claim:
    own, common = module.CLAIMS[name], module.COMMON
    settings = {**common.get("settings", {}), **own.get("settings", {})}
    return Claim(**{**common, **own, "id": name, "tables": tuple(module.TABLES), "settings": settings})


@cache
def _modules() -> dict[str, ModuleType]:
    """The file of each claim."""
    files = (registry.load("claims", name) for name in registry.names("claims"))
    return {name: module for module in files for name in module.CLAIMS}


def find(name: str, tables: Tables, experiments: list[str]) -> Finding:
    """What some experiments say of a claim."""
    try:
        return Finding(_modules()[name].evidence(tables, experiments, **declared()[name].settings))
    except Missing as reason:
        return Finding(missing=str(reason))


def decide(tables: Tables, asked: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each claim that is asked for, in that order.

    What is asked has, by id, the ``experiments`` of the claim, its ``assumed`` settings, and in ``sensitivity`` other
    experiments by name, in which a setting is changed that the paper does not give. Verdicts are at the 5 % level after
    Holm's correction over all statistical claims, those that lack data among them; those of sensitivity runs, which are
    to agree with it, are not corrected. ``robust`` is as that function says.

    Raises:
        ValueError: names the ids that no claim has.
    """
    claims = declared()
    if unknown := [name for name in asked if name not in claims]:
        raise ValueError(f"no such claim: {', '.join(unknown)}; there are: {', '.join(claims)}")
    found = {name: find(name, tables, request["experiments"]) for name, request in asked.items()}
    statistical = [name for name in asked if claims[name].kind == "statistical"]
    adjusted = multipletests([found[name].p_value for name in statistical], method="holm")[1] if statistical else ()
    holm = dict(zip(statistical, map(float, adjusted), strict=True))
    rows = []
    for name, request in asked.items():
        verdict = found[name].verdict(holm.get(name))
        others = [
            {"setting": setting, **_told(finding, finding.verdict())}
            for setting, experiments in request.get("sensitivity", {}).items()
            for finding in [find(name, tables, experiments)]
        ]
        rows.append(
            {
                **{key: value for key, value in vars(claims[name]).items() if key != "settings"},
                "paper": claims[name].paper,
                **_told(found[name], verdict),
                "p_value": found[name].p_value if name in holm else None,
                "p_holm": holm.get(name),
                "robust": robust(verdict, {other["verdict"] for other in others}),
                "experiments": request["experiments"],
                "assumed": request["assumed"],
                "sensitivity": others,
                "parts": [_part(part) for part in found[name].evidence],
            }
        )
    return rows


def robust(verdict: Verdict, others: set[Verdict]) -> bool | None:
    """Whether other settings lead to the same verdict; no if one leads to the opposite, nothing if one is undecided."""
    if verdict == "inconclusive" or not others:
        return None
    if others - {verdict, "inconclusive"}:
        return False
    return None if "inconclusive" in others else True


def _told(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    """A finding as columns."""
    checks = [part for part in finding.evidence if isinstance(part, Check)]
    counts = {key: sum(getattr(part, key) for part in checks) if checks else None for key in ("cases", "violations")}
    decisive = _part(finding.decisive) if finding.decisive else dict.fromkeys(_part(Check("", 1, 0)))
    return {**decisive, **counts, "decided_by": decisive["name"], "verdict": verdict, "seen": seen(finding, verdict)}


def _part(part: Test | Check) -> dict[str, Any]:
    """A test or a check as columns; a bound that is not there is empty, an interval's end may be infinite."""
    nothing = dict.fromkeys([*Test.__dataclass_fields__, *Check.__dataclass_fields__])
    columns = {**nothing, **vars(part), "p_supports": part.p_supports, "p_contradicts": part.p_contradicts}
    return {
        **{key: None if _is_nothing(key, value) else value for key, value in columns.items()},
        "sample": part.cases if isinstance(part, Check) else part.sample,
        "outcome": Finding([part]).verdict(),
    }


def _is_nothing(key: str, value: Any) -> bool:
    return isinstance(value, float) and (isinf(value) if key in ("above", "below") else isnan(value))
