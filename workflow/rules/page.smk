rule write_page:
    input:
        claims=rules.check_claims.output.table,
        figures=expand("results/figures/{figure}.svg", figure=config["figures"]),
    output:
        page="results/index.html",
    log:
        "results/logs/write_page.log",
    conda:
        "../../envs/claims.yaml"
    threads: 1
    params:
        job_params=lambda _: {"code": job_params.code("write_page"), "figures": captions.figures(config, images)},
        expected=lambda _: {"claims": job_params.claims()},
    message:
        "Write all figures and verdicts to {output.page}"
    script:
        "../scripts/write_page.py"
