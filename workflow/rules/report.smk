from convbias_pipeline.report.report import write_report

TEXTS = ROOT / "workflow" / "report"


rule report:
    input:
        rules.all.input,
    output:
        page="results/report.html",
    log:
        "results/logs/report.log",
    localrule: True
    threads: 1
    params:
        settings=lambda _: config,
        texts=lambda _: [file.read_text(encoding="utf-8") for file in sorted(TEXTS.iterdir())],
    message:
        "Write figures, claims, costs and environment to {output.page}"
    run:
        write_report(
            output.page,
            log[0],
            workflow.main_snakefile,
            TEXTS / "report.css",
            workflow.configfiles,
            workflow.config_settings.config_args,
        )
