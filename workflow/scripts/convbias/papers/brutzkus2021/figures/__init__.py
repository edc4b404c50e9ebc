"""The figures of brutzkus2021."""
