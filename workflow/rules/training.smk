rule train_linear:
    input:
        points=points_of,
    output:
        runs=plan.RUNS,
    params:
        spec=training_spec,
    log:
        "results/logs/train_linear/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/train_linear/{experiment}/{task}/{model}/{loss}/n{n_train}/seeds{first}-{last}.tsv"
    threads: 1
    priority: lambda wildcards: int(wildcards.n_train)
    resources:
        gpu=int(config["device"] == "cuda"),
        mem_mb=1000,
    conda:
        "../../envs/train.yaml"
    message:
        "Train {wildcards.model} with {wildcards.loss} on {wildcards.n_train} samples of {wildcards.task} ({wildcards.experiment})"
    script:
        "../scripts/train_linear.py"
