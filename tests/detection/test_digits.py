import gzip
import hashlib
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
from jaxtyping import TypeCheckError

from convbias.detection import digits
from convbias_pipeline.store import mnist
from running import copy_repository, snakemake

NAMES = list(mnist.FILES)
IN_WORDS = ", ".join(NAMES)
ADVICE = f"give a folder with {IN_WORDS} (or the same without .gz), or give none and run `snakemake mnist`"


def idx(magic, *axes, data):
    return b"".join(number.to_bytes(4, "big") for number in (magic, *axes)) + bytes(data)


def sha(content):
    return hashlib.sha256(content).hexdigest()


# 20 images of 3x2 pixels to train on and 10 to test on; labels count through the digits
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


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(mnist, "FILES", {name: sha(content) for name, content in CONTENTS.items()})


def fill(folder, archives=ARCHIVES):
    folder.mkdir(parents=True, exist_ok=True)
    for name, archive in archives.items():
        (folder / name).write_bytes(archive)
    return folder


# ---------------------------------------------------------------------------------------------- the images


def test_mnist_keeps_its_split_its_rows_and_its_labels():
    mnist_digits = digits.from_idx(*CONTENTS.values())
    assert (mnist_digits.name, mnist_digits.height, mnist_digits.top) == ("MNIST", 3, 255)
    np.testing.assert_array_equal(mnist_digits.pixels[0], [0, 1, 2, 3, 4, 5])
    np.testing.assert_array_equal(mnist_digits.pixels[-1], [250, 251, 252, 253, 254, 255])
    np.testing.assert_array_equal(mnist_digits.label, [*range(10), *range(10), *range(9, -1, -1)])
    np.testing.assert_array_equal(mnist_digits.test, [False] * 20 + [True] * 10)


def test_every_file_that_is_not_mnists_is_named():
    with pytest.raises(ValueError, match="four files of MNIST") as caught:
        digits.from_idx(
            idx(2049, 2, data=range(100)), b"1234567", idx(2051, 2, 3, 2, data=range(11)), CONTENTS[NAMES[3]]
        )
    assert str(caught.value).split("\n") == [
        "These are not the four files of MNIST:",
        "train_images begins with the number 2049, not 2051",
        "train_labels has 7 bytes, less than its header's 8",
        "test_images has 27 bytes, not the 16 + 2 x 3 x 2 that its header announces",
    ]


def test_files_that_do_not_belong_together_are_named():
    with pytest.raises(ValueError, match="four files of MNIST") as caught:
        digits.from_idx(
            idx(2051, 11, 3, 2, data=range(66)),
            idx(2049, 12, data=[*range(12)]),
            idx(2051, 9, 2, 2, data=range(36)),
            idx(2049, 9, data=range(9)),
        )
    assert str(caught.value).split("\n") == [
        "These are not the four files of MNIST:",
        "train_images has 11 images and train_labels 12 labels",
        "train_labels has the labels [10, 11], which are no digits",
        "test_labels lacks the digits [9]",
        "train_images has images of 3 x 2 pixels and test_images of 2 x 2",
    ]


def test_the_bundled_digits_need_no_files():
    bundled = digits.bundled()
    assert (bundled.name, bundled.height, bundled.top) == ("bundled 8x8 digits", 8, 16)
    assert bundled.pixels.shape == (1797, 64) and bundled.pixels.max() == 16
    assert bundled.test.sum() == 599 and bundled.test[-599:].all()
    # the first image of the collection is a 0: dark in its middle, bright around it
    assert bundled.label[0] == 0 and bundled.pixels[0].reshape(8, 8)[2:6, 3:5].mean() < 4
    assert bundled.pixels[0].reshape(8, 8)[2:6, [2, 5]].mean() > 8


def good():
    label = np.tile(np.arange(10, dtype=np.uint8), 2)
    return {"name": "good", "pixels": np.ones((20, 6), np.uint8), "label": label, "test": np.arange(20) >= 10}


@pytest.mark.parametrize(
    "fault",
    [
        {"label": np.arange(10, dtype=np.uint8)},
        {"test": np.zeros(20, bool)},
        {"test": np.arange(20) >= 11},
        {"test": np.arange(20) <= 10},
        {"label": np.tile(np.arange(1, 11, dtype=np.uint8), 2)},
        {"pixels": np.full((20, 6), 17, np.uint8)},
        {"height": 4},
    ],
)
def test_digits_assert_their_identities(fault):
    sizes = {"height": 3, "top": 16}
    digits.Digits(**good(), **sizes)
    with pytest.raises((AssertionError, TypeCheckError)):  # the latter where shapes are checked already
        digits.Digits(**{**good(), **sizes, **fault})


# ---------------------------------------------------------------------------------------------- the folder


