"""The digest as a mail: its headers, its way through a real mail server, and into a folder."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from alerts_facts import LUA_MAY, in_vietnamese
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from alerts import render
from alerts.deliver import FolderDelivery, SmtpDelivery
from alerts.digest import compose
from alerts.mail import address, digest_mail, one_line, plain_mail
from ingest.errors import DeliveryError

SENDER = "earful@luamay.example"
TO = "ha@luamay.example"
VI = compose(in_vietnamese(LUA_MAY))
PUBLIC = "https://listen.luamay.example"


def test_the_headers_thread_a_week_and_name_the_day() -> None:
    message = digest_mail(VI, TO, sender=SENDER, public_url=PUBLIC)
    told = {name: str(value) for name, value in message.items()}
    assert told["Subject"] == VI.subject
    assert told["Message-ID"].startswith("<digest.lua-may.2026-11-20.u")
    assert told["Message-ID"].endswith("@luamay.example>")
    assert told["References"] == told["In-Reply-To"]
    assert ".2026-w47.u" in told["References"]
    assert told["List-Id"] == "<digest.lua-may.luamay.example>"
    assert told["List-Unsubscribe"] == "<https://listen.luamay.example/me/digest>"
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["Date"] == "Sat, 21 Nov 2026 00:00:00 +0000"
    assert "Earful · Lúa Mây" in told["From"]


def test_the_message_id_is_the_same_each_time_and_other_for_another_person_or_day() -> None:
    again = [digest_mail(VI, to, sender=SENDER)["Message-ID"] for to in (TO, TO.upper(), "b@x.vn")]
    assert again[0] == again[1] != again[2]
    next_day = replace(VI, day=VI.day.replace(day=21))
    other = digest_mail(next_day, TO, sender=SENDER)
    assert other["Message-ID"] != again[0]
    assert other["References"] == digest_mail(VI, TO, sender=SENDER)["References"]


def test_without_a_public_address_there_is_no_unsubscribe_link() -> None:
    assert digest_mail(VI, TO, sender=SENDER)["List-Unsubscribe"] is None


def test_every_line_of_the_mail_fits_the_rules_of_mail() -> None:
    whole = bytes(digest_mail(VI, TO, sender=SENDER, public_url=PUBLIC))
    assert max(len(line) for line in whole.split(b"\r\n")) <= 998
    bodies = [p for p in message_from_bytes(whole, policy=SMTP).walk() if not p.is_multipart()]
    assert [p.get_content_type() for p in bodies] == ["text/plain", "text/html"]
    assert {p["Content-Transfer-Encoding"] for p in bodies} == {"quoted-printable"}
    assert len(whole) < 102_000


@pytest.mark.parametrize("wrong", ["", "ha", "a@b.vn, c@d.vn", "a@b.vn\r\nBcc: c@d.vn", "<a@b.vn>"])
def test_what_is_no_single_address_is_refused_with_the_next_step(wrong: str) -> None:
    with pytest.raises(DeliveryError, match=r"not one mail address.*recipients"):
        digest_mail(VI, wrong, sender=SENDER)


HOSTILE_LINES = (
    "Alert\r\nBcc: victim@evil.example",
    "Alert\rBcc: victim@evil.example",
    "Cảnh báo\u2028Bcc: victim@evil.example",
    "Alert\x85Bcc: victim@evil.example",
    "=?utf-8?q?x=0d=0aBcc:victim@evil.example?=",
    "\ud83d nửa biểu tượng",
    "Phàn nàn khẩn cấp về giao hàng chậm " * 20,
)


def headers_of(message: EmailMessage) -> list[str]:
    return message_from_bytes(bytes(message), policy=SMTP).keys()


@pytest.mark.parametrize("hostile", HOSTILE_LINES)
def test_nothing_in_a_subject_or_brand_makes_a_second_header(hostile: str) -> None:
    plain = headers_of(digest_mail(VI, TO, sender=SENDER))
    changed = replace(VI, subject=hostile, brand=hostile)
    assert headers_of(digest_mail(changed, TO, sender=SENDER)) == plain
    assert "\n" not in one_line(hostile)
    assert len(one_line(hostile)) <= 200


def test_the_known_header_attacks_change_no_header(shared: Path) -> None:
    path = shared / "corpora" / "security" / "smtp_headers.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    plain = headers_of(digest_mail(VI, TO, sender=SENDER))
    for case in cases:
        vector = case["vector"]
        if case["surface"] in ("subject", "from_display_name"):
            changed = replace(VI, subject=vector, brand=vector)
            message = digest_mail(changed, TO, sender=SENDER)
            assert headers_of(message) == plain, case["id"]
            assert str(message["To"]) == TO
        else:
            with pytest.raises(DeliveryError):
                address(vector)


class Sink:
    """Keeps what a mail server is given."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 kept"

    async def handle_MAIL(  # noqa: N802
        self,
        server: smtp.SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such sender"
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802
        self,
        server: smtp.SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 ok"


@contextmanager
def mail_server(**options: object) -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0, **options)
    with socket.socket() as probe:  # the controller dials its own port to see that it is up
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


