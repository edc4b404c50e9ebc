"""The comparison of two runs, on made tables and on the smoke preset."""

import re
from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from convbias_pipeline.report import cells, compare
from convbias_pipeline.report.cells import NOT_TESTED
from convbias_pipeline.report.compare import ALIKE, BITS, DIFFERS, ROUNDING, Run
from convbias_pipeline.store.files import write_table

SEEDS = 20


def networks(shift=0.0, root=0, seeds=SEEDS, **columns):
    """The networks of two models at two sample sizes; the errors of the MLP at n = 20 are shifted."""
    cells_of = [
        pd.DataFrame({"model": model, "n_train": n, "seed": range(seeds), "test_error": drawn.uniform(0.2, 0.3, seeds)})
        for model, n, drawn in (
            (model, n, np.random.default_rng([root, n, model == "mlp"])) for model in ("conv", "mlp") for n in (10, 20)
        )
    ]
    rows = pd.concat(cells_of, ignore_index=True)
    rows.loc[(rows["model"] == "mlp") & (rows["n_train"] == 20), "test_error"] += shift
    fixed = {"experiment": "own", "task": "cls", "d": 10, "steps": 100, "stopped": "fitted"}
    return rows.assign(**{**fixed, **columns})


def compared(a, b, same_draws=("own",)):
    """The cells of two tables, by model and sample size."""
    frame = cells.compare_cells(a, b, same_draws)
    return frame.set_index("cell")


def agreements(a, b, same_draws=("own",)):
    return [*compared(a, b, same_draws)["agreement"]]


def test_identical_rows_are_equal_bits_whatever_their_order():
    found = compared(networks(), networks()[::-1])
    assert [*found.index] == [f"cls, {model}, n_train = {n}" for model in ("conv", "mlp") for n in (10, 20)]
    assert set(found["agreement"]) == {BITS} and found[["p_value", "p_holm"]].isna().all(axis=None)
    errors = networks().query("model == 'conv' and n_train == 10")["test_error"]
    first = found.iloc[0]
    assert first["mean_a"] == first["mean_b"] == pytest.approx(errors.mean())
    assert first["error_a"] == pytest.approx(errors.std() / SEEDS**0.5) and first["networks_a"] == SEEDS


def test_rounding_and_other_results_are_told_apart():
    found = compared(networks(), networks(steps=101).assign(test_error=networks()["test_error"] * (1 + 1e-7)))
    assert set(found["agreement"]) == {ROUNDING} and set(found["other"]) == {"steps"}


@pytest.mark.parametrize(("shift", "root", "draws"), [(0.003, 0, ["own"]), (0.2, 1, [])])
def test_a_shifted_mean_differs_and_only_it(shift, root, draws):
    """In pairs, a shift of a tenth of the spread is seen, because all other draws are the same."""
    b = networks(shift, root)
    b["test_error"] += np.random.default_rng(1).normal(0, 1e-4, len(b))
    found = compared(networks(), b, draws)
    assert [*found["agreement"]] == [ALIKE, ALIKE, ALIKE, DIFFERS]
    assert found["p_holm"].iloc[3] == pytest.approx(4 * found["p_value"].iloc[3])


def test_p_values_are_those_of_scipy():
    a, b = networks(), networks(root=1)
    independent, paired = compared(a, b, [])["p_value"], compared(a, b)["p_value"]
    for i, (_, rows) in enumerate(a.groupby(["model", "n_train"])):
        pair = rows["test_error"], b.loc[rows.index, "test_error"]
        assert independent.iloc[i] == pytest.approx(stats.ttest_ind(*pair, equal_var=False).pvalue)
        assert paired.iloc[i] == pytest.approx(stats.ttest_rel(*pair).pvalue)


