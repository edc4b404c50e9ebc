"""The plumbing of the workflow: configuration, jobs, files and reports. It holds no science.

* ``configuration`` reads a configuration, merges its files and checks the result.
* ``jobs`` plans the jobs and says what each depends on.
* ``run`` is everything that touches Snakemake's internals or the machine; ``docs/internals.md`` explains why.
* ``store`` writes and reads files, and checks that they are what they should be.
* ``report`` summarises a finished run.
"""
