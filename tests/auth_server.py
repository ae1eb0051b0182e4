"""A small authorization server on the loopback that plays every site's part, by the Host asked.

It checks what the sites check: signatures, the PKCE challenge, one-time codes and one-time tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

PARTNER_KEY = "s-partner-key-0123456789"
APP_SECRET = "s-app-secret-0123456789"
PAGES = {"10023": "Lúa Mây", "10024": "Lúa Mây Hà Nội"}


def jwt(name: str, exp: int) -> str:
    part = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
    return f"{name}.{part}.sig"


class AuthServer(ThreadingHTTPServer):
    """`refuses` makes it say no: "consent", "code", "renewal" or "away"."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Site)
        self.refuses = ""
        self.challenges: dict[str, str] = {}
        self.alive: set[str] = set()
        self.given: list[str] = []
        self.renewed = 0
        self.lasts_s = 3600
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def token(self, name: str) -> str:
        """Return a new token, which is remembered."""
        with self.lock:
            self.given.append(f"{name}-EXAMPLE-{len(self.given):04}")
            self.alive.add(self.given[-1])
            return self.given[-1]

    def take(self, token: str) -> bool:
        """Return whether a one-time code or token is still alive, and let it end."""
        with self.lock:
            is_alive = token in self.alive
            self.alive.discard(token)
            return is_alive

    def browse(self, address: str) -> str:
        """Do what a person's browser does: open the page, consent; return where it lands."""
        status, headers, _ = self.get(address)
        assert status == 302, (status, address)
        return headers["Location"]

    def get(self, address: str) -> tuple[int, Any, bytes]:
        parts = urlsplit(address)
        connection = HTTPConnection(self.address, timeout=5)
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        told = (answer.status, answer.headers, answer.read())
        connection.close()
        return told


