"""Wu, Poczos and Singh, AISTATS 2019.

*Towards Understanding the Generalization Bias of Two Layer Convolutional Linear Classifiers with Gradient Descent*,
arXiv 1802.04420. Its experiments are in ``config/wu2019.yaml``.
"""
