"""The commented settings file that `earful init` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass

TEMPLATE = """\
# Earful's settings. Every one can also be set in the environment: EARFUL_CRAWL_DELAY_S=8.
# docs/settings.md explains each; a wrong one is named when Earful starts.

database = {database}
language = {language}                # of pages, mails and this terminal: "en" or "vi"
# public_url = "https://earful.your-shop.vn"   # without it messages carry no buttons
# allow_private_addresses = true    # only for an intranet: opens 10.x and 192.168.x

[[brands]]
name = {name}
# What people write. Words and "phrases", AND OR NOT, -word, NEAR/5, site: author: lang:
queries = {queries}
zone = {zone}
language = {language}
own_authors = []                    # names under which you post yourselves
own_hosts = []                      # your own sites
recipients = {recipients}
digest_at = {digest_at}                 # local time; tells what became known the day before
weekly_on = "monday"                # and on this day the week before, summed up; "" for never
answer_within_h = {answer_within_h}
old_after_days = 7                  # at a first import, older posts open no case

[crawl]
contact = {contact}                 # sites see it in our User-Agent: who to write to
delay_s = 5                         # seconds between two requests to one host
timeout_s = 30
max_mb = 10

[mail]
host = {mail_host}
port = {mail_port}
security = "starttls"               # "starttls", "tls" or "none"
user = ""
sender = {sender}
# The password is not here: put EARFUL_MAIL_PASSWORD into the environment.
folder = {folder}                   # a folder to write digests into, beside or instead of mail

[retention]
captures_days = 30                  # raw answers, for reading again after a parser is mended
captures_mb = 500
visits_days = 400

[learning]
nightly = true                      # learn from stars and corrections; needs earful[train]

# [engine]                          # another model's opinion; Earful never needs one
# kind = "onnx"                     # on this machine; or "openai", a server at url
# model = "a-model"                 # a folder, or a name
# url = "https://.../v1"            # of the server, which gets masked texts; its key belongs
#                                   # into EARFUL_ENGINE_KEY
# daily_calls = 100                 # to the server, 16 texts each; what is left over waits a day
# second_opinion = "doubtful"       # `earful run` asks about new mentions without a flag: where it
#                                   # is in doubt itself, or "all"; without this nothing is asked
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person answered to the four questions."""

    names: tuple[str, ...]
    language: str
    zone: str
    recipient: str = ""
    digest_at: str = "07:00"
    mail_host: str = ""
    mail_port: int = 587
    answer_within_h: float = 4.0
    database: str = "sqlite:///earful.db"


def settings_text(answers: Answers) -> str:
    """Return the settings file for `answers`, each setting with its comment."""
    query = " OR ".join(_phrase(name) for name in answers.names)
    return TEMPLATE.format(
        database=_toml(answers.database),
        language=_toml(answers.language),
        name=_toml(answers.names[0]),
        queries=_toml([query]),
        zone=_toml(answers.zone),
        recipients=_toml([answers.recipient] if answers.recipient else []),
        digest_at=_toml(answers.digest_at),
        answer_within_h=answers.answer_within_h,
        contact=_toml(answers.recipient),
        mail_host=_toml(answers.mail_host),
        mail_port=answers.mail_port,
        sender=_toml(answers.recipient or "earful@localhost"),
        folder=_toml("" if answers.mail_host else "digests"),
    )


def _phrase(name: str) -> str:
    return '"' + name.replace('"', " ") + '"'


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)
