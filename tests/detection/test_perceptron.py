"""The perceptron: it separates what can be separated, and says when it found nothing."""

from dataclasses import replace

import numpy as np

from convbias.detection.training import perceptron
from small_detection import SVM, make_data, train, with_contradiction

PERCEPTRON = replace(SVM, training="perceptron", step_limit=300)


def plain(signed, limit):
    """The algorithm as in a textbook."""
    w, passes, wrong = np.zeros(signed.shape[1]), 0, 1
    while wrong and passes < limit:
        passes, wrong = passes + 1, 0
        for row in signed:
            if w @ row <= 0:
                w, wrong = w + row, wrong + 1
    return w, passes, wrong


def test_a_separable_training_set_is_separated():
    data, outcome = make_data(PERCEPTRON, [0, 1]), train(PERCEPTRON, [0, 1])
    assert outcome.stopped == ["separated"] * 2 and outcome.train_loss == outcome.train_error == [0, 0]
    for run in (0, 1):
        x, x_test = (array[run].reshape(array.shape[1], -1) for array in (data.x, data.x_test))
        w, passes, wrong = plain(x * data.y[run][:, None], 300)
        assert outcome.steps[run] == passes and wrong == 0
        assert outcome.test_error[run] == ((x_test @ w > 0) != (data.y_test[run] > 0)).mean()


def test_the_search_ends_at_the_limit_without_a_verdict():
    data = with_contradiction(make_data(PERCEPTRON, [0]))
    outcome = train(PERCEPTRON, [0], data)
    _, passes, wrong = plain(data.x[0].reshape(data.x.shape[1], -1) * data.y[0][:, None], 300)
    assert outcome.stopped == ["step_limit"] and outcome.steps == [passes] == [300]
    assert outcome.train_loss == [wrong / data.x.shape[1]] and wrong > 0


def test_the_compiled_loop_is_the_textbook(rng):
    signed = rng.normal(size=(20, 6)) + 0.3
    w, passes, wrong = perceptron.search()(signed, 50)
    expected, *counts = plain(signed, 50)
    np.testing.assert_allclose(w, expected, rtol=1e-12)
    assert [passes, wrong] == counts
