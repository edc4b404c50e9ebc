"""The extreme hinge loss (X-hinge), l = -y f(x): the hinge loss without its stopping point.

Ref: wu2019, Section 3.1
"""

from math import inf

from convbias.linear.losses import Loss

LOSS = Loss(value=lambda margin: -margin, satisfied=inf)