def test_the_configuration_goes_before_the_environment_and_that_before_the_download(tmp_path):
    configured, environ, downloaded = (fill(tmp_path / name) for name in ("configured", "environ", "downloaded"))
    variable = {"CONVBIAS_MNIST": str(environ)}
    assert mnist.folder(str(configured), downloaded, variable) == configured
    assert mnist.folder(None, downloaded, variable) == environ
    assert mnist.folder(None, downloaded, {"CONVBIAS_MNIST": ""}) == downloaded
    assert mnist.folder(None, downloaded, {}) == downloaded
    assert mnist.folder(None, tmp_path / "nowhere", {}) is None
    (downloaded / NAMES[2]).unlink()
    assert mnist.folder(None, downloaded, {}) is None


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_folder_that_somebody_named_must_have_the_files(tmp_path, by_environment):
    fill(tmp_path, {NAMES[1]: b"", NAMES[2]: b""})
    for given, fault in ((tmp_path, f"lacks {NAMES[0]}, {NAMES[3]}"), (tmp_path / "nowhere", "is no folder")):
        configured, environ = (None, {"CONVBIAS_MNIST": str(given)}) if by_environment else (str(given), {})
        with pytest.raises(ValueError, match="run `snakemake mnist`") as caught:
            mnist.folder(configured, tmp_path, environ)
        source = "environment's CONVBIAS_MNIST" if by_environment else "configuration's mnist"
        assert str(caught.value) == f"The {source} is {given}, which {fault}; {ADVICE}"


def test_the_folder_may_lie_in_the_home_folder_and_hold_the_files_decompressed(tmp_path, monkeypatch, stand_in):
    monkeypatch.setenv("HOME", str(tmp_path))
    fill(tmp_path / "mnist", {name.removesuffix(".gz"): content for name, content in CONTENTS.items()})
    found = mnist.folder("~/mnist", tmp_path / "nowhere", {})
    assert found == tmp_path / "mnist" and mnist.read(found) == CONTENTS


# ---------------------------------------------------------------------------------------------- reading


def test_the_files_are_read_in_the_order_of_from_idx(tmp_path, stand_in):
    contents = mnist.read(fill(tmp_path, dict(reversed(ARCHIVES.items()))))
    assert list(contents.items()) == list(CONTENTS.items())
    assert digits.from_idx(*contents.values()).name == "MNIST"


def test_every_bad_file_is_named(tmp_path, stand_in):
    flipped = bytearray(ARCHIVES[NAMES[0]])
    flipped[30] ^= 0xFF
    cut = ARCHIVES[NAMES[1]][:-9]
    fill(tmp_path, {NAMES[0]: flipped, NAMES[1]: cut, NAMES[2]: gzip.compress(b"other")})
    sums = f"SHA-256 {sha(b'other')}, expected {sha(CONTENTS[NAMES[2]])}"
    with pytest.raises(ValueError, match="MNIST is not read") as caught:
        mnist.read(tmp_path)
    assert str(caught.value).split("\n") == [
        "MNIST is not read. Get the files named here anew, or delete them, name no folder and run `snakemake mnist`:",
        f"{tmp_path / NAMES[0]} is not a whole gzip file: {len(flipped)} bytes with SHA-256 {sha(flipped)}",
        f"{tmp_path / NAMES[1]} is not a whole gzip file: {len(cut)} bytes with SHA-256 {sha(cut)}",
        f"{tmp_path / NAMES[2]} holds something else: its content has {sums}",
        f"{tmp_path / NAMES[3]} does not exist",
    ]


SMALL = gzip.compress(b"x", mtime=0)  # the time would be part of a test's name


@pytest.mark.parametrize("content", [b"<html>", b"\x1f\x8b", SMALL + b"more", SMALL[:10] + b"\xff" * 9])
def test_what_is_no_gzip_file_is_called_so(tmp_path, stand_in, content):
    fill(tmp_path, {**ARCHIVES, NAMES[3]: content})
    found = f"{len(content)} bytes with SHA-256 {sha(content)}"
    with pytest.raises(ValueError, match=rf"^MNIST is not read.*\n\S+{NAMES[3]} is not a whole gzip file: {found}$"):
        mnist.read(tmp_path)


# ---------------------------------------------------------------------------------------------- downloading


