"""``python -m convbias_pipeline.report.unpack ARCHIVE FOLDER`` unpacks an archive and prints the folder of its run.

If ARCHIVE is a folder, such as an unpacked archive, it is printed as it is.
"""

import shutil
import sys
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from convbias_pipeline.report.archive import SUMS


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive in place of ``folder`` after a check of its checksums. Returns the folder of the run.

    Raises:
        ValueError: the archive is damaged, or is none of this pipeline; the message names the files.
    """
    if archive.is_dir():
        return archive
    try:
        with ZipFile(archive) as file:
            content = {name: file.read(name) for name in file.namelist()}
            lines = [line.split("  ", 1) for line in content[SUMS].decode().splitlines()]
            sums = {name: checksum for checksum, name in lines}
    except (OSError, BadZipFile, KeyError, ValueError) as problem:
        raise ValueError(
            f"{archive} is no archive of a run ({problem}). Name a file that `make archive` wrote."
        ) from None
    found = {name: sha256(data).hexdigest() for name, data in content.items() if name != SUMS}
    if wrong := [name for name in sorted({*sums, *found}) if sums.get(name) != found.get(name)]:
        raise ValueError(f"{archive} is damaged: other checksums than in {SUMS}: {', '.join(wrong)}. Get it again.")
    if outside := [name for name in content if not (folder / name).resolve().is_relative_to(folder.resolve())]:
        raise ValueError(f"{archive} has files outside its folder: {', '.join(outside)}. It is none of this pipeline.")
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


if __name__ == "__main__":
    try:
        print(unpack(Path(sys.argv[1]), Path(sys.argv[2])))
    except ValueError as problem:
        sys.exit(str(problem))
