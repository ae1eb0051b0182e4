"""The keys in the terminal: which are set, when they end, what to do; never what they are."""

from __future__ import annotations

from datetime import date, datetime

from rich.text import Text

import scheduler
from crawlers.base import Source
from crawlers.registry import all_sources
from earful.app import App
from earful.keyring import ending, home_of, section_of, sources_of, typed_for
from earful.secrets import Ending, Secret, Secrets
from earful.show import plain_table
from ingest.words import Words

SOON_DAYS = 7
NO_KEYS = frozenset({"account", "scopes"})
READY, SOON, OVER, NONE = ("✓", "green"), ("!", "yellow"), ("✕", "red"), ("–", "dim")


def endings_in_words(endings: list[Ending], words: Words) -> list[str]:
    """Return a sentence for each key that ends soon or has ended."""
    said = []
    for each in endings:
        named = {"kind": command_of(each.kind), "name": each.name, "day": words.day(each.until)}
        if each.days_left < 0:
            text = words("{kind}: the key {name} ended on {day}. Next: earful connect {kind}",
                         **named)  # fmt: skip
        else:
            text = words("{kind}: the key {name} ends on {day}. Next: earful connect {kind}",
                         **named)  # fmt: skip
        said.append(text)
    return said


def typed_in_words(source: Source) -> str:
    """Return what a person types for a source, the easier way first; "" for nothing."""
    grant = source.grant
    by_login = ", ".join(each.name for each in grant.typed) if grant else ""
    plain = ", ".join(typed_for(source))
    if grant is None:
        return plain
    return f"{plain}; or by --login {by_login}" if grant.is_second else by_login


def command_of(section: str) -> str:
    """Return what to name to `earful connect` for the keys in a section."""
    owners = sources_of(section)
    is_named = any(section.partition(":")[0] == each.kind for each in owners)
    return section if is_named or not owners else owners[0].kind


def print_all(app: App) -> None:
    """Print a line for each set of keys, then one for all sources that have none."""
    now, words, secrets = scheduler.utc_now(), app.words, app.secrets
    sections = secrets.sections()
    if app.is_json:
        app.print_json([row for each in sections for row in rows(each, secrets)])
        return
    soon = {each.kind: each for each in ending(secrets, now)}
    if sections:
        table = plain_table("", words("Keys of"), words("For"), words("Ends"))
        for section in sections:
            mark, style = _mark(soon.get(section)) if _is_whole(section, secrets) else NONE
            table.add_row(
                Text(mark, style=style),
                ", ".join(_served(section, secrets, words)) or section,
                _account(section, secrets),
                _end(section, secrets, now, words, soon=soon.get(section))
                if _is_whole(section, secrets)
                else words("not connected yet"),
            )
        app.out.print(table)
    missing = [each for each in all_sources() if each.keys and not _has(secrets, each)]
    needed = sorted(each.kind for each in missing if not each.has_keyless)
    better = sorted(each.kind for each in missing if each.has_keyless)
    app.note(words("No key yet: {kinds}", kinds=", ".join(needed)))
    if better:
        app.note(words("They do without, but better with one: {kinds}", kinds=", ".join(better)))
    app.note(words("Next:") + " earful connect SOURCE")
    _warn(app, list(soon.values()))


def print_section(app: App, source: Source, section: str) -> None:
    """Print each key of a section: whether it is set, from where, and until when."""
    now, words, secrets = scheduler.utc_now(), app.words, app.secrets
    if app.is_json:
        app.print_json(rows(section, secrets, wanted=source))
        return
    table = plain_table(words("Source"), words("Key"), words("Ends"), words("State"))
    for row in rows(section, secrets, wanted=source):
        table.add_row(
            str(row["kind"]), str(row["key"]), _moment(row["until"], now, words),
            _state(row, words),
        )  # fmt: skip
    app.out.print(table)
    _warn(app, [each for each in ending(secrets, now) if each.kind == section])


