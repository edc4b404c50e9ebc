"""SVM: the hard-margin linear classifier on the whole input, without intercept."""

from dataclasses import dataclass

TRAININGS = ("max_margin", "perceptron")


@dataclass(frozen=True)
class SVM:
    """f(x) = w . x with w in R^(nd); training determines w.

    Ref: brutzkus2021, Section 7 (SVM)
    """

    n_parameters: int
    hidden: int = 1


def make(n_patterns: int, d: int, channels: int) -> SVM:
    """The linear classifier for n_patterns patterns of length d; it ignores channels."""
    return SVM(n_patterns * d)
