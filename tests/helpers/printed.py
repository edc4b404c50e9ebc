"""How a figure looks to a reader: its text, its bytes in a file, and its look in print without colour."""

import io
from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb

from convbias import catalogue, figures
from convbias.figures import style

SAME_SHADE = 0.05  # a smaller difference in lightness is invisible in print; black to white is 1


def draw(name, tables, experiments):
    """The numbers that a figure shows, and the figure."""
    described = catalogue.figures()[name]
    data, plot = figures.load(described)
    if described.streamed:
        tables = {table: iter([frame]) for table, frame in tables.items()}
    frame = data(tables, experiments)
    return frame, plot(frame)


def texts(figure):
    """All text in a figure."""
    found = (item.get_text() for item in figure.findobj(lambda item: hasattr(item, "get_text")))
    return " ".join(found).replace("\n", " ")


def pdf(figure):
    """The bytes of a figure as a PDF without its date."""
    return written(figure, "pdf")


def png(figure):
    """The bytes of a figure as a PNG without the version of matplotlib."""
    return written(figure, "png")


def written(figure, file_format):
    """The bytes of a figure's file."""
    file = io.BytesIO()
    style.write(figure, file, file_format)
    return file.getvalue()


def lightness(colour):
    """CIE L* of a colour, from 0 to 1."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return (116 * np.cbrt(luminance) - 16) / 100 if luminance > 0.008856 else 9.033 * luminance


def indistinguishable(figure):
    """The pairs of names in the legend of one panel that look the same in shades of grey."""
    found = []
    for ax in figure.axes:
        handles, names = ax.get_legend_handles_labels()
        lines = [getattr(handle, "lines", (handle,))[0] for handle in handles]  # of error bars: their central line
        for (name, one), (other_name, other) in combinations(zip(names, lines, strict=True), 2):
            widths = sorted(line.get_linewidth() for line in (one, other))
            shades = [lightness(line.get_color()) for line in (one, other)]
            same_shade = abs(shades[0] - shades[1]) < SAME_SHADE
            if _shape(one) == _shape(other) and widths[1] < 1.5 * widths[0] and same_shade:
                found.append((name, other_name))
    return found


def _shape(line):
    hollow = lightness(line.get_markerfacecolor()) > 0.99
    return line.get_marker(), line.get_linestyle(), line._unscaled_dash_pattern, hollow
