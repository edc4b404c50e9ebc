rule tabulate_times:
    input:  # all that takes time comes before
        expand("results/tables/{table}.parquet", table=TABLES),
        rules.check_claims.output,
        expand("results/figures/{figure}.csv", figure=config["figures"]),
    output:
        times=report("results/times.csv", caption="../report/times.rst", category="Costs"),
    log:
        "results/logs/tabulate_times.log",
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    params:
        benchmarks="results/benchmarks",
    message:
        "Tabulate the seconds of each rule"
    script:
        "../scripts/tabulate_times.py"
