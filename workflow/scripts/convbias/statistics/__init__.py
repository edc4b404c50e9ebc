"""Statistics that the figures and claims of all papers share."""