@pytest.fixture
def serve(monkeypatch):
    """A function that starts a mirror with these files; it returns the address and the list of what was asked for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # pooch waits between tries
    servers = []

    def start(archives, failures=0, announced=0):
        asked = []

        class Mirror(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path[1:])
                archive = archives.get(self.path[1:])
                status = 404 if archive is None else 503 if len(asked) <= failures else 200
                self.send_response(status)
                if status == 200:
                    self.send_header("Content-Length", str(len(archive) + announced))
                self.end_headers()
                self.wfile.write(archive if status == 200 else b"")

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/", asked

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def closed():
    """The address of a mirror that nobody runs."""
    with socket.socket() as unused:  # bound and not listening: nobody else takes the port, and all are refused
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/"


def listing(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_files_of_a_mirror_are_downloaded(tmp_path, stand_in, serve):
    mirror, asked = serve(ARCHIVES)
    into = tmp_path / "new" / "mnist"
    mnist.download(into, [mirror])
    assert listing(into) == ARCHIVES and asked == NAMES
    assert (into / NAMES[0]).stat().st_mode & 0o777 == 0o666 & ~umask()
    assert mnist.folder(None, into, {}) == into


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_is_there_and_right_is_kept_and_what_is_wrong_is_fetched_anew(tmp_path, stand_in, serve):
    mirror, asked = serve(ARCHIVES)
    fill(tmp_path, {**ARCHIVES, NAMES[1]: b"wrong"})
    (tmp_path / NAMES[3]).unlink()
    mnist.download(tmp_path, [mirror])
    assert asked == [NAMES[1], NAMES[3]] and listing(tmp_path) == ARCHIVES
    mnist.download(tmp_path, [mirror])
    assert len(asked) == 2


def test_a_mirror_with_a_wrong_file_gives_way_to_the_next(tmp_path, stand_in, serve):
    corrupt, asked_first = serve({**ARCHIVES, NAMES[1]: ARCHIVES[NAMES[1]][:-1]})
    right, asked_second = serve(ARCHIVES)
    mnist.download(tmp_path, [corrupt, right])
    assert asked_first == NAMES[:2] and asked_second == NAMES[1:]
    assert listing(tmp_path) == ARCHIVES


def test_a_mirror_is_tried_three_times(tmp_path, stand_in, serve):
    unsteady, asked = serve(ARCHIVES, failures=2)
    mnist.download(tmp_path, [unsteady])
    assert asked == [NAMES[0]] * 2 + NAMES


def test_no_mirror_leaves_what_was_there_and_says_why(tmp_path, stand_in, serve, closed):
    corrupt, asked = serve({NAMES[0]: gzip.compress(b"other")})
    short, cut = serve({NAMES[0]: ARCHIVES[NAMES[0]]}, announced=10)
    empty, _ = serve({})
    fill(tmp_path, {NAMES[0]: b"wrong"})
    with pytest.raises(ConnectionError) as caught:
        mnist.download(tmp_path, [closed, corrupt, short, empty])
    head, *lines, advice = str(caught.value).split("\n")
    assert head == "MNIST was not downloaded. No mirror is left:"
    assert lines[0].startswith(f"{closed}{NAMES[0]} ") and "Connection refused" in lines[0]
    expected = f"SHA-256 {sha(b'other')}, expected {sha(CONTENTS[NAMES[0]])}"
    assert lines[1] == f"{corrupt}{NAMES[0]} holds something else: its content has {expected}"
    assert lines[2].startswith(f"{short}{NAMES[0]} ") and "IncompleteRead" in lines[2]
    assert lines[3] == f"{empty}{NAMES[0]} 404 Client Error: Not Found for url: {empty}{NAMES[0]}"
    assert len(lines) == 4 and len(asked) == 1 and len(cut) == 3
    assert advice == (
        f"Put {IN_WORDS} in a folder by hand and name it as `mnist` in the configuration or in the environment "
        "variable CONVBIAS_MNIST; without them the bundled 8x8 digits are used."
    )
    assert listing(tmp_path) == {NAMES[0]: b"wrong"}


def test_a_mirror_that_is_silent_does_not_hold_up(tmp_path, stand_in, monkeypatch, serve):
    right, _ = serve(ARCHIVES)
    monkeypatch.setattr(mnist, "TIMEOUT", (0.05, 0.05))
    start = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mnist.download(tmp_path, [f"http://127.0.0.1:{silent.getsockname()[1]}/", right])
    assert listing(tmp_path) == ARCHIVES and time.monotonic() - start < 20  # pooch's own limit: 3 times 30 s


@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_is_for_terminals(tmp_path, stand_in, serve, capfd, caplog, monkeypatch, terminal):
    mirror, _ = serve(ARCHIVES, failures=1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])
    mnist.download(tmp_path, [mirror])
    shown = capfd.readouterr().err
    assert all(f"{name}: 100%" in shown for name in NAMES) if terminal else shown == ""
    assert not caplog.records  # pooch would name temporary files


# ---------------------------------------------------------------------------------------------- the real files


@pytest.mark.skipif("CONVBIAS_MNIST" not in os.environ, reason="CONVBIAS_MNIST names no folder with the real files")
def test_the_real_files_are_mnist():
    real = digits.from_idx(*mnist.read(Path(os.environ["CONVBIAS_MNIST"])).values())
    assert real.pixels.shape == (70000, 784) and real.height == 28 and real.pixels.max() == 255
    assert real.test.sum() == 10000 and real.test[60000:].all()
    assert real.label[:5].tolist() == [5, 0, 4, 1, 9] and real.label[60000:60005].tolist() == [7, 2, 1, 0, 4]


def test_without_a_network_a_run_says_why_there_is_no_mnist(tmp_path, monkeypatch):
    for proxy in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # where nothing answers
    done = snakemake(copy_repository(tmp_path), "--quiet", "all", "--cores", 1, "mnist")
    assert done.returncode and "MNIST was not downloaded. No mirror is left:" in done.stdout
    assert (tmp_path / "results/logs/mnist.log").read_text() in done.stdout
