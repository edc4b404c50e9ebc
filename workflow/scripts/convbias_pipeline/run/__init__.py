"""Everything that touches Snakemake's internals or the machine: see docs/internals.md."""
