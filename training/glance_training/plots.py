"""Plots for documents: one look for all, and the same bytes for the same curves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart by every kind of colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
# The salt makes the names inside a file, and so the whole file, the same each time.
SETTINGS = {"svg.hashsalt": "glance", "font.family": "DejaVu Sans", "font.size": 10}


@contextmanager
def svg(path: Path, width: float, height: float, panels: int = 1) -> "Iterator[tuple[Figure, list[Axes]]]":
    """A figure of so many inches with panels side by side, to draw on within the `with` block; at its end it is written to `path`."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise UserError('The plots need matplotlib. Run `pip install -e ".[report]"` in the folder training.') from None
    with rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        axes = list(figure.subplots(1, panels, sharey=True, squeeze=False)[0])
        for panel in axes:
            panel.grid(color="#DDDDDD", linewidth=0.6)
            panel.set_axisbelow(True)
            panel.spines[["top", "right"]].set_visible(False)
        yield figure, axes
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None})
