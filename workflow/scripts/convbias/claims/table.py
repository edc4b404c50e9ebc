"""The table of claims, with one claim per row."""

import pyarrow as pa

_RESULT = [
    ("estimate", pa.float64()),
    ("low", pa.float64()),  # the ends of the 95 % interval
    ("high", pa.float64()),
    ("above", pa.float64()),  # the claimed bounds of the estimate; null if there is no such bound
    ("below", pa.float64()),
    ("p_supports", pa.float64()),  # p-value if the claim is false
    ("p_contradicts", pa.float64()),  # p-value if the claim is true
    ("sample", pa.int64()),  # training sets, networks or cases behind the estimate
    ("left_out", pa.int64()),  # those excluded because a network diverged or did not finish
    ("cases", pa.int64()),  # cases of exact checks
    ("violations", pa.int64()),
    ("detail", pa.string()),  # other results of a check
]
_SUB_TEST = pa.struct([("name", pa.string()), *_RESULT, ("outcome", pa.string())])
_OTHER = pa.struct(
    [
        ("setting", pa.string()),
        ("shown", pa.string()),
        *_RESULT,
        *(("verdict", pa.string()), ("region", pa.string()), ("summary", pa.string())),
    ]
)

CLAIMS = pa.schema(
    [
        ("id", pa.string()),
        ("paper", pa.string()),
        ("where", pa.string()),
        ("quote", pa.string()),  # the paper's own sentence; empty for an extension
        ("statement", pa.string()),
        ("scope", pa.string()),
        ("kind", pa.string()),
        ("over", pa.string()),  # the symbol of the setting over which the claim speaks
        ("statistic", pa.string()),
        ("threshold", pa.string()),
        ("note", pa.string()),
        ("verdict", pa.string()),
        ("region", pa.string()),  # where the claim holds, where it fails, and where the data do not decide
        ("shown", pa.string()),  # the sub-test which the estimate belongs to
        *_RESULT,
        ("p_value", pa.float64()),  # two-sided
        ("looks", pa.int64()),  # how often we looked at the verdict while we added data; p_value accounts for it
        ("precision", pa.float64()),  # the half-width that an interval needs if it contains a bound; 0 for exact checks
        ("p_holm", pa.float64()),  # after Holm's correction, over the paper's statistical claims or our extensions
        ("robust", pa.bool_()),  # whether all sensitivity runs agree; null if there are none, or if one is undecided
        ("summary", pa.string()),
        ("assumed", pa.list_(pa.string())),
        ("experiments", pa.list_(pa.string())),
        ("sensitivity", pa.list_(_OTHER)),
        ("sub_tests", pa.list_(_SUB_TEST)),
        ("figure", pa.string()),
        ("tables", pa.list_(pa.string())),
    ]
)
