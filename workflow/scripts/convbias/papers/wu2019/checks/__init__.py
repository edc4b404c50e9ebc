"""Checks of wu2019's theory that draw or train: their results are rows of the theory table."""
