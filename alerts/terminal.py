"""A composed digest in the terminal: a panel, figures, a table, a spark line, next commands."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alerts.cards import shown
from alerts.render import SPARKS, spark
from alerts.sheet import Bar, Card, Digest, Figure, Kpi, Side, Tone
from ingest.words import Words

_STYLES = {Tone.PLAIN: "", Tone.NEG: "red", Tone.WARN: "yellow", Tone.POS: "blue"}
_NARROW = 96  # columns, below which a table of four columns leaves too few to the text
_TEXT_CAP = 160  # letters of a post; `earful cases show` has the whole


def terminal(digest: Digest, *, width: int = 100) -> RenderableType:
    """Return the digest for a rich console `width` columns wide.

    Print it with `Console(highlight=False)`, or rich colours every number.
    """
    words = Words(digest.language)
    offset = digest.zone.rpartition("(")[2].rstrip(")")
    when = words.dated(digest.day) if digest.period == "day" else digest.title
    title = Text(f" {digest.brand} · {when} ({offset}) ")
    head = Panel(
        Text(digest.headline, style="bold"),
        title=title,
        title_align="left",
        box=box.HEAVY,
        border_style=_STYLES[digest.tone],
    )
    parts: list[RenderableType] = [head]
    if digest.kpis:
        parts.append(_figures(digest.kpis, columns=2 if width < _NARROW else len(digest.kpis)))
    if digest.earlier:
        parts += [Text(), Text(digest.earlier, style="dim")]
    if digest.cards:
        parts += _cards(digest, words, is_narrow=width < _NARROW)
    parts.append(Text())
    if digest.bars:
        parts.append(_line("", _spark(digest.bars), Text(digest.chart)))
    for change in digest.changes:
        parts.append(_line("", Text(change.head, _STYLES[change.tone]), Text(change.sentence)))
    if digest.sides:
        parts += [Text(), _sides(digest.sides, words), Text()]
    if digest.figures:
        parts += [_beside(digest.figures, words), Text()]
    for n, win in enumerate(digest.wins):
        name = words("Worth sharing") if n == 0 else ""
        parts.append(_line(name, Text(win.quote), Text(win.line, style="dim")))
    if digest.answers:
        parts.append(Text(digest.answers))
    sources = Text(digest.sources_head, style=_STYLES[digest.sources_tone])
    parts.append(sources)
    parts += [Padding(Text(line), (0, 0, 0, 2)) for line in digest.sources]
    if digest.cards:
        parts += [Text(), _next_steps(digest.cards[0], words)]
    return Group(*parts)


def print_digest(digest: Digest, console: Console) -> None:
    """Print the digest as wide as the console is."""
    console.print(terminal(digest, width=console.width), highlight=False)


def _figures(kpis: tuple[Kpi, ...], *, columns: int) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0), expand=True)
    for _ in range(columns):
        table.add_column(ratio=1)
    for start in range(0, len(kpis), columns):
        some = kpis[start : start + columns]
        table.add_row(*(Text(kpi.label, style="dim") for kpi in some))
        table.add_row(*(_figure(kpi) for kpi in some))
    return table


def _figure(kpi: Kpi) -> Text:
    """Return value, arrow and usual range; colour and arrow say high or low here."""
    style = _STYLES[kpi.tone]
    return Text.assemble((kpi.value, f"bold {style}"), "  ", (kpi.arrow, style), " ", kpi.usual)


def _cards(digest: Digest, words: Words, *, is_narrow: bool) -> list[RenderableType]:
    of = words("{shown} of {every}", shown=len(digest.cards), every=words.number(digest.waiting))
    heading = Text(f"{words('Needs an answer now')} ({of})", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, show_header=not is_narrow)
    table.add_column("#", no_wrap=True)
    if is_narrow:
        table.add_column("", ratio=1)
    else:
        table.add_column(words("Target"), no_wrap=True)
        table.add_column(words("Source"), max_width=24)
        table.add_column(words("Text and why"), ratio=1)
    for card in digest.cards:
        target = Text(card.target, style=_STYLES[card.tone])
        why = "; ".join(filter(None, (card.why, card.also)))
        said = Text.assemble(shown(card.text, _TEXT_CAP), "\n", (why, "dim"))
        if is_narrow:
            place = Text.assemble(target, f" · {_place(card)}\n", said)
            table.add_row(str(card.case_id), place)
        else:
            table.add_row(str(card.case_id), target, Text(_place(card)), said)
    return [Text(), heading, Text(digest.needs, style="dim"), table]


def _sides(sides: tuple[Side, ...], words: Words) -> Table:
    table = _plain(words("What it was about"), words("Negative"), words("Usual"), words("Positive"))
    for each in sides:
        style = _STYLES[Tone.NEG] if each.is_high else ""
        table.add_row(each.name, Text(each.negative, style), Text(each.usual, "dim"), each.positive)
    return table


def _beside(figures: tuple[Figure, ...], words: Words) -> Table:
    table = _plain(words("Figures beside it"), "", "", words("9 weeks"))
    for each in figures:
        value = f"{each.value} {each.arrow}".strip()
        table.add_row(each.name, value, Text(each.usual, "dim"), Text(spark(each.levels), "dim"))
    return table


def _plain(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n in (1, 3) else "left")
    return table


def _place(card: Card) -> str:
    """Return where a post stands, without the product or page behind the dot, and its stars."""
    source = card.source.split(", ", 1)[0].split(" · ", 1)[0]
    return f"{source} ★{card.stars}" if card.stars else source


def _spark(bars: tuple[Bar, ...]) -> Text:
    highest = max((bar.count or 0 for bar in bars), default=0) or 1
    line = Text()
    for bar in bars:
        if bar.count is None:
            line.append("·", "dim")
        else:
            level = round((len(SPARKS) - 1) * bar.count / highest)
            line.append(SPARKS[level], _STYLES[Tone.NEG] if bar.is_high else "dim")
    return line


def _line(name: str, *parts: Text) -> Text:
    shown = [Text(name, style="bold"), *parts] if name else list(parts)
    return Text(" ").join(part for part in shown if part)


def _next_steps(card: Card, words: Words) -> Text:
    steps = (
        (words("Answer:"), f"earful cases show {card.case_id}"),
        (words("Wrong:"), f"earful feedback {card.mention_id} --not-us"),
        (words("Mail it:"), "earful digest --send"),
    )
    line = Text()
    for name, command in steps:
        line.append(f"{name} ".replace(" ", "\u00a0")).append(
            command.replace(" ", "\u00a0"), "bold"
        ).append("   ")
    line.rstrip()
    return line
