"""Summaries of a finished run: its report, gallery, times and environment."""
