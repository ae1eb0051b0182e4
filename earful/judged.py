"""How right the flags were, by what people said of them; and the diagram of chances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from earful.app import App
from earful.show import plain_table
from ingest.errors import ConfigError
from ingest.words import Words
from scoring.diagram import Captions, reliability_svg
from scoring.evaluation import Judged, Told, steps
from scoring.measure import Span, recall_at_precision, wilson
from store.models import JudgedFlag, judged_flags

__all__ = ["draw", "tell_flags"]

BY_LANGUAGE = "lang "


def tell_flags(app: App, wanted: float, svg: Path | None) -> None:
    """Tell how many judged flags were right, overall and by slice, and what would better it."""
    flags, words = judged_flags(app.store), app.words
    if svg and flags:
        rows = [
            Judged(each.is_right, Told(each.score, each.p_negative), (_language(each),))
            for each in flags
        ]
        draw(app, svg, rows, title=words("flags that people judged"))
    if app.is_json:
        app.print_json(_as_json(flags, wanted))
        return
    if not flags:
        hint = "earful feedback ID --useful | --not-negative"
        app.out.print(words("Nobody has judged a flag yet: {command}", command=hint), markup=False)
        return
    right = sum(each.is_right for each in flags)
    told = words(
        "Of {n} flags that people judged, {share} were right ({span}).",
        n=words.number(len(flags)), share=words.percent(right / len(flags)),
        span=_percents(wilson(right, len(flags)), words),
    )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    slices = _by_slice(flags)
    if len(slices) > 2:
        app.out.print(_table(slices, words))
    app.out.print(_advice(flags, wanted, words), markup=False, soft_wrap=True)


def draw(app: App, svg: Path, rows: Sequence[Judged], *, title: str) -> None:
    """Write the reliability diagram, a line per language; or say that no text has a chance."""
    words = app.words
    names = sorted({name for row in rows for name in row.slices if name.startswith(BY_LANGUAGE)})
    series = {
        name: found for name in names if (found := steps(row for row in rows if name in row.slices))
    }
    if len(series) < 2:
        series = {"": steps(rows)}
    size = sum(each.size for bins in series.values() for each in bins)
    if not size:
        app.note(words("No text has a chance (p_negative): no diagram"))
        return
    captions = Captions(
        told=words("p_negative, as told"),
        true=words("share that is negative"),
        too_low=words("told too low"),
        too_high=words("told too high"),
        legend=words("larger dot: more texts; bar: 95 % interval"),
    )
    head = words("{title}: {n} texts", title=title, n=words.number(size))
    try:
        svg.write_text(reliability_svg(series, title=head, captions=captions), encoding="utf-8")
    except OSError as e:
        raise ConfigError(
            f"cannot be written ({e.strerror})", subject=str(svg), next_step="choose another place"
        ) from e
    app.note(words("Written: {file}", file=svg))


def _as_json(flags: Sequence[JudgedFlag], wanted: float) -> dict[str, object]:
    right = sum(each.is_right for each in flags)
    span = wilson(right, len(flags))
    at, kept = _threshold(flags, wanted)
    return {
        "judged": len(flags),
        "right": right,
        "low": span.low,
        "high": span.high,
        "slices": [
            {"slice": name, "judged": judged, "right": yes}
            for name, judged, yes in _by_slice(flags)
        ],
        "threshold": at,
        "right_flags_kept": kept,
    }


def _language(flag: JudgedFlag) -> str:
    return f"{BY_LANGUAGE}{flag.language}"


def _by_slice(flags: Sequence[JudgedFlag]) -> list[tuple[str, int, int]]:
    """Return name, judged flags and right ones of each language and source."""
    told: dict[str, list[bool]] = {}
    for each in flags:
        for name in (_language(each), f"source {each.source}"):
            told.setdefault(name, []).append(each.is_right)
    return [(name, len(said), sum(said)) for name, said in sorted(told.items())]


def _table(slices: Sequence[tuple[str, int, int]], words: Words) -> Table:
    table = plain_table("", words("Judged"), words("Right"), "95 %", ratio_last=False)
    for name, judged, right in slices:
        share, span = words.percent(right / judged), _percents(wilson(right, judged), words)
        table.add_row(Text(name), words.number(judged), f"{words.number(right)} ({share})", span)
    return table


def _percents(span: Span, words: Words) -> str:
    return words.between(words.percent(span.low), words.percent(span.high))


def _threshold(flags: Sequence[JudgedFlag], wanted: float) -> tuple[float | None, float]:
    """Return the highest score at which these flags have the precision, and what stays then."""
    scored = [each for each in flags if each.score is not None]
    truth = [each.is_right for each in scored]
    kept, rank = recall_at_precision(truth, [-(e.score or 0.0) for e in scored], wanted=wanted)
    return (None if rank is None else -rank), kept


def _advice(flags: Sequence[JudgedFlag], wanted: float, words: Words) -> str:
    """Return how flags would reach the wanted precision."""
    aim = words.percent(wanted)
    if sum(each.is_right for each in flags) >= wanted * len(flags):
        return words("That is no less than the wanted {wanted}.", wanted=aim)
    at, kept = _threshold(flags, wanted)
    if at is None:
        return words("No threshold would make {wanted} of these flags right.", wanted=aim)
    return words(
        "For {wanted}: flag at score {at} and below; {kept} of the right flags would stay. "
        "To learn with that aim: {command}",
        wanted=aim, at=words.number(at, 2), kept=words.percent(kept),
        command=f"earful train --precision {min(wanted, 0.95):.2f}",
    )  # fmt: skip
