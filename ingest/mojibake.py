"""UTF-8 that was read as a one-byte character set: undone by ftfy, and by own code for cp1258."""

from __future__ import annotations

import re

from ftfy import ExplanationStep, TextFixerConfig, fix_encoding_and_explain
from ftfy.badness import is_bad

__all__ = ["repair_mojibake"]

_CONFIG = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
_CERTAINTY = {
    "restore_byte_a0": 0.95,
    "replace_lossy_sequences": 0.3,
    "decode_inconsistent_utf8": 0.85,
    "fix_c1_controls": 0.9,
    "windows-1252": 0.9,
}
_WHOLE = 0.99
_DOUBT = 0.5
# What repairs leave behind when they were wrong: signs inside a word, letters of another
# alphabet glued to Latin ones, box drawing before a letter.
_LEFT_OVER = re.compile(r"[a-zà-ỹ][√∂ƒ≈†‡][a-zà-ỹ\sπ]|[a-z]Г|Г[ ©\xa0]|┬┐[a-z]|Ù\s[ÙØ]|Ă[\xa0©¡]")
_LOST_QUOTE = re.compile(r"[a-z][\x91-\x94](?!(?:s|t|m|d|re|ve|ll)\b)[a-z]", re.IGNORECASE)


def _bytes_of_cp1258() -> dict[int, int]:
    """Return character -> byte of Windows-1258, undefined bytes standing for themselves."""
    places = {}
    for byte in range(0x80, 0x100):
        try:
            places[ord(bytes([byte]).decode("cp1258"))] = byte
        except UnicodeDecodeError:
            places[byte] = byte
    return places


_CP1258 = _bytes_of_cp1258()
_SIGN_OF_CP1258 = re.compile(r"Ă[\xa0-¿ ]|á[»º]")


def repair_mojibake(text: str) -> tuple[str, float, bool]:
    """Return (text, certainty 0-1, is doubtful) with mojibake undone, or `text` as it came."""
    if "Ă" in text and _SIGN_OF_CP1258.search(text):
        letters = _from_cp1258(text)
        if letters is not None:
            return letters, _WHOLE, False
    if not is_bad(text):
        return text, 1.0, bool(_LEFT_OVER.search(text))
    fixed, steps = fix_encoding_and_explain(text, _CONFIG)
    if fixed == text:
        return text, 1.0, bool(_LEFT_OVER.search(text))
    certainty = _certainty(steps or [])
    if _is_left_over(text, fixed) or _is_far_fetched(steps or []):
        return fixed, min(certainty, _DOUBT), True
    return fixed, certainty, False


def _from_cp1258(text: str) -> str | None:
    try:
        return text.translate(_CP1258).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def _certainty(steps: list[ExplanationStep]) -> float:
    return min((_CERTAINTY.get(step.parameter, _WHOLE) for step in steps), default=_WHOLE)


def _is_far_fetched(steps: list[ExplanationStep]) -> bool:
    """Return whether a blank had to become a byte of a rare character set."""
    used = {step.parameter for step in steps}
    return "restore_byte_a0" in used and used.isdisjoint({"latin-1", "sloppy-windows-1252"})


def _is_left_over(text: str, fixed: str) -> bool:
    return is_bad(fixed) or bool(_LEFT_OVER.search(fixed) or _LOST_QUOTE.search(text))
