"""The door for feedback from own apps and sites: what is let in, what is refused, and why.

Two ways in. A server signs what it posts: `X-Earful-Timestamp` holds the time in
seconds since 1970, `X-Earful-Signature` is `sha256=` and the hex HMAC-SHA256, by
the shared secret, of that timestamp, a point and the body. A form in a web page
cannot keep a secret: it names a public key, and its page must be a known one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from math import ceil
from pathlib import Path
from urllib.parse import quote

from inbox.limits import Rate, Seen
from ingest.errors import StoreError, UnreadableItem
from ingest.page import Fetched, Page, Problem
from ingest.posted import FORM_ONLY, JSON, SOURCE, posted_fields, read_posted

log = logging.getLogger("earful.hook")

MAX_BYTES = 64 * 1024
TOLERANCE = timedelta(minutes=5)
SCRIPT = Path(__file__).with_name("static") / "feedback.js"
PAGE = Path(__file__).with_name("static") / "feedback.html"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_NONCE = re.compile(r"[A-Za-z0-9-]{16,64}")
_ALLOWED = {"/hook": "POST", "/feedback": "GET, POST", "/feedback.js": "GET", "/alive": "GET"}

Take = Callable[[Fetched, Page], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: `headers` have lower-case names, `address` is who is calling."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What opens the door: `secret` for signatures, `form_key` and `origins` for forms.

    An empty one closes that way in. Origins are those of the pages with the form,
    such as https://luamay.example; the form's own page needs none.
    """

    secret: str = field(default="", repr=False)
    form_key: str = ""
    origins: tuple[str, ...] = ()


