"""The random streams of training and test sets."""

from itertools import product

from convbias.detection.inputs import Sampler


def test_inputs_with_other_dimensions_are_drawn_independently():
    samplers = [
        Sampler("orthogonal", d, l, n_patterns, n_train=10, root_seed=7, seed=0, images=None)
        for d, l, n_patterns in product((8, 12), (5, 6), (4, 10))
    ]
    assert len({sampler.key for sampler in samplers}) == 8
    assert len({float(sampler.stream("training set").random()) for sampler in samplers}) == 8
