"""The reliability diagram as SVG: what p_negative says, against what was true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from scoring.measure import Bin, wilson

__all__ = ["ENGLISH", "Captions", "reliability_svg"]

_SIDE, _EDGE, _FOOT = 360, 56, 24
_COLOURS = ("#2563eb", "#b45309", "#15803d", "#7c3aed")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600}.faint{fill:#6b7280}"
    ".grid{stroke:#ddd}.even{stroke:#888;stroke-dasharray:4 4}"
    ".span{stroke-opacity:.45;stroke-width:2}.line{fill:none;stroke-width:2}"
)


class Captions(NamedTuple):
    """What stands beside the axes and the line."""

    told: str
    true: str
    too_low: str
    too_high: str
    legend: str


ENGLISH = Captions(
    told="p_negative, as told",
    true="share that is negative",
    too_low="told too low",
    too_high="told too high",
    legend="larger dot: more texts; bar: 95 % interval",
)


def reliability_svg(
    series: Mapping[str, Sequence[Bin]], *, title: str, captions: Captions = ENGLISH
) -> str:
    """Return the diagram: a line for each of the `series`, by name, with a dot per bin.

    On the dashed line p_negative means what it says; above it is too low, below too high.
    """
    most = max((each.size for bins in series.values() for each in bins), default=1)
    width, height = _SIDE + 2 * _EDGE, _SIDE + 2 * _EDGE + _FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text class="title" x="{_EDGE}" y="{_EDGE / 2 - 4}">{escape(title)}</text>',
        *(_grid(tenth / 10) for tenth in range(0, 11, 2)),
        f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
        f'<text class="faint" x="{_x(0.03)}" y="{_y(0.94)}">{escape(captions.too_low)}</text>',
        f'<text class="faint" x="{_x(0.97)}" y="{_y(0.04)}" text-anchor="end">'
        f"{escape(captions.too_high)}</text>",
    ]
    for place, (name, bins) in enumerate(series.items()):
        parts += _line(name, bins, _COLOURS[place % len(_COLOURS)], most, place, len(series))
    parts += [
        f'<text x="{_x(0.5)}" y="{_y(0) + 36}" text-anchor="middle">{escape(captions.told)}</text>',
        f'<text class="faint" x="{_x(0.5)}" y="{height - 12}" text-anchor="middle">'
        f"{escape(captions.legend)}</text>",
        f'<text transform="translate(16 {_y(0.5)}) rotate(-90)" text-anchor="middle">'
        f"{escape(captions.true)}</text></svg>\n",
    ]
    return "".join(parts)


def _line(
    name: str, bins: Sequence[Bin], colour: str, most: int, place: int, lines: int
) -> list[str]:
    """Return one line with its dots, and where there are several, its name above the grid."""
    points = " ".join(f"{_x(each.told)},{_y(each.true)}" for each in bins)
    drawn = [f'<polyline class="line" stroke="{colour}" points="{points}"/>']
    drawn += [_dot(each, most, colour) for each in bins]
    if lines > 1:
        x, y = _x(place / lines), _EDGE - 12
        drawn.append(f'<circle cx="{x + 4}" cy="{y - 4}" r="4" fill="{colour}"/>')
        drawn.append(f'<text x="{x + 14}" y="{y}">{escape(name)}</text>')
    return drawn


def _x(share: float) -> float:
    return round(_EDGE + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_EDGE + (1 - share) * _SIDE, 1)


def _grid(share: float) -> str:
    return (
        f'<line class="grid" x1="{_x(share)}" y1="{_y(0)}" x2="{_x(share)}" y2="{_y(1)}"/>'
        f'<line class="grid" x1="{_x(0)}" y1="{_y(share)}" x2="{_x(1)}" y2="{_y(share)}"/>'
        f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle">{share:.0%}</text>'
        f'<text x="{_x(0) - 8}" y="{_y(share) + 4}" text-anchor="end">{share:.0%}</text>'
    )


def _dot(step: Bin, most: int, colour: str) -> str:
    low, high = wilson(round(step.true * step.size), step.size)
    x = _x(step.told)
    radius = round(3 + 5 * (step.size / most) ** 0.5, 1)
    told = f"{step.size} texts: told {step.told:.2f}, true {step.true:.2f}"
    return (
        f'<line class="span" stroke="{colour}" x1="{x}" y1="{_y(low)}" x2="{x}" y2="{_y(high)}"/>'
        f'<circle fill="{colour}" cx="{x}" cy="{_y(step.true)}" r="{radius}">'
        f"<title>{told}</title></circle>"
    )
