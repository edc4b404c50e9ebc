"""The engine that decides claims: from tables to a verdict on each claim.

A module of claims in ``papers/*/claims`` has these parts:

* ``TABLES``: the tables that decide its claims.
* ``CLAIMS``: for each claim's id its fields, as literals (see ``catalogue.Claim``).
* ``COMMON``: the fields that all claims of the module share.
* ``evidence(tables, experiments, **settings)``: a pure function from tables to tests and checks, all of which the claim
  says hold. The first experiment is the claim's own; further ones add what it lacks. It raises ``InsufficientData`` if
  no experiment has what the claim needs.
"""

from collections.abc import Mapping
from importlib import import_module
from math import isinf, isnan
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from convbias import catalogue
from convbias.claims.finding import Finding, Verdict
from convbias.claims.words import summary
from convbias.statistics.evidence import Check, InsufficientData, Test

Tables = Mapping[str, pd.DataFrame]


def find(name: str, tables: Tables, experiments: list[str]) -> Finding:
    """What some experiments say of a claim."""
    try:
        claim = catalogue.claims()[name]
        evidence = import_module(f"convbias.{claim.module}").evidence
        return Finding(evidence(tables, experiments, **claim.settings))
    except InsufficientData as reason:
        return Finding(missing=str(reason))


def decide(tables: Tables, requested: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each claim that is asked for, in that order.

    What is asked has, by id, the ``experiments`` of the claim, its ``assumed`` settings, and in ``sensitivity`` other
    experiments by name, in which a setting is changed that the paper does not give. Verdicts are at the 5 % level after
    Holm's correction over all statistical claims, those that lack data among them; those of sensitivity runs, which are
    to agree with it, are not corrected. ``robust`` is as that function says.

    Raises:
        ValueError: names the ids that no claim has.
    """
    claims = catalogue.claims()
    if unknown := [name for name in requested if name not in claims]:
        raise ValueError(f"unknown claims: {', '.join(unknown)}. Available: {', '.join(claims)}")
    found = {name: find(name, tables, request["experiments"]) for name, request in requested.items()}
    statistical = [name for name in requested if claims[name].kind == "statistical"]
    adjusted = multipletests([found[name].p_value for name in statistical], method="holm")[1] if statistical else ()
    holm = dict(zip(statistical, map(float, adjusted), strict=True))
    rows = []
    for name, request in requested.items():
        verdict = found[name].verdict(holm.get(name))
        others = [
            {"setting": setting, **_decided(finding, finding.verdict())}
            for setting, experiments in request.get("sensitivity", {}).items()
            for finding in [find(name, tables, experiments)]
        ]
        rows.append(
            {
                **{key: value for key, value in vars(claims[name]).items() if key not in ("settings", "module")},
                "paper": claims[name].paper,
                **_decided(found[name], verdict),
                "p_value": found[name].p_value if name in holm else None,
                "p_holm": holm.get(name),
                "robust": robust(verdict, {other["verdict"] for other in others}),
                "experiments": request["experiments"],
                "assumed": request["assumed"],
                "sensitivity": others,
                "sub_tests": [_sub_test(part) for part in found[name].evidence],
            }
        )
    return rows


def robust(verdict: Verdict, others: set[Verdict]) -> bool | None:
    """Whether other settings lead to the same verdict; no if one leads to the opposite, nothing if one is undecided."""
    if verdict == "undecided" or not others:
        return None
    if others - {verdict, "undecided"}:
        return False
    return None if "undecided" in others else True


def _decided(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    """A finding as columns."""
    checks = [part for part in finding.evidence if isinstance(part, Check)]
    counts = {key: sum(getattr(part, key) for part in checks) if checks else None for key in ("cases", "violations")}
    decisive = _sub_test(finding.decisive) if finding.decisive else dict.fromkeys(_sub_test(Check("", 1, 0)))
    return {
        **decisive,
        **counts,
        "decided_by": decisive["name"],
        "verdict": verdict,
        "summary": summary(finding, verdict),
    }


def _sub_test(part: Test | Check) -> dict[str, Any]:
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
