rule make_dataset:
    output:
        points="results/datasets/{task}/d{d}/n{n_train}/seeds{first}-{last}.parquet",
    log:
        "results/logs/make_dataset/{task}/d{d}/n{n_train}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/make_dataset/{task}/d{d}/n{n_train}/seeds{first}-{last}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
    params:
        job_params=lambda wildcards: job_params("make_dataset", wildcards, plugins=["linear.tasks.{task}"]),
    message:
        "Draw training sets {wildcards.first}-{wildcards.last} of {wildcards.n_train} samples of {wildcards.task}"
    script:
        "../scripts/make_dataset.py"


rule mnist:
    output:
        sums="results/mnist/SHA256SUMS",  # not the files: Snakemake would delete them before the download
    log:
        "results/logs/mnist.log",
    localrule: True
    conda:
        "../../envs/digits.yaml"
    threads: 1
    message:
        "Download MNIST into results/mnist"
    script:
        "../scripts/mnist.py"


rule make_digits:
    output:
        digits="results/datasets/digits.parquet",
        name="results/datasets/digits.txt",  # names the images of these results, so that later runs keep them
    log:
        "results/logs/make_digits.log",
    benchmark:
        "results/benchmarks/make_digits.tsv"
    conda:
        "../../envs/digits.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        job_params=lambda _: {"code": job_params.code("make_digits"), "images": images()},
    message:
        "Read the digit images ({params.job_params[images]})"
    script:
        "../scripts/make_digits.py"


rule make_inputs:
    input:
        unpack(lambda wildcards: digits_of(wildcards.task)),
    output:
        inputs="results/inputs/{task}/d{d}/l{l}/patterns{n_patterns}/n{n_train}-{n_test}/seeds{first}-{last}.parquet",
    log:
        "results/logs/make_inputs/{task}/d{d}/l{l}/patterns{n_patterns}/n{n_train}-{n_test}/seeds{first}-{last}.log",
    benchmark:
        "results/benchmarks/make_inputs/{task}/d{d}/l{l}/patterns{n_patterns}/n{n_train}-{n_test}/seeds{first}-{last}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        job_params=lambda wildcards: job_params(
            "make_inputs",
            wildcards,
            plugins=["detection.tasks.{task}"],
            expected=expected_digits(wildcards["task"]),
        ),
        expected=lambda wildcards: expected_digits(wildcards.task),
    message:
        "Draw training and test sets {wildcards.first}-{wildcards.last} of {wildcards.n_train} {wildcards.task} inputs"
    script:
        "../scripts/make_inputs.py"


rule make_examples:
    input:
        unpack(lambda wildcards: digits_of(experiment_of(wildcards, "examples")["task"])),
    output:
        examples="results/examples/{experiment}.parquet",
    log:
        "results/logs/make_examples/{experiment}.log",
    benchmark:
        "results/benchmarks/make_examples/{experiment}.tsv"
    conda:
        "../../envs/estimate.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
    params:
        job_params=lambda wildcards: job_params(
            "make_examples",
            wildcards,
            section="examples",
            plugins=["detection.tasks.{task}"],
            expected=expected_digits(experiment_of(wildcards, "examples")["task"]),
        ),
        expected=lambda wildcards: expected_digits(experiment_of(wildcards, "examples")["task"]),
    message:
        "Draw example inputs ({wildcards.experiment})"
    script:
        "../scripts/make_examples.py"
