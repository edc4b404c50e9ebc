"""Small detection experiments that several test modules train: their settings, inputs and networks."""

from dataclasses import replace

import numpy as np

from convbias.columns import build
from convbias.detection import models, shard, training
from convbias.detection.digits import Digits
from convbias.detection.inputs import draw_inputs
from convbias.detection.settings import Settings
from convbias.detection.tables import INPUTS, read_inputs

LIKELY = 1e-3  # the smallest acceptable p-value of a statistic; seeds are fixed, so a test never fails by chance
# 120 images of 2x3 pixels. Images with an odd number are for testing. The first pixel is the number of the image.
FEW_IMAGES = Digits(
    "few",
    np.stack([np.arange(120), *np.random.default_rng(1).integers(0, 201, (5, 120))], axis=1).astype(np.uint8),
    np.repeat(np.arange(10), 12).astype(np.uint8),
    np.arange(120) % 2 == 1,
    height=2,
    top=200,
)
SETTINGS = Settings(
    experiment="own",
    task="orthogonal",
    model="conv_pool",
    training="adam",
    d=6,
    l=6,
    n_patterns=4,
    channels=30,
    noise=0.0,
    noise_law="ball",
    n_train=12,
    n_test=20,
    root_seed=7,
    learning_rate=0.01,
    init_scale=1.0,
    target_loss=0.05,
    step_limit=2000,
    first_layer_steps=3,
    second_layer_steps=30,
)
NOISY = replace(SETTINGS, noise=1.0)
SVM = replace(SETTINGS, model="svm", training="max_margin")
LAYERWISE = replace(SETTINGS, training="layerwise", n_train=13)


def input_columns(settings, seeds, images=None):
    """The columns of the table of inputs, as a job reads them."""
    names = ("task", "d", "l", "n_patterns", "n_train", "n_test", "root_seed")
    arguments = {name: getattr(settings, name) for name in names}
    return read_inputs(build(INPUTS, draw_inputs(**arguments, seeds=list(seeds), images=images)))


def make_data(settings, seeds, images=None):
    """The training and test sets as numbers."""
    return shard.make_data(settings, input_columns(settings, seeds, images), list(seeds), images)


def make_model(settings):
    return models.make(settings.model, settings.n_patterns, settings.d, settings.channels)


def train(settings, seeds, data=None):
    """Train the networks of these seeds together."""
    trainer = training.load(settings.training)
    return trainer.train(settings, make_model(settings), data or make_data(settings, seeds), list(seeds), "cpu")


def with_contradiction(data):
    """The same data, except that the last two training samples are equal and have different labels."""
    x, y = data.x.copy(), data.y.copy()
    x[:, -1], y[:, -2:] = x[:, -2], [1, -1]
    return replace(data, x=x, y=y)
