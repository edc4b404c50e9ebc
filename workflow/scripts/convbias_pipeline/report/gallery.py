"""``python -m convbias_pipeline.report.gallery FROM TO`` copies the figures of a run, reduced for the documentation."""

import sys
from pathlib import Path

from PIL import Image

from convbias_pipeline.store.files import atomic_write

WIDTH, COLOURS = 1120, 256  # pixels (twice the width on a page), and colours


def copy_small(figures: Path, pages: Path) -> None:
    """Copy each PNG of ``figures`` to ``pages``, with at most ``WIDTH`` pixels in width and ``COLOURS`` colours."""
    pages.mkdir(exist_ok=True)
    for path in sorted(figures.glob("*.png")):
        with Image.open(path) as image, atomic_write(pages / path.name) as temp_path:
            height = round(image.height * min(1, WIDTH / image.width))
            small = image.convert("RGB").resize((min(WIDTH, image.width), height), Image.Resampling.LANCZOS)
            small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(temp_path, format="png", optimize=True)


if __name__ == "__main__":
    copy_small(*map(Path, sys.argv[1:]))
