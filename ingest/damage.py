"""Signs that a text lost letters or is written in an old Vietnamese font code; pure patterns."""

from __future__ import annotations

import re

__all__ = ["has_dropped_letters", "has_lost_letters", "is_legacy"]


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# A Vietnamese syllable is onset + vowels + coda; a word with one lost letter keeps that
# shape, while two words glued by a real question mark ("ko?sao") do not.
_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ch|ph|th|tr|qu|[bcdđghklmnpqrstvx])"
_VOWELS = "[aeiouyàáâãèéêìíòóôõùúýăĩũơưạ-ỹ]"
_CODA = "(?:ng|nh|ch|[cmnpt])"
_LOST_INSIDE = re.compile(
    rf"{_ONSET}?{_VOWELS}{{0,2}}\?{{1,3}}(?:{_VOWELS}{{1,2}}{_CODA}?|{_CODA})\?{{0,2}}"
)
_LOST_AT_END = re.compile(rf"{_ONSET}\?{{1,2}}")
_EDGES = "\"'“”‘’()[]{}.,;:!…*_-"
# A lost emoji leaves U+FFFD behind a word too, but as a pair; a lost letter stands in a word.
_REPLACEMENT = re.compile(
    r"[^\W_]\ufffd{1,6}[^\W_]|(?:^|[\s(\"'])\ufffd{1,6}[^\W_]|[^\W\d_]\ufffd(?=[\s.,!?;:)]|\Z)"
)


def has_lost_letters(text: str) -> bool:
    """Return whether letters of `text` were replaced by `?` or U+FFFD.

    Real questions, runs of `?`, lost emoji and query strings in addresses do not count.
    """
    if "\ufffd" in text and _REPLACEMENT.search(text):
        return True
    return text.count("?") > 1 and _has_lost_to_question_marks(text)


# Text squeezed into Latin-1 by dropping: no letter from beyond it, but stumps of words.
_BEYOND_LATIN1 = re.compile("[ăđĩũơưĂĐĨŨƠƯẠ-ỹ]")
_BARE = re.compile(r" [bcdghklmnpqrstvx]{1,3}(?=[ ,.])")
_STUMP = re.compile(rf"{_ONSET}|{_CODA}|{_ONSET}{_CODA}")
_LATIN1_MARK = re.compile("[àáâãèéêìíòóôõùúý]")
_ABBREVIATIONS = _words("k c m v r j b h d x kg g ml l km cm mm gb tb ck vk nt ng")


def has_dropped_letters(text: str) -> bool:
    """Return whether letters of a Vietnamese text are missing without a trace."""
    if _BEYOND_LATIN1.search(text) or len(_BARE.findall(text)) < 2:
        return False
    folded = text.casefold()
    words = [word.strip(_EDGES + "?") for word in folded.split()]
    stumps = sum(1 for word in words if _STUMP.fullmatch(word) and word not in _ABBREVIATIONS)
    if len(_LATIN1_MARK.findall(folded)) >= 2:
        stumps += sum(1 for word in words if word in {"i", "o"})
        return stumps >= 2 and stumps >= 0.12 * len(words)
    return stumps >= 3 and stumps >= 0.4 * len(words)


def _has_lost_to_question_marks(text: str) -> bool:
    folded = text.casefold()
    words = folded.split()
    if "/" in folded or "www." in folded:
        words = [word for word in words if not _is_address(word)]
    points = 0.0
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if "?" in word:
            points += _points(word.strip(_EDGES), followed=following[:1].isalpha())
    # Measured on 40,000 real posts: lossy Vietnamese has one in three words hit, teencode
    # glued by a question mark hardly ever two words of this shape.
    share = points / max(1, len(words))
    return points >= 6 or (points >= 3 and share >= 0.1) or (points >= 1.5 and share >= 0.2)


def _is_address(word: str) -> bool:
    return "://" in word or word.startswith("www.") or ("/" in word and "=" in word)


def _points(word: str, *, followed: bool) -> float:
    """Return how strongly one folded word with a `?` looks like a syllable with lost letters."""
    if _LOST_INSIDE.fullmatch(word):
        return 1.0
    if followed and (_LOST_AT_END.fullmatch(word) or word in {"?", "??"}):
        return 0.5
    return 0.0


# TCVN3 (ABC fonts) keeps its letters on signs such as µ ¸ ®, which stand inside words.
_TCVN3 = re.compile(
    r"[a-zA-Zµ-þ][µ¸¶·¹¨»¾¼½©«¬¦§\xad][a-zµ-þ]|[a-z][µ¸¶·¹¨©¬\xad](?!\w)|(?<!\w)[®§¦][a-zµ-þ]|[a-zà-þ][Æ-Þ](?![A-Z])"
)
# VNI-Windows writes the mark as a letter of its own behind the vowel.
_VNI = re.compile(
    r"[aeouyôö][øùûõï]|[aeo][âáàåãä]|a[êéèúüë]|ö[aeiouyô]|ñ[aeiouyòóæîô]", re.IGNORECASE
)
_VNI_ONLY = frozenset("øûïåæñöäëüØÛÏÅÆÑÖÄËÜ")
# Windows-1258 keeps tones as signs of their own; shown as Latin-1 they are capitals in words.
_CP1258 = re.compile(r"[aeiouyâêôãõý][ÌÒÞìò](?=[a-z]|\b)|ð[a-zõêèéàáâãý]|ýõ")
_CP1258_ONLY = frozenset("ÌÒÞðý")
_MARKED_LETTER = re.compile("[À-ỹ]")
# VIQR writes marks in ASCII: "Tie^'ng Vie^.t".
_VIQR = re.compile(r"[aeo]\^['`?~.]?[a-z]|a\(['`?~.]?[a-z]|[uo]\+['`?~.]?[a-z]|[aeiouy]`[a-z]")
_VIQR_WORD = re.compile(r"(?:[aeiouy][\^(+]?['`?~.]|[aeo]\^|[uo]\+|a\(|\bdd)[a-z]?")


def is_legacy(text: str) -> bool:
    """Return whether `text` is Vietnamese in TCVN3, VNI, VIQR or shown-as-Latin-1 cp1258."""
    words = text.split()
    if "^" in text and not _MARKED_LETTER.search(text):
        return _is_viqr(text.casefold(), len(words))
    return (
        _share(_TCVN3, words) >= 0.25
        or (not _VNI_ONLY.isdisjoint(text) and _kinds(_VNI, text) and _share(_VNI, words) >= 0.25)
        or (not _CP1258_ONLY.isdisjoint(text) and _share(_CP1258, words) >= 0.25)
    )


def _share(sign: re.Pattern[str], words: list[str]) -> float:
    """Return the share of words with the sign, 0 when fewer than two have it."""
    hits = sum(1 for word in words if sign.search(word))
    return hits / len(words) if hits >= 2 else 0.0


def _kinds(sign: re.Pattern[str], text: str) -> bool:
    """Return whether the sign comes in two forms (one form alone is another language)."""
    return len({hit.casefold() for hit in sign.findall(text)}) >= 2


def _is_viqr(text: str, words: int) -> bool:
    strong = len(_VIQR.findall(text))
    return strong >= 2 or (strong >= 1 and len(_VIQR_WORD.findall(text)) >= 0.6 * words)
