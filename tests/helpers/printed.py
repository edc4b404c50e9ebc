"""What is left of a figure on paper, without colour."""

from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb

APART = 0.05  # of the way from black to white


def lightness(colour):
    """CIE L* of a colour, from 0 to 1."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return (116 * np.cbrt(luminance) - 16) / 100 if luminance > 0.008856 else 9.033 * luminance


def alike(figure):
    """The pairs of things with names of their own, in one panel, that look the same in shades of grey."""
    found = []
    for ax in figure.axes:
        handles, names = ax.get_legend_handles_labels()
        lines = [getattr(handle, "lines", (handle,))[0] for handle in handles]  # of bars, what they go through
        for (name, one), (other_name, other) in combinations(zip(names, lines, strict=True), 2):
            widths = sorted(line.get_linewidth() for line in (one, other))
            shades = [lightness(line.get_color()) for line in (one, other)]
            if _shape(one) == _shape(other) and widths[1] < 1.5 * widths[0] and abs(shades[0] - shades[1]) < APART:
                found.append((name, other_name))
    return found


def _shape(line):
    hollow = lightness(line.get_markerfacecolor()) > 0.99
    return line.get_marker(), line.get_linestyle(), line._unscaled_dash_pattern, hollow
