"""What the rules and the scripts share, and the core does not know: configuration, file names, files, provenance.

Reading this package costs a few milliseconds: Snakemake loads it at every start and every job does.
"""
