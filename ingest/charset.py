"""Bytes to text: which encoding a response or file is really in, and whether letters were lost."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from ingest.page import Problem

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EBCDIC_XML = b"\x4c\x6f\xa7\x94"  # `<?xm`
# Where the NULs of ASCII letters stand in each four bytes.
_NULS = {"000x": "utf-32-be", "x000": "utf-32-le", "0x0x": "utf-16-be", "x0x0": "utf-16-le"}
_DECLARED = re.compile(
    rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*([\w.:+-]{1,40})"""
    rb"""|<meta[^>]{0,200}?\bcharset\s*=\s*["']?\s*([\w.:+-]{1,40})""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
# Not encodings of texts, or ways to run out of time (punycode is quadratic).
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# What servers say of everything, so it weighs less than what the text says of itself.
_CARELESS = {"iso8859-1", "ascii", "utf-8", "cp1252"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of some bytes, the encoding it was read in, and what was wrong."""

    text: str
    charset: str
    problems: tuple[Problem, ...] = ()


def decode(body: bytes, *, content_type: str | None = None) -> Decoded:
    """Return `body` as text, by its byte-order mark, its letters, its own and the header's word.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8 whatever was declared; bytes
    that no candidate can read are read with U+FFFD for the lost letters. Any
    override is a Problem `bad-encoding`. Windows-1258 comes out in NFC.
    """
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _read(body[len(mark) :], charset)
    if wide := _wide(body):
        return _read(body, wide)
    said = _said(body, content_type)
    if _is_utf8_beyond_ascii(body):
        return _as_utf8(body, said)
    for charset in said:
        text = _strict(body, charset)
        if text is not None:
            return Decoded(text, charset, _override(charset, said[0]))
    return _unsaid(body, said)


def _wide(body: bytes) -> str:
    """Return the wide encoding that the NULs of ASCII letters show, "" for none."""
    if body.startswith(_EBCDIC_XML):
        return "cp037"
    head = body[:2000]
    shares = (head[at::4].count(0) * 4 / max(len(head), 1) for at in range(4))
    places = "".join("0" if share > 0.2 else "x" for share in shares)
    return _NULS.get(places, "")


def _said(body: bytes, content_type: str | None) -> list[str]:
    """Return the declared encodings, the most believable first."""
    header = _HEADER.search(content_type or "")
    inner = _DECLARED.search(body[:2048])
    by_header = _known(header.group(1)) if header else ""
    by_text = _known((inner.group(1) or inner.group(2)).decode("ascii")) if inner else ""
    order = [by_text, by_header] if by_header in _CARELESS else [by_header, by_text]
    return [name for name in order if name]


def _known(name: str) -> str:
    """Return Python's name of an encoding, or "" when it has none that reads text."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    if found in _REFUSED or not codecs.lookup(found)._is_text_encoding:
        return ""
    if found == "gb2312":
        return "gb18030"
    if found.startswith(("utf-16", "utf-32")):
        return found if found.endswith(("le", "be")) else ""
    return found


def _is_utf8_beyond_ascii(body: bytes) -> bool:
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(body: bytes, said: list[str]) -> Decoded:
    # No one declares us-ascii or utf-8 to mislead: only another claim is worth a word.
    others = [name for name in said if name not in ("utf-8", "ascii")]
    problems = _override("utf-8", others[0]) if others else ()
    return Decoded(body.decode("utf-8"), "utf-8", problems)


def _strict(body: bytes, charset: str) -> str | None:
    # iso-8859-1 on the web means windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels)
    for name in ("cp1252", "iso8859-1") if charset == "iso8859-1" else (charset,):
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        return unicodedata.normalize("NFC", text) if name == "cp1258" else text
    return None


def _override(read: str, said: str) -> tuple[Problem, ...]:
    if read == said:
        return ()
    return (Problem(code="bad-encoding", words=f"said to be {said}, but read as {read}"),)


def _unsaid(body: bytes, said: list[str]) -> Decoded:
    """Read bytes that fit no declared encoding: damaged UTF-8, or an undeclared old one."""
    if not said and body.isascii():
        return Decoded(body.decode("ascii"), "ascii")
    text = body.decode("utf-8", "replace")
    lost = text.count("�")
    beyond = sum(1 for letter in text if letter > "\x7f") - lost
    if lost <= max(1, beyond // 10):
        words = f"{lost} letters are not UTF-8 and are lost"
        return Decoded(text, "utf-8", (Problem(code="bad-encoding", words=words),))
    for charset in ("cp1252", "iso8859-1"):
        read = _strict(body, charset)
        if read is not None:
            words = f"not UTF-8{', not ' + said[0] if said else ''}: read as {charset}"
            return Decoded(read, charset, (Problem(code="bad-encoding", words=words),))
    raise AssertionError("iso8859-1 reads every byte")


def _read(body: bytes, charset: str) -> Decoded:
    """Read bytes whose encoding their first bytes prove."""
    text = body.decode(charset, "replace")
    if "�" not in text:
        return Decoded(text, charset)
    words = f"{text.count('�')} letters are not {charset} and are lost"
    return Decoded(text, charset, (Problem(code="bad-encoding", words=words),))
