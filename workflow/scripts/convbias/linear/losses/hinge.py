"""The hinge loss, l = (1 - y f(x))_+, with a non-zero gradient only if y f(x) < 1.

Ref: wu2019, Section 2.1
"""

from convbias.linear.losses import Loss

LOSS = Loss(value=lambda margin: (1 - margin).clamp(min=0), satisfied=1.0)
