"""Checks of brutzkus2021's theory that draw or train: their results are rows of the theory table."""
