"""Papers ask questions of the two systems: each has theory, checks, claims and figures. Papers do not share code."""
