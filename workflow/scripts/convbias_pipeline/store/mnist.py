"""MNIST's four files: which folder they are in, whether they are whole, and how to get them."""

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

# The SHA-256 of what each file holds: archives of the same images differ between mirrors.
FILES = {
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
VARIABLE = "CONVBIAS_MNIST"
TRIES = 3
TIMEOUT = (4, 30)  # seconds to connect, to each of a mirror's many addresses, and between two pieces of a file


def folder(configured: str | None, downloaded: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The configured folder, else that of the environment, else ``downloaded`` if it has all files, else None.

    Raises:
        ValueError: a folder that somebody named does not exist or lacks files, each of which is named.
    """
    for source, given in (("configuration's mnist", configured), (f"environment's {VARIABLE}", environ.get(VARIABLE))):
        if given:
            path = Path(given).expanduser()
            if missing := _missing(path):
                fault = f"lacks {', '.join(missing)}" if path.is_dir() else "is no folder"
                raise ValueError(
                    f"The {source} is {given}, which {fault}; give a folder with {', '.join(FILES)} (or the same "
                    "without .gz), or give none and run `snakemake mnist`"
                )
            return path
    return None if _missing(downloaded) else downloaded


def read(folder: Path) -> dict[str, bytes]:
    """What the four files hold, decompressed and checked, in the order of ``FILES``.

    Raises:
        ValueError: files are missing, damaged or hold something else; each is named.
    """
    contents, problems = _check(folder)
    if problems:
        lines = [f"{_file(folder, name)} {problem}" for name, problem in problems.items()]
        advice = "Get the files named here anew, or delete them, name no folder and run `snakemake mnist`:"
        raise ValueError("\n".join([f"MNIST is not read. {advice}", *lines]))
    return contents


def download(into: Path, mirrors: Sequence[str] = MIRRORS) -> None:
    """Fetch what is not yet there and right; a mirror that fails or sends something else gives way to the next.

    Raises:
        ConnectionError: no mirror is left; it says why each of them failed.
    """
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")  # the bar names the file, and pooch a temporary one
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
        f"Put {', '.join(FILES)} in a folder by hand and name it as `mnist` in the configuration or in the environment "
        f"variable {VARIABLE}; without them the bundled 8x8 digits are used."
    )
    raise ConnectionError("\n".join(["MNIST was not downloaded. No mirror is left:", *failures, advice]))


def _fetch(mirror: str, name: str, into: Path) -> None:
    import pooch
    from tqdm import tqdm

    def with_bar(url: str, file: Any, caller: Any) -> None:
        # disable=None: off where stderr is no terminal. total: pooch sets it, and takes a bar without one for no bar.
        with tqdm(desc=name, total=1, unit="B", unit_scale=True, disable=None) as bar:
            pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=TIMEOUT)(url, file, caller)

    with TemporaryDirectory() as temporary:
        source = pooch.create(temporary, mirror, registry={name: None}, retry_if_failed=TRIES - 1)
        fetched = Path(source.fetch(name, downloader=with_bar))
        _contents(fetched, name)
        with atomic_write(into / name) as temp_path:
            shutil.copyfile(fetched, temp_path)


def _check(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The contents of the files that are right, and what is wrong with each of the others."""
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
        found = f"{len(content)} bytes with SHA-256 {hashlib.sha256(content).hexdigest()}"
        raise ValueError(f"is not a whole gzip file: {found}") from None
    if (found := hashlib.sha256(content).hexdigest()) != FILES[name]:
        raise ValueError(f"holds something else: its content has SHA-256 {found}, expected {FILES[name]}")
    return content


def _missing(folder: Path) -> list[str]:
    return [name for name in FILES if not _file(folder, name).is_file()]


def _file(folder: Path, name: str) -> Path:
    """The archive, or the same file decompressed if only that is there."""
    decompressed = folder / name.removesuffix(".gz")
    return decompressed if decompressed.is_file() and not (folder / name).is_file() else folder / name
