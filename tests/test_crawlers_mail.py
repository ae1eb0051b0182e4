"""The feedback mailbox: letters in, over TLS, from a tiny server on loopback."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from imap_server import Box, ImapServer

from crawlers.mailbox import visit_mailbox
from crawlers.registry import recognise
from crawlers.spiders.mail import SOURCE, Mailbox, as_mbox, bare, letters_of, mailbox_of
from earful.__main__ import main
from earful.app import App
from earful.targets import read_target
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import FeedbackKind, RawItem, Speaker
from ingest.page import Fetched, Page
from ingest.visit import Order, Outcome, Touch, VisitFacts
from store import watches

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def letter(n: int, words: str = "Nồi bị nứt nắp", **headers: str) -> bytes:
    made = EmailMessage()
    told = {
        "Message-ID": f"<m{n}@thu.example>",
        "From": "Lan Phạm <lan@thu.example>",
        "To": "gop-y@luamay.example",
        "Date": "Tue, 10 Nov 2026 09:15:00 +0700",
        "Subject": "Nồi hỏng",
        "Received": "from somewhere [203.0.113.9]",
    }
    for name, value in (told | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        made[name] = value
    made.set_content(words)
    return bytes(made)


def read(*letters: bytes, staff: str = "") -> Page:
    url = f"imaps://imap.example/INBOX?staff={staff}"
    return SOURCE.read(Fetched(url=url, body=as_mbox(list(letters)), fetched_at=NOW))


class Heard:
    """Keeps what a visit tells."""

    def __init__(self) -> None:
        self.pages: list[tuple[Fetched, Page]] = []
        self.ended: list[VisitFacts] = []

    def page(self, order: Order, fetched: Fetched, page: Page) -> bool:
        self.pages.append((fetched, page))
        return True

    def end(self, order: Order, facts: VisitFacts) -> None:
        self.ended.append(facts)

    @property
    def items(self) -> list[RawItem]:
        return [item for _, page in self.pages for item in page.items]


@pytest.fixture
def box() -> Box:
    letters = {n: letter(n, f"Thư số {n}: nồi hỏng") for n in range(1, 31)}
    return Box(folders={"INBOX": letters, "G&APM-p &AP0-": {5: letter(99)}, "Empty": {}})


@pytest.fixture
def server(box: Box, tmp_path: Path) -> Iterator[ImapServer]:
    with ImapServer(box, tmp_path) as running:
        yield running


def visit(server: ImapServer, folder: str = "", **told: object) -> tuple[VisitFacts, Heard]:
    heard = Heard()
    order = Order(
        watch_id=1,
        kind="mail",
        target=f"gop-y@127.0.0.1:{server.port}{folder}",
        options={"password": told.pop("password", "mat-khau-thu")} | {"staff": "@luamay.example"},  # type: ignore[dict-item]
        etag=str(told.pop("etag", "")),
        page_cap=int(str(told.pop("page_cap", 50))),
    )
    private = bool(told.pop("allow_private", True))
    tls = told.pop("tls", server.trust)
    assert not told
    facts = visit_mailbox(order, heard, now=NOW, allow_private=private, tls=tls)  # type: ignore[arg-type]
    assert heard.ended == [facts]
    return facts, heard


def test_every_letter_is_read_once_and_nothing_is_marked_read(server: ImapServer) -> None:
    facts, heard = visit(server)
    assert (facts.outcome, facts.is_complete, facts.etag) == (Outcome.OK, True, "7:30")
    assert [item.key for item in heard.items] == [f"m{n}@thu.example" for n in range(1, 31)]
    assert (len(heard.pages), facts.pages) == (2, 2)
    assert any(asked.startswith("EXAMINE") for asked in server.box.asked)
    assert not any(asked.startswith(("SELECT", "UID STORE")) for asked in server.box.asked)
    again, more = visit(server, etag="7:30")
    assert (again.outcome, more.items, again.etag) == (Outcome.UNCHANGED, [], "7:30")


def test_only_what_came_since_is_asked_for(server: ImapServer, box: Box) -> None:
    box.folders["INBOX"][31] = letter(31)
    facts, heard = visit(server, etag="7:30")
    assert ([item.key for item in heard.items], facts.etag) == (["m31@thu.example"], "7:31")
    box.validity = 8
    renumbered, all_of_it = visit(server, etag="7:31")
    assert (len(all_of_it.items), renumbered.etag) == (31, "8:31")


def test_a_first_visit_reads_the_newest_and_later_ones_all(server: ImapServer, box: Box) -> None:
    facts, heard = visit(server, page_cap=1)
    assert (facts.is_complete, facts.etag, facts.touch) == (False, "7:30", Touch.OVERLAP)
    assert [item.key for item in heard.items][:1] == ["m6@thu.example"]
    box.folders["INBOX"] |= {n: letter(n) for n in range(31, 91)}
    rest, more = visit(server, page_cap=1, etag=facts.etag)
    assert (rest.is_complete, len(more.items), rest.touch) == (True, 60, Touch.RESUMED)


def test_what_is_kept_has_no_login_address_path_or_attachment(server: ImapServer, box: Box) -> None:
    made = EmailMessage()
    made["From"], made["Message-ID"] = "Lan <lan@thu.example>", "<m1@thu.example>"
    made["Received"], made["To"] = "from [203.0.113.9]", "ke-toan@luamay.example"
    made.set_content("Hóa đơn sai, xem tệp đính kèm")
    made.add_attachment(b"bi mat", maintype="application", subtype="pdf", filename="a.pdf")
    made.add_attachment("ghi chú riêng", filename="b.txt")
    box.folders["INBOX"] = {1: bytes(made)}
    _, heard = visit(server)
    ((fetched, page),) = heard.pages
    assert page.items[0].text == "Hóa đơn sai, xem tệp đính kèm"
    told = repr(fetched)
    assert fetched.url.startswith("imaps://127.0.0.1:")
    assert "gop-y" not in told
    for unwanted in ("203.0.113", "ke-toan", "a.pdf", "YmkgbWF0", "riêng", "mat-khau"):
        assert unwanted not in told
    assert SOURCE.read(fetched) == page


def test_a_folder_may_have_a_vietnamese_name(server: ImapServer) -> None:
    _, heard = visit(server, folder="/Góp ý")
    assert [item.key for item in heard.items] == ["m99@thu.example"]
    assert heard.pages[0][0].url.endswith("/G%C3%B3p%20%C3%BD?staff=%40luamay.example")
    assert visit(server, folder="/Empty")[0].outcome is Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("told", "outcome", "words"),
    [
        ({"password": "sai"}, Outcome.BLOCKED, "refuses this login"),
        ({"password": "mật khẩu"}, Outcome.BLOCKED, "refuses this login"),
        ({"password": ""}, Outcome.BLOCKED, "earful connect mail"),
        ({"folder": "/Khác"}, Outcome.CHANGED, "there is no folder 'Khác'"),
        ({"allow_private": False}, Outcome.BLOCKED, "127.0.0.1 is not a public address"),
        ({"tls": ssl.create_default_context()}, Outcome.BLOCKED, "certificate is not good"),
    ],
)
def test_a_refusal_is_said_in_words(
    server: ImapServer, told: dict[str, object], outcome: Outcome, words: str
) -> None:
    folder = str(told.pop("folder", "")) if "folder" in told else ""
    facts, heard = visit(server, folder=folder, etag="7:3", **told)
    assert (facts.outcome, facts.etag, heard.pages) == (outcome, "7:3", [])
    assert words in facts.reason
    assert "mat-khau" not in facts.reason


def test_nothing_is_said_before_the_address_is_known_to_be_public(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlers.mailbox.refusal", lambda *_, **__: None)
    monkeypatch.setattr("crawlers.mailbox.PORT", server.port)
    facts, _ = visit(server, allow_private=False)
    assert (facts.outcome, "not public" in facts.reason) == (Outcome.BLOCKED, True)
    assert not any("LOGIN" in asked for asked in server.box.asked)


def test_only_the_port_of_tls_is_asked() -> None:
    order = Order(watch_id=1, kind="mail", target="a@b.example:143", options={"password": "x"})
    facts = visit_mailbox(order, Heard(), now=NOW)
    assert (facts.outcome, "port 143 is not 993" in facts.reason) == (Outcome.BLOCKED, True)


@pytest.mark.parametrize("command", ["CAPABILITY", "LOGIN", "EXAMINE", "UID"])
def test_a_mailbox_that_hangs_up_is_down(server: ImapServer, box: Box, command: str) -> None:
    box.hangs_up_at = command
    assert visit(server)[0].outcome is Outcome.DOWN


def test_a_mailbox_that_is_not_there_is_down(server: ImapServer) -> None:
    server.server_close()
    server.shutdown()
    assert visit(server)[0].outcome is Outcome.DOWN


def test_staff_is_told_from_customers() -> None:
    form = {"From": "Web <form@luamay.example>", "Reply_To": "Minh <minh@thu.example>"}
    page = read(
        letter(1),
        letter(2, From="Hoa <HOA@LuaMay.example>"),
        letter(3, **form),
        letter(4, From="me@other.example"),
        letter(5, From="x@notluamay.example"),
        staff="@luamay.example%20me@other.example",
    )
    assert [(item.author, item.speaker) for item in page.items] == [
        ("Lan Phạm", Speaker.CUSTOMER),
        ("Hoa", Speaker.STAFF),
        ("Minh", Speaker.CUSTOMER),
        ("me", Speaker.STAFF),
        ("x", Speaker.CUSTOMER),
    ]


def test_automatic_answers_are_left_out_and_said() -> None:
    page = read(
        letter(1, Auto_Submitted="auto-replied"),
        letter(2, X_Autoreply="yes"),
        letter(3, From="MAILER-DAEMON@thu.example"),
        letter(4, Auto_Submitted="auto-generated"),
        bare(
            b'Message-ID: <r@x>\nContent-Type: multipart/report; boundary="b"\n\n--b\n'
            b"Content-Type: text/plain\n\nundelivered\n--b--\n"
        ),
    )
    assert [item.key for item in page.items] == ["m4@thu.example"]
    assert [problem.key for problem in page.problems] == [
        "m1@thu.example", "m2@thu.example", "m3@thu.example", "r@x",
    ]  # fmt: skip
    assert page.problems[0].words == "letter 1: an automatic answer: left out"


@pytest.mark.parametrize(
    ("head", "words", "text"),
    [
        (b"text/plain; charset=windows-1258", "Nồi hỏng rồi".encode(), "Nồi hỏng rồi"),
        (b"text/plain; charset=us-ascii", "Nồi hỏng rồi".encode(), "Nồi hỏng rồi"),
        (b"text/plain; charset=no-such", "Nồi hỏng rồi".encode(), "Nồi hỏng rồi"),
        (b"text/plain", "Nồi hỏng rồi".encode(), "Nồi hỏng rồi"),
        (b"text/plain; charset=iso-8859-1", "Café fermé".encode("latin-1"), "Café fermé"),
        (b"text/html; charset=utf-8", "<p>Nồi&nbsp;hỏng</p>".encode(), "Nồi hỏng"),
        (b"application/pdf", b"x", None),
    ],
)
@pytest.mark.parametrize("is_bare", [True, False])
def test_a_wrong_charset_costs_no_letter(
    head: bytes, words: bytes, text: str | None, is_bare: bool
) -> None:
    raw = b"Message-ID: <c@x>\r\nSubject: A lid\r\nContent-Type: "
    raw += head + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + words + b"\r\n"
    (item,) = read(bare(raw) if is_bare else raw).items
    assert item.text == text


def test_headers_that_nobody_encoded_are_read() -> None:
    raw = 'Message-ID: <c@x>\nSubject: Nồi hỏng\nFrom: "lan@x.example" <lan@x.example>\n\nx y\n'
    for body in (raw.encode(), bare(raw.encode())):
        (item,) = read(body).items
        assert (item.title, item.author) == ("Nồi hỏng", "lan")
    (odd,) = read(b"Subject: =?utf-8?b?!!?= =?no-such?q?x?=\nX: 1\n\nwords\n").items
    assert (odd.key, odd.author, odd.posted, odd.parent) == (None, None, None, None)


def test_an_mbox_gives_back_its_letters() -> None:
    letters = [b"A: 1\n\nFrom here on\n>From there\n", b"B: 2\n\nx\n"]
    assert [each.strip() for each in letters_of(as_mbox(letters))] == [e.strip() for e in letters]
    with pytest.raises(SourceChanged, match="no headers"):
        SOURCE.read(Fetched(url="", body=b"just words", fetched_at=NOW))


def test_a_mailbox_is_named_by_login_host_and_folder() -> None:
    assert mailbox_of("a@b.example@imap.example:99/Góp ý/2026") == Mailbox(
        "a@b.example", "imap.example", 99, "Góp ý/2026"
    )
    assert mailbox_of("a@Imap.Example.") == Mailbox("a", "imap.example", 993, "INBOX")
    assert mailbox_of("a@[2001:db8::1]").host == "2001:db8::1"
    for wrong in ("imap.example", "a b@c", "a@b/x\ny", ""):
        with pytest.raises(ConfigError, match="user@host/FOLDER"):
            SOURCE.check_target(wrong)
    assert recognise("imaps://gop-y%40luamay.example@imap.example/G%C3%B3p") == (
        "mail",
        "gop-y@luamay.example@imap.example/Góp",
    )
    assert (recognise("imaps://imap.example/x"), recognise("ftp://a@b/")) == (None, None)
    assert read_target("imaps://a@imap.example/X").target == "a@imap.example/X"
    assert SOURCE.public_name("a@imap.example/X") == "mail:imap.example/X"
    with pytest.raises(ConfigError, match="not fetched"):
        SOURCE.first(Order(watch_id=1, kind="mail", target="a@b"))


def test_a_mailbox_is_visited_like_any_source(
    server: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("EARFUL_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EARFUL_SECRET_MAIL_PASSWORD", "mat-khau-thu")
    monkeypatch.setenv("EARFUL_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "imap.pem"))
    brand = '[[brands]]\nname = "Lúa Mây"\nown_hosts = ["luamay.example"]\n'
    Path("earful.toml").write_text(brand, encoding="utf-8")

    def earful(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said, noted = capfd.readouterr()
        assert ended.value.code == 0, said + noted
        return said

    earful("add", f"mail:gop-y@127.0.0.1:{server.port}", "--as", str(FeedbackKind.IN_APP))
    assert "30" in earful("collect")
    server.box.folders["INBOX"][31] = letter(31, From="Hoa <hoa@luamay.example>")
    earful("collect", "--all")
    app = App()
    (watch,) = watches.listing(app.store, now=NOW)
    assert watches.order_for(app.store, watch.id).etag == "7:31"
    assert watch.coverage.gaps == ()
    assert "password" not in watches.order_for(app.store, watch.id).options
    app.close()
    earful("export", "-o", "x.jsonl")
    rows = Path("x.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 31
    assert all('"feedback_kind": "in-app feedback"' in row for row in rows)
    assert sum('"speaker": "staff"' in row for row in rows) == 1
