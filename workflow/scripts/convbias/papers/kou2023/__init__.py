"""Kou, Chen, Chen and Gu, ICML 2023: benign overfitting in two-layer ReLU convolutional networks.

Its experiments are in ``config/kou2023.yaml``.
"""
