"""Which digit images a run uses: MNIST, or the small ones that come with the package."""

from pathlib import Path

MNIST, BUNDLED = "MNIST", "bundled 8x8 digits"  # as in convbias.detection.digits, which needs numpy
KEEP = {
    BUNDLED: "add `digits: bundled` to the configuration",
    MNIST: "set CONVBIAS_MNIST, or `mnist` in the configuration, to the folder with its files",
}
CHANGE = {BUNDLED: "bundled", MNIST: "mnist"}


class ImagesError(ValueError):
    """The images that the configuration asks for are not there, or are not those of the finished results."""


def choose(digits: str, folder: Path | None, record: Path) -> str:
    """The name of the collection of images.

    Args:
        digits: the setting: mnist, bundled, auto (MNIST if it is there), or recorded (those of the finished results).
        folder: where MNIST's files are, or None.
        record: the file in which the finished results name their images. It need not exist.

    Raises:
        ImagesError: ``digits`` is mnist and there are no files, it is auto and the results use other images, or it is
            recorded and there are no results.
    """
    if digits == "recorded":
        if not record.exists():
            raise ImagesError(f"digits is recorded, but there are no finished results: {record} does not exist.")
        return record.read_text(encoding="utf-8").strip()
    if digits == "bundled":
        return BUNDLED
    if digits == "mnist":
        if folder is None:
            raise ImagesError(
                "digits is mnist, but no MNIST files are found. Run `snakemake mnist`, or set CONVBIAS_MNIST to their "
                "folder."
            )
        return MNIST
    found = MNIST if folder else BUNDLED
    recorded = record.read_text(encoding="utf-8").strip() if record.exists() else found
    if recorded not in KEEP:
        raise ImagesError(f"{record} names unknown digit images {recorded!r}. Delete it and run again.")
    if recorded != found:
        why = f"MNIST is in {folder}" if folder else "no MNIST files are found"
        raise ImagesError(
            f"The finished results use the digit images {recorded}, but now {why}. Nothing was changed.\n"
            f"To keep {recorded}: {KEEP[recorded]}.\n"
            f"To train on {found} instead: run with `--config digits={CHANGE[found]}`, or add `digits: {CHANGE[found]}`"
            " to the configuration. This replaces the results that depend on the digits."
        )
    return found