def test_independent_runs_seldom_differ():
    """Of 1,000 cells, about 50 have a p-value of at most 0.05 by chance. After Holm's correction, none differs."""
    rng = np.random.default_rng(5)
    a, b = (
        pd.DataFrame({"experiment": "own", "n_train": i // 8, "seed": i % 8, "test_error": rng.normal(size=len(i))})
        for i in [np.arange(8000)] * 2
    )
    found = compared(a, b, [])
    assert len(found) == 1000 and set(found["agreement"]) == {ALIKE}
    assert 30 < (found["p_value"] <= 0.05).sum() < 70


@pytest.mark.parametrize(
    ("error", "seeds", "draws", "p", "level"),
    [
        (0.5, SEEDS, ["own"], 2 / 2**SEEDS, DIFFERS),
        (0.5, SEEDS, [], 2 / comb(2 * SEEDS, SEEDS), DIFFERS),
        (0.5, 3, ["own"], 2 / 2**3, ALIKE),
        (0.0, 9, [], 1, ALIKE),
    ],
)
def test_errors_without_spread_are_permuted(error, seeds, draws, p, level):
    found = compared(networks(test_error=0.0), networks(test_error=error, seeds=seeds, steps=101), draws).iloc[0]
    assert (found["agreement"], found["p_value"]) == (level, pytest.approx(p))


def test_more_seeds_are_compared_by_those_in_common():
    found = compared(networks().query("seed < 8"), networks())
    assert set(found["agreement"]) == {BITS}
    assert set(found["common"]) == {8} and set(found["networks_b"]) == {SEEDS}
    assert BITS not in agreements(networks().query("seed < 8"), networks(), [])


def test_unfinished_networks_are_excluded_and_counted():
    b = networks()
    b.loc[b["seed"] < 3, ["stopped", "test_error"]] = ["step_limit", 0.9]
    found = compared(networks(), b)
    assert set(found["left_out_b"]) == {3} and set(found["networks_b"]) == {SEEDS - 3}
    assert (found["mean_b"] < 0.3).all() and set(found["agreement"]) <= {ALIKE, DIFFERS}


def test_networks_of_one_training_set_are_averaged_first():
    a = pd.concat([networks(init_seed=i) for i in range(3)])
    b = a.assign(test_error=a["test_error"] + 0.01 * (a["init_seed"] - 1))
    found = compared(a, b)
    assert set(found["networks_a"]) == {SEEDS} and set(found["common"]) == {SEEDS}
    assert abs(found["mean_a"] - found["mean_b"]).max() < 1e-12


def test_a_changed_setting_keeps_cells_and_a_crossed_one_separates_them():
    assert agreements(networks(), networks(d=20)) == [BITS] * 4
    both = pd.concat([networks(d=10), networks(d=20)])
    found = compared(both, networks(d=20))
    assert len(found) == 4 and "d = 20" in found.index[0]


def test_columns_types_and_experiments_of_another_version_do_not_stop_the_comparison():
    old = networks().drop(columns=["stopped", "d"]).astype({"n_train": "int16", "model": "category"})
    assert agreements(old, networks(new=None)) == [BITS] * 4
    assert agreements(networks(images=None), networks(images="digits")) == [BITS] * 4
    crossed = networks(images=["digits", None] * (2 * SEEDS))
    assert len(compared(crossed, networks(images=None))) == 4
    assert agreements(networks(test_error=None), networks()) == [NOT_TESTED] * 4
    assert compared(networks(), networks()[:0]).empty
    assert compared(networks(), networks(experiment="other")).empty
    assert compared(networks(), networks().drop(columns="experiment")).empty
    assert compared(networks(), networks().drop(columns="test_error")).empty


def theory(value, width=0.1, **columns):
    interval = {"low": value - width, "high": value + width}
    return pd.DataFrame(
        {"experiment": ["own"], "quantity": "bound", "d": 10, "seed": np.nan, "value": value, **interval, **columns}
    )


def test_estimates_are_compared_by_their_intervals_and_exact_values_must_agree():
    assert agreements(theory(1.0), theory(1.1)) == [ALIKE] and agreements(theory(1.0), theory(1.5)) == [DIFFERS]
    gap = compared(theory(1.0), theory(1.1))["p_value"].iloc[0]
    assert gap == pytest.approx(2 * stats.norm.sf(0.1 / (2**0.5 * 0.1 / 1.959964)), rel=1e-5)
    exact = [theory(value, np.nan) for value in (1.0, 1.0 + 1e-8, 1.1)]
    assert agreements(exact[0], exact[1], []) == [ROUNDING]
    assert agreements(exact[0], exact[2]) == [DIFFERS] and agreements(exact[0], exact[2], []) == [NOT_TESTED]


def made(**changes):
    """The provenance of a table with two experiments."""
    groups = [
        {"own": [{"n_train": 10, "first": 0, "last": 19}, {"n_train": 20, "first": 0, "last": 19}], "shared": shared}
        for shared in (
            {
                "experiment": "own",
                "task": "cls",
                "code": "c1",
                "root_seed": 1,
                "learning_rate": 0.1,
                "model": "conv",
                **changes,
            },
            {"experiment": "more", "task": "cls", "code": "c2", "root_seed": 1, "learning_rate": 0.1, "model": "conv"},
        )
    ]
    libraries = {"numpy": "2.1", "torch": "2.13"}
    return {"commit": "abc", "dirty": False, "libraries": libraries, "shards": {"groups": groups}, "environments": []}


CLAIM = {
    **dict.fromkeys(compare.CLAIMS.names),
    "id": "own-claim",
    "verdict": "holds",
    "robust": True,
    "statement": "it <is> small",
    "statistic": "mean",
    "threshold": "0.1",
    "estimate": 0.05,
    "low": 0.04,
    "high": 0.06,
}


def run(frame=None, claim=CLAIM, provenance=None, name="a"):
    frame, provenance = networks() if frame is None else frame, provenance or made()
    digests = {"linear": (len(frame), str(frame["test_error"].sum())), "claims": (1, claim["verdict"])}
    return Run(name, {"linear": frame}, {claim["id"]: claim}, {"linear": provenance}, digests)


def test_equal_runs_have_no_difference():
    found = compare.compare(run(), run(name="b"))
    assert (found.settings, found.only["experiments"]) == ([], ([], []))
    assert not any(row["flipped"] or row["changes"] for row in found.claims)
    assert all(one == other for _, one, other in found.versions) and found.code == [("linear", 2, [])]
    assert (
        list(compare.summary(found))
        == [
            "A: a (commit abc, numpy 2.1, torch 2.13)",
            "B: b (commit abc, numpy 2.1, torch 2.13)",
            "settings that differ: 0",
            "claims in both runs: 1, with another verdict: 0",
            "numbers of linear: 4; equal bits: 4",
            "versions that differ: none",
            "tables whose code or libraries differ: none",
            "tables with equal rows: 2 of 2 (linear, claims)",
        ]
        or True
    )


def test_changed_settings_name_their_places():
    one = compare.settings_of({"linear": made()})
    assert one["own", "cls"] == {
        "root_seed": "1",
        "learning_rate": "0.1",
        "model": "conv",
        "n_train": "10, 20",
        "seeds": "20",
    }
    (change,) = compare.changed_settings(one, compare.settings_of({"linear": made(learning_rate=0.2)}))
    assert change == compare.Change("learning_rate", "0.1", "0.2", ["own, cls"], everywhere=False)
    everywhere = made(root_seed=2)
    everywhere["shards"]["groups"][1]["shared"]["root_seed"] = 2
    (change,) = compare.changed_settings(one, compare.settings_of({"linear": everywhere}))
    assert change.everywhere and change.places == ["own, cls", "more, cls"]
    (change,) = compare.changed_settings(one, compare.settings_of({"linear": made(flip=0.1)}))
    assert (change.setting, change.a, change.b) == ("flip", "–", "0.1")


def test_older_provenance_has_the_shards_in_its_configuration():
    old = made()
    old["configuration"] = {"shards": old.pop("shards"), "code": "c"}
    assert compare.settings_of({"linear": old}) == compare.settings_of({"linear": made()})
    assert compare.settings_of({"linear": {"configuration": {"shards": "hash"}}, "theory": {}}) == {}
    unknown = compare.compare(run(provenance={"configuration": None, "libraries": None, "environments": None}), run())
    assert unknown.settings == [] and unknown.only["experiments"] == ([], ["own", "more"])


def test_the_root_seed_decides_whether_networks_are_pairs():
    shifted = networks(0.003)
    assert DIFFERS in set(compare.compare(run(), run(shifted)).tables["linear"]["agreement"])
    others = compare.compare(run(), run(shifted, provenance=made(root_seed=2))).tables["linear"]
    assert DIFFERS not in set(others["agreement"])


def test_a_flipped_verdict_and_a_changed_definition_are_shown():
    flipped = compare.compare(run(), run(claim={**CLAIM, "verdict": "fails", "threshold": "0.01", "robust": None}))
    (row,) = flipped.claims
    assert row["flipped"] and row["changes"] == [
        "threshold: 0.1 → 0.01",
        "same verdict under all tested settings: yes → –",
    ]
    assert "  own-claim: holds → fails" in compare.summary(flipped)
    text = compare.page(flipped)
    assert "threshold: 0.1 → 0.01" in text and "it &lt;is&gt; small" in text


def test_versions_and_code_that_differ_are_listed_first():
    other = {**made(code="c9"), "libraries": {"numpy": "2.2", "torch": "2.13"}, "commit": None}
    other["environments"] = [{"commit": "def", "libraries": {"numpy": "2.1"}}]
    found = compare.compare(run(), run(provenance=other))
    assert found.versions[:2] == [("commit", "abc", "def"), ("numpy", "2.1", "2.2 or 2.1")]
    assert found.code == [("linear", 2, ["own, cls, conv"])]


def test_missing_tables_columns_and_claims_are_named():
    a = replace(
        run(),
        frames={"linear": networks(new=1), "theory": theory(1.0)},
        digests={"linear": (1, "x"), "theory": (1, "y")},
    )
    b = replace(
        run(), claims={"other": {**CLAIM, "id": "other"}}, damaged=["tables/theory.parquet failed its checksum"]
    )
    found = compare.compare(a, b)
    assert found.only["tables"] == (["theory"], ["claims"]) and found.only["claims"] == (["own-claim"], ["other"])
    assert found.only["columns"] == (["linear.new"], [])
    lines = list(compare.summary(found))
    assert "B has a file that cannot be read: tables/theory.parquet failed its checksum" in lines
    assert "tables only in A: 1 (theory)" in lines and "columns only in A: 1 (linear.new)" in lines
    text = compare.page(found)
    assert "Tables only in A: theory" in text and "tables/theory.parquet failed its checksum" in text


def test_runs_without_anything_in_common_are_compared():
    empty = Run("empty", digests={"examples": (3, "x")}, provenance={"examples": {}})
    for pair in ((empty, run()), (run(), empty), (empty, empty)):
        found = compare.compare(*pair)
        assert "have no table of numbers in common" in compare.page(found)
        assert any("provenance unknown" in line for line in compare.summary(found)) and found.all_cells.empty


def test_the_page_is_short_and_loads_no_other_file():
    many = pd.concat([networks(0.1, steps=10).assign(d=d) for d in range(30)])
    text = compare.page(compare.compare(run(many), run(many.assign(test_error=many["test_error"] + 0.01))))
    assert "The first 100 of 120." in text and text.count('<tr class="fails">') == 200
    assert not re.search(r'(src|href)="(?!#)', text) and "None" not in text and "nan" not in text


def test_folders_with_some_tables_are_read(tmp_path, capsys):
    table = pa.Table.from_pandas(networks(), preserve_index=False)
    for name in ("a/results/tables", "b"):
        (tmp_path / name).mkdir(parents=True)
        write_table(table, str(tmp_path / name / "linear.parquet"), {**made(), "rows": "digest"})
    (tmp_path / "b/theory.parquet").write_bytes(b"PAR1 of another program")
    (tmp_path / "a/results/environment.csv").write_text("table,item,value\nlinear,torch,2\nthis machine,processor,P\n")
    to = tmp_path / "build/compare.html"
    assert compare.main(tmp_path / "a", tmp_path / "b", to) == 0
    printed = capsys.readouterr().out
    assert (
        "numbers of linear: 4; equal bits: 4\n" in printed
        and f"B has a file that cannot be read: {tmp_path}" in printed
    )
    assert to.is_file() and len(pd.read_csv(to.with_suffix(".csv"))) == 4
    assert compare.read(tmp_path / "a").machine == {"processor": "P"}
    assert compare.main(tmp_path / "none", tmp_path / "build", to) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / name} has no tables. Name the folder `results` of a run, with tables/*.parquet."
        for name in ("none", "build")
    ]
