"""Vietnamese in the font codes of before Unicode (TCVN3, VNI, VIQR, cp1258): back to letters.

The tables follow the standards: TCVN 5712:1993 (VN3), VNI-Windows, RFC 1456 (VIQR) and
Windows-1258. Each has the 134 Vietnamese letters beyond ASCII, 67 small and 67 capital.
A text is only repaired where the result is Vietnamese: all but one in ten of the changed
words must be syllables of the language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

__all__ = ["TABLES", "Decoded", "decode_legacy", "is_syllable"]


class Decoded(NamedTuple):
    """A text back in Unicode, the code it was in, and how sure that is (0-1)."""

    text: str
    code: str
    confidence: float


# The vowels with the tones level, falling, asking, tumbling, rising, heavy.
_VOWELS = tuple(
    row.split()
    for row in (
        "a à ả ã á ạ",
        "ă ằ ẳ ẵ ắ ặ",
        "â ầ ẩ ẫ ấ ậ",
        "e è ẻ ẽ é ẹ",
        "ê ề ể ễ ế ệ",
        "i ì ỉ ĩ í ị",
        "o ò ỏ õ ó ọ",
        "ô ồ ổ ỗ ố ộ",
        "ơ ờ ở ỡ ớ ợ",
        "u ù ủ ũ ú ụ",
        "ư ừ ử ữ ứ ự",
        "y ỳ ỷ ỹ ý ỵ",
    )
)
# The same places in TCVN3, a font for small letters; capitals have a font of their own,
# or are a capital vowel with the small letter's code after it.
_TCVN3 = (
    "aµ¶·¸¹",
    "¨»¼½¾Æ",
    "©ÇÈÉÊË",
    "eÌÎÏÐÑ",
    "ªÒÓÔÕÖ",
    "i×ØÜÝÞ",
    "oßáâãä",
    "«åæçèé",
    "¬êëìíî",
    "uïñòóô",
    "\xadõö÷øù",
    "yúûüýþ",
)
_TCVN3_CAPITALS = {"Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§"}
# VNI writes the mark as a second letter, but i, and y with the heavy tone, are one.
_VNI = tuple(
    row.split()
    for row in (
        "a aø aû aõ aù aï",
        "aê aè aú aü aé aë",
        "aâ aà aå aã aá aä",
        "e eø eû eõ eù eï",
        "eâ eà eå eã eá eä",
        "i ì æ ó í ò",
        "o oø oû oõ où oï",
        "oâ oà oå oã oá oä",
        "ô ôø ôû ôõ ôù ôï",
        "u uø uû uõ uù uï",
        "ö öø öû öõ öù öï",
        "y yø yû yõ yù î",
    )
)
_VIQR_BASES = ("a", "a(", "a^", "e", "e^", "i", "o", "o^", "o+", "u", "u+", "y")
_VIQR_TONES = ("", "`", "?", "~", "'", ".")


def _tcvn3() -> Iterator[tuple[str, str]]:
    for letters, codes in zip(_VOWELS, _TCVN3, strict=True):
        base = _TCVN3_CAPITALS.get(letters[0].upper(), letters[0].upper())
        for letter, code in zip(letters, codes, strict=True):
            yield code, letter
            yield base + code if letter != letters[0] else base, letter.upper()
    yield from (("®", "đ"), ("§", "Đ"))


def _vni() -> Iterator[tuple[str, str]]:
    for letters, codes in zip(_VOWELS, _VNI, strict=True):
        for letter, code in zip(letters, codes, strict=True):
            yield code, letter
            yield code.upper(), letter.upper()
            yield code[0].upper() + code[1:], letter.upper()
    yield from (("ñ", "đ"), ("Ñ", "Đ"))


def _viqr() -> Iterator[tuple[str, str]]:
    for letters, base in zip(_VOWELS, _VIQR_BASES, strict=True):
        for letter, tone in zip(letters, _VIQR_TONES, strict=True):
            yield base + tone, letter
            yield base.upper() + tone, letter.upper()
    yield from (("dd", "đ"), ("DD", "Đ"), ("Dd", "Đ"))


TABLES: Mapping[str, Mapping[str, str]] = {
    name: {code: letter for code, letter in rows if code != letter}
    for name, rows in (("tcvn3", _tcvn3()), ("vni", _vni()), ("viqr", _viqr()))
}
"""Code -> letter, for the 134 letters of each code that is no character set of Python's."""


def _reader(table: Mapping[str, str]) -> Callable[[str], str]:
    codes = sorted(table, key=len, reverse=True)
    find = re.compile("|".join(map(re.escape, codes)))

    def read(text: str) -> str:
        return find.sub(lambda code: table[code[0]], text)

    return read


def _read_cp1258(text: str) -> str:
    try:
        return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258"))
    except UnicodeError:
        return text


# A point or question mark at the end of a sentence is none of VIQR's tones, unless it stands
# behind a letter that has a hat, a bowl or a horn already.
_VIQR_END = re.compile(r"(?<=[aeiouyAEIOUY])([.?])(?=\s*\Z|\s+[A-Z])")
_HELD = {".": "\ue000", "?": "\ue001"}


def _read_viqr(text: str) -> str:
    read = _READ_VIQR(_VIQR_END.sub(lambda mark: _HELD[mark[1]], text))
    for mark, held in _HELD.items():
        read = read.replace(held, mark)
    return read


_READ_VIQR = _reader(TABLES["viqr"])
_READERS: Mapping[str, Callable[[str], str]] = {
    "tcvn3": _reader(TABLES["tcvn3"]),
    "vni": _reader(TABLES["vni"]),
    "cp1258": _read_cp1258,
}

_ONSETS = "ngh|ng|nh|gh|gi|kh|ch|ph|th|tr|qu|[bcdđghklmnpqrstvx]"
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e"
    " ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im"
    " in inh ip it iu o oa oac oach oai oan oang oanh oao oat oay oăc oăm oăn oăng oăt oc oe"
    " oen oeo oet oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng"
    " uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên"
    " uyêt uynh uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng"
    " yêt yêu ynh yt"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})?(?:{_RIMES.replace(' ', '|')})")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST, _ENOUGH, _ALL = 2, 0.9, 0.97


def is_syllable(word: str) -> bool:
    """Say whether `word` (NFC) is a possible Vietnamese syllable, by its letters."""
    apart = unicodedata.normalize("NFD", word.casefold())
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONES.sub("", apart))) is not None


def decode_legacy(text: str) -> Decoded | None:
    """Return `text` in Unicode where it is clearly Vietnamese in an old code, None elsewhere."""
    readers = {"viqr": _read_viqr} if text.isascii() else _READERS
    best: Decoded | None = None
    for code, read in readers.items():
        decoded = _judged(text, read(text), code)
        if decoded and (best is None or decoded.confidence > best.confidence):
            best = decoded
    return best


def _judged(text: str, read: str, code: str) -> Decoded | None:
    """Return what was read if nearly all words that it changed are Vietnamese."""
    pieces = zip(text.split(" "), read.split(" "), strict=True)
    changed = [new for old, new in pieces if old != new]
    words = [word for piece in changed for word in _WORD.findall(piece)]
    whole = sum(map(is_syllable, words))
    if len(changed) < _FEWEST or whole < _ENOUGH * len(words):
        return None
    return Decoded(read, code, _ALL if whole == len(words) else _ENOUGH * whole / len(words))
