"""Python loads this as it starts: a job may be handed over before it has loaded anything else."""

import sys

if ".snakemake/scripts/" in sys.argv[0]:
    from pipeline.handover import hand_over

    hand_over()
