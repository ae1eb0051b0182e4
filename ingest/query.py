"""Brand queries: words, "phrases", AND OR NOT, -exclusion, NEAR/n, site: author: lang: source:.

    ("Lúa Mây" OR luamay) -"lúa mạch" lang:vi
    "Lúa Mây" NEAR/5 (nồi OR máy)

A term with marks also matches the same words without any; one without marks matches
every spelling. `=mây` insists on the marks as typed, `~mây` ignores them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from ingest.brand import Brand
from ingest.conditions import FIELDS, All, AnyOf, Condition, Filter, Near, Not, Words
from ingest.errors import ConfigError
from ingest.mention import Mention
from ingest.terms import Marks, Reading, Term

__all__ = ["Query", "matcher", "parse_query"]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\()
    | (?P<close>\))
    | (?P<near>NEAR/(?P<distance>\d{1,3})(?![^\s()]))
    | (?P<and>(?:AND|&&)(?![^\s()]))
    | (?P<or>(?:OR|\|\|?)(?![^\s()]))
    | (?P<not>NOT(?![^\s()])|-(?=[^\s)-]))
    | (?P<term>(?:(?P<field>[A-Za-z_]+):)?(?P<marks>[=~])?
        (?:["“”„](?P<phrase>[^"“”„]*)(?P<end>["“”])?|(?P<word>[^\s()"“”]+)))
    | (?P<other>\S)
    )""",
    re.VERBOSE,
)
_KINDS = ("open", "close", "near", "and", "or", "not", "term", "other")
_MARKS = {"=": Marks.EXACT, "~": Marks.ANY, None: Marks.LIKE}
_DEPTH_CAP = 50
_LENGTH_CAP = 4_000  # characters


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed brand query; `text` as typed."""

    text: str
    condition: Condition

    def match(self, mention: Mention) -> str | None:
        """Return the term that matched in the text's own spelling, None for no match."""
        return self.condition.find(Reading(mention))


def parse_query(text: str, *, folded: bool = False) -> Query:
    """Return the query that `text` says; with `folded` every term ignores diacritics.

    Raises ConfigError naming the position (from 1) and what was expected there.
    """
    condition = _Parser(text, folded=folded).query()
    return Query(text, condition)


def matcher(brand: Brand) -> Callable[[Mention], str | None]:
    """Return a function that gives the term by which a mention matches `brand`, or None.

    A brand without queries is looked for by its name, as an exact phrase. Raises
    ConfigError when a query cannot be read.
    """
    conditions = [parse_query(query).condition for query in brand.queries]
    if not conditions:
        name = Term.of(brand.name, marks=Marks.LIKE)
        if name is None:
            raise ConfigError(
                "a brand name needs a letter or a digit",
                subject=repr(brand.name),
                next_step="add a query that says what to look for",
            )
        conditions = [Words(name)]
    either = AnyOf(tuple(conditions))
    needles = either.needles()

    def match(mention: Mention) -> str | None:
        reading = Reading(mention)
        if needles is not None and not any(needle in reading.folded for needle in needles):
            return None
        return either.find(reading)

    return match


class _Token(NamedTuple):
    kind: str
    at: int  # position in the query, from 1
    match: re.Match[str] | None

    def part(self, name: str) -> str | None:
        return self.match[name] if self.match else None


