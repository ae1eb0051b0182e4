"""How things look in the terminal: times, tables and remarks, in the person's language."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from alerts.cards import why
from cases.flag import FlagReason
from ingest.words import Words

LABEL_MARKS = {
    "positive": ("▲", "blue"),
    "negative": ("▼", "red"),
    "neutral": ("●", "dim"),
    "mixed": ("◆", "yellow"),
    "unclear": ("?", "dim"),
}
SEVERITY_STYLES = {"urgent": "bold red", "high": "red", "normal": "yellow"}


SHORT_COLUMN = 22  # columns; what is longer is folded, so that the text column has room


def plain_table(*columns: str, ratio_last: bool = True) -> Table:
    """Return a table in the house style: a line under the heads, no frame, room for the last."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=ratio_last)
    for place, name in enumerate(columns):
        if ratio_last and place == len(columns) - 1:
            table.add_column(name, overflow="fold", ratio=1, min_width=24)
        else:
            table.add_column(name, overflow="fold", max_width=SHORT_COLUMN)
    return table


def ago(at: datetime | None, now: datetime, words: Words, zone: str) -> str:
    """Return "3 h ago" within a day, else the local date and time; "—" for never."""
    if at is None:
        return "—"
    if at <= now and (now - at).total_seconds() < 86_400:
        minutes = int((now - at).total_seconds() // 60)
        if minutes < 1:
            return words("just now")
        if minutes < 60:
            return words("{n} min ago", n=minutes)
        return words("{n} h ago", n=minutes // 60)
    local = at.astimezone(ZoneInfo(zone))
    return f"{words.day(local.date())} {local:%H:%M}"


def when(at: datetime | None, words: Words, zone: str) -> str:
    """Return the local day and time, "—" for none."""
    if at is None:
        return "—"
    local = at.astimezone(ZoneInfo(zone))
    return f"{words.day(local.date())} {local:%H:%M}"


def short(text: str, width: int = 90) -> str:
    """Return `text` on one line, cut at a word with an ellipsis."""
    return textwrap.shorten(" ".join(text.split()), width=width, placeholder="…") or text[:width]


def sentiment(label: str, score: float | None, words: Words) -> Text:
    """Return the mark of a label with its score; colour is never alone."""
    mark, style = LABEL_MARKS[label]
    number = "" if score is None or label == "unclear" else f" {words.number(score, 2)}"
    return Text(f"{mark}{number}", style=style)


def stars_text(stars: float | None, words: Words) -> str:
    """Return "★ 4" or "" for none."""
    if stars is None:
        return ""
    return f"★ {words.number(stars, 0 if stars == int(stars) else 1)}"


def bullet(lines: Iterable[str]) -> str:
    """Return lines with a dash each."""
    return "\n".join(f"  - {line}" for line in lines)


def reasons_in_words(flag_reasons: Sequence[Mapping[str, str]], words: Words) -> str:
    """Return why a post is flagged, as one line."""
    return why([FlagReason(each["code"], each["words"]) for each in flag_reasons], words)
