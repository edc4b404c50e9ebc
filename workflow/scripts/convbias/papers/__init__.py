"""The papers. Each has theory, checks, claims and figures, and none imports another."""
