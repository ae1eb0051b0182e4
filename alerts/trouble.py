"""What is wrong with a source, in the reader's language, and what to do about it.

The ledger keeps reasons in English, as its visits wrote them; what is known by its shape
is put into the reader's words, the rest stays as it is.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from ingest.visit import Outcome
from ingest.words import Words, later

FIELDS = {
    "text": later("a text"),
    "title": later("a title"),
    "author": later("an author"),
    "posted": later("a time"),
    "stars": later("stars"),
    "url": later("an address"),
}
SHAPES = (
    later("the page answered, but only {n} items were found on it, where {usual} are usual"),
    later("the page answered, but nothing was found on it, where at least {n} should be"),
    later(
        "the page answered, but only {n} items were found on it, where at least {least} should be"
    ),
    later("the page answered, but only {n} of {of} items have '{field}', where {usual} are usual"),
    later("only {n} of {of} items have '{field}', where most should"),
    later("no file has come yet"),
    later("the page answered, but only {n} of {of} items are {language}, where {usual} are usual"),
    later(
        "the page answered, but {n} of {of} texts are damaged, where {usual} are usual to be whole"
    ),
    later(
        "the source was read to its end, but {n} posts known from it were not shown, too many to "
        "have been deleted"
    ),
    later("the page answered, but it came in part again"),
    later("the page answered, but its pages led in a circle again"),
    later("the page answered, but it ended in an empty page again"),
    later("the source probably has a fault"),
    later("what could be read is kept"),
    later("it probably filters what it shows"),
    later("it probably filters by language"),
    later("its layout has probably changed"),
    later("the layout has probably changed"),
    later("its encoding has probably changed"),
    later("Nothing that was taken in before is lost"),
    later("Nothing that was taken in before is lost, and nothing is called gone"),
    later("the site refuses us (403)"),
    later("the site asks for a login (401)"),
    later("the site asks for a payment (402)"),
    later("the site asked us to slow down (429)"),
    later("the site withholds this for legal reasons (451)"),
    later("the site asked us to slow down, so it was not asked again"),
    later("the site sent a login page ({said})"),
    later("the site sent a challenge page ({said})"),
    later("the site sent {said}"),
    later("the site sent an error message as its content: {said}"),
    later("the site answered with a server error ({status})"),
    later("the site answered {status}, where a page was expected"),
    later("the site answers with an error ({status}): {said}"),
    later("the site answers with an error: {said}"),
    later("the site refuses: {said}"),
    later("the address is gone ({status})"),
    later("the page cannot be read: {said}"),
    later("the answer is not JSON; it begins with {said}"),
    later("the answer has no list '{field}'"),
    later("no answer came before the time was up"),
    later("timed out after {seconds} s"),
    later("robots.txt forbids this address, so it was not asked"),
    later("robots.txt could not be read ({said}), so nothing was asked"),
    later("no site at all can be reached since {at}; the network here is probably down"),
    later("It is tried again every few minutes"),
    later("the name of the host leads nowhere"),
    later("the connection was refused"),
    later("no whole answer came in time"),
    later("the answer is larger than allowed"),
    later("the answer was cut off"),
    later("the connection broke, or the answer is not HTTP"),
    later("the address is not http or https"),
    later("no connection could be made"),
    later("the connection broke"),
    later("the answer says it is compressed, but cannot be unpacked"),
    later("the answer cannot be unpacked"),
    later("the network could not be used"),
    later("the address or the answer is malformed"),
    later("redirected too often"),
    later("a proxy on the way asks for a login (407)"),
    later("not asked: its name leads to {address}, which is not a public address"),
    later("not asked: {said}"),
    later("not followed: the site leads from https to http"),
    later("stopped after {n} pages: the time was up"),
    later("stopped after {n} pages, the most allowed"),
    later("stopped after {n} pages: the site asked us to wait"),
    later("page {n} leads back to an earlier page"),
    later("page {n} repeats what earlier pages held"),
    later("kept what could be read ({said})"),
    later("what was found could not be taken in ({said})"),
    later("it is asked for again"),
    later("reading it failed by a fault of Earful's own ({said})"),
    later("its crawl was killed (signal {n}), at the latest after its deadline of {seconds} s"),
    later("its crawl ended without saying how (exit code {n})"),
    later("Nothing was asked and nothing is lost"),
    later("what lies between is asked for later"),
    later("the answer has no '{name}'"),
    later("the answer is not whole XML ({said})"),
    later("{n} of {of} items cannot be read ({said})"),
    later("the site gives no key: {said}"),
    later("the site gives no key now ({status})"),
    later("the site's answer to the request for a key is not JSON"),
    later("the site's answer to the request for a key has no '{name}'"),
    later("{host} cannot be reached for a key ({said})"),
    later("The consent has probably ended or was withdrawn"),
    later("{box}: the mailbox refuses this login"),
    later("{box}: there is no folder {name}"),
    later("{box}: the mailbox cannot be reached: {said}"),
    later("{box}: the mailbox cannot be searched"),
    later("{box}: letters cannot be fetched"),
    later("{box}: its certificate is not good: {said}"),
    later("{file} cannot be read: {said}"),
    later("the hook '{name}' does not run"),
    later("Check the keys: {command}"),
    later("Open it in a browser"),
    later("Next: {step}"),
    later("the last file came on {day}; one was due on {due}"),
)
LANGUAGES = {
    "in Vietnamese": later("in Vietnamese"),
    "in another language than Vietnamese": later("in another language than Vietnamese"),
}
_PARTS = re.compile(r"(?<=[^;.]); |(?<=\w)\. (?=[A-Z])")


def in_words(reason: str, words: Words) -> str:
    """Return a visit's reason in the reader's language, part by part."""
    if words.language == "en" or not reason:
        return reason
    whole = _part(reason, words)
    if whole != reason:
        return whole
    joints = [match.group() for match in _PARTS.finditer(reason)] + [""]
    parts = _PARTS.split(reason)
    return "".join(_part(part, words) + joint for part, joint in zip(parts, joints, strict=True))


def what_to_do(outcome: str | None, watch_id: int, words: Words) -> str:
    """Return the commands that help with a source that is not heard; "" where none does."""
    again = words("try again now: {command}", command=f"earful collect {watch_id}")
    mute = words("leave it alone for now: {command}", command=f"earful sources pause {watch_id}")
    file = words("read a file instead: {command}", command="earful import FILE")
    if outcome in (Outcome.CHANGED, Outcome.EMPTY):
        see = words("see what came back: {command}", command=f"earful replay {watch_id}")
        right = words(
            "it is right as it is: {command}", command=f"earful sources resume {watch_id}"
        )
        return "; ".join((again, see, right, file, mute))
    if outcome == Outcome.BLOCKED:
        return "; ".join((again, file, mute))
    return "; ".join((again, mute)) if outcome == Outcome.DOWN else ""


def _part(text: str, words: Words) -> str:
    for shape in SHAPES:
        found = _pattern(shape).fullmatch(text)
        if found:
            values = {name: _value(name, value, words) for name, value in found.groupdict().items()}
            return words(shape, **values) if values else words(shape)
    return text


def _value(name: str, value: str, words: Words) -> str:
    if name in ("day", "due"):
        return words.day(date.fromisoformat(value))
    if name == "said":
        return in_words(value, words)
    known = FIELDS if name == "field" else LANGUAGES if name == "language" else {}
    return words(known[value]) if value in known else value


@cache
def _pattern(shape: str) -> re.Pattern[str]:
    """Return what a text of this shape looks like: each {name} stands for anything."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(shape)), re.DOTALL)
