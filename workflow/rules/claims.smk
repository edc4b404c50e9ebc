rule check_claims:
    input:
        unpack(lambda _: tables(plan.tables_of_claims(config))),
    output:
        table="results/tables/claims.parquet",
        page=report(
            "results/claims.html", caption="../report/claims.rst", category="Claims", labels={"content": "all claims"}
        ),
        readme="results/claims.md",
    log:
        "results/logs/check_claims.log",
    benchmark:
        "results/benchmarks/check_claims.tsv"
    conda:
        "../../envs/claims.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        job_params=lambda _: job_params.claims(),
        expected=lambda _: expected_tables(plan.tables_of_claims(config)),
    message:
        "Decide the claims"
    script:
        "../scripts/check_claims.py"
