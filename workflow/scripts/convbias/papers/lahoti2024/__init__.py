"""Lahoti, Karp, Winston, Singh and Li, ICLR 2024: the Dynamic Signal Distribution.

Its experiments are in ``config/lahoti2024.yaml``.
"""
