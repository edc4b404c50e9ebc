rule plot_figure:
    input:
        unpack(figure_tables),
    output:
        pdf=report("results/figures/{figure}.pdf", caption="../report/figure.rst", category="Figures"),
        png="results/figures/{figure}.png",
        csv="results/figures/{figure}.csv",
    log:
        "results/logs/plot_figure/{figure}.log",
    benchmark:
        "results/benchmarks/plot_figure/{figure}.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        spec=figure_spec,
        caption=lambda wildcards: plan.figure_constant(wildcards.figure, "CAPTION").strip(),
        idle=lambda wildcards: plan.idle_settings(config, wildcards.figure),
    message:
        "Draw {output.pdf}"
    script:
        "../scripts/plot_figure.py"
