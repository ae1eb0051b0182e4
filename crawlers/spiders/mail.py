"""A feedback mailbox: each letter is one mention, read as its writer wrote it now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from io import BytesIO
from urllib.parse import quote, unquote, urlsplit

from crawlers.asking import asked_for
from crawlers.base import Access, Expect, Source, host_of
from ingest.charset import decode
from ingest.errors import ConfigError, SourceChanged
from ingest.letters import own_subject, own_words, own_words_of_html
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Ask, Fetched, Page, Problem
from ingest.visit import Order

PORT = 993
KEPT_HEADERS = (
    "Message-ID", "In-Reply-To", "References", "From", "Reply-To", "Date", "Subject",
    "Auto-Submitted", "X-Autoreply", "X-Autorespond",
)  # fmt: skip
MAX_WORDS = 200_000  # bytes of a text part; more than any customer writes
_TARGET = re.compile(
    r"(?P<user>[^\s/]+)@(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\])(?::(?P<port>\d{1,5}))?(?:/(?P<folder>.+))?"
)
_BETWEEN = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_ID = re.compile(r"<([^<>\s]+)>")
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where letters lie: login, host, port and folder."""

    user: str
    host: str
    port: int
    folder: str


class Mail(Source):
    """A folder of an IMAP mailbox; the target is user@host/FOLDER.

    `crawlers.mailbox` visits it; what it hands on and what `read` takes is one
    letter, or several as an mbox. Letters from `staff` (addresses, or @hosts, in
    the address of what was fetched) are kept as staff's.
    """

    kind = "mail"
    name_en = "Feedback mailbox"
    name_vi = "Hộp thư góp ý"
    access = Access.KEY
    covers = "every letter in the folder: its own words, the writer's name, the thread"
    does_not_cover = (
        "attachments, quoted history, signatures, automatic answers; no address is kept"
    )
    evidence = "built from documentation (RFC 3501, RFC 5322) and tested on an own small server"
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 10
    pages_from_newest = False
    matches_by_construction = True
    is_fetched = False
    keys = ("password",)
    keys_en = "The mailbox password; many providers want one made for programs"
    keys_vi = "Mật khẩu hộp thư; nhiều nhà cung cấp đòi mật khẩu riêng cho chương trình"

    def recognise(self, url: str) -> str | None:
        """Return user@host/FOLDER of an imaps:// address."""
        if not url.startswith(("imap://", "imaps://")) or not host_of(url):
            return None
        parts = urlsplit(url)
        if "@" not in parts.netloc:
            return None
        folder = unquote(parts.path.strip("/"))
        return unquote(parts.netloc) + (f"/{folder}" if folder else "")

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` names a login and a host."""
        mailbox_of(target)

    def first(self, order: Order) -> Ask:
        """Raise ConfigError: a mailbox is visited by the roof, not fetched."""
        raise ConfigError(
            "a mailbox is not fetched",
            subject=self.public_name(order.target),
            next_step="visit it with crawlers.mailbox",
        )

    def read(self, fetched: Fetched) -> Page:
        """Return a letter, or each letter of an mbox; automatic answers are left out, and said."""
        staff = tuple(asked_for(fetched.url, "staff").casefold().split())
        items: list[RawItem] = []
        problems: list[Problem] = []
        for n, raw in enumerate(letters_of(fetched.body), start=1):
            letter = message_from_bytes(raw, policy=compat32)
            if not letter.keys():
                raise SourceChanged("no letter: it has no headers", subject="mail")
            reason = _machine(letter)
            if reason:
                words = f"letter {n}: {reason}: left out"
                problems.append(Problem(code="bad-item", words=words, key=_key(letter) or ""))
            else:
                items.append(_item(letter, staff))
        return Page(source=self.kind, items=tuple(items), is_end=True, problems=tuple(problems))

    def scrub(self, fetched: Fetched) -> Fetched:
        """Return `fetched` as it is: `bare` took out what must not be kept."""
        return fetched

    def public_name(self, target: str) -> str:
        """Return the mailbox without its login."""
        found = _TARGET.fullmatch(target.strip())
        folder = (found["folder"] if found else None) or "INBOX"
        return f"mail:{found['host']}/{folder}" if found else "mail"


def mailbox_of(target: str) -> Mailbox:
    """Return what user@host:port/FOLDER names; the port is 993, the folder INBOX, if left out.

    Raises ConfigError for anything else; a folder name that could end a command is none.
    """
    found = _TARGET.fullmatch(target.strip())
    folder = (found["folder"] if found else None) or "INBOX"
    if not found or not folder.isprintable() or not found["user"].isprintable():
        raise ConfigError(
            "is not a mailbox",
            subject="mail",
            next_step="write mail:user@host/FOLDER, such as mail:gop-y@imap.luamay.example/INBOX",
        )
    host = found["host"].strip("[]").rstrip(".").lower()
    return Mailbox(found["user"], host, int(found["port"] or PORT), folder)


def address_of(box: Mailbox, staff: str) -> str:
    """Return the address under which letters are kept: no login in it, but whose staff's is."""
    port = "" if box.port == PORT else f":{box.port}"
    return f"imaps://{box.host}{port}/{quote(box.folder)}?staff={quote(staff)}"


def letters_of(body: bytes) -> Iterator[bytes]:
    """Yield the letters of an mbox, or the one that `body` is."""
    body = body.replace(b"\r\n", b"\n").lstrip(b"\n")
    if not body.startswith(b"From "):
        yield body
        return
    for part in _BETWEEN.split(body):
        if part.strip():
            yield re.sub(rb"^>(>*From )", rb"\1", part, flags=re.MULTILINE)


def as_mbox(letters: list[bytes]) -> bytes:
    """Return letters as one mbox."""
    quoted = (re.sub(rb"^(>*From )", rb">\1", each, flags=re.MULTILINE) for each in letters)
    return b"".join(b"From MAILER\n" + each.rstrip(b"\n") + b"\n\n" for each in quoted)


def bare(raw: bytes) -> bytes:
    """Return a letter with the headers that we read and its words alone.

    Attachments, the path it came and whom else it went to are not kept; the bytes of
    the words stay as they were sent.
    """
    letter = message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=compat32)
    kept = Message(policy=compat32)
    for name in KEPT_HEADERS:
        if name in letter:
            kept.set_raw(name, _sent(letter, name))
    if letter.get_content_type() == "multipart/report":
        kept["X-Autoreply"] = "report"
    part = _words_part(letter)
    if part is not None:
        kept.set_raw("Content-Type", _sent(part, "Content-Type") or "text/plain")
        kept["Content-Transfer-Encoding"] = "8bit"
        kept.set_payload(_body(part)[:MAX_WORDS].decode("ascii", "surrogateescape"))
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(kept)
    return out.getvalue()


def _words_part(letter: Message) -> Message | None:
    """Return the part with the words: plain text that says something, else HTML."""
    texts = [
        part
        for part in letter.walk()
        if part.get_content_type() in ("text/plain", "text/html")
        and part.get_content_disposition() != "attachment"
        and not part.get_filename()
    ]
    said = [part for part in texts if _decoded(part).strip()]
    plain = [part for part in said if part.get_content_type() == "text/plain"]
    return next(iter(plain or said), None)


def _body(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _decoded(part: Message) -> str:
    told = _raw(part, "Content-Type") or "text/plain"
    return decode(_body(part), content_type=told).text


def _item(letter: Message, staff: tuple[str, ...]) -> RawItem:
    subject = _header(letter, "Subject")
    part = _words_part(letter)
    is_html = part is not None and part.get_content_type() == "text/html"
    words = _decoded(part) if part is not None else ""
    read = own_words_of_html if is_html else own_words
    (name, address), speaker = _writer(letter, staff)
    return RawItem(
        key=_key(letter),
        title=own_subject(subject) or None,
        text=read(words, subject=subject) or None,
        author=name or address.partition("@")[0] or None,
        posted=_header(letter, "Date") or None,
        feedback_kind=FeedbackKind.TICKET,
        speaker=speaker,
        parent=_thread(letter),
    )


def _writer(letter: Message, staff: tuple[str, ...]) -> tuple[tuple[str, str], Speaker]:
    """Return who wrote, and whether as staff.

    A form on the own site writes from an own address and names the customer in Reply-To.
    """
    written = _people(letter, "From") or [("", "")]
    if not _is_staff(written[0][1], staff):
        return written[0], Speaker.CUSTOMER
    answered = [each for each in _people(letter, "Reply-To") if not _is_staff(each[1], staff)]
    return (answered[0], Speaker.CUSTOMER) if answered else (written[0], Speaker.STAFF)


def _is_staff(address: str, staff: tuple[str, ...]) -> bool:
    address = address.casefold()
    return any(address == each or (each[:1] == "@" and address.endswith(each)) for each in staff)


def _people(letter: Message, name: str) -> list[tuple[str, str]]:
    """Return (name, address) of everybody in a header; an address written as a name is none."""
    found = getaddresses([_raw(letter, name)])
    people = [(_words(who).strip(), address) for who, address in found if address]
    return [("" if "@" in who else who, address) for who, address in people]


def _machine(letter: Message) -> str:
    """Return why a letter was written by a program that answers letters, "" for others."""
    if _header(letter, "Auto-Submitted").lower().startswith("auto-replied"):
        return "an automatic answer"
    if letter["X-Autoreply"] or letter["X-Autorespond"]:
        return "an automatic answer"
    if letter.get_content_type() == "multipart/report" or _MACHINES.search(_raw(letter, "From")):
        return "a report of the mail system"
    return ""


def _key(letter: Message) -> str | None:
    found = _ID.search(_raw(letter, "Message-ID"))
    return found[1] if found else None


def _thread(letter: Message) -> str | None:
    """Return the id of the letter with which the thread began."""
    ids = _ID.findall(_raw(letter, "References")) or _ID.findall(_raw(letter, "In-Reply-To"))
    return ids[0] if ids else None


def _header(letter: Message, name: str) -> str:
    return _words(_raw(letter, name))


def _sent(letter: Message, name: str) -> str:
    """Return the first header of that name as it was sent, "" for none."""
    return next((str(v) for k, v in letter.raw_items() if k.lower() == name.lower()), "")


def _raw(letter: Message, name: str) -> str:
    """Return a header on one line; bytes that should not stand there are read as text."""
    sent = _sent(letter, name).encode("utf-8", "surrogateescape")
    return " ".join(decode(sent).text.split())


def _words(sent: str) -> str:
    """Return a header's encoded words as text; those that cannot be decoded stay as sent."""
    try:
        return str(make_header(decode_header(sent)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return sent


SOURCE = Mail()
