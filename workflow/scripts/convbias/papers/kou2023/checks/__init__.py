"""The checks of kou2023: they train networks, and write rows of the theory table."""
