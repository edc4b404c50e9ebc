rule plot_figure:
    input:
        unpack(figure_tables),
    output:
        pdf="results/figures/{figure}.pdf",
        png=report(
            "results/figures/{figure}.png",
            caption="../report/figure.rst",
            category="Figures",
            subcategory=paper_of,
            labels={"figure": "{figure}", "as": "figure"},
        ),
        csv=report(
            "results/figures/{figure}.csv",
            caption="../report/data.rst",
            category="Figures",
            subcategory=paper_of,
            labels={"figure": "{figure}", "as": "what it draws"},
        ),
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
        claims=lambda wildcards: plan.claims_shown(config, wildcards.figure),
        idle=lambda wildcards: plan.idle_settings(config, wildcards.figure),
    message:
        "Draw {output.pdf}"
    script:
        "../scripts/plot_figure.py"
