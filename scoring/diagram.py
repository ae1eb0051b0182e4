"""The reliability diagram as SVG: what p_negative says, against what was true."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from scoring.measure import Bin, wilson

__all__ = ["reliability_svg"]

_SIDE, _EDGE = 360, 56
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}"
    ".even{stroke:#999;stroke-dasharray:4 4}.span{stroke:#2563eb;stroke-opacity:.45;stroke-width:2}"
    ".line{fill:none;stroke:#2563eb;stroke-width:2}.dot{fill:#2563eb}"
)


def reliability_svg(bins: Sequence[Bin], *, title: str) -> str:
    """Return the diagram: a dot per bin, larger for more texts, with its 95 % interval.

    On the dashed line p_negative means what it says; above it is too low, below too high.
    """
    most = max((each.size for each in bins), default=1)
    whole = _SIDE + 2 * _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        f'<text x="{_EDGE}" y="{_EDGE / 2}">{escape(title)}</text>',
        *(_grid(tenth / 10) for tenth in range(0, 11, 2)),
        f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
        f'<polyline class="line" points="{" ".join(_point(each) for each in bins)}"/>',
        *(_dot(each, most) for each in bins),
        f'<text x="{_x(0.5)}" y="{whole - 12}" text-anchor="middle">p_negative</text>',
        f'<text transform="translate(16 {_y(0.5)}) rotate(-90)" text-anchor="middle">'
        "share that is negative</text></svg>\n",
    ]
    return "".join(parts)


def _x(share: float) -> float:
    return round(_EDGE + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_EDGE + (1 - share) * _SIDE, 1)


def _point(step: Bin) -> str:
    return f"{_x(step.told)},{_y(step.true)}"


def _grid(share: float) -> str:
    return (
        f'<line class="grid" x1="{_x(share)}" y1="{_y(0)}" x2="{_x(share)}" y2="{_y(1)}"/>'
        f'<line class="grid" x1="{_x(0)}" y1="{_y(share)}" x2="{_x(1)}" y2="{_y(share)}"/>'
        f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle">{share:.1f}</text>'
        f'<text x="{_x(0) - 8}" y="{_y(share) + 4}" text-anchor="end">{share:.1f}</text>'
    )


def _dot(step: Bin, most: int) -> str:
    low, high = wilson(round(step.true * step.size), step.size)
    x = _x(step.told)
    radius = round(3 + 5 * (step.size / most) ** 0.5, 1)
    told = f"{step.size} texts: told {step.told:.2f}, true {step.true:.2f}"
    return (
        f'<line class="span" x1="{x}" y1="{_y(low)}" x2="{x}" y2="{_y(high)}"/>'
        f'<circle class="dot" cx="{x}" cy="{_y(step.true)}" r="{radius}"><title>{told}</title>'
        "</circle>"
    )
