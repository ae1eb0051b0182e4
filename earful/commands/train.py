"""`earful train`: a model from star ratings, judged before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from earful.app import App
from earful.contests import LANGUAGE_NAMES, figures_table, gain_in_words, lacking, why
from earful.labelled import LANGUAGES, read_stars
from ingest.errors import ConfigError
from ingest.words import Words
from scoring.contest import Contest, Review, cross_checked, held_back, newest, unlearnable
from scoring.learned import save
from store import learning
from store.learning import Learnt, Outcome


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
    if out and not out.absolute().parent.is_dir():
        raise ConfigError("no such folder", subject=str(out.parent), next_step="make it first")
    found = read_stars(stars) if stars else None
    by_language = {
        language: learning.reviews(app.store, language) if found is None
        else [each for each in found if each.language == language]
        for language in LANGUAGES
    }  # fmt: skip
    refused = {code: unlearnable(reviews) for code, reviews in by_language.items()}
    ready = {code: reviews for code, reviews in by_language.items() if not refused[code]}
    for language in LANGUAGES:
        if refused[language] and (by_language[language] or not ready):
            said = lacking(by_language[language], app.words)
            app.note(f"{app.words(LANGUAGE_NAMES[language])}: {said}")
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


def _to_file(
    app: App, ready: Mapping[str, Sequence[Review]], out: Path, wanted: float | None
) -> None:
    made = {}
    for language, reviews in ready.items():
        _note(app, language, reviews)
        made[language] = cross_checked(reviews, language, wanted=wanted)
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
    words = app.words
    for each in made.values():
        _print(app, each, words("all reviews, each by a model that had not seen it"))
    told = words("Written: {file} ({size} kB)", file=out, size=words.number(len(body) / 1000))
    app.out.print(told, markup=False, soft_wrap=True)


def _to_store(
    app: App, ready: Mapping[str, Sequence[Review]], wanted: float | None, *, is_dated: bool
) -> None:
    import scheduler  # late: it loads the crawlers, which learning to a file never needs

    words, told = app.words, []
    judged_on = words("the newest") if is_dated else words("those held back")
    for language, reviews in ready.items():
        _note(app, language, reviews)
        parts = newest(reviews) if is_dated else held_back(reviews)
        now = scheduler.utc_now()
        learnt = learning.learn(app.store, language, parts=parts, wanted=wanted, now=now)
        if learnt.contest is None:
            said = lacking(parts[0], words)
            app.note(words("Without those to judge by: {said}", said=said))
            continue
        outcome = {"id": learnt.model_id, "outcome": learnt.outcome}
        told.append({**_told(language, learnt.contest), **outcome})
        if not app.is_json:
            _print(app, learnt.contest, judged_on)
            app.out.print(_outcome(learnt, words), markup=False, soft_wrap=True)
    if app.is_json:
        app.print_json(told)


def _note(app: App, language: str, reviews: Sequence[Review]) -> None:
    name, size = app.words(LANGUAGE_NAMES[language]), app.words.number(len(reviews))
    app.note(app.words("{language}: learning from {n} reviews", language=name, n=size))


def _told(language: str, made: Contest) -> dict[str, object]:
    return {
        "language": language,
        "name": made.model.name,
        "learned_from": dict(made.model.learned_from),
        "threshold": made.model.threshold,
        **made.comparison.as_json(),
    }


def _print(app: App, made: Contest, judged_on: str) -> None:
    """Print what was learned from how much, and how it did beside the model in force."""
    words, learned_from = app.words, made.model.learned_from
    told = words(
        "{name}: learned from {negative} negative and {rest} other reviews; negative from a "
        "chance of {threshold}",
        name=made.model.name, negative=words.number(learned_from["negative"]),
        rest=words.number(learned_from["other"]), threshold=words.percent(made.model.threshold),
    )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    overall = made.comparison.overall
    told = words(
        "Judged on {part}: {n} reviews, {negative} negative",
        part=judged_on, n=words.number(overall.texts), negative=words.number(overall.negatives),
    )  # fmt: skip
    app.out.print(told, markup=False, soft_wrap=True)
    figures = made.comparison.as_json()
    app.out.print(figures_table(figures, words))
    app.out.print(gain_in_words(figures, words), markup=False, soft_wrap=True)


def _outcome(learnt: Learnt, words: Words) -> str:
    """Return what became of a model, and what to do next."""
    assert learnt.contest is not None
    said = {
        Outcome.PROMOTED: words("Model {id} is in force now: {why}. What is stored: {command}"),
        Outcome.NOT_PROMOTED: words("Model {id} was not promoted: {why}"),
        Outcome.IN_FORCE: words("Model {id} is in force already: the same was learned again"),
        Outcome.TAKEN_BACK: words(
            "Model {id} was in force before and taken back. To have it again: {promote}"
        ),
    }[learnt.outcome]
    return said.format(
        id=learnt.model_id,
        why=why(learnt.contest.comparison.as_json(), words),
        command="earful models rescore --dry-run",
        promote=f"earful models promote {learnt.model_id}",
    )
