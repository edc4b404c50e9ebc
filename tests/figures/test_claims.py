"""The engine of the figure of all claims."""

import numpy as np
import pytest

from convbias.figures import claims
from made_claims import one_of_each_verdict
from made_figures import claims_table
from printed import png, texts


@pytest.fixture(scope="module")
def rows():
    return one_of_each_verdict()


def test_the_claimed_range_is_on_the_right_also_if_the_claim_is_an_upper_bound(rows):
    table = claims_table(rows)
    upper = table.iloc[[0]].assign(above=np.nan, below=1.0, estimate=0.5, low=0.25, high=0.75)
    (shown,) = claims.data({"claims": upper}, [rows[0]["id"]]).to_dict("records")
    assert (shown["at"], shown["from"], shown["to"]) == pytest.approx((2 / 3, 1, 1 / 3))


def test_every_claim_is_shown_on_its_own_scale(rows):
    names = [row["id"] for row in rows]
    frame = claims.data({"claims": claims_table(rows)}, names)
    assert frame["id"].tolist() == names and frame["at"].dropna().between(-1, 1).all()
    holds = frame.iloc[0]
    assert holds["from"] <= holds["at"] <= holds["to"]
    if holds["two_sided"]:
        assert holds["from"] > -0.5 and holds["to"] < 0.5
    else:
        assert holds["from"] > 0
    assert png(claims.plot(frame)) == png(claims.plot(frame))
    text = texts(claims.plot(frame))
    for row in rows:
        assert row["id"].split("-", 1)[1] in text and row["verdict"] in text
    assert "holds: 2, holds in part: 0, fails: 1, undecided: 1" in text and "insufficient data" in text
