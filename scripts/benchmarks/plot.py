"""docs/growth.svg: one small picture for each curve of `scripts/bench growth`."""

import os

from benchmarks.growth import CURVES
from benchmarks.measuring import ROOT

PATH = os.path.join(ROOT, "docs", "growth.svg")
COLUMNS, WIDTH, HEIGHT = 2, 360, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 44, 34


def shown(value):
    """Three digits are enough."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def nice(most):
    """The round number above that a scale ends with."""
    step = 1.0
    while step * 10 <= most:
        step *= 10
    while step > most:
        step /= 10
    return next(step * factor for factor in (1, 2, 5, 10) if step * factor >= most)


def panel(name, points, x, y):
    """Places are evenly apart, as the points are by powers; the scale of costs begins at nothing."""
    what, unit = CURVES[name]
    most = nice(max(value for _, value in points))
    across = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    low, high = y + HEIGHT - BOTTOM, y + TOP
    places = [(x + LEFT + across * i, low - (low - high) * value / most)
              for i, (_, value) in enumerate(points)]
    lines = [f'<text x="{x + LEFT}" y="{y + 18}" class="title">{what.replace("`", "")}</text>',
             f'<text x="{x + LEFT}" y="{y + 33}">{unit.replace("`", "")}</text>']
    for share in (0, 0.5, 1):
        at = low - (low - high) * share
        lines.append(f'<path class="grid" d="M{x + LEFT} {at:.1f}H{x + WIDTH - RIGHT}"/>')
        lines.append(f'<text x="{x + LEFT - 6}" y="{at + 4:.1f}" class="end">{shown(most * share)}</text>')
    way = " ".join(f"{across:.1f},{up:.1f}" for across, up in places)
    lines.append(f'<polyline points="{way}"/>')
    for (place, up), (at, value) in zip(places, points):
        lines.append(f'<circle cx="{place:.1f}" cy="{up:.1f}" r="3"/>')
        lines.append(f'<text x="{place:.1f}" y="{low + 16:.1f}" class="mid">{at:,}</text>')
        over = up - 8 if up - 8 > high - 2 else up + 16
        lines.append(f'<text x="{place:.1f}" y="{over:.1f}" class="mid value">{shown(value)}</text>')
    return lines


def draw(figures):
    curves = [(name, figures.get(f"growth.{name}")) for name in CURVES]
    curves = [(name, points) for name, points in curves if points]
    rows = -(-len(curves) // COLUMNS)
    wide, tall = COLUMNS * WIDTH, rows * HEIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" width="{wide}" '
        f'height="{tall}" font-family="sans-serif" font-size="11" fill="#333">',
        "<style>.title{font-weight:bold;font-size:12px}.end{text-anchor:end}.mid{text-anchor:middle}"
        ".value{fill:#1a5fb4}.grid{stroke:#ddd}polyline{fill:none;stroke:#1a5fb4;stroke-width:1.5}"
        "circle{fill:#1a5fb4}</style>",
        f'<rect width="{wide}" height="{tall}" fill="#fff"/>']
    for number, (name, points) in enumerate(curves):
        lines += panel(name, points, number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT)
    with open(PATH, "w") as file:
        file.write("\n".join([*lines, "</svg>", ""]))
