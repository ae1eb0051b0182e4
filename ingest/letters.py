"""What one e-mail says by itself: without the quoted history, the signature and the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ingest.markup import plain
from ingest.mention import Markup
from ingest.webpage import parse_page

_ATTRIBUTION = re.compile(
    r"\s*(?=.*(?:\d{1,2}[:h.]\d{2}|@))(?:"
    r"(?:On|Am|Le|El|Il|Op)\b.{6,200}"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef)[^\n]{0,60}:?"
    r"|(?:Vào|Ngày|Lúc|Trong)\b.{4,200}(?:viết|wrote)\s*:"
    r")\s*",
    re.DOTALL,
)
_WROTE = re.compile(r"\s*.{3,120}<[^<>@\s]+@[^<>\s]+>\s*(?:đã viết|viết|wrote)\s*:\s*")
_SEPARATOR = re.compile(
    r"\s*(?:-{2,}\s*(?:Original Message|Forwarded message|Thư gốc|Tin nhắn gốc|Thư đã chuyển tiếp"
    r"|Tin nhắn đã chuyển tiếp|Thư được chuyển tiếp)\s*-{2,}|Begin forwarded message:|_{20,})\s*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|chuyển tiếp|ct)\s*:", re.IGNORECASE)
_HEADER_LINE = re.compile(
    r"\s*\*?(?:From|Sent|Date|To|Cc|Subject|Reply-To|Từ|Người gửi|Đã gửi|Ngày|Ngày gửi|Đến|Tới"
    r"|Gửi đến|Chủ đề|Tiêu đề)\s*:\*?\s.*",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(r"\s*\*?(?:From|Từ|Người gửi)\s*:", re.IGNORECASE)
_DEVICE = re.compile(
    r"\s*(?:Sent from (?:my |Mail|Yahoo|Samsung|Outlook)|Get Outlook for|Sent with Proton"
    r"|(?:Đã gửi|Được gửi|Gửi) từ (?:iPhone|iPad|điện thoại|thiết bị|Samsung|Yahoo|Outlook|Mail)"
    r"|Tải (?:xuống )?Outlook cho|Tải ứng dụng Outlook).{0,80}",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s*(?:(?:with |my |very )*(?:best|kind|warm)(?: regards| wishes)?|regards|sincerely|yours"
    r"(?: (?:sincerely|faithfully|truly))?|cheers|trân trọng(?: (?:kính chào|cảm ơn))?"
    r"|thân ái|thân mến|kính thư|kính chào)\s*[,.!]*\s*",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"\s*(?:(?:re|fwd?|aw|sv|tl|trả lời|chuyển tiếp|ct)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_CLOSED_LINES, _CLOSED_WIDTH = 8, 70  # a signature below a closing is no longer and no wider
_QUOTES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    " | //blockquote[@type='cite'] | //*[contains(@class, 'moz-cite-prefix')]"
    " | //*[contains(@class, 'yahoo_quoted')] | //*[contains(@class, 'protonmail_quote')]"
    " | //*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature')]"
    " | //*[@id='Signature' or @id='ms-outlook-mobile-signature']"
)
_REST = "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='reply-intro']"


def own_words(text: str, *, subject: str = "") -> str:
    """Return what the writer of a plain-text letter wrote now.

    Quoted history and signatures are left out; a forwarded letter that has no
    words of its own keeps what it forwards.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    own = _joined(_without_signature(_unquoted(lines)))
    if own or not _FORWARDED.match(subject):
        return own
    return _joined(
        line for line in lines if not (_SEPARATOR.fullmatch(line) or _HEADER_LINE.fullmatch(line))
    )


def own_words_of_html(page: str, *, subject: str = "") -> str:
    """Return what the writer of an HTML letter wrote now, as plain text."""
    body = page.encode("utf-8", "replace")
    root = parse_page(body, content_type="text/html; charset=utf-8").root
    if root is None:
        return ""
    if not _FORWARDED.match(subject):
        _drop_quotes(root)
    text = plain(etree.tostring(root, encoding="unicode", method="html"), Markup.HTML)
    return own_words(text, subject=subject)


def own_subject(subject: str) -> str:
    """Return a subject without its "Re:", "Fwd:", "Trả lời:"."""
    return _PREFIX.sub("", " ".join(subject.split()), count=1)


def _drop_quotes(root: Any) -> None:
    for node in root.xpath(_REST):
        for after in node.itersiblings():
            after.clear()
        _drop(node)
    for node in root.xpath(_QUOTES):
        if node.getparent() is not None:
            _drop(node)


def _drop(node: Any) -> None:
    """Empty a node and keep the words behind it."""
    behind = node.tail
    node.clear()
    node.tail = behind


def _unquoted(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are no history; words below or between quoted lines are kept."""
    n = 0
    while n < len(lines):
        line = lines[n]
        length = _history_at(lines, n)
        if length:
            below = next((each for each in lines[n + length :] if each.strip()), "")
            if not below.lstrip().startswith(">"):
                return
            n += length
            continue
        if not line.lstrip().startswith(">"):
            yield line
        n += 1


def _history_at(lines: list[str], n: int) -> int:
    """Return of how many lines the beginning of the history at line `n` is, 0 for none there."""
    if _SEPARATOR.fullmatch(lines[n]) or _WROTE.fullmatch(lines[n]):
        return 1
    block = lines[n : n + 6]
    heads = sum(1 for each in block if _HEADER_LINE.fullmatch(each))
    if _FROM_LINE.match(lines[n]) and heads >= 3:
        return heads
    for length in (1, 2, 3):  # an attribution is broken where its line got too long
        together = " ".join(each.strip() for each in lines[n : n + length])
        if lines[n].strip() and _ATTRIBUTION.fullmatch(together):
            return length
    return 0


def _without_signature(lines: Iterator[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if line.rstrip("\n") in ("-- ", "--") and any(each.strip() for each in kept):
            break
        if not _DEVICE.fullmatch(line):
            kept.append(line)
    for n, line in enumerate(kept):
        tail = [each.strip() for each in kept[n + 1 :] if each.strip()]
        is_short = len(tail) <= _CLOSED_LINES and all(len(each) <= _CLOSED_WIDTH for each in tail)
        if _CLOSING.fullmatch(line) and is_short and any(each.strip() for each in kept[:n]):
            return kept[:n]
    return kept


def _joined(lines: Iterator[str] | list[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
