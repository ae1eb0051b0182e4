"""A tiny IMAP server on loopback with TLS, for tests: one login, some folders, read only."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Box:
    """What the server knows: its login, its folders as {number: letter}, and what was asked."""

    user: str = "gop-y"
    password: str = "mat-khau-thu"
    folders: dict[str, dict[int, bytes]] = field(default_factory=dict)
    validity: int = 7
    hangs_up_at: str = ""
    asked: list[str] = field(default_factory=list)


class Conversation(socketserver.StreamRequestHandler):
    """One connection, command by command."""

    def say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.box: Box = self.server.box  # type: ignore[attr-defined]
        self.folder: dict[int, bytes] = {}
        self.say("* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.box.asked.append(command)
            name = command.split(" ")[0].upper()
            if name == self.box.hangs_up_at:
                return
            getattr(self, f"on_{name.lower()}")(tag, command)
            if name == "LOGOUT":
                return

    def on_capability(self, tag: str, _: str) -> None:
        self.say("* CAPABILITY IMAP4rev1", f"{tag} OK done")

    def on_login(self, tag: str, command: str) -> None:
        is_right = command == f'LOGIN "{self.box.user}" "{self.box.password}"'
        self.say(f"{tag} OK in" if is_right else f"{tag} NO [AUTHENTICATIONFAILED] wrong")

    def on_examine(self, tag: str, command: str) -> None:
        name = re.fullmatch(r'EXAMINE "(.*)"', command)
        if not name or name[1] not in self.box.folders:
            self.say(f"{tag} NO no such folder")
            return
        self.folder = self.box.folders[name[1]]
        self.say(f"* {len(self.folder)} EXISTS", f"* OK [UIDVALIDITY {self.box.validity}] valid")
        self.say(f"{tag} OK [READ-ONLY] opened")

    def on_uid(self, tag: str, command: str) -> None:
        if search := re.fullmatch(r"UID SEARCH UID (\d+):\*", command):
            found = [n for n in self.folder if n >= int(search[1])] or sorted(self.folder)[-1:]
            self.say(f"* SEARCH {' '.join(map(str, found))}".rstrip(), f"{tag} OK done")
            return
        fetch = re.fullmatch(r"UID FETCH ([\d,]+) \(UID BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        assert fetch, command
        for n in map(int, fetch[1].split(",")):
            body = self.folder[n][: int(fetch[2])]
            self.wfile.write(f"* {n} FETCH (UID {n} BODY[]<0> {{{len(body)}}}\r\n".encode())
            self.wfile.write(body + b")\r\n")
        self.say(f"{tag} OK done")

    def on_logout(self, tag: str, _: str) -> None:
        self.say("* BYE", f"{tag} OK bye")


class ImapServer(socketserver.ThreadingTCPServer):
    """Serves a `Box` on 127.0.0.1; `trust` is a TLS context that knows its certificate."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: Box, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.box = box
        chain = _certificate(folder)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(chain)
        self.socket = own.wrap_socket(self.socket, server_side=True)
        self.trust = ssl.create_default_context(cafile=str(chain))

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that does not trust us hangs up."""

    def __enter__(self) -> ImapServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "imap.pem"
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(pem, pkcs8, plain) + signed.public_bytes(pem))
    return file
