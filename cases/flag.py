"""Which posts a brand team would want in today's list, how urgent, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.brand import Brand
from ingest.mention import Mention
from scoring.verdict import Verdict


class Severity(StrEnum):
    """How soon somebody should look: urgent within the hour, high today."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class FlagReason:
    """Why a post is flagged: a code to be put into words, and the text's own words."""

    code: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A post to be answered; `rule` names the deciding rule."""

    severity: Severity
    rule: str
    reasons: tuple[FlagReason, ...] = ()


def decide(mention: Mention, verdict: Verdict, brand: Brand) -> Flag | None:
    """Return the flag for a mention of `brand`, or None when nobody need look."""
    raise NotImplementedError
