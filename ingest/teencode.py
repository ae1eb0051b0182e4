"""Vietnamese chat spelling and stretched letters back to words, for matching and scoring only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product

__all__ = ["spoken"]


def _by_spelling(meanings: dict[str, str]) -> dict[str, str]:
    """Return spelling -> meaning for a table of meaning -> spellings parted by blanks."""
    return {word: meaning for meaning, words in meanings.items() for word in words.split()}


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Spellings that no English text uses: read as Vietnamese wherever they stand.
_SURE = _by_spelling(
    {
        "không": "ko hok hông hong khum hem hổng hôk khong kh0ng hk",
        "được": "đc đk đx duoc dc",
        "sản phẩm": "sp",
        "nhân viên": "nv nvien",
        "bao nhiêu": "bnhiu bnhieu bnhiêu",
        "trước": "trc",
        "mình": "mik mìh",
        "giúp": "jup júp",
        "kiểm tra": "ktra",
        "số điện thoại": "sdt sđt",
        "điện thoại": "đt dthoai đthoại",
        "biết": "bik bít",
        "giờ": "jờ",
        "rồi": "òi gòi rùi",
        "hướng dẫn": "hdan",
        "quá": "wá qá",
        "thích": "thix thík thik",
        "yêu": "iu iêu",
        "cảm ơn": "tks camon",
        "mọi người": "mng",
        "người": "ngừi",
        "cũng": "cx cũg",
        "như thế nào": "ntn",
        "thế nào": "tnao",
        "số tài khoản": "stk",
        "chất lượng": "clg",
        "nhưng": "nhg nhưg",
        "vậy": "zậy dzậy",
        "vời": "zời",
        "vui": "zui",
        "về": "zề",
        "nhanh": "nhah",
        "thất vọng": "tvọng",
        "lắm": "lém",
    }
)
# Spellings that mean something else in English: read only in a Vietnamese text.
_CHAT = _by_spelling(
    {
        "không": "k hg",
        "không có": "kc",
        "được": "dk dx",
        "nhắn tin": "nt ib",
        "luôn": "lun",
        "mình": "mk mh",
        "điện thoại": "dt",
        "gì": "j gj",
        "giờ": "jo",
        "rồi": "r oy",
        "hướng dẫn": "hd",
        "quá": "wa",
        "mọi người": "mn",
        "người": "ng",
        "nữa": "nx",
        "vậy": "v z",
        "với": "vs",
        "trả lời": "tl rep",
        "giao hàng": "gh",
        "quản trị viên": "ad",
        "à": "ak",
        "nó": "ló",
    }
)
_IN_VIETNAMESE = _SURE | _CHAT
_has_vietnamese_letter = re.compile("[ăđơưạ-ỹ]").search
_BARE_VIETNAMESE = _words(
    "khong hang giao duoc cua nhung nguoi nhieu mua dung rat minh chat luong voi truoc lam "
    "ko hok khum sp dc nv ntn sdt nha nhe qua"
)

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S+")
_is_address = re.compile(r"://|www\.|\w@\w|[a-z0-9]\.[a-z0-9-]+\.[a-z]", re.IGNORECASE).search
_has_triple = re.compile(r"(.)\1\1").search
_has_double_behind_mark = re.compile(r"[à-ỹ]\w{0,6}([bcdghklmnpqrstvx])\1").search
_RUN = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_RUNS_TRIED = 4
_DOUBLE = re.compile(r"([^\W\d_o])\1+|([oO])\2{2,}", re.IGNORECASE)
_TAIL = re.compile(
    r"([àáâãăạảấầẩẫậắằẳẵặ](?=a)|[èéêẹẻẽếềểễệ](?=e)|[òóôõơọỏốồổỗộớờởỡợ](?=o))[aeo]+", re.IGNORECASE
)
_SIGNS = re.compile(r"([!?])\1+")
_is_marked = re.compile("[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE).search
# English words whose double letter is real, as often stretched in reviews.
_REAL_DOUBLES = _words(
    "good cool too soon hell hello sweet need needed free feel feels keep seem seems book look "
    "looks food room poor off all call calls called full fully happy funny really still will "
    "kill pretty better bitter sorry worry wrong happen happens annoy annoyed annoying well sell "
    "small smell tell totally finally actually literally beautifully wonderfully hopefully "
    "unfortunately freezing freeze weeks week been seen green deep cheers jeez geez steep sleep "
    "speed cheese coffee bloody moody school wood foot boot loose choose proof stood mood "
    "dropped stopped broken worst awesome less unless useless miss mess class glass pass press "
    "stress success address possible impossible terrific horrific butter matter little bottle "
    "battery letter rubbish apple appreciate supply support disappoint disappointed "
    "disappointing disappointment recommend recommended offer different difficult add added "
    "account accurate excellent seller yellow million follow allow yummy summer immediately "
    "common comment bummer correct terrible horrible error carry hurry merry marry arrive "
    "arrived current tomorrow boring hmm ahh ooh uhh kitty silly jolly belly fool tool pool "
    "wheel steel meet street three agree agreed guarantee employee"
)


def spoken(text: str) -> str:
    """Return `text` as it would be said: chat spellings and stretched letters undone.

    Addresses, numbers and real double letters ("good", "xoong") stay; spellings
    that an English text may hold are read only where the text is Vietnamese.
    """
    text = _SIGNS.sub(r"\1", text)
    lower = text.lower()
    words = set(_WORD.findall(lower))
    meanings = _IN_VIETNAMESE if _is_vietnamese(lower, words) else _SURE
    if words.isdisjoint(meanings) and not _is_stretched(lower):
        return text
    if not _is_address(text):
        return _said(text, meanings)
    return _TOKEN.sub(
        lambda token: token[0] if _is_address(token[0]) else _said(token[0], meanings), text
    )


def _is_vietnamese(lower: str, words: set[str]) -> bool:
    if _has_vietnamese_letter(lower) or len(words & _BARE_VIETNAMESE) >= 2:
        return True
    return not words.isdisjoint(_SURE) and bool(_is_marked(lower))


def _is_stretched(lower: str) -> bool:
    return bool(_has_triple(lower) or _has_double_behind_mark(lower))


def _said(text: str, meanings: Mapping[str, str]) -> str:
    return _WORD.sub(lambda word: _said_word(word[0], meanings), text)


def _said_word(word: str, meanings: Mapping[str, str]) -> str:
    meaning = meanings.get(word.lower())
    if meaning is None:
        word = _unstretched(word)
        meaning = meanings.get(word.lower())
    if meaning is None:
        return word
    return meaning.upper() if word.isupper() and len(word) > 1 else meaning


def _unstretched(word: str) -> str:
    """Return `word` without stretched letters: "đẹpppp" -> "đẹp", "goooood" -> "good"."""
    if not _is_stretched(word.lower()) or len(set(word.lower())) == 1:
        return word
    if _is_marked(word):
        return _TAIL.sub(r"\1", _DOUBLE.sub(_first, word))
    runs = len(_RUN.findall(word))
    for lengths in product((2, 1), repeat=min(runs, _RUNS_TRIED)):
        wanted = iter(lengths)
        shorter = _RUN.sub(lambda run: run[1] * next(wanted, 1), word)  # noqa: B023
        if shorter.lower() in _REAL_DOUBLES:
            return shorter
    return _RUN.sub(r"\1", word)


def _first(run: re.Match[str]) -> str:
    return run[0][0]
