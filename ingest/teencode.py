"""Vietnamese chat spelling and stretched letters back to words, for matching and scoring only."""

from __future__ import annotations

import re

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
_has_vietnamese_letter = re.compile("[ăđơưĂĐƠƯẠ-ỹ]").search
_BARE_VIETNAMESE = _words(
    "khong hang giao duoc cua nhung nguoi nhieu mua dung rat minh chat luong voi truoc lam "
    "ko hok khum sp dc nv ntn sdt nha nhe qua"
)

_WORD = re.compile(r"[^\W\d_]+")
_KEPT = re.compile(r"(?:https?://|www\.)\S+|\S+\.\S+\.\S+|\S+@\S+")
_STRETCHED = re.compile(
    r"([^\W\d_])\1\1|([bcdđghklmnpqrstvxyàáâãèéêìíòóôõùúýăĩũơưạ-ỹ])\2", re.IGNORECASE
)
_RUN = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_DOUBLE = re.compile(r"([^\W\d_o])\1+|([oO])\2{2,}", re.IGNORECASE)
_TAIL = re.compile(
    r"([àáâãăạảấầẩẫậắằẳẵặ])a+|([èéêẹẻẽếềểễệ])e+|([òóôõơọỏốồổỗộớờởỡợ])o+", re.IGNORECASE
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
    is_vietnamese = _sounds_vietnamese(text)
    parts = []
    last = 0
    for kept in _KEPT.finditer(text):
        parts += [_said(text[last : kept.start()], is_vietnamese=is_vietnamese), kept[0]]
        last = kept.end()
    parts.append(_said(text[last:], is_vietnamese=is_vietnamese))
    return "".join(parts)


def _sounds_vietnamese(text: str) -> bool:
    if _has_vietnamese_letter(text):
        return True
    return len(_BARE_VIETNAMESE.intersection(_WORD.findall(text.lower()))) >= 2


def _said(text: str, *, is_vietnamese: bool) -> str:
    text = _SIGNS.sub(r"\1", text)
    return _WORD.sub(lambda word: _said_word(word[0], is_vietnamese=is_vietnamese), text)


def _said_word(word: str, *, is_vietnamese: bool) -> str:
    lower = word.lower()
    meaning = _meaning(lower, is_vietnamese=is_vietnamese)
    if meaning is None:
        shorter = _unstretched(word)
        if shorter == word:
            return word
        word, lower = shorter, shorter.lower()
        meaning = _meaning(lower, is_vietnamese=is_vietnamese)
        if meaning is None:
            return word
    return meaning.upper() if word.isupper() and len(word) > 1 else meaning


def _meaning(lower: str, *, is_vietnamese: bool) -> str | None:
    return _SURE.get(lower) or (_CHAT.get(lower) if is_vietnamese else None)


def _unstretched(word: str) -> str:
    """Return `word` without stretched letters: "đẹpppp" -> "đẹp", "goooood" -> "good"."""
    if not _STRETCHED.search(word):
        return word
    if _is_marked(word):
        return _TAIL.sub(lambda run: run[1] or run[2] or run[3], _DOUBLE.sub(_first, word))
    if not _RUN.search(word) or len(set(word.lower())) == 1:
        return word
    doubled = _RUN.sub(r"\1\1", word)
    if doubled.lower() in _REAL_DOUBLES:
        return doubled
    return _RUN.sub(r"\1", word)


def _first(run: re.Match[str]) -> str:
    return run[0][0]
