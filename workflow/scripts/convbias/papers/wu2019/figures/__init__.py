"""The figures of wu2019."""