@contextmanager
def running() -> Iterator[AuthServer]:
    server = AuthServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AuthServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = dict(parse_qsl(parts.query))
        if body.startswith("{"):
            asked |= {name: str(each) for name, each in json.loads(body).items()}
        else:
            asked |= dict(parse_qsl(body))
        host = self.headers["Host"]
        if self.server.refuses == "away":
            self._say(503, {})
            return
        part = {
            "accounts.google.com": self._consent,
            "www.facebook.com": self._consent,
            "www.threads.com": self._consent,
            "auth.lazada.com": self._lazada,
            "partner.shopeemobile.com": self._shopee,
            "oauth2.googleapis.com": self._google,
            "www.reddit.com": self._app_login,
            "api.x.com": self._app_login,
            "bsky.social": self._bluesky,
            "graph.facebook.com": self._facebook,
            "graph.threads.net": self._threads,
        }[host]
        part(parts.path, asked)

    def _say(self, status: int, told: object, location: str = "") -> None:
        sent = json.dumps(told).encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _consent(self, path: str, asked: dict[str, str]) -> None:
        code = self.server.token("code")
        self.server.challenges[code] = asked.get("code_challenge", "")
        told = {"code": code}
        if self.server.refuses == "consent":
            told = {"error": "access_denied", "error_description": "The user said no"}
        if "state" in asked:
            told["state"] = asked["state"]
        self._say(302, {}, f"{asked['redirect_uri']}?{urlencode(told)}")

    def _is_good_code(self, asked: dict[str, str]) -> bool:
        code = asked.get("code", "")
        wanted = self.server.challenges.get(code, "")
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_proven = not wanted or proof == wanted
        return self.server.take(code) and self.server.refuses != "code" and is_proven

    def _google(self, path: str, asked: dict[str, str]) -> None:
        told: dict[str, object] = {"expires_in": self.server.lasts_s, "token_type": "Bearer"}
        if asked["grant_type"] == "authorization_code":
            is_good = self._is_good_code(asked)
            told |= {"refresh_token": self.server.token("refresh")} if is_good else {}
        elif asked["grant_type"] == "refresh_token":
            is_good = asked["refresh_token"] in self.server.alive and self._may_renew()
        else:
            is_good = asked["assertion"].count(".") == 2
        if not is_good:
            self._say(400, {"error": "invalid_grant", "error_description": "Token has ended"})
            return
        self._say(200, told | {"access_token": self.server.token("access")})

    def _may_renew(self) -> bool:
        with self.server.lock:
            self.server.renewed += 1
        return self.server.refuses != "renewal"

    def _app_login(self, path: str, asked: dict[str, str]) -> None:
        pair = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if pair != f"my-app:{APP_SECRET}" or asked != {"grant_type": "client_credentials"}:
            self._say(401, {"message": "Unauthorized", "error": 401})
            return
        lasts = {"expires_in": 86400} if "reddit" in self.headers["Host"] else {}
        self._say(200, {"access_token": self.server.token("access"), **lasts})

    def _bluesky(self, path: str, asked: dict[str, str]) -> None:
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if path.endswith("refreshSession"):
            is_good = self._may_renew() and self.server.take(bearer)
        else:
            is_good = asked == {"identifier": "luamay.bsky.social", "password": APP_SECRET}
        if not is_good:
            self._say(400, {"error": "ExpiredToken", "message": "Token has expired"})
            return
        access, refresh = (jwt(self.server.token(n), 1_900_000_000) for n in ("access", "refresh"))
        self.server.alive.add(refresh)
        self._say(200, {"accessJwt": access, "refreshJwt": refresh, "handle": "luamay.bsky.social"})

    def _shopee(self, path: str, asked: dict[str, str]) -> None:
        said = f"{asked['partner_id']}{path}{asked['timestamp']}".encode()
        if path.endswith("get_comment"):
            said += f"{asked['access_token']}{asked['shop_id']}".encode()
        if hmac.new(PARTNER_KEY.encode(), said, "sha256").hexdigest() != asked["sign"]:
            self._say(403, {"error": "error_sign", "message": "Wrong sign"})
        elif path.endswith("get_comment"):
            is_alive = asked["access_token"] in self.server.alive
            review = {
                "comment_id": 71, "comment": "Nồi Lúa Mây hỏng sau hai ngày", "rating_star": 1,
                "create_time": 1_795_300_000, "item_id": 9,
            }  # fmt: skip
            told: dict[str, Any] = {"response": {"item_comment_list": [review], "more": False}}
            self._say(200, told if is_alive else {"error": "error_auth", "message": "old token"})
        elif path.endswith("auth_partner"):
            told = {"code": self.server.token("code"), "shop_id": "4400123"}
            self._say(302, {}, f"{asked['redirect']}?{urlencode(told)}")
        elif not self.server.take(asked.get("code") or asked["refresh_token"]):
            self._say(403, {"error": "error_auth", "message": "Invalid code or refresh token"})
        elif "refresh_token" in asked and not self._may_renew():
            self._say(403, {"error": "error_auth", "message": "Invalid refresh token"})
        else:
            names = {"access_token": "access", "refresh_token": "refresh"}
            told = {name: self.server.token(each) for name, each in names.items()}
            self._say(200, {**told, "expire_in": 14400, "error": "", "request_id": "r"})

    def _lazada(self, path: str, asked: dict[str, str]) -> None:
        if path == "/oauth/authorize":
            self._consent(path, asked)
            return
        sign = asked.pop("sign")
        said = path.removeprefix("/rest") + "".join(f"{n}{v}" for n, v in sorted(asked.items()))
        if hmac.new(APP_SECRET.encode(), said.encode(), "sha256").hexdigest().upper() != sign:
            self._say(200, {"code": "IncompleteSignature", "message": "Wrong sign"})
        elif not self.server.take(asked.get("code") or asked["refresh_token"]):
            self._say(200, {"code": "InvalidCode", "message": "Invalid authorization code"})
        else:
            names = {"access_token": "access", "refresh_token": "refresh"}
            told: dict[str, object] = {n: self.server.token(e) for n, e in names.items()}
            told |= {"country": "vn", "account": "shop@luamay.example", "code": "0"}
            self._say(200, told | {"expires_in": 2592000, "refresh_expires_in": "15552000"})

    def _facebook(self, path: str, asked: dict[str, str]) -> None:
        if path.endswith("/oauth/access_token") and "code" in asked:
            if not self._is_good_code(asked):
                error = {"message": "This code has expired", "type": "OAuthException", "code": 100}
                self._say(400, {"error": error})
                return
            self._say(200, {"access_token": self.server.token("short"), "expires_in": 3600})
        elif path.endswith("/oauth/access_token"):
            assert asked["fb_exchange_token"].startswith("short")
            self._say(200, {"access_token": self.server.token("long"), "expires_in": 5183944})
        elif path.endswith("/me/accounts"):
            assert self.headers["Authorization"].startswith("Bearer long")
            pages = [
                {
                    "id": number, "name": name, "access_token": self.server.token("page"),
                    "instagram_business_account": {"id": f"178{number}", "username": "lua.may"},
                }
                for number, name in PAGES.items()
            ]  # fmt: skip
            self._say(200, {"data": pages})
        elif path.endswith("/feed"):
            assert self.headers["Authorization"].startswith("Bearer page")
            post = {"id": "10024_1", "message": "Lúa Mây ơi", "created_time": 1_795_300_000}
            paging = f"https://graph.facebook.com{path}?after=Q&access_token=EAAG-EXAMPLE-FOREIGN"
            later = {"data": [post], "paging": {"next": paging}}
            self._say(200, {"data": []} if "after" in asked else later)
        else:
            assert asked["access_token"] == f"my-app|{APP_SECRET}"
            told = {"expires_at": 0, "data_access_expires_at": 1_900_000_000}
            self._say(200, {"data": told})

    def _threads(self, path: str, asked: dict[str, str]) -> None:
        if path == "/refresh_access_token":
            is_good = self._may_renew() and asked["access_token"] in self.server.alive
        elif path == "/access_token":
            is_good = asked["access_token"].startswith("short")
        else:
            is_good = self._is_good_code(asked)
        if not is_good:
            self._say(400, {"error": {"message": "Session has expired", "code": 190}})
            return
        name = "short" if path == "/oauth/access_token" else "long"
        self._say(200, {"access_token": self.server.token(name), "expires_in": 5183944})
