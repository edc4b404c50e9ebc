"""The jobs of a configuration, and the params of each job."""
