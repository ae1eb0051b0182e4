"""Messages that a brand's own Telegram bot receives, in its groups, channels and chats."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crawlers.answers import listed, read_each, read_json
from crawlers.asking import JSON, in_known_shape, with_query
from crawlers.base import Access, Expect, Source, secret
from ingest.errors import ConfigError, SourceBlocked, SourceError
from ingest.mention import FeedbackKind, RawItem
from ingest.page import Ask, Fetched, Page
from ingest.visit import Order, Touch

API = "https://api.telegram.org/bot"
PER_PAGE = 100
_TOKEN = re.compile(r"\d+:[\w-]+")
_MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")


class Telegram(Source):
    """What one bot may read; the target is the bot's name, its token opens the door.

    An answer is `{ok, result: [{update_id, message | edited_message | channel_post ...}]}`,
    oldest first. Asking for the update after the last one tells Telegram to forget
    those before, so a page is asked for only when the one before was taken in.
    """

    kind = "telegram"
    name_en = "Telegram"
    name_vi = "Telegram"
    access = Access.KEY
    covers = "messages in groups, channels and chats that your bot is a member of"
    does_not_cover = (
        "what was said before the bot came or over 24 hours ago; pictures without words; "
        "bots with a web hook"
    )
    evidence = "read on a real response of 2016; channels and edits from documentation"
    expect = Expect(min_items=0, filled=("key", "posted"))
    default_every_min = 30
    pages_from_newest = False
    touch = Touch.RESUMED
    keeps = timedelta(hours=24)
    matches_by_construction = True
    keys = ("token",)
    keys_en = "Write /newbot to @BotFather in Telegram; it answers with the token"
    keys_vi = "Nhắn /newbot cho @BotFather trong Telegram; nó trả lời bằng token"
    marks = frozenset({"update_id", "message"})

    def recognise(self, url: str) -> str | None:
        """Return None: a bot is named by its token, not by an address."""
        return None

    def check_target(self, target: str) -> None:
        """Raise ConfigError unless `target` is a bot's name; a token is none."""
        if not re.fullmatch(r"@?\w+", target):
            raise ConfigError(
                "is not a bot's name",
                subject="telegram",
                next_step="give the name, such as telegram:luamay_bot, "
                "and its token by: earful connect telegram",
            )

    def first(self, order: Order) -> Ask:
        """Return the request for what was not yet taken in."""
        wanted = "%22%2C%22".join(_MESSAGES)
        url = f"{API}/getUpdates?limit={PER_PAGE}&allowed_updates=%5B%22{wanted}%22%5D"
        return Ask(url=url, headers=(JSON,))

    def sign(self, ask: Ask, order: Order, *, now: datetime) -> Ask:
        """Return `ask` with the bot's token in its address, where Telegram wants it."""
        token = secret(order, "token")
        if not _TOKEN.fullmatch(token):
            raise ConfigError(
                "the token is not one of a bot",
                subject=order.kind,
                next_step="earful connect telegram, with the token that @BotFather gave",
            )
        return replace(ask, url=ask.url.replace(f"{API}/", f"{API}{token}/", 1))

    @in_known_shape
    def read(self, fetched: Fetched) -> Page:
        """Return the messages of one answer."""
        answer = read_json(fetched, kind=self.kind)
        fault = _fault(answer, fetched)
        if fault:
            raise fault
        updates = listed(answer, "result", kind=self.kind)
        items, problems = read_each(updates, _read_update, kind=self.kind)
        last = max((each.get("update_id", 0) for each in updates), default=None)
        url = None if last is None else with_query(fetched.url, offset=last + 1)
        return Page(
            source=self.kind,
            items=items,
            next=Ask(url=url, headers=(JSON,)) if url else None,
            is_end=url is None,
            problems=problems,
        )

    def refusal(self, fetched: Fetched) -> SourceError | None:
        """Return what an error answer says."""
        try:
            return _fault(json.loads(fetched.body), fetched)
        except ValueError:
            return None


def _fault(answer: Any, fetched: Fetched) -> SourceError | None:
    """Return what `{ok: false, error_code, description}` means, else None."""
    if not isinstance(answer, dict) or answer.get("ok") is not False:
        return None
    code, said = answer.get("error_code"), str(answer.get("description"))[:200]
    steps: dict[Any, str] = {
        401: "earful connect telegram",
        409: "take the web hook or the other reader away",
    }
    wait = (answer.get("parameters") or {}).get("retry_after")
    retry_at = fetched.fetched_at + timedelta(seconds=int(wait)) if wait else None
    return SourceBlocked(
        f"Telegram refuses: {said} ({code})",
        subject="telegram",
        next_step=steps.get(code, ""),
        retry_at=retry_at,
    )


def _read_update(update: Any) -> RawItem | None:
    """Return a message, None for one without words and for any other kind of update."""
    found = [update[name] for name in _MESSAGES if name in update]
    if not found:
        return None
    message = found[0]
    chat, number = message["chat"], message["message_id"]
    text = message.get("text") or message.get("caption")
    if not text:
        return None
    above = (message.get("reply_to_message") or {}).get("message_id")
    return RawItem(
        key=f"{chat['id']}/{number}",
        url=_place(chat, number),
        text=text,
        author=_author(message),
        posted=message["date"],
        edited=message.get("edit_date"),
        feedback_kind=_kind(chat["type"], is_reply=above is not None),
        parent=None if above is None else f"{chat['id']}/{above}",
    )


def _kind(chat: str, *, is_reply: bool) -> FeedbackKind:
    if chat == "private":
        return FeedbackKind.CONVERSATION
    return FeedbackKind.COMMENT if is_reply else FeedbackKind.SOCIAL


def _author(message: Any) -> str | None:
    """Return the writer's name; in a channel, and for anonymous admins, the chat's title."""
    writer = message.get("from") or {}
    name = " ".join(each for each in (writer.get("first_name"), writer.get("last_name")) if each)
    place = message.get("sender_chat") or message["chat"]
    return name or writer.get("username") or place.get("title")


def _place(chat: Any, number: int) -> str | None:
    """Return the message's address; chats without a name have one for their members only."""
    if chat.get("username") and chat["type"] != "private":
        return f"https://t.me/{chat['username']}/{number}"
    inner = str(chat["id"])
    return f"https://t.me/c/{inner[4:]}/{number}" if inner.startswith("-100") else None


SOURCE = Telegram()
