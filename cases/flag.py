"""Which posts a brand team would want in today's list, how urgent, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from cases.harm import DEMANDS, HARM, Heard, hear
from cases.phrases import Found
from ingest.brand import Brand
from ingest.mention import FeedbackKind, Mention, Speaker
from scoring.verdict import NOT_A_REVIEW, Kind, Label, Polarity, Verdict

BIG_REACH = 10_000
IN_TITLE = (*HARM, "news")
_LOW_STARS = 2.0
_LOW_SHARE = 0.25
_GOOD_STARS = 4.0
_STRONG = 0.95
_LIKELY = 0.6
_FAINT = 0.05
_HINTED = 0.1
_UNLIKELY = 0.2
_POSSIBLE = 0.3
_CLEAR = -1.4  # the weight of a word that blames beyond doubt
_SPOKEN = -0.7  # of one that is worth showing as a reason
_TELLING = -1.0  # and of one that blames at all; lighter ones are manners of speaking
_MAX_REASONS = 5
_NOISE = frozenset({"advert", "gibberish"})
_TOLD_FIRST = frozenset({"fault", "middling-stars"})
_OPEN_PLACES = frozenset({FeedbackKind.SOCIAL, FeedbackKind.COMMENT})


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
    """Return the flag for a mention of `brand`, or None when nobody need look.

    Rules: own posts and staff never; then headline (articles), damaged,
    stars-only, harm, low-stars, demand, strong, fault, negative, defect,
    question; a reach of 10,000 or more raises the severity by one step. What is no
    honest review is flagged for harm and low stars only, unless it blames by repeating
    itself or without saying more.
    """
    if _is_own(mention, brand):
        return None
    if mention.feedback_kind is FeedbackKind.ARTICLE:
        flag = _headline(mention, brand)
    elif mention.damage == "lossy" or verdict.damaged or not _words(mention):
        flag = _by_stars_alone(mention)
    else:
        flag = _by_words(mention, verdict, hear(_words(mention)))
    return _raised(flag, mention) if flag else None


def _is_own(mention: Mention, brand: Brand) -> bool:
    own = {name.casefold().strip() for name in brand.own_authors}
    if mention.speaker is Speaker.STAFF or mention.author.casefold().strip() in own:
        return True
    host = urlsplit(mention.url).hostname or "" if brand.own_hosts else ""
    is_own_host = any(host == own or host.endswith(f".{own}") for own in brand.own_hosts)
    return is_own_host and mention.feedback_kind is FeedbackKind.ARTICLE


def _headline(mention: Mention, brand: Brand) -> Flag | None:
    """Return urgent for bad news in a headline about the brand; high when only the text has it."""
    title, text = mention.title or mention.text[:160], mention.text
    names = [brand.name, *(each.split('"')[1] for each in brand.queries if each.count('"') > 1)]
    in_title = _names(title, names)
    heard = hear(title, IN_TITLE).of(*IN_TITLE)
    if heard and (in_title or _names(text, names)):
        return _flag(Severity.URGENT, "headline", _reasons(heard))
    heard = hear(text, HARM).of(*HARM) if in_title else ()
    return _flag(Severity.HIGH, "headline", _reasons(heard)) if heard else None


def _names(text: str, names: Sequence[str]) -> bool:
    return any(name.casefold() in text.casefold() for name in names if name)


def _by_stars_alone(mention: Mention) -> Flag | None:
    if not _is_low(mention):
        return None
    rule = "damaged" if _words(mention) else "stars-only"
    return _flag(Severity.NORMAL, rule, [FlagReason("low-stars"), *_if(_words(mention), "damaged")])


def _by_words(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    grave = _harm(mention, verdict, heard) or _low_stars(mention, verdict, heard)
    if grave or _is_noise(mention, verdict):
        return grave
    return (
        _complaint(mention, verdict, heard)
        or _remark(mention, verdict, heard)
        or _question(mention, verdict, heard)
    )


def _is_noise(mention: Mention, verdict: Verdict) -> bool:
    """Return whether a text is an advert or the like; "rất kém, rất kém" is a complaint."""
    is_none = verdict.spam >= NOT_A_REVIEW
    return is_none and (_is_good(mention) or verdict.spam_sign in _NOISE)


def _harm(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    harm = heard.of(*HARM)
    if not harm:
        return None
    severity = Severity.NORMAL if _is_sure_praise(mention, verdict) else Severity.URGENT
    return _flag(severity, "harm", [*_reasons(harm), *_if(_is_low(mention), "low-stars")])


def _low_stars(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    if not _is_low(mention):
        return None
    demands = heard.of(*DEMANDS)
    is_clear = (
        bool(demands)
        or verdict.kind in (Kind.COMPLAINT, Kind.BUG)
        or verdict.label is Label.NEGATIVE
        or _p(verdict) >= _LIKELY
    )
    reasons = [FlagReason("low-stars"), *_reasons(demands), *_scored(verdict)]
    return _flag(Severity.HIGH if is_clear else Severity.NORMAL, "low-stars", reasons)


def _complaint(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    """Return high for a complaint that asks for an answer or money, or is a strong one."""
    is_bad = verdict.label in (Label.NEGATIVE, Label.MIXED) or verdict.kind is Kind.COMPLAINT
    hard = heard.of("unanswered", "undelivered")
    demands = heard.of(*DEMANDS)
    # Praise tells of warranties and refunds too: good stars need more than a doubt.
    is_borne = not _is_good(mention) or _p(verdict) >= _LIKELY
    if (is_bad and is_borne and demands) or (hard and verdict.label is not Label.POSITIVE):
        return _flag(Severity.HIGH, "demand", [*_reasons(demands), *_scored(verdict)])
    if is_bad and _p(verdict) >= _STRONG and verdict.kind is Kind.COMPLAINT:
        return _flag(Severity.HIGH, "strong", _scored(verdict))
    return None


def _remark(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    """Return normal for a fault, a negative or mixed remark, or a defect named in praise."""
    faults = _borne(heard.of("defect"), verdict)
    rule = _rule(mention, verdict, faults, has_turn=any(f.code == "but" for f in heard.said))
    if rule is None:
        return None
    reasons = [*_reasons(faults), *_scored(verdict)]
    if rule in _TOLD_FIRST:
        reasons.insert(0, FlagReason(rule))
    return _flag(Severity.NORMAL, rule, reasons)


def _rule(
    mention: Mention, verdict: Verdict, faults: Sequence[Found], *, has_turn: bool
) -> str | None:
    """Return the rule by which a remark is flagged, None when it is not."""
    is_good = _is_good(mention)
    if is_good and not _names_what_is_wrong(verdict, faults, has_turn=has_turn):
        return None
    if verdict.kind is Kind.BUG and (verdict.p_negative is None or _p(verdict) >= _POSSIBLE):
        return "fault"
    least = 0.0 if verdict.label is Label.NEGATIVE else _POSSIBLE
    if verdict.label in (Label.NEGATIVE, Label.MIXED) and _p(verdict) >= least:
        return str(verdict.label)
    if mention.stars is not None and not is_good and verdict.kind is not Kind.PRAISE:
        return "middling-stars"
    is_named = is_good or _is_named_in_praise(verdict, faults, has_turn=has_turn)
    return "defect" if is_named else None


def _names_what_is_wrong(verdict: Verdict, faults: Sequence[Found], *, has_turn: bool) -> bool:
    """Return whether a text with good stars names a fault; manners of speaking are none."""
    p, worst = _p(verdict), _worst(verdict)
    if has_turn and p >= _FAINT:
        is_told = worst <= _CLEAR or bool(faults) or (worst <= _TELLING and p >= _HINTED)
    else:
        is_told = worst <= _CLEAR and p >= _POSSIBLE
    return is_told or (bool(faults) and p >= _HINTED) or (worst <= _TELLING and p >= _LIKELY)


def _is_named_in_praise(verdict: Verdict, faults: Sequence[Found], *, has_turn: bool) -> bool:
    """Return whether praise without stars names a fault, by a word for it or after a turn."""
    p = _p(verdict)
    names_defect = any(each.polarity is Polarity.NEGATIVE for each in verdict.aspects)
    is_turned = bool(faults) or (names_defect and p >= _HINTED) or p >= _POSSIBLE
    return (bool(faults) and p >= _HINTED) or (has_turn and is_turned)


def _borne(faults: Sequence[Found], verdict: Verdict) -> list[Found]:
    """Return the faults that the scorer blames too: it knows more of denials."""
    if not (faults and verdict.reasons):
        return list(faults)
    blamed = [each.words.casefold() for each in verdict.reasons if each.weight <= _SPOKEN]
    words = [(each, each.words.casefold()) for each in faults]
    return [each for each, own in words if any(own in one or one in own for one in blamed)]


def _worst(verdict: Verdict) -> float:
    """Return the weight of the strongest blame, 0 when there is none."""
    return min((each.weight for each in verdict.reasons), default=0.0)


def _question(mention: Mention, verdict: Verdict, heard: Heard) -> Flag | None:
    """Return normal for a question put to the brand or shop, or one about harm."""
    if heard.asked:
        reasons = [FlagReason("question"), *_reasons(heard.asked)]
        return _flag(Severity.NORMAL, "question", reasons)
    if not _asks(verdict, heard):
        return None
    to_shop = bool(heard.of("shop"))
    if mention.feedback_kind in _OPEN_PLACES and not to_shop:
        to_shop = bool(heard.of("service")) and not heard.of("others")
    elif not to_shop:
        to_shop = not heard.of("others")
    return _flag(Severity.NORMAL, "question", [FlagReason("question")]) if to_shop else None


def _asks(verdict: Verdict, heard: Heard) -> bool:
    if verdict.kind is Kind.QUESTION:
        return heard.is_question or verdict.label in (Label.NEUTRAL, Label.UNCLEAR)
    is_open = verdict.label is not Label.POSITIVE and _worst(verdict) > _TELLING
    return heard.is_question and is_open and verdict.language == "vi"


def _raised(flag: Flag, mention: Mention) -> Flag:
    if (mention.reach or 0) < BIG_REACH:
        return flag
    step = {Severity.NORMAL: Severity.HIGH, Severity.HIGH: Severity.URGENT}
    reasons = (*flag.reasons, FlagReason("reach", str(mention.reach)))
    return replace(flag, severity=step.get(flag.severity, flag.severity), reasons=reasons)


def _is_low(mention: Mention) -> bool:
    """Return whether the stars, or a survey answer on its own scale, are in the lowest quarter."""
    if mention.stars is not None:
        return mention.stars <= _LOW_STARS
    return any(
        each.value - each.scale.low <= _LOW_SHARE * (each.scale.high - each.scale.low)
        for each in mention.answers
    )


def _is_good(mention: Mention) -> bool:
    return mention.stars is not None and mention.stars >= _GOOD_STARS


def _is_sure_praise(mention: Mention, verdict: Verdict) -> bool:
    """Return whether words of harm stand in praise: clearly positive and no low stars."""
    is_praise = verdict.label is Label.POSITIVE and verdict.kind is Kind.PRAISE
    return is_praise and _p(verdict) < _UNLIKELY and (mention.stars or 5.0) >= _GOOD_STARS


def _p(verdict: Verdict) -> float:
    return verdict.p_negative or 0.0


def _words(mention: Mention) -> str:
    """Return title and text as one text, the title once."""
    if not mention.title or mention.text.startswith(mention.title):
        return mention.text.strip()
    return f"{mention.title}\n{mention.text}".strip()


def _reasons(found: Sequence[Found]) -> list[FlagReason]:
    return [FlagReason(each.code, each.words) for each in found]


def _scored(verdict: Verdict) -> list[FlagReason]:
    """Return the scorer's most negative words, the strongest first, light ones only alone."""
    worst = sorted((r for r in verdict.reasons if r.weight < 0), key=lambda r: r.weight)
    told = [each for each in worst[:3] if each.weight <= _SPOKEN] or worst[:1]
    return [FlagReason("negative-words", each.words) for each in told]


def _if(condition: object, code: str) -> list[FlagReason]:
    return [FlagReason(code)] if condition else []


def _flag(severity: Severity, rule: str, reasons: Sequence[FlagReason]) -> Flag:
    """Return the flag with at most five reasons, each wording once."""
    kept: list[FlagReason] = []
    for reason in reasons:
        low = reason.words.casefold()
        if not low or all(low not in other.words.casefold() for other in kept):
            kept.append(reason)
    return Flag(severity=severity, rule=rule, reasons=tuple(kept[:_MAX_REASONS]))
