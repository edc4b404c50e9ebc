"""MNIST's four files: find their folder, check them and download them."""

import gzip
import hashlib
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from convbias_pipeline.store.files import atomic_write

# The SHA-256 of each file's decompressed content. The archives themselves differ between mirrors.
FILES = {
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
VARIABLE = "CONVBIAS_MNIST"
TRIES = 3
TIMEOUT = (4, 30)  # seconds to connect to one of a mirror's addresses, and between two pieces of a file


def folder(configured: str | None, downloaded: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of MNIST's files, or None if there are no files.

    The configured folder comes first, then the folder in the environment variable, then ``downloaded``.

    Raises:
        ValueError: a configured folder does not exist or lacks files; the message names each of them.
    """
    settings = {
        "`mnist` in the configuration": configured,
        f"The environment variable {VARIABLE}": environ.get(VARIABLE),
    }
    for setting, given in settings.items():
        if given:
            path = Path(os.path.expanduser(given))  # an unknown user's ~name stays as it is
            if missing := _missing(path):
                fault = f"this folder lacks {', '.join(missing)}" if os.path.isdir(path) else "there is no such folder"
                raise ValueError(
                    f"{setting} is {given}, but {fault}. Set it to a folder with {', '.join(FILES)} (with or without "
                    ".gz), or remove it and run `snakemake mnist`."
                )
            return path
    return None if _missing(downloaded) else downloaded


def read(folder: Path) -> dict[str, bytes]:
    """The decompressed and checked contents of the four files, in the order of ``FILES``.

    Raises:
        ValueError: files are missing or damaged, or have unexpected content; the message names each of them.
    """
    contents, problems = _check(folder)
    if problems:
        lines = [f"{_file(folder, name)} {problem}" for name, problem in problems.items()]
        raise ValueError("\n".join(["Cannot read MNIST. Delete these files and run `snakemake mnist`:", *lines]))
    return contents


def download(into: Path, mirrors: Sequence[str] = MIRRORS) -> None:
    """Download the files that are missing or damaged. If a mirror fails or sends a wrong file, try the next one.

    Raises:
        ConnectionError: all mirrors failed; the message gives the reason of each.
    """
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")  # the progress bar names the file; pooch's log names a temporary one
    into.mkdir(parents=True, exist_ok=True)
    failures = []
    for mirror in mirrors:
        for name in _check(into)[1]:
            try:
                _fetch(mirror, name, into)
            except (RequestException, ValueError) as problem:
                failures.append(f"{mirror}{name} {problem}")
                break
        else:
            return
    advice = (
        f"To use MNIST, put {', '.join(FILES)} into a folder and set {VARIABLE}, or `mnist` in the configuration, to "
        "this folder. Otherwise digit detection uses the bundled 8x8 digits."
    )
    raise ConnectionError("\n".join(["MNIST download failed on all mirrors:", *failures, advice]))


def _fetch(mirror: str, name: str, into: Path) -> None:
    import pooch
    from tqdm import tqdm

    def with_bar(url: str, file: Any, caller: Any) -> None:
        # disable=None turns the bar off if stderr is not a terminal. pooch sets total, but ignores a bar without one.
        with tqdm(desc=name, total=1, unit="B", unit_scale=True, disable=None) as bar:
            pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=TIMEOUT)(url, file, caller)

    with TemporaryDirectory() as temporary:
        source = pooch.create(temporary, mirror, registry={name: None}, retry_if_failed=TRIES - 1)
        fetched = Path(source.fetch(name, downloader=with_bar))
        _contents(fetched, name)
        with atomic_write(into / name) as temp_path:
            shutil.copyfile(fetched, temp_path)


def _check(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The contents of the correct files, and the problem of each of the others."""
    contents, problems = {}, {}
    for name in FILES:
        try:
            contents[name] = _contents(_file(folder, name), name)
        except ValueError as problem:
            problems[name] = str(problem)
    return contents, problems


def _contents(file: Path, name: str) -> bytes:
    if not file.is_file():
        raise ValueError("does not exist")
    content = file.read_bytes()
    try:
        content = gzip.decompress(content) if file.suffix == ".gz" else content
    except (EOFError, gzip.BadGzipFile, zlib.error):
        size, checksum = len(content), hashlib.sha256(content).hexdigest()
        raise ValueError(f"is not a complete gzip file ({size} bytes, SHA-256 {checksum})") from None
    if (checksum := hashlib.sha256(content).hexdigest()) != FILES[name]:
        raise ValueError(f"has unexpected content (SHA-256 {checksum}, expected {FILES[name]})")
    return content


def _missing(folder: Path) -> list[str]:
    return [name for name in FILES if not os.path.isfile(_file(folder, name))]


def _file(folder: Path, name: str) -> Path:
    """The archive, or the decompressed file if only that exists."""
    decompressed = folder / name.removesuffix(".gz")
    isfile = os.path.isfile  # unlike a Path's, it is false for names that are too long
    return decompressed if isfile(decompressed) and not isfile(folder / name) else folder / name
