"""Brutzkus and Globerson, UAI 2021.

*An Optimization and Generalization Analysis for Max-Pooling Networks*, arXiv 2002.09781. Its experiments are in
``config/brutzkus2021.yaml``.
"""
