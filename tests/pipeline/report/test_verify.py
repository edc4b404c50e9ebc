"""The comparison of a run with the published reference, on made differences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from convbias_pipeline.report import reference, verify
from convbias_pipeline.report.reference import Numbers
from convbias_pipeline.report.verify import COUNTS, TOLERANCES, Agreement, compare, compare_rows

BITS, ROUNDING, ALIKE, DIFFERS = reversed(Agreement)
# Columns with fractions that are settings, and no quantities
SETTINGS = {"learning_rate", "init_scale", "noise", "rho", "target_loss", "x", "n_train"}
ERRORS = pd.DataFrame(
    {
        "model": ["conv", "conv", "mlp", "mlp"],
        "n_train": [10, 20, 10, 20],
        "mean": [0.25, 0.125, 0.5, 0.25],
        "low": [0.2, 0.1, 0.45, 0.2],
        "high": [0.3, 0.15, 0.55, 0.3],
        "sd": [0.1, 0.1, 0.2, 0.2],
        "networks": [100, 100, 100, 99],
        "left_out": [0, 0, 0, 1],
    }
)
EXACT = pd.DataFrame({"quantity": ["bound", "bound"], "d": [10, 20], "value": [0.123456, 12.3456]})
CLAIMS = pd.DataFrame(
    {
        "id": ["a", "a", "b", "c"],
        "verdict": ["holds", "holds", "fails", "undecided"],
        "robust": [True, True, False, None],
        "name": ["n = 10", "n = 20", "", None],
        "estimate": [0.5, 0.6, np.nan, np.nan],
        "low": [0.4, 0.5, np.nan, np.nan],
        "high": [0.6, 0.7, np.nan, np.nan],
        "cases": [np.nan, np.nan, 100, np.nan],
        "violations": [np.nan, np.nan, 3, np.nan],
        "outcome": ["holds", "undecided", "fails", None],
    }
)


def numbers(errors=ERRORS, exact=EXACT, claims=CLAIMS, bits="bits"):
    figures = {"errors": errors, "exact": exact}
    digests = [(f"figures/{name}", len(frame), bits) for name, frame in figures.items()]
    digests += [("tables/claims", 3, bits), ("tables/linear", 1000, "bits")]
    environment = pd.DataFrame({"item": ["commit", "torch", "torch"], "value": ["abc", "2.1", "2.2"]})
    return Numbers(figures, claims, pd.DataFrame(digests, columns=["file", "rows", "digest"]), environment)


def of_errors(errors):
    """The comparison of a run with these errors, and other bits, with the reference."""
    return compare(numbers(errors, bits="other"), numbers())["figures"]["errors"]


def changed(**columns):
    return ERRORS.assign(**columns)


def shifted(by):
    return ERRORS.assign(**{name: ERRORS[name] + by for name in ("mean", "low", "high")})


def test_equal_digests_are_equal_bits():
    found = compare(numbers(), numbers())
    assert {one.agreement for part in found.values() for one in part.values()} == {BITS}
    assert list(found["figures"]) == ["errors", "exact"] and list(found["claims"]) == ["a", "b", "c"]


@pytest.mark.parametrize(("factor", "digits"), [(1, 6), (1 + 1e-7, 6), (1 + 4e-6, 5), (1 - 9e-6, 5)])
def test_other_digests_may_be_equal_to_within_rounding(factor, digits):
    one = of_errors(changed(mean=ERRORS["mean"] * factor))
    assert (one.agreement, one.detail) == (ROUNDING, f"{digits} digits")


def test_order_of_rows_has_no_effect():
    assert of_errors(ERRORS[::-1].reset_index(drop=True)).agreement == ROUNDING


def test_a_shift_within_the_intervals_is_statistically_alike():
    one = of_errors(shifted(0.01).assign(sd=0.15))
    assert one == verify.Comparison(ALIKE, "0 digits, 22% of the allowed difference")


def test_a_shift_beyond_the_intervals_differs():
    """Only one estimate is that far away."""
    one = of_errors(shifted([0, 0, 0, 0.12]))
    assert one.agreement == DIFFERS
    assert one.detail == "1 of 4 rows differ; mean is 0.37, in the reference 0.25 (model = mlp, n_train = 20)"


def test_a_column_in_the_wrong_rows_differs():
    assert of_errors(changed(mean=np.roll(ERRORS["mean"], 1))).agreement == DIFFERS


@pytest.mark.parametrize(("value", "level"), [(0.1234561, ROUNDING), (0.1235, DIFFERS), (np.nan, DIFFERS)])
def test_a_number_without_an_interval_must_agree_to_within_rounding(value, level):
    run = numbers(exact=EXACT.assign(value=[value, 12.3456]), bits="other")
    assert compare(run, numbers())["figures"]["exact"].agreement == level


def test_an_estimate_that_one_run_lacks_differs():
    assert of_errors(changed(mean=[0.25, np.nan, 0.5, 0.25])).agreement == DIFFERS


@pytest.mark.parametrize(("left_out", "level"), [([0, 0, 0, 3], ALIKE), ([0, 0, 0, 90], DIFFERS)])
def test_counts_may_vary_by_chance(left_out, level):
    one = of_errors(changed(left_out=left_out, networks=100 - np.array(left_out)))
    assert one.agreement == level


@pytest.mark.parametrize(
    ("errors", "detail"),
    [
        (ERRORS[:3], "3 rows; the reference has 4"),
        (ERRORS.assign(n_train=[10, 20, 10, 21]), "1 of 4 rows have other settings than the reference"),
        (ERRORS[["model", "mean"]], "columns model, mean; the reference has " + ", ".join(ERRORS)),
    ],
)
def test_missing_rows_and_other_settings_differ(errors, detail):
    assert of_errors(errors) == verify.Comparison(DIFFERS, detail)


def test_rows_between_those_of_a_thinned_reference_are_not_compared_but_counted():
    theirs = ERRORS[::2]
    assert compare_rows(changed(mean=[0.25, 0.9, 0.5, 0.9]), theirs, 4).agreement == ROUNDING
    assert compare_rows(ERRORS[:3], theirs, 4).detail == "3 rows; the reference has 4"


def test_a_phase_diagram_is_judged_by_its_cells():
    """It has no intervals. The needed size and the best k follow from the cells; the curve of theory is exact."""
    kinds = ["cell", "cell", "needed", "best", "theory"]
    theirs = pd.DataFrame({"kind": kinds, "k": [1, 5, 5, 5, 5], "n_train": [10, 10, 34.3, 10, 30.1]})
    theirs = theirs.assign(mean=[0.5, 0.04, *[np.nan] * 3], networks=[100, 100, *[np.nan] * 3])
    ours = theirs.assign(mean=[0.45, 0.06, *[np.nan] * 3], n_train=[10, 10, 36.9, 10, 30.1], k=[1, 5, 5, 1, 5])
    assert compare_rows(ours, theirs, 5).agreement == ALIKE
    assert compare_rows(ours.assign(n_train=[10, 10, 36.9, 10, 30.2]), theirs, 5).agreement == DIFFERS
    assert compare_rows(ours.assign(mean=[0.45, 0.3, *[np.nan] * 3]), theirs, 5).agreement == DIFFERS


def test_quantiles_are_no_interval():
    theirs = pd.DataFrame({"kind": "step", "step": [0, 1], "mean": [0.5, 0.6], "low": 0.1, "high": 0.9})
    assert compare_rows(theirs.assign(mean=[0.5, 0.601]), theirs, 2).agreement == DIFFERS


def test_another_verdict_differs_even_if_the_numbers_agree():
    run = numbers(claims=CLAIMS.assign(verdict=["undecided", "undecided", "fails", "undecided"]), bits="other")
    found = compare(run, numbers())["claims"]
    assert found["a"] == verify.Comparison(DIFFERS, "the verdict is: undecided; in the reference: holds")
    assert [found[name].agreement for name in "bc"] == [ROUNDING, ROUNDING]


def test_the_numbers_of_a_claim_are_compared():
    def found(**columns):
        return compare(numbers(claims=CLAIMS.assign(**columns), bits="other"), numbers())["claims"]

    none = [np.nan, np.nan]
    near, far = ([value, 0.6, *none] for value in (0.52, 0.9))
    assert found(estimate=near)["a"].agreement == ALIKE
    assert found(estimate=far, low=[0.8, 0.5, *none], high=[1, 0.7, *none])["a"].agreement == DIFFERS
    assert found(violations=[np.nan, np.nan, 5, np.nan])["b"].agreement == ALIKE
    assert found(robust=[None, None, False, None])["a"].detail == "6 digits; robust: None, in the reference True"


def test_independent_runs_are_alike_and_other_means_are_found():
    """Two runs with other seeds differ in at most 5 % of figures; we draw 60 figures of ten points."""
    rng = np.random.default_rng(3)

    def drawn(shift=0.0):
        values = rng.normal(0.5 + shift, 0.1, (10, 30))
        mean, half = values.mean(1), 2.045 * values.std(1, ddof=1) / 30**0.5
        return pd.DataFrame({"n_train": range(10), "mean": mean, "low": mean - half, "high": mean + half})

    found = [compare_rows(drawn(), drawn(), 10).agreement for _ in range(60)]
    assert found.count(ALIKE) > 0 and found.count(DIFFERS) <= 6
    assert [compare_rows(drawn(0.2), drawn(), 10).agreement for _ in range(10)] == [DIFFERS] * 10


def test_the_report_names_all_that_differs():
    run = numbers(shifted(0.01), EXACT[:1], CLAIMS[:2].assign(verdict="fails"), "other")
    published = replace(numbers(), figures={**numbers().figures, "more": EXACT})
    assert list(verify.report(run, published, compare(run, published))) == [
        "The reference: commit abc, torch 2.1 or 2.2",
        "This run:      commit abc, torch 2.1 or 2.2",
        "",
        "table claims               3 rows   other bits",
        "table linear           1,000 rows   equal bits",
        "",
        "figure errors                       statistically alike (1 digits, 22% of the allowed difference)",
        "figure exact                        differs (1 rows; the reference has 2)",
        "",
        "claim a: differs (the verdict is: fails; in the reference: holds)",
        "3 figures; equal bits: 0, equal to within rounding: 0, statistically alike: 1, differs: 1, not in this run: 1",
        "3 claims; equal bits: 0, equal to within rounding: 0, statistically alike: 0, differs: 1, not in this run: 2",
    ]


@pytest.fixture(scope="module")
def published(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    reference.write(reference.of_run(finished / "results"), folder)
    return folder


def test_a_run_equals_its_own_reference(finished, published, capsys):
    assert verify.main(finished / "results", published) == 0
    assert "32 figures; equal bits: 32," in capsys.readouterr().out
    run, theirs = reference.of_run(finished / "results"), reference.read(published)
    other = replace(run, digests=run.digests.assign(digest="other"))
    found = compare(other, theirs)
    assert {(one.agreement, one.detail) for part in found.values() for one in part.values()} == {(ROUNDING, "6 digits")}
    assert set(theirs.environment["item"]) > {"commit", "processor", "images", "torch"}


def test_every_column_of_a_figure_is_a_quantity_or_a_setting(finished):
    """Rows with equal settings could not be told apart. A column with fractions has a tolerance, or is in SETTINGS."""
    run = reference.of_run(finished / "results")
    for name, frame in run.figures.items():
        assert not [row for row in verify.settings(frame) if "(row " in row], name
        fractions = [column for column in frame.select_dtypes(float) if (frame[column].dropna() % 1 > 0).any()]
        assert set(fractions) <= SETTINGS | set(TOLERANCES), name
        assert set(frame).isdisjoint({"exact", "following"}), name
    assert set(COUNTS) <= set(TOLERANCES)


def test_an_unfinished_run_is_not_compared(tmp_path, published, capsys):
    assert verify.main(tmp_path, published) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path} has no finished run (")
    assert verify.main(tmp_path, tmp_path) == 2
    with pytest.raises(ValueError, match=f"{tmp_path} has no reference .*claims.csv.*Write it from a finished run"):
        reference.read(tmp_path)


def test_long_figures_are_thinned_and_old_ones_removed(tmp_path):
    long = pd.DataFrame({"n_train": range(5001), "mean": 1 / 3})
    folder = tmp_path / "reference"
    reference.write(replace(numbers(), figures={"old": long}), folder)
    reference.write(replace(numbers(), figures={"long": long}), folder)
    read = reference.read(folder)
    assert list(read.figures) == ["long"] and list(read.figures["long"]["n_train"]) == list(range(0, 5001, 6))
    assert (folder / "figures/long.csv").read_text().startswith("n_train,mean\n0,0.333333\n6,0.333333\n")
    pd.testing.assert_frame_equal(read.digests, numbers().digests)