class Hook:
    """Answers calls; `take` keeps what is let in and may raise StoreError.

    `keys` is asked at every call, so that new ones count at once.
    """

    def __init__(self, keys: Callable[[], Keys], take: Take) -> None:
        self._keys = keys
        self.take = take
        self._calls = Rate(600, span=timedelta(minutes=1))
        self._forms = Rate(10, span=timedelta(minutes=1))
        self._seen = Seen(2 * TOLERANCE)

    def answer(self, call: Call, *, now: datetime) -> Reply:
        """Return the answer to one call; nothing of it is kept unless it is let in.

        Each post leaves a line in the log and a number in its answer, the same for the
        same post, so that whoever sent it can ask what became of it.
        """
        reply = self._answered(call, now)
        if call.method != "POST":
            return reply
        number = delivery_of(call)
        level = logging.DEBUG if reply.status == 429 else logging.INFO
        said = reply.body.decode("utf-8", "replace")[:200]
        log.log(level, "%s %s %s %s %s", _instant(now), call.path, number, reply.status, said)
        return replace(reply, headers=(*reply.headers, ("X-Earful-Delivery", number)))

    def _answered(self, call: Call, now: datetime) -> Reply:
        allowed = _ALLOWED.get(call.path)
        if allowed is None:
            return refused(404, "there is nothing here")
        if call.method == "OPTIONS" and call.path == "/feedback":
            return self._shared(Reply(204, headers=(("Allow", allowed),)), call)
        if call.method not in allowed.split(", "):
            return Reply(405, headers=(("Allow", allowed),))
        wait = self._calls.wait(call.address, now=now)
        if wait is not None:
            return _later(wait)
        if call.method == "GET":
            return self._page(call)
        return self._signed(call, now) if call.path == "/hook" else self._form(call, now)

    def _page(self, call: Call) -> Reply:
        if call.path == "/feedback.js":
            return _file(call, SCRIPT.read_bytes(), "text/javascript", is_shared=True)
        if call.path == "/alive":
            return Reply(200, b"alive\n", (("Content-Type", "text/plain"),))
        form_key = self._keys().form_key
        if not form_key:
            return refused(404, "no form key is set")
        page = PAGE.read_text(encoding="utf-8").replace("{form_key}", escape(form_key))
        return _file(call, page.encode(), "text/html")

    def _signed(self, call: Call, now: datetime) -> Reply:
        """Take in what a server posted, if its signature is good, fresh and new."""
        stamp, signature = (
            call.headers.get(f"x-earful-{n}", "") for n in ("timestamp", "signature")
        )
        secret = self._keys().secret
        if not secret:
            return refused(403, "no secret is set: earful connect hook")
        wanted = sign(secret, stamp, call.body)
        if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
            return refused(401, "the signature is not good")
        if not _is_fresh(stamp, now):
            return refused(401, "the timestamp is not within 5 minutes of our time")
        if self._seen.is_repeat(signature, now=now):
            return refused(409, "this was posted before")
        return self._take(call, now, mark=signature, key="")

    def _form(self, call: Call, now: datetime) -> Reply:
        """Take in what a form in a known page posted."""
        wait = self._forms.wait(call.address, now=now)
        if wait is not None:
            return self._shared(_later(wait), call)
        if not self._is_known_page(call):
            return refused(403, "this page may not post here")
        return self._shared(self._form_of_known_page(call, now), call)

    def _form_of_known_page(self, call: Call, now: datetime) -> Reply:
        try:
            fields = posted_fields(call.body, content_type=call.headers.get("content-type"))
        except UnreadableItem as fault:
            return refused(400, fault.what)
        told, nonce = str(fields.get("form_key", "")), str(fields.get("nonce", ""))
        known = self._keys().form_key
        if not known or not hmac.compare_digest(told.encode("utf-8", "replace"), known.encode()):
            return refused(403, "the form key is not known")
        if fields.get("website"):  # people do not see this field
            return _kept("")
        if not _NONCE.fullmatch(nonce):
            return refused(400, "the form sent no nonce")
        if self._seen.is_repeat(f"form:{nonce}", now=now):
            return _kept(f"form:{nonce}")
        return self._take(call, now, mark=f"form:{nonce}", key=f"form:{nonce}")

    def _take(self, call: Call, now: datetime, *, mark: str, key: str) -> Reply:
        """Keep one post; what was not kept may be posted again."""
        kind = call.headers.get("content-type", "")
        try:
            fields = posted_fields(call.body, content_type=kind)
            key = key or _key(fields, mark)
            item = read_posted(fields, key=key, posted_at=_instant(now))
        except UnreadableItem as fault:
            self._seen.forget(mark)
            is_signed = call.path == "/hook"
            return (
                self._unreadable(call, now, fault.what) if is_signed else refused(400, fault.what)
            )
        body = json.dumps(
            {name: each for name, each in fields.items() if name not in FORM_ONLY},
            ensure_ascii=False,
        ).encode("utf-8", "replace")
        try:
            self.take(_fetched(key, JSON, body, now), Page(source=SOURCE, items=(item,)))
        except StoreError:
            self._seen.forget(mark)
            return _not_kept()
        return _kept(key)

    def _unreadable(self, call: Call, now: datetime, words: str) -> Reply:
        """Refuse what is no feedback, and put it aside as it came: a mistake can be mended."""
        key = f"unread:{hashlib.sha256(call.body).hexdigest()[:16]}"
        kind = call.headers.get("content-type", "")
        problem = Problem(code="bad-item", words=f"a post was refused: {words}", key=key)
        try:
            page = Page(source=SOURCE, problems=(problem,))
            self.take(_fetched(key, kind, call.body, now), page)
        except StoreError:
            return _not_kept()
        return refused(400, words)

    def _is_known_page(self, call: Call) -> bool:
        """Return whether the page that posts is one that may: browsers tell it, and cannot lie."""
        origin = call.headers.get("origin", "").lower()
        host = call.headers.get("host", "").lower()
        is_own = bool(host) and origin in (f"https://{host}", f"http://{host}")
        return is_own or origin in {each.rstrip("/").lower() for each in self._keys().origins}

    def _shared(self, reply: Reply, call: Call) -> Reply:
        """Let the page that posted read the answer, if it may post."""
        if not self._is_known_page(call):
            return reply
        origin = call.headers.get("origin", "")
        headers = (*reply.headers, ("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))
        return Reply(reply.status, reply.body, headers)


def delivery_of(call: Call) -> str:
    """Return the number of a post: 12 hex digits over what was sent and how it was signed."""
    signature = call.headers.get("x-earful-signature", "").encode("utf-8", "replace")
    told = b"\0".join((call.path.encode("utf-8", "replace"), signature, call.body))
    return hashlib.sha256(told).hexdigest()[:12]


def _fetched(key: str, kind: str, body: bytes, now: datetime) -> Fetched:
    return Fetched(
        url=f"hook://feedback?key={quote(key, safe='')}",
        headers={"content-type": kind},
        body=body,
        fetched_at=now,
    )


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _not_kept() -> Reply:
    return Reply(503, _said("not kept; post it again"), (("Retry-After", "30"),))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body posted at `timestamp` (seconds since 1970, as text)."""
    signed = timestamp.encode("utf-8", "replace") + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def refused(status: int, words: str) -> Reply:
    """Return a refusal that says why."""
    return Reply(status, _said(words), (("Content-Type", JSON),))


def _said(words: str) -> bytes:
    return json.dumps({"error": words}, ensure_ascii=False).encode()


def _kept(key: str) -> Reply:
    return Reply(201, json.dumps({"kept": key}).encode(), (("Content-Type", JSON),))


def _later(wait: timedelta) -> Reply:
    seconds = max(ceil(wait.total_seconds()), 1)
    return Reply(429, _said("too many at once"), (("Retry-After", str(seconds)),))


def _is_fresh(stamp: str, now: datetime) -> bool:
    if not re.fullmatch(r"\d{9,11}", stamp, re.ASCII):
        return False
    return abs(now - datetime.fromtimestamp(int(stamp), UTC)) <= TOLERANCE


def _key(fields: Mapping[str, object], mark: str) -> str:
    """Return the app's own id for a post, else one made of its signature."""
    own = fields.get("id")
    if isinstance(own, str | int) and not isinstance(own, bool) and str(own).strip():
        return str(own).strip()[:200]
    return "h:" + hashlib.sha256(mark.encode()).hexdigest()[:32]


def _file(call: Call, body: bytes, kind: str, *, is_shared: bool = False) -> Reply:
    """Return a static file, or that the caller has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = [
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("ETag", tag),
        ("Cache-Control", "public, max-age=3600"),
    ]
    if is_shared:
        headers.append(("Cross-Origin-Resource-Policy", "cross-origin"))
    else:
        headers.append(("Content-Security-Policy", POLICY))
    if call.headers.get("if-none-match") == tag:
        return Reply(304, headers=tuple(headers))
    return Reply(200, body, tuple(headers))
