EXPLORED = ("linear", "asymptotics", "detection")


rule plot_explorer:
    input:
        **tables(EXPLORED),
    output:
        page="results/explorer.html",
    log:
        "results/logs/plot_explorer.log",
    benchmark:
        "results/benchmarks/plot_explorer.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        job_params=lambda _: job_params.explorer(),
        expected=lambda _: expected_tables(EXPLORED),
    message:
        "Write the explorer to {output.page}"
    script:
        "../scripts/plot_explorer.py"
