"""`earful train`: a model from star ratings, judged before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from earful.app import App
from earful.labelled import LANGUAGES, read_stars
from ingest.errors import ConfigError
from scoring.champion import Comparison, Figures
from scoring.contest import Contest, Review, cross_checked, held_back, newest, unlearnable
from scoring.learned import save
from store import learning


@click.command("train")
@click.option(
    "--stars", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Learn from a CSV with lang, text, stars instead of the store.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the models to a file for `earful score --model` instead of the store.",
)  # fmt: skip
@click.option(
    "--precision", "wanted", type=click.FloatRange(0.5, 0.95),
    help="The precision that flags must have on held-out reviews (.85 if recall allows).",
)  # fmt: skip
@click.pass_obj
def command(app: App, stars: Path | None, out: Path | None, wanted: float | None) -> None:
    """Learn one model per language from star-rated reviews and people's corrections.

    A model for the store meets the one in force on reviews that it was not learned from, and
    replaces it only where it is better. With --out nothing in the store changes.
    """
    found = read_stars(stars) if stars else None
    by_language = {
        language: _of(found, language) if found is not None
        else learning.reviews(app.store, language)
        for language in LANGUAGES
    }  # fmt: skip
    refused = {code: unlearnable(reviews) for code, reviews in by_language.items()}
    ready = {code: reviews for code, reviews in by_language.items() if not refused[code]}
    for language, lacking in refused.items():
        if lacking and (by_language[language] or not ready):
            app.note(f"{language}: {lacking}")
    if not ready:
        where = str(stars) if stars else app.database_url
        raise ConfigError(
            "too few star-rated reviews to learn from", subject=where,
            next_step="earful collect, or earful import FILE",
        )  # fmt: skip
    if out:
        _to_file(app, ready, out, wanted)
    else:
        _to_store(app, ready, wanted, is_dated=stars is None)


def _of(reviews: Iterable[Review], language: str) -> list[Review]:
    return [each for each in reviews if each.language == language]


def _to_file(
    app: App, ready: Mapping[str, Sequence[Review]], out: Path, wanted: float | None
) -> None:
    made = {
        language: cross_checked(reviews, language, wanted=wanted)
        for language, reviews in ready.items()
    }
    body = save(each.model for each in made.values())
    try:
        out.write_bytes(body)
    except OSError as e:
        raise ConfigError(
            f"cannot be written ({e.strerror})", subject=str(out), next_step="choose another place"
        ) from e
    if app.is_json:
        app.print_json([_told(language, each) for language, each in made.items()])
        return
    for each in made.values():
        _print(app, each, "each review judged by a model that had not seen it")
    app.out.print(f"Written: {out} ({len(body) / 1000:.0f} kB)", markup=False, soft_wrap=True)


def _to_store(
    app: App, ready: Mapping[str, Sequence[Review]], wanted: float | None, *, is_dated: bool
) -> None:
    import scheduler  # late: it loads the crawlers, which learning to a file never needs

    told = []
    for language, reviews in ready.items():
        parts = newest(reviews) if is_dated else held_back(reviews)
        now = scheduler.utc_now()
        learnt = learning.learn(app.store, language, parts=parts, wanted=wanted, now=now)
        if learnt.contest is None:
            app.note(f"{language}: {learnt.refused}")
            continue
        told.append({**_told(language, learnt.contest), "id": learnt.model_id})
        if not app.is_json:
            _print(app, learnt.contest, "the newest fifth" if is_dated else "a fifth held back")
            comparison = learnt.contest.comparison
            verb = "promoted" if comparison.is_promoted else "not promoted"
            app.out.print(
                f"Model {learnt.model_id} {verb}: {comparison.why}", markup=False, soft_wrap=True
            )
    if app.is_json:
        app.print_json(told)


def _told(language: str, made: Contest) -> dict[str, object]:
    return {
        "language": language,
        "name": made.model.name,
        "learned_from": dict(made.model.learned_from),
        "threshold": made.model.threshold,
        **made.comparison.as_json(),
    }


def _print(app: App, made: Contest, judged_on: str) -> None:
    learned_from, overall = made.model.learned_from, made.comparison.overall
    app.out.print(
        f"{made.model.name}: learned from {learned_from['negative']} negative and "
        f"{learned_from['other']} other reviews; negative from p {made.model.threshold:.2f}",
        soft_wrap=True,
    )
    app.out.print(
        f"  judged on {overall.texts} reviews ({judged_on}), {overall.negatives} negative"
    )
    for line in comparison_lines(made.comparison):
        app.out.print(f"  {line}", markup=False, soft_wrap=True)


def comparison_lines(comparison: Comparison) -> list[str]:
    """Return how champion and challenger did, overall and by source."""
    lines = [
        f"in force    {_figures(comparison.overall.champion)}",
        f"challenger  {_figures(comparison.overall.challenger)}",
        f"gain {100 * comparison.overall.gain:+.1f} points "
        f"({100 * comparison.gain.low:+.1f} to {100 * comparison.gain.high:+.1f})",
    ]
    slices = [each for each in comparison.slices if each.source]
    lines += [
        f"{each.source}: {100 * each.gain:+.1f} points on {each.texts} reviews" for each in slices
    ]
    return lines


def _figures(figures: Figures) -> str:
    return (
        f"F1 {figures.f1:.3f}  precision {figures.precision:.3f}  recall {figures.recall:.3f}  "
        f"AP {figures.average_precision:.3f}"
    )
