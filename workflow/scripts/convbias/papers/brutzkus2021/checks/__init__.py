"""Checks of brutzkus2021's theory that draw data or train networks. Their results are rows of the theory table."""
