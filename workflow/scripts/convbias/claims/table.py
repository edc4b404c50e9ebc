"""The table of claims, one a row."""

import pyarrow as pa

_FOUND = [
    ("estimate", pa.float64()),
    ("low", pa.float64()),  # the 95 % interval
    ("high", pa.float64()),
    ("above", pa.float64()),  # what the claim says the estimate is between; null where there is no such bound
    ("below", pa.float64()),
    ("p_supports", pa.float64()),  # of the hypothesis that it is not
    ("p_contradicts", pa.float64()),  # of the hypothesis that it is
    ("sample", pa.int64()),  # training sets, networks or cases behind the estimate
    ("left_out", pa.int64()),  # those of which a network diverged or did not finish
    ("cases", pa.int64()),  # of exact checks
    ("violations", pa.int64()),
    ("detail", pa.string()),  # what else a check found
]
_SUB_TEST = pa.struct([("name", pa.string()), *_FOUND, ("outcome", pa.string())])
_OTHER = pa.struct(
    [
        ("setting", pa.string()),
        ("decided_by", pa.string()),
        *_FOUND,
        *(("verdict", pa.string()), ("summary", pa.string())),
    ]
)

CLAIMS = pa.schema(
    [
        ("id", pa.string()),
        ("paper", pa.string()),
        ("where", pa.string()),
        ("statement", pa.string()),
        ("kind", pa.string()),
        ("statistic", pa.string()),
        ("threshold", pa.string()),
        ("note", pa.string()),
        ("verdict", pa.string()),
        ("decided_by", pa.string()),  # the part of the claim that the estimate is of: the one that decides
        *_FOUND,
        ("p_value", pa.float64()),  # two-sided
        ("p_holm", pa.float64()),  # after Holm's correction over all statistical claims
        ("robust", pa.bool_()),  # whether the sensitivity runs agree; null where there is none, or one undecided
        ("summary", pa.string()),
        ("assumed", pa.list_(pa.string())),
        ("experiments", pa.list_(pa.string())),
        ("sensitivity", pa.list_(_OTHER)),
        ("sub_tests", pa.list_(_SUB_TEST)),
        ("figure", pa.string()),
        ("tables", pa.list_(pa.string())),
    ]
)
