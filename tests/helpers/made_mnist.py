"""Files in the format of MNIST with a few tiny images."""

import gzip
import hashlib

from convbias_pipeline.store import mnist

NAMES = list(mnist.FILES)


def idx(magic, *axes, data):
    """The content of an IDX file."""
    return b"".join(number.to_bytes(4, "big") for number in (magic, *axes)) + bytes(data)


def sha(content):
    return hashlib.sha256(content).hexdigest()


# 20 images of 3x2 pixels for training and 10 for testing; the labels count through the digits
CONTENTS = dict(
    zip(
        NAMES,
        [
            idx(2051, 20, 3, 2, data=range(120)),
            idx(2049, 20, data=[*range(10), *range(10)]),
            idx(2051, 10, 3, 2, data=range(196, 256)),
            idx(2049, 10, data=range(9, -1, -1)),
        ],
        strict=True,
    )
)
ARCHIVES = {name: gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}


def write_files(folder, files=ARCHIVES):
    """Write these files, by default the four archives, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
