"""From a configuration to jobs, and to what each job depends on."""
