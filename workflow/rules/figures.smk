rule plot_figure:
    input:
        unpack(lambda wildcards: tables(catalogue.figures()[wildcards.figure].tables)),
    output:
        pdf="results/figures/{figure}.pdf",
        svg="results/figures/{figure}.svg",
        png=report(
            "results/figures/{figure}.png",
            caption="../report/figure.rst",
            category="Figures",
            subcategory=lambda wildcards: catalogue.figures()[wildcards.figure].paper,
            labels={"figure": "{figure}", "content": "figure"},
        ),
        csv=report(
            "results/figures/{figure}.csv",
            caption="../report/data.rst",
            category="Figures",
            subcategory=lambda wildcards: catalogue.figures()[wildcards.figure].paper,
            labels={"figure": "{figure}", "content": "numbers"},  # the report opens on the first in the alphabet
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
        job_params=lambda wildcards: job_params.figure(wildcards.figure),
        expected=lambda wildcards: expected_tables(catalogue.figures()[wildcards.figure].tables),
        caption=lambda wildcards: catalogue.figures()[wildcards.figure].caption,
        statements=lambda wildcards: plan.statements(config, wildcards.figure),
        settings=lambda wildcards: captions.settings(config, wildcards.figure),
    message:
        "Draw {output.pdf}"
    script:
        "../scripts/plot_figure.py"
