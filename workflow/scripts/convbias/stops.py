"""How the training of a network can end: its convergence status, the column ``stopped`` of the tables."""

from typing import Literal

Stop = Literal[
    "zero_loss",  # every training sample has the margin it needs, so the loss is exactly 0
    "fitted",  # the loss fell below its target and no training sample is misclassified
    "separated",  # the hyperplane separates the training set; that of max_margin has the maximum margin
    "not_separable",  # the training set is not separable, and the network has the least total slack
    "all_steps",  # training took a fixed number of steps, without another goal
    "step_limit",  # training did not reach its goal within the limit
    "diverged",  # a weight or the loss is not finite; the errors are NaN
]
UNFINISHED = ("diverged", "step_limit")  # networks that are excluded from statistics
