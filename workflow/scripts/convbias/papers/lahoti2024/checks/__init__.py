"""The checks of lahoti2024: they train networks, and write rows of the theory table."""
