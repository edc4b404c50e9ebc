"""MNIST's four files: finding their folder, checking them and downloading them."""

import gzip
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from convbias.detection import digits
from convbias_pipeline.store import mnist
from made_mnist import ARCHIVES, CONTENTS, NAMES, sha, write_files
from running import copy_repository, snakemake

ALL_NAMES = ", ".join(NAMES)


@pytest.fixture
def stand_in(monkeypatch):
    """Expect the small files of ``made_mnist`` instead of MNIST's."""
    monkeypatch.setattr(mnist, "FILES", {name: sha(content) for name, content in CONTENTS.items()})


# ---------------------------------------------------------------------------------------------- the folder


def test_configured_folder_precedes_environment_and_download(tmp_path):
    configured, environ, downloaded = (write_files(tmp_path / name) for name in ("configured", "environ", "downloaded"))
    variable = {"CONVBIAS_MNIST": str(environ)}
    assert mnist.folder(str(configured), downloaded, variable) == configured
    assert mnist.folder(None, downloaded, variable) == environ
    assert mnist.folder(None, downloaded, {"CONVBIAS_MNIST": ""}) == downloaded
    assert mnist.folder(None, downloaded, {}) == downloaded
    assert mnist.folder(None, tmp_path / "nowhere", {}) is None
    (downloaded / NAMES[2]).unlink()
    assert mnist.folder(None, downloaded, {}) is None


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_named_folder_without_all_files_is_refused(tmp_path, by_environment):
    write_files(tmp_path, {NAMES[1]: b"", NAMES[2]: b""})
    lacks = f"this folder lacks {NAMES[0]}, {NAMES[3]}"
    for given, fault in ((tmp_path, lacks), (tmp_path / "nowhere", "there is no such folder")):
        configured, environ = (None, {"CONVBIAS_MNIST": str(given)}) if by_environment else (str(given), {})
        with pytest.raises(ValueError, match="run `snakemake mnist`") as caught:
            mnist.folder(configured, tmp_path, environ)
        setting = "The environment variable CONVBIAS_MNIST" if by_environment else "`mnist` in the configuration"
        assert str(caught.value) == (
            f"{setting} is {given}, but {fault}. Set it to a folder with {ALL_NAMES} (with or without .gz), or remove "
            "it and run `snakemake mnist`."
        )


def test_folder_can_start_with_a_tilde_and_have_decompressed_files(tmp_path, monkeypatch, stand_in):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_files(tmp_path / "mnist", {name.removesuffix(".gz"): content for name, content in CONTENTS.items()})
    found = mnist.folder("~/mnist", tmp_path / "nowhere", {})
    assert found == tmp_path / "mnist" and mnist.read(found) == CONTENTS


# ---------------------------------------------------------------------------------------------- reading


def test_files_are_read_in_the_order_of_the_arguments_of_from_idx(tmp_path, stand_in):
    contents = mnist.read(write_files(tmp_path, dict(reversed(ARCHIVES.items()))))
    assert list(contents.items()) == list(CONTENTS.items())
    assert digits.from_idx(*contents.values()).name == "MNIST"


def test_error_names_every_bad_file(tmp_path, stand_in):
    flipped = bytearray(ARCHIVES[NAMES[0]])
    flipped[30] ^= 0xFF
    cut = ARCHIVES[NAMES[1]][:-9]
    write_files(tmp_path, {NAMES[0]: flipped, NAMES[1]: cut, NAMES[2]: gzip.compress(b"other")})
    checksums = f"SHA-256 {sha(b'other')}, expected {sha(CONTENTS[NAMES[2]])}"
    with pytest.raises(ValueError, match="Cannot read MNIST") as caught:
        mnist.read(tmp_path)
    assert str(caught.value).split("\n") == [
        "Cannot read MNIST. Delete these files and run `snakemake mnist`:",
        f"{tmp_path / NAMES[0]} is not a complete gzip file ({len(flipped)} bytes, SHA-256 {sha(flipped)})",
        f"{tmp_path / NAMES[1]} is not a complete gzip file ({len(cut)} bytes, SHA-256 {sha(cut)})",
        f"{tmp_path / NAMES[2]} has unexpected content ({checksums})",
        f"{tmp_path / NAMES[3]} does not exist",
    ]