def rows(
    section: str, secrets: Secrets, *, wanted: Source | None = None
) -> list[dict[str, object]]:
    """Return each key of a section as JSON-ready values, with those of `wanted` that miss."""
    known = secrets.of(section)
    grant = wanted.grant if wanted else None
    comes = grant is not None and grant.can_renew(secrets.values(section))
    names = [*known, *(typed_for(wanted) if wanted and not comes else ())]
    return [
        {
            "kind": section,
            "key": name,
            "set": _place(known.get(name)),
            "until": known[name].ends_at or known[name].until if name in known else None,
            "renewed": _is_renewed(section, name, secrets),
        }
        for name in dict.fromkeys(names)
        if name not in NO_KEYS
    ]


def _is_whole(section: str, secrets: Secrets) -> bool:
    """Return whether a section's keys open anything yet: a consent may be lacking."""
    known = secrets.values(section)
    return any(
        each.grant is None or "token" in known or each.grant.can_renew(known) or "key" in known
        for each in sources_of(section)
    )


def _place(secret: Secret | None) -> str:
    if secret is None:
        return ""
    return "environment" if secret.is_from_environment else "file"


def _state(row: dict[str, object], words: Words) -> str:
    if row["renewed"]:
        return words("set, renews itself")
    if row["set"] == "environment":
        return words("set in the environment")
    return words("set") if row["set"] else words("missing")


def _is_renewed(section: str, name: str, secrets: Secrets) -> bool:
    """Return whether a key is given anew by itself, be it by others or in its own exchange."""
    known = secrets.values(section)
    grants = [each.grant for each in sources_of(section) if each.grant]
    return name in known and any(
        each.renews(name, known) or (name == "token" and each.can_renew(known)) for each in grants
    )


def _has(secrets: Secrets, source: Source) -> bool:
    held = (each for each in secrets.sections() if each.partition(":")[0] == source.kind)
    return bool(section_of(secrets, source, "") or next(held, ""))


def _served(section: str, secrets: Secrets, words: Words) -> list[str]:
    """Return the sources that a section's keys open, as people call them."""
    known = secrets.values(section)
    owners = [
        each
        for each in sources_of(section)
        if home_of(each) != section or not each.grant or each.grant.covers(known)
    ]
    return [each.name_vi if words.language == "vi" else each.name_en for each in owners]


def _account(section: str, secrets: Secrets) -> str:
    """Return whose keys a section holds, "—" where a source knows one account only."""
    known = secrets.values(section)
    return known.get("account") or section.partition(":")[2] or "—"


def _end(
    section: str, secrets: Secrets, now: datetime, words: Words, *, soon: Ending | None
) -> str:
    """Return when a person has to come back for a section; what renews itself never ends."""
    known = secrets.of(section)
    days = [known[name].last_day for name in known if not _is_renewed(section, name, secrets)]
    days += [soon.until] if soon else []
    last = min((day for day in days if day is not None), default=None)
    if last is not None:
        left = (last - now.date()).days
        near = words.many(", in {n} day", ", in {n} days", left) if 0 < left <= SOON_DAYS else ""
        return _day(last, now, words) + near
    renewed = any(_is_renewed(section, name, secrets) for name in known)
    return words("renews itself") if renewed else "—"


def _moment(at: object, now: datetime, words: Words) -> str:
    if isinstance(at, datetime):
        is_soon = abs((at - now).days) < 2
        return f"{words.day(at.date())} {at:%H:%M} UTC" if is_soon else _day(at.date(), now, words)
    return _day(at, now, words) if isinstance(at, date) else "—"


def _day(day: date, now: datetime, words: Words) -> str:
    return words.day(day) if day.year == now.year else words.dated(day)


def _mark(soon: Ending | None) -> tuple[str, str]:
    if soon is None:
        return READY
    return OVER if soon.days_left < 0 else SOON


def _warn(app: App, endings: list[Ending]) -> None:
    for said in endings_in_words(endings, app.words):
        app.err.print(Text("! ", style="yellow").append(said, style=""), soft_wrap=True)
