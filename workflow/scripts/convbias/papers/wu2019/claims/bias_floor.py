"""With infinitely many samples, the X-hinge limit has no errors on two tasks, and some on Task-3rdCtrl.

Ref: wu2019, Section 4; Section 6
"""

import numpy as np

from convbias.claims import Tables
from convbias.statistics.comparison import rows_of
from convbias.statistics.evidence import Check, Evidence, InsufficientData

TABLES = ("theory",)
COMMON = {
    "kind": "extension",
    "where": "Section 6 (extended)",
    "over": "k",
    "statistic": "filter sizes k = 1 ... d at which this is not so, from the singular vectors of the mean of y A_x "
    "over the whole dataset; σ₁ is simple and no output is 0 at each of them",
    "figure": "wu2019-floor",
}
CLAIMS = {
    "wu2019-floor-cls": {
        "scope": "Task-Cls, any k",
        "threshold": "no error",
        "statement": "With infinitely many samples, the X-hinge limit has no errors on Task-Cls.",
        "note": "This is true for every d and k, by the theorem of Perron and Frobenius.",
        "settings": {"task": "cls", "errs": False},
    },
    "wu2019-floor-first_person": {
        "scope": "Task-1stCtrl, any k",
        "threshold": "no error",
        "statement": "With infinitely many samples, the X-hinge limit has no errors on Task-1stCtrl.",
        "note": "This is proven for k up to d/4.",
        "settings": {"task": "first_person", "errs": False},
    },
    "wu2019-floor-third_person": {
        "scope": "Task-3rdCtrl, any k",
        "threshold": "some error",
        "statement": "With infinitely many samples, the X-hinge limit has errors on Task-3rdCtrl.",
        "note": "Section 4 says that the benefit from the convolution layer may be a bias. A filter of size 1 is none.",
        "settings": {"task": "third_person", "errs": True},
    },
}


def evidence(tables: Tables, experiments: list[str], task: str, errs: bool) -> Evidence:
    """A check for each d and each run of filter sizes with the same outcome.

    Ref: wu2019, Section 4 (may actually be a bias); Section 6 (the choice of k)
    """
    found = rows_of(tables["theory"], experiments, quantity=f"floor_{task}")
    checks = []
    for d, rows in found.groupby("d"):
        ks, error = rows["k"].to_numpy(dtype=int), rows["value"].to_numpy(dtype=float, na_value=np.nan)
        if np.isnan(error).any():
            raise InsufficientData(f"d = {d}: the error is not certain at k = {ks[np.isnan(error)][0]}")
        holds = (error > 0) == errs
        for part in np.split(np.arange(len(ks)), np.flatnonzero(np.diff(holds)) + 1):
            name = f"d = {d}: from k = {ks[part[0]]} to k = {ks[part[-1]]}"
            checks.append(Check(name, len(part), int((~holds[part]).sum()), detail=f"largest {error[part].max():.3g}"))
    return checks
