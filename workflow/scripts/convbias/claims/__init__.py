"""The engine that decides claims: from tables to a verdict on each claim.

A module of claims in ``papers/*/claims`` has these parts:

* ``TABLES``: the tables that decide its claims.
* ``CLAIMS``: the fields of each claim by its id, as literals (see ``catalogue.Claim``).
* ``COMMON``: the fields that all claims of the module share.
* ``evidence(tables, experiments, **settings)``: a pure function from tables to sub-tests (tests and checks). The claim
  states that all of them hold. The first experiment is the claim's own; further ones add missing rows. The function
  raises ``InsufficientData`` if the experiments lack data that the claim needs.
"""

from collections.abc import Mapping
from importlib import import_module
from math import isinf, isnan
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from convbias import catalogue
from convbias.claims.finding import Finding, Verdict
from convbias.claims.words import region, summary
from convbias.statistics.evidence import Check, InsufficientData, Test

Tables = Mapping[str, pd.DataFrame]


def find(name: str, tables: Tables, experiments: list[str]) -> Finding:
    """The finding of some experiments on a claim."""
    try:
        claim = catalogue.claims()[name]
        evidence = import_module(f"convbias.{claim.module}").evidence
        return Finding(evidence(tables, experiments, **claim.settings), over=claim.over, looks=claim.looks)
    except InsufficientData as reason:
        return Finding(missing=str(reason), over=claim.over)


def decide(tables: Tables, requested: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each requested claim, in that order.

    ``requested`` maps the id of a claim to a request. A request holds the ``experiments`` of the claim and its
    ``assumed`` settings. Its ``sensitivity`` maps names to other experiments, which change a setting that the paper
    does not give. Verdicts are at the 5 % level after Holm's correction over the claims of one paper that are not
    decided by exact checks alone. Claims with insufficient data are among them. Our extensions of the paper are
    corrected apart, so that they do not change the verdicts on the paper. Verdicts of sensitivity runs are not
    corrected. ``robust`` is the result of that function.

    Raises:
        ValueError: there is no such claim; the message names its id.
    """
    claims = catalogue.claims()
    if unknown := [name for name in requested if name not in claims]:
        raise ValueError(f"unknown claims: {', '.join(unknown)}. Available: {', '.join(claims)}")
    findings = {name: find(name, tables, request["experiments"]) for name, request in requested.items()}
    families: dict[tuple[str, bool], list[str]] = {}
    for name in requested:
        if not findings[name].exact:
            families.setdefault((claims[name].paper, claims[name].kind == "extension"), []).append(name)
    holm: dict[str, float] = {}
    for family in families.values():
        adjusted = multipletests([findings[name].p_value for name in family], method="holm")[1]
        holm |= dict(zip(family, map(float, adjusted), strict=True))
    rows = []
    for name, request in requested.items():
        verdict = findings[name].verdict(holm.get(name))
        others = [
            {"setting": setting, **_decided(finding, finding.verdict())}
            for setting, experiments in request.get("sensitivity", {}).items()
            for finding in [find(name, tables, experiments)]
        ]
        rows.append(
            {
                **{key: value for key, value in vars(claims[name]).items() if key not in ("settings", "module")},
                "paper": claims[name].paper,
                **_decided(findings[name], verdict),
                "p_value": findings[name].p_value if name in holm else None,
                "p_holm": holm.get(name),
                "robust": robust(verdict, {other["verdict"] for other in others}),
                "experiments": request["experiments"],
                "assumed": request["assumed"],
                "sensitivity": others,
                "sub_tests": [_sub_test(sub_test) for sub_test in findings[name].evidence],
            }
        )
    return rows


def robust(verdict: Verdict, others: set[Verdict]) -> bool | None:
    """Whether all tested settings give the same verdict: false if one gives the opposite, None if one is undecided."""
    if verdict == "undecided" or not others:
        return None
    if others - {verdict, "undecided"}:
        return False
    return None if "undecided" in others else True


def _decided(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    """A finding as columns of the claims table."""
    checks = [sub_test for sub_test in finding.evidence if isinstance(sub_test, Check)]
    counts = {
        key: sum(getattr(sub_test, key) for sub_test in checks) if checks else None for key in ("cases", "violations")
    }
    shown = finding.shown(verdict)
    columns = _sub_test(shown) if shown else dict.fromkeys(_sub_test(Check("", 1, 0)))
    return {
        **columns,
        **counts,
        "shown": columns["name"],
        "verdict": verdict,
        "region": region(finding),
        "summary": summary(finding, verdict),
    }


def _sub_test(sub_test: Test | Check) -> dict[str, Any]:
    """A test or a check as columns; a missing bound is empty, an end of an interval may be infinite."""
    nothing = dict.fromkeys([*Test.__dataclass_fields__, *Check.__dataclass_fields__])
    columns = {**nothing, **vars(sub_test), "p_supports": sub_test.p_supports, "p_contradicts": sub_test.p_contradicts}
    return {
        **{key: None if _is_nothing(key, value) else value for key, value in columns.items()},
        "sample": sub_test.cases if isinstance(sub_test, Check) else sub_test.sample,
        "outcome": Finding([sub_test]).verdict(),
    }


def _is_nothing(key: str, value: Any) -> bool:
    return isinstance(value, float) and (isinf(value) if key in ("above", "below") else isnan(value))