SMALL = gzip.compress(b"x", mtime=0)  # fixed time, because the bytes are part of a test's name


@pytest.mark.parametrize("content", [b"<html>", b"\x1f\x8b", SMALL + b"more", SMALL[:10] + b"\xff" * 9])
def test_an_incomplete_gzip_file_is_reported(tmp_path, stand_in, content):
    write_files(tmp_path, {**ARCHIVES, NAMES[3]: content})
    problem = rf"is not a complete gzip file \({len(content)} bytes, SHA-256 {sha(content)}\)"
    with pytest.raises(ValueError, match=rf"^Cannot read MNIST.*\n\S+{NAMES[3]} {problem}$"):
        mnist.read(tmp_path)


# ---------------------------------------------------------------------------------------------- downloading


@pytest.fixture
def serve(monkeypatch):
    """A function that starts a mirror with some files. It returns the address and the list of requested files."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # pooch waits between tries
    servers = []

    def start(archives, failures=0, announced=0):
        requested = []

        class Mirror(BaseHTTPRequestHandler):
            def do_GET(self):
                requested.append(self.path[1:])
                archive = archives.get(self.path[1:])
                status = 404 if archive is None else 503 if len(requested) <= failures else 200
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
        return f"http://127.0.0.1:{server.server_port}/", requested

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def closed():
    """The address of a mirror that refuses connections."""
    with socket.socket() as unused:  # the port is taken, but nothing listens on it
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/"


def listing(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_files_are_downloaded_from_a_mirror(tmp_path, stand_in, serve):
    mirror, requested = serve(ARCHIVES)
    into = tmp_path / "new" / "mnist"
    mnist.download(into, [mirror])
    assert listing(into) == ARCHIVES and requested == NAMES
    assert (into / NAMES[0]).stat().st_mode & 0o777 == 0o666 & ~umask()
    assert mnist.folder(None, into, {}) == into


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_only_missing_and_damaged_files_are_downloaded(tmp_path, stand_in, serve):
    mirror, requested = serve(ARCHIVES)
    write_files(tmp_path, {**ARCHIVES, NAMES[1]: b"wrong"})
    (tmp_path / NAMES[3]).unlink()
    mnist.download(tmp_path, [mirror])
    assert requested == [NAMES[1], NAMES[3]] and listing(tmp_path) == ARCHIVES
    mnist.download(tmp_path, [mirror])
    assert len(requested) == 2


def test_the_next_mirror_is_used_if_one_sends_a_wrong_file(tmp_path, stand_in, serve):
    corrupt, first_requests = serve({**ARCHIVES, NAMES[1]: ARCHIVES[NAMES[1]][:-1]})
    right, second_requests = serve(ARCHIVES)
    mnist.download(tmp_path, [corrupt, right])
    assert first_requests == NAMES[:2] and second_requests == NAMES[1:]
    assert listing(tmp_path) == ARCHIVES


def test_a_mirror_is_tried_three_times(tmp_path, stand_in, serve):
    unsteady, requested = serve(ARCHIVES, failures=2)
    mnist.download(tmp_path, [unsteady])
    assert requested == [NAMES[0]] * 2 + NAMES


def test_if_all_mirrors_fail_files_are_unchanged_and_the_error_gives_reasons(tmp_path, stand_in, serve, closed):
    corrupt, requests = serve({NAMES[0]: gzip.compress(b"other")})
    short, short_requests = serve({NAMES[0]: ARCHIVES[NAMES[0]]}, announced=10)
    empty, _ = serve({})
    write_files(tmp_path, {NAMES[0]: b"wrong"})
    with pytest.raises(ConnectionError) as caught:
        mnist.download(tmp_path, [closed, corrupt, short, empty])
    head, *lines, advice = str(caught.value).split("\n")
    assert head == "MNIST download failed on all mirrors:"
    assert lines[0].startswith(f"{closed}{NAMES[0]} ") and "Connection refused" in lines[0]
    checksums = f"SHA-256 {sha(b'other')}, expected {sha(CONTENTS[NAMES[0]])}"
    assert lines[1] == f"{corrupt}{NAMES[0]} has unexpected content ({checksums})"
    assert lines[2].startswith(f"{short}{NAMES[0]} ") and "IncompleteRead" in lines[2]
    assert lines[3] == f"{empty}{NAMES[0]} 404 Client Error: Not Found for url: {empty}{NAMES[0]}"
    assert len(lines) == 4 and len(requests) == 1 and len(short_requests) == 3
    assert advice == (
        f"To use MNIST, put {ALL_NAMES} into a folder and set CONVBIAS_MNIST, or `mnist` in the configuration, to this "
        "folder. Otherwise digit detection uses the bundled 8x8 digits."
    )
    assert listing(tmp_path) == {NAMES[0]: b"wrong"}


def test_a_silent_mirror_times_out(tmp_path, stand_in, monkeypatch, serve):
    right, _ = serve(ARCHIVES)
    monkeypatch.setattr(mnist, "TIMEOUT", (0.05, 0.05))
    start = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mnist.download(tmp_path, [f"http://127.0.0.1:{silent.getsockname()[1]}/", right])
    assert (
        listing(tmp_path) == ARCHIVES and time.monotonic() - start < 20
    )  # the default timeout of pooch gives 3 times 30 s


@pytest.mark.parametrize("terminal", [True, False])
def test_the_progress_bar_is_shown_only_in_a_terminal(tmp_path, stand_in, serve, capfd, caplog, monkeypatch, terminal):
    mirror, _ = serve(ARCHIVES, failures=1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr(pooch.get_logger(), "handlers", [caplog.handler])
    mnist.download(tmp_path, [mirror])
    printed = capfd.readouterr().err
    assert all(f"{name}: 100%" in printed for name in NAMES) if terminal else printed == ""
    assert not caplog.records  # pooch's log names temporary files


def test_snakemake_mnist_without_a_network_reports_the_reason(tmp_path, monkeypatch):
    for proxy in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nothing answers there
    done = snakemake(copy_repository(tmp_path), "--quiet", "all", "--cores", 1, "mnist")
    assert done.returncode and "MNIST download failed on all mirrors:" in done.stdout
    assert (tmp_path / "results/logs/mnist.log").read_text() in done.stdout


# ---------------------------------------------------------------------------------------------- the real files


@pytest.mark.skipif(
    "CONVBIAS_MNIST" not in os.environ, reason="CONVBIAS_MNIST, the folder of the real files, is not set"
)
def test_real_files_are_mnist():
    """This test reads the files in the folder CONVBIAS_MNIST."""
    real = digits.from_idx(*mnist.read(Path(os.environ["CONVBIAS_MNIST"])).values())
    assert real.pixels.shape == (70000, 784) and real.height == 28 and real.pixels.max() == 255
    assert real.test.sum() == 10000 and real.test[60000:].all()
    assert real.label[:5].tolist() == [5, 0, 4, 1, 9] and real.label[60000:60005].tolist() == [7, 2, 1, 0, 4]


@pytest.mark.parametrize("given", ["~nosuchuser/x", "a" * 300])
def test_a_folder_with_an_impossible_name_is_refused(tmp_path, given):
    with pytest.raises(ValueError, match=f"`mnist` in the configuration is {given}, but there is no such folder"):
        mnist.folder(given, tmp_path, {})