class _Parser:
    """Recursive descent: or < and < not < near < term."""

    def __init__(self, text: str, *, folded: bool) -> None:
        self._text = text
        self._folded = folded
        self._place = 0
        self._depth = 0
        self._tokens = self._read() if len(text) <= _LENGTH_CAP else []

    def query(self) -> Condition:
        if not self._tokens:
            self._fail(_LENGTH_CAP + 1, f"a query has at most {_LENGTH_CAP} characters")
        condition = self._any_of()
        if self._next.kind != "end":
            self._fail(self._next.at, 'a ")" without its "("')
        if not condition.is_positive():
            self._fail(1, "expected a word to look for: exclusions and lang: alone match all")
        return condition

    def _read(self) -> list[_Token]:
        tokens = []
        for match in _TOKEN.finditer(self._text.rstrip()):
            kind = next(kind for kind in _KINDS if match[kind] is not None)
            tokens.append(_Token(kind, match.start(kind) + 1, match))
        return [*tokens, _Token("end", len(self._text.rstrip()) + 1, None)]

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, kind: str) -> _Token | None:
        token = self._next
        if token.kind != kind:
            return None
        self._place += 1
        return token

    def _any_of(self) -> Condition:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._not()]
        while self._take("and") or self._next.kind in ("open", "not", "term", "other"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self) -> Condition:
        if not self._take("not"):
            return self._near()
        self._deeper()
        part = Not(self._not())
        self._depth -= 1
        return part

    def _near(self) -> Condition:
        at = self._next.at
        left = self._one()
        while near := self._take("near"):
            right_at = self._next.at
            right = self._one()
            distance = int(near.part("distance") or 0)
            left = Near(self._terms(left, at), self._terms(right, right_at), distance)
        return left

    def _one(self) -> Condition:
        token = self._next
        if self._take("open"):
            self._deeper()
            inside = self._any_of()
            if not self._take("close"):
                self._fail(self._next.at, f'expected ")" for the "(" at position {token.at}')
            self._depth -= 1
            return inside
        if not self._take("term"):
            rest = self._text[token.at - 1 :][:20]
            there = f"before {rest!r}" if rest.strip() else "at the end"
            self._fail(token.at, f'expected a word, a "phrase" or "(" {there}')
        return self._term(token)

    def _term(self, token: _Token) -> Condition:
        field, phrase, word = token.part("field"), token.part("phrase"), token.part("word")
        if phrase is not None and token.part("end") is None:
            self._fail(token.at, "expected a closing quotation mark")
        value = (word if phrase is None else phrase) or ""
        if field is not None:
            return self._filter(token.at, field.casefold(), value)
        if value.endswith(":") and value[:-1].casefold() in FIELDS:
            self._fail(token.at, f'expected a value right behind "{value}"')
        if word == "NEAR" or (word or "").startswith("NEAR/"):
            self._fail(token.at, "NEAR needs a number of words, as in NEAR/5")
        if "*" in value:
            self._fail(token.at, "there are no wildcards: write the spellings out with OR")
        marks = Marks.ANY if self._folded else _MARKS[token.part("marks")]
        term = Term.of(value, marks=marks)
        if term is None:
            self._fail(token.at, f"expected a letter or a digit in {value!r}")
        return Words(term)

    def _filter(self, at: int, field: str, value: str) -> Filter:
        if field not in FIELDS:
            known = ", ".join(f"{name}:" for name in FIELDS)
            self._fail(at, f'there is no field "{field}:", only {known} (or quote the words)')
        if not value.strip():
            self._fail(at, f'expected a value right behind "{field}:"')
        return Filter(field, value.strip())

    def _terms(self, condition: Condition, at: int) -> tuple[Term, ...]:
        """Return the terms of one side of NEAR: a term, or terms joined by OR."""
        parts = condition.parts if isinstance(condition, AnyOf) else (condition,)
        terms = tuple(part.term for part in parts if isinstance(part, Words))
        if len(terms) != len(parts):
            self._fail(at, "NEAR stands between words, phrases, or such joined by OR")
        return terms

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEPTH_CAP:
            self._fail(self._next.at, f"more than {_DEPTH_CAP} levels of brackets")

    def _fail(self, at: int, what: str) -> NoReturn:
        shown = self._text if len(self._text) <= 200 else self._text[:200] + "…"
        raise ConfigError(
            f"position {at}: {what}",
            subject=f"query {shown!r}",
            next_step="mend the query at that place",
        )
