"""The figures of kou2023."""
