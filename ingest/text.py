"""The one text layer for matching, dedupe, search and scoring: repair, clean, fold, tokens.

Everything read from outside passes here, so ordinary text takes a short path:
one scan finds that nothing can be wrong with it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ingest.damage import has_dropped_letters, has_lost_letters, is_legacy
from ingest.legacy import decode_legacy
from ingest.markup import plain
from ingest.mojibake import repair_mojibake
from ingest.teencode import spoken

__all__ = ["Repaired", "clean", "fold", "folded_words", "plain", "repair", "spoken", "tokens"]

_LETTERS = "àáâãèéêìíòóôõùúýăđĩũơưÀÁÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠ-ỹ"
_EMOJI = "\U0001f300-\U0001faff\u2600-\u27bf\ufe0f"
# No sign of damage is in this class; ? & = \ ^ ` and the capitals A and with circumflex or
# tilde can be one.
_is_ordinary = re.compile(rf"[\n !-%'-<>@-\[\]_a-~{_LETTERS}{_EMOJI}]*").fullmatch
# These ask for a closer look, but never for a repair of the character set.
_is_known_script = re.compile(rf"[\t\n -~\xa0{_LETTERS}{_EMOJI}“”‘’…–—•₫€\u200b-\u200d]*").fullmatch
# A capital behind a small letter: a tone of Windows-1258 that was read as Latin-1.
_TONE_APART = re.compile("[a-zâêôăơưõãý][ÌÒ]")

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffc\U000e0000-\U000e001f\ud800-\udfff]"
)
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r" [^\S\n]+|[^\S\n ][^\S\n]*")  # all but one blank alone
_BLANK_AT_LINE_END = re.compile(r" ?\n ?")
_MANY_LINES = re.compile(r"\n{3,}")
_JOINER_ALONE = re.compile(r"(?<=\w)\u200d|\u200d(?=\w)|\u200d\Z|\A\u200d")
_SURROGATES = re.compile("[\ud800-\udfff]")

_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,24}\d{0,2});")
_TAG = re.compile(r"<[a-zA-Z/!]")
_JS_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_JS_ESCAPE_IN_WORD = re.compile(r"[^\W\d_]\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}(?:[^\W\d_]|\\u)")
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2}){2,}")

_MARKS = re.compile("[\u0300-\u036f\u0323\u20d0-\u20ff]")
_is_ascii_and_marks = re.compile("[\x00-\x7f\u0300-\u036f]*").fullmatch
_TOKEN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair: `damage` says what is still wrong with it, "" for nothing.

    "lossy": letters are gone and cannot be told; "legacy": an old Vietnamese font
    code that could not be read for certain, left as it came; "mojibake": repaired
    with doubt. `confidence` (0-1) says how sure it is that `text` is what was
    written; 1.0 means that nothing was done.
    """

    text: str
    damage: str = ""
    confidence: float = 1.0


def repair(text: str) -> Repaired:
    """Return `text` cleaned, with broken encodings and escapes undone as far as is certain."""
    has_tones_apart = ("Ì" in text or "Ò" in text) and bool(_TONE_APART.search(text))
    if _is_ordinary(text) and not _is_untidy(text) and not has_tones_apart:
        return Repaired(text, "lossy", 0.0) if has_dropped_letters(text) else Repaired(text)
    unescaped = _without_escapes(text)
    confidence = 1.0 if unescaped == text else 0.98
    damage = ""
    if not _is_known_script(unescaped) or "Ã" in unescaped or "Â" in unescaped:
        unescaped, certainty, is_doubtful = repair_mojibake(unescaped)
        confidence *= certainty
        damage = "mojibake" if is_doubtful else ""
        if not damage and is_legacy(unescaped):
            return _from_legacy(unescaped)
    elif ("^" in unescaped or has_tones_apart) and is_legacy(unescaped):
        return _from_legacy(unescaped)
    cleaned = clean(unescaped)
    if has_lost_letters(cleaned) or has_dropped_letters(cleaned):
        return Repaired(cleaned, "lossy", 0.0)
    return Repaired(cleaned, damage, confidence)


def _is_untidy(text: str) -> bool:
    """Return whether the blanks and lines of an ordinary text are not as `clean` leaves them."""
    return (
        "  " in text or "\n " in text or " \n" in text or "\n\n\n" in text or text != text.strip()
    )


def _from_legacy(text: str) -> Repaired:
    """Return text in an old Vietnamese font code repaired, or marked where it is not certain."""
    decoded = decode_legacy(text)
    if decoded is None:
        return Repaired(clean(text), "legacy", 0.1)
    return Repaired(clean(decoded.text), "", decoded.confidence)


def clean(text: str) -> str:
    """Return `text` in NFC without control and invisible characters, its blanks folded.

    Line breaks stay, at most one empty line in a row; no-break and other wide
    blanks become one blank.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        if _INVISIBLE.search(text):
            text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _whole_pairs(text)))
        if "\u200d" in text:
            text = _JOINER_ALONE.sub("", text)
        text = _BLANKS.sub(" ", _LINE_END.sub("\n", text))
        text = _MANY_LINES.sub("\n\n", _BLANK_AT_LINE_END.sub("\n", text))
    elif "  " in text:
        text = _BLANKS.sub(" ", text)
    return text.strip()


def fold(text: str) -> str:
    """Return `text` for comparing: NFKC, casefolded, marks stripped, đ as d."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded).casefold().replace("đ", "d").replace("ð", "d")
    if _is_ascii_and_marks(apart):
        return apart.encode("ascii", "ignore").decode("ascii")
    return unicodedata.normalize("NFKC", _MARKS.sub("", apart))


def tokens(folded: str) -> list[str]:
    """Return the words (`[a-z0-9]+`) of a folded text."""
    return _TOKEN.findall(folded)


@lru_cache(maxsize=128)
def folded_words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, folded; kept for a while, for who asks next."""
    return tuple(tokens(fold(text)))


def _whole_pairs(text: str) -> str:
    """Return `text` with surrogate pairs joined; halves stay and are dropped later."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "")


def _without_escapes(text: str) -> str:
    """Return `text` with JavaScript, entity and quoted-printable escapes undone."""
    if "\\u" in text:
        text = _without_js_escapes(text)
    if "&" in text and not _TAG.search(text):
        for _ in range(3):
            if not _ENTITY.search(text):
                break
            text = html.unescape(text)
    if "=" in text:
        text = _QUOTED_PRINTABLE.sub(_letters_of_quoted_printable, text)
    return text


def _without_js_escapes(text: str) -> str:
    escapes = _JS_ESCAPE.findall(text)
    in_words = len(_JS_ESCAPE_IN_WORD.findall(text))
    if not escapes or 2 * in_words < len(escapes):
        return text  # somebody writes about escapes
    text = _JS_ESCAPE.sub(lambda code: chr(int(code[1], 16)), text)
    return _whole_pairs(text.replace("\\n", "\n").replace('\\"', '"').replace("\\/", "/"))


def _letters_of_quoted_printable(run: re.Match[str]) -> str:
    try:
        letters = bytes.fromhex(run[0].replace("=", "")).decode("utf-8")
    except UnicodeDecodeError:
        return run[0]
    return run[0] if letters.isascii() else letters
