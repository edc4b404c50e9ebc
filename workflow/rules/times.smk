rule tabulate_times:
    input:  # all jobs that take time finish first
        tables=expand("results/tables/{table}.parquet", table=plan.TABLES),
        claims=rules.check_claims.output,
        figures=expand("results/figures/{figure}.csv", figure=config["figures"]),
        explorer=rules.plot_explorer.output,
    output:
        times=report(
            "results/times.csv",
            caption="../report/times.rst",
            category="Costs and environment",
            labels={"content": "seconds by rule"},
        ),
        environment=report(
            "results/environment.csv",
            caption="../report/environment.rst",
            category="Costs and environment",
            labels={"content": "code, libraries and machine"},
        ),
    log:
        "results/logs/tabulate_times.log",
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    params:
        benchmarks=str(RESULTS / "benchmarks"),
        expected=lambda _: expected_tables(plan.TABLES),
    message:
        "Tabulate the run time of each rule, and the environment of each table"
    script:
        "../scripts/tabulate_times.py"
