rule plot_figure:
    input:
        unpack(figure_tables),
    output:
        pdf=report(plan.FIGURE + ".pdf", caption="../report/figure.rst", category="Figures"),
        png=plan.FIGURE + ".png",
        csv=plan.FIGURE + ".csv",
    params:
        spec=figure_spec,
    log:
        "results/logs/plot_figure/{figure}.log",
    benchmark:
        "results/benchmarks/plot_figure/{figure}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    conda:
        "../../envs/plot.yaml"
    message:
        "Draw {output.pdf}"
    script:
        "../scripts/plot_figure.py"
