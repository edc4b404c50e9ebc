"""Checks of wu2019's theory that draw data or train networks. Their results are rows of the theory table."""
