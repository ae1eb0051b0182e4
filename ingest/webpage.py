"""A web page's bytes to a tree, within bounds, and what it looks like when a site refuses us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.bounds import unpack
from ingest.charset import decode
from ingest.page import Problem

MAX_TAG_ATTRIBUTES = 500

# One opening tag as browsers read it; the parser is quadratic in a tag's attributes
# (libxml2 2.14: 20,000 cost 0.9 s, 100,000 cost 100 s).
_ATTRIBUTE = r"[\s/]*+[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+)?)?"
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<script\b.*?(?:</script|\Z)|<style\b.*?(?:</style|\Z)"
    rf"|<[A-Za-z][^\s/>]*+(?P<rest>(?:{_ATTRIBUTE})*+)",
    re.DOTALL | re.IGNORECASE,
)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)

_BLOCKED_TITLE = re.compile(
    r"""\W*(?:
      just\ a\ moment | one\ moment,?\ please | please\ wait | attention\ required
    | access\ (?:to\ this\ page\ has\ been\ )?(?:denied|blocked) | (?:403\W+)?forbidden
    | (?:security|robot|bot|browser)\ (?:check|verification) | captcha | blocked
    | (?:human|identity)\ verification | (?:please\ )?verify\ (?:that\ )?you\ are\ (?:a\ )?human
    | are\ you\ (?:a\ )?(?:robot|human) | pardon\ our\ interruption | ddos-guard
    | checking\ your\ browser | request\ (?:blocked|unsuccessful) | too\ many\ requests
    | xác\ (?:minh|thực|nhận)(?:\ (?:bảo\ mật|bạn|người|danh|tài).*)? | kiểm\ tra\ bảo\ mật
    | truy\ cập\ bị\ (?:chặn|từ\ chối)
    )\W*(?:[|:\u2013\u2014-].*)?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_LOGIN_TITLE = re.compile(
    r"\W*(?:(?:please )?(?:log|sign) ?-?(?:in|on)|login|đăng nhập)\b", re.IGNORECASE
)
_CHALLENGE = re.compile(
    r"captcha-delivery\.com|px-captcha|/_____tmd_____/|x5secdata|_cf_chl_opt|cf-challenge"
    r"|awswafintegration|id=[\"']?captcha|class=[\"']?[\w -]*\bg-recaptcha|class=[\"']?h-captcha"
    r"|cf-turnstile",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"checking your browser|verify (?:that )?you are (?:a )?human|not a robot|unusual traffic"
    r"|enable (?:javascript|js)\b|javascript (?:is disabled|to continue|is required)"
    r"|bật javascript|không phải (?:là )?(?:robot|người máy)|lưu lượng bất thường",
    re.IGNORECASE,
)
_FEW_WORDS = 150  # of visible text: a page that says more than that has something to say


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page's tree (None when there is none), and what was cut or lost on the way."""

    root: Any
    text: str
    problems: tuple[Problem, ...] = ()


def parse_page(body: bytes, *, content_type: str | None) -> WebPage:
    """Return the tree of a web page; cut before a tag with more attributes than any page needs."""
    body, unpacking = unpack(body)
    decoded = decode(body, content_type=content_type)
    text, problems = decoded.text.replace("\0", ""), [*unpacking, *decoded.problems]
    cut = _first_over(text)
    if cut is not None:
        text = text[:cut]
        words = f"an element with over {MAX_TAG_ATTRIBUTES} attributes: read before it"
        problems.append(Problem(code="too-large", words=words))
    if not text.strip():
        return WebPage(None, text, tuple(problems))
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if any("depth" in fault.message for fault in parser.error_log):
        problems.append(Problem(code="too-deep", words="elements nested too deep: read before"))
    return WebPage(root, text, tuple(problems))


def looks_blocked(body: bytes, content_type: str | None) -> str | None:
    """Return why this page is a wall (challenge, captcha, login) and not the page asked for.

    None for every page that has something to say: a shop's page may load a
    captcha for its review form, so a mark counts only where little else is said.
    """
    page = parse_page(body, content_type=content_type)
    if page.text.lstrip()[:1] in ("{", "["):
        is_wall = len(page.text) < 5_000 and re.search(r"captcha|x5sec|punish", page.text)
        return "the site answers with a captcha" if is_wall else None
    return None if page.root is None else _wall(page)


def _wall(page: WebPage) -> str | None:
    title = " ".join((page.root.findtext(".//title") or "").split())
    if _BLOCKED_TITLE.fullmatch(title):
        return f"a challenge page ({title[:60]!r})"
    words = _visible_words(page.root)
    if words >= _FEW_WORDS:
        return None
    has_password = bool(page.root.xpath("//input[@type='password']"))
    has_form = bool(page.root.xpath("//form"))
    if has_password or (has_form and _LOGIN_TITLE.match(title)):
        return "a login page"
    if _CHALLENGE.search(page.text):
        return "a captcha page"
    refusal = _REFUSAL.search(" ".join(page.root.itertext()))
    return f"a challenge page ({refusal[0].lower()!r})" if refusal else None


def _visible_words(root: Any) -> int:
    hidden = " or ".join(f"ancestor::{tag}" for tag in ("script", "style", "noscript", "title"))
    return sum(len(str(each).split()) for each in root.xpath(f"//text()[not({hidden})]"))


def _first_over(text: str) -> int | None:
    """Return where the first tag with too many attributes begins, None when there is none."""
    for tag in _TAG.finditer(text):
        rest = tag["rest"]
        if rest and len(rest) > 2 * MAX_TAG_ATTRIBUTES:
            attributes = sum(1 for _ in _ONE_ATTRIBUTE.finditer(rest))
            if attributes > MAX_TAG_ATTRIBUTES:
                return tag.start()
    return None