def refuse(*_: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


def test_vietnamese_subject_and_both_bodies_come_through_a_mail_server_identical() -> None:
    with mail_server() as (sink, port):
        delivery = SmtpDelivery(host="127.0.0.1", port=port, security="none")
        delivery.send(digest_mail(VI, TO, sender=SENDER, public_url=PUBLIC))
    (envelope,) = sink.mails
    assert envelope.rcpt_tos == [TO]
    got = message_from_bytes(envelope.content, policy=SMTP)  # type: ignore[arg-type]
    assert str(got["Subject"]) == VI.subject
    for subtype, layout in (("plain", render.text), ("html", render.html)):
        body = got.get_body(preferencelist=(subtype,))  # type: ignore[attr-defined]
        expected = layout(VI, public_url=PUBLIC)
        assert body.get_content().replace("\r\n", "\n").rstrip() == expected.rstrip()


def test_a_short_plain_mail_comes_through_too() -> None:
    with mail_server() as (sink, port):
        delivery = SmtpDelivery(host="127.0.0.1", port=port, security="none")
        message = plain_mail(TO, sender=SENDER, subject="Thử thư", text="Chào Hà\n")
        assert delivery.send(message) == f"127.0.0.1:{port}"
    got = message_from_bytes(sink.mails[0].content, policy=SMTP)  # type: ignore[arg-type]
    assert (str(got["Subject"]), got.get_content().strip()) == ("Thử thư", "Chào Hà")


def test_a_server_that_refuses_is_named_with_the_next_step() -> None:
    with mail_server() as (_, port):
        place = {"host": "127.0.0.1", "port": port}
        message = digest_mail(VI, TO, sender=SENDER)
        unknown = digest_mail(VI, "nobody@luamay.example", sender=SENDER)
        from_nobody = digest_mail(VI, TO, sender="nobody@luamay.example")
        with pytest.raises(DeliveryError, match=r"does not offer STARTTLS.*security"):
            SmtpDelivery(**place).send(message)  # type: ignore[arg-type]
        with pytest.raises(DeliveryError, match="refused this recipient"):
            SmtpDelivery(**place, security="none").send(unknown)  # type: ignore[arg-type]
        with pytest.raises(DeliveryError, match="refused the sender"):
            SmtpDelivery(**place, security="none").send(from_nobody)  # type: ignore[arg-type]
        with pytest.raises(DeliveryError, match="mail server said"):
            SmtpDelivery(**place, security="none", user="u", password="p").send(message)  # type: ignore[arg-type]
        with pytest.raises(DeliveryError, match="no safe connection"):
            SmtpDelivery(**place, security="tls").send(message)  # type: ignore[arg-type]


def test_a_server_whose_certificate_nobody_knows_gets_no_mail(tmp_path: Path) -> None:
    with mail_server(tls_context=self_signed(tmp_path)) as (sink, port):
        with pytest.raises(DeliveryError, match="no safe connection"):
            SmtpDelivery(host="127.0.0.1", port=port).send(digest_mail(VI, TO, sender=SENDER))
        assert sink.mails == []


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS with a certificate made on the spot."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.luamay.example")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=900))
    )
    certificate = builder.sign(key, SHA256())
    file = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_refused_password_is_said_and_never_printed() -> None:
    options = {"auth_require_tls": False, "authenticator": refuse}
    with mail_server(**options) as (_, port):
        delivery = SmtpDelivery(
            host="127.0.0.1", port=port, security="none", user="ha", password="geheim"
        )
        with pytest.raises(DeliveryError, match="refused user or password") as caught:
            delivery.send(digest_mail(VI, TO, sender=SENDER))
    assert "geheim" not in str(caught.value)


def test_a_server_out_of_reach_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        delivery = SmtpDelivery(host="127.0.0.1", port=port, timeout_s=2)
        with pytest.raises(DeliveryError, match=rf"127.0.0.1:{port}: out of reach.*earful doctor"):
            delivery.send(digest_mail(VI, TO, sender=SENDER))


def test_into_a_folder_go_the_mail_its_page_and_its_text(tmp_path: Path) -> None:
    folder = tmp_path / "digests"
    FolderDelivery(folder).send(digest_mail(VI, TO, sender=SENDER))
    names = sorted(path.name for path in folder.iterdir())
    assert [name.rpartition(".")[2] for name in names] == ["eml", "html", "txt"]
    assert all(name.startswith("digest.lua-may.2026-11-20.u") for name in names)
    assert (folder / names[1]).read_text(encoding="utf-8").rstrip() == render.html(VI).rstrip()
    assert (folder / names[2]).read_text(encoding="utf-8").rstrip() == render.text(VI).rstrip()
    FolderDelivery(folder).send(digest_mail(VI, TO, sender=SENDER))
    assert len(list(folder.iterdir())) == 3


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x")
    with pytest.raises(DeliveryError, match="cannot write"):
        FolderDelivery(taken / "below").send(plain_mail(TO, sender=SENDER, subject="x", text="y"))


def test_a_plain_mail_in_a_folder_has_no_page(tmp_path: Path) -> None:
    FolderDelivery(tmp_path).send(plain_mail(TO, sender=SENDER, subject="x", text="y"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["message.eml", "message.txt"]
