"""The workflow is in workflow/Snakefile, where other tools look for it; this file lets a plain `snakemake` find it."""


include: "workflow/Snakefile"


workflow.default_target = "all"  # an included file cannot set it
