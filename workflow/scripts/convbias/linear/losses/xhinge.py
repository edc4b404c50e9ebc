"""The extreme hinge loss (X-hinge), l = -y f(x): hinge's gradient without its stop.

Ref: wu2019, Section 3.1
"""

from math import inf

from convbias.linear.losses import Loss

LOSS = Loss(value=lambda margin: -margin, satisfied=inf)
