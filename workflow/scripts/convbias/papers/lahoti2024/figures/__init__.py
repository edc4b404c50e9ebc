"""The figures of lahoti2024."""
