"""A sign of seeding that no single text shows: one long text under several names in one source.

Copies in other sources are one voice heard twice (`store/copies.py`); the same praise in
one place from many accounts is more likely written once and posted for pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import BindParameter, Connection, Row, bindparam, select, update

from ingest.mention import FeedbackKind, Speaker
from scoring.verdict import NOT_A_REVIEW
from store.sql import chunks
from store.tables import Mentions, Verdicts

SIGN = "copies"
SPAM = 0.6  # how surely such a text is no honest review
NAMES = 3  # accounts from which on it is no chance
LETTERS = 80  # shorter praise is often put in the same words by many people
_PUBLIC = (FeedbackKind.REVIEW, FeedbackKind.SOCIAL, FeedbackKind.COMMENT)

NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True)
SAID = select(Mentions.id, Mentions.source, Mentions.author, Mentions.text).where(
    Mentions.id.in_(NUMBERS),
    Mentions.speaker == Speaker.CUSTOMER,
    Mentions.feedback_kind.in_(_PUBLIC),
)

_Said = Row[tuple[int, str, str, str]]


def mark(connection: Connection, likely: Mapping[int, Sequence[int]]) -> int:
    """Mark the verdicts on texts that stand in one source under three names or more.

    `likely` are near copies by mention id; returns how many verdicts were changed.
    """
    said = _said(connection, {each for number in likely for each in (number, *likely[number])})
    seeded: set[int] = set()
    for number in likely.keys() & said.keys():
        source = said[number].source
        alike = [each for each in (number, *likely[number]) if each in said]
        here = [each for each in alike if said[each].source == source]
        if len({said[each].author or each for each in here}) >= NAMES:
            seeded.update(here)
    changed = 0
    for some in chunks(sorted(seeded)):
        honest = (
            Verdicts.mention_id.in_(some) & Verdicts.is_current & (Verdicts.spam < NOT_A_REVIEW)
        )
        marked = update(Verdicts).where(honest).values(spam=SPAM, spam_sign=SIGN)
        changed += connection.execute(marked).rowcount
    return changed


def _said(connection: Connection, numbers: Iterable[int]) -> dict[int, _Said]:
    """Return what customers said in public at length, by mention id."""
    found: dict[int, _Said] = {}
    for some in chunks(sorted(numbers)):
        rows = connection.execute(SAID, {"numbers": some})
        found |= {row.id: row for row in rows if len(row.text) >= LETTERS}
    return found
