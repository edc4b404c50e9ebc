"""Where randomness comes from: one counter-based stream for each thing that is drawn."""

from hashlib import blake2b

import numpy as np


def stream(root_seed: int, what: str, task: str, n_train: int, seed: int) -> np.random.Generator:
    """The random stream of one draw, a function of its five keys alone.

    Nothing else enters, so a training set or an initial weight never depends on which other networks are drawn, in
    which order or in which process.
    """
    key = blake2b(f"{root_seed}/{what}/{task}/{n_train}/{seed}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
