"""Feeds: what is read, what is flagged, and that nothing is silent or without bounds."""

from __future__ import annotations

import unicodedata

import pytest

from ingest.charset import decode
from ingest.feeds import read_feed
from ingest.mention import FeedbackKind, Markup
from ingest.page import Ask, Page

URL = "https://bao.luamay.example/rss/bep.xml"

ITEM = """<item><guid isPermaLink="false">{guid}</guid><link>{link}</link>
<title>{title}</title><description>{text}</description>
<pubDate>Wed, 03 Jun 2026 08:15:00 +0700</pubDate></item>"""


def rss(*items: str, channel: str = "") -> str:
    inner = f"<channel><title>Bếp</title>{channel}{''.join(items)}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{inner}</rss>'


def item(guid: str = "b-1", *, link: str = "/b/1", title: str = "Nồi", text: str = "Nồi ổn") -> str:
    return ITEM.format(guid=guid, link=link, title=title, text=text)


def read(text: str | bytes, content_type: str | None = None, url: str = URL) -> Page:
    body = text.encode() if isinstance(text, str) else text
    return read_feed(body, content_type=content_type, url=url)


def codes(page: Page) -> list[str]:
    return [problem.code for problem in page.problems]


def test_an_rss_item_keeps_the_words_of_its_source() -> None:
    page = read(rss(item(title="Nồi cơm Lúa Mây", text="&lt;p&gt;Nồi rất ổn&lt;/p&gt;")))
    assert page.problems == ()
    (mention,) = page.items
    assert mention.key == "b-1"
    assert mention.url == "https://bao.luamay.example/b/1"
    assert mention.title == "Nồi cơm Lúa Mây"
    assert (mention.text, mention.markup) == ("<p>Nồi rất ổn</p>", Markup.HTML)
    assert mention.posted == "Wed, 03 Jun 2026 08:15:00 +0700"
    assert mention.feedback_kind is FeedbackKind.ARTICLE


def test_an_atom_entry_keeps_author_language_and_both_times() -> None:
    page = read(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi"><title>Bếp</title>
        <entry><id>tag:luamay.example,2026:1</id><title>Thử nồi &amp; chảo</title>
        <link href="/thu-noi"/><author><name>Chị Ba</name><email>ba@luamay.example</email></author>
        <published>2026-06-01T08:00:00Z</published><updated>2026-06-02T09:00:00Z</updated>
        <summary>Ngắn</summary><content type="html">&lt;b&gt;Nồi nấu nhanh&lt;/b&gt;</content>
        </entry></feed>"""
    )
    (mention,) = page.items
    assert page.source == "bao.luamay.example"
    assert (mention.author, mention.language) == ("Chị Ba", "vi")
    assert (mention.posted, mention.edited) == ("2026-06-01T08:00:00Z", "2026-06-02T09:00:00Z")
    assert mention.text == "<b>Nồi nấu nhanh</b>"
    assert mention.title == "Thử nồi &amp; chảo"  # HTML, as `markup` says


def test_an_rdf_item_is_known_by_its_about() -> None:
    page = read(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/"><channel><title>Bếp</title></channel>
        <item rdf:about="https://bao.luamay.example/9"><title>Kettle test</title>
        <link>https://bao.luamay.example/9</link></item></rdf:RDF>"""
    )
    assert [each.key for each in page.items] == ["https://bao.luamay.example/9"]


@pytest.mark.parametrize(
    ("guid", "source"),
    [
        ("https://luamay.example/?p=1", "bao.luamay.example"),
        ("tag:luamay.example,2026:1", "bao.luamay.example"),
        ("urn:uuid:0b7a", "bao.luamay.example"),
        ("b-1", URL),
        ("123456789012345678901", URL),
    ],
)
def test_the_source_is_the_host_only_when_ids_are_unique_everywhere(guid: str, source: str) -> None:
    assert read(rss(item(guid))).source == source
    assert read(rss(item(guid), item("b-2"))).source == URL


def test_a_secret_in_the_address_does_not_name_the_source() -> None:
    url = "https://me:pw@luamay.example/rss?tag=noi&token=abc#x"
    assert read(rss(item()), url=url).source == "https://luamay.example/rss?tag=noi"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/b/1", "https://bao.luamay.example/b/1"),
        ("//cdn.luamay.example/b", "https://cdn.luamay.example/b"),
        ("?p=5", "https://bao.luamay.example/rss/bep.xml?p=5"),
        ("https://luamay.example/đường", "https://luamay.example/đường"),
        ("javascript:alert(1)", None),
        ("mailto:ba@luamay.example", None),
        ("file:///etc/passwd", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_only_web_links_are_kept(link: str, url: str | None) -> None:
    assert read(rss(item(link=link))).items[0].url == url


def test_a_guid_that_is_no_address_makes_no_link() -> None:
    page = read(rss("<item><guid>bep-1</guid><title>Nồi</title></item>"))
    assert (page.items[0].key, page.items[0].url) == ("bep-1", None)


def test_an_item_without_a_guid_is_known_by_its_link_or_not_at_all() -> None:
    page = read(
        rss("<item><title>A</title><link>/a</link></item>", "<item><title>B</title></item>")
    )
    assert [each.key for each in page.items] == ["https://bao.luamay.example/a", None]


def test_entries_that_share_an_id_and_differ_are_both_kept_and_told() -> None:
    one, other = item("b", text="Nồi ổn"), item("b", text="Chảo bong")
    page = read(rss(one, other, one))
    keys = [each.key for each in page.items]
    assert keys[0] == keys[2] == "b"
    assert keys[1] is not None
    assert keys[1].startswith("b#")
    assert codes(page) == ["duplicate-key"]
    assert read(rss(one, item("x"), other)).items[2].key == keys[1]


def test_a_repeated_entry_is_no_problem() -> None:
    page = read(rss(item("b"), item("b")))
    assert [each.key for each in page.items] == ["b", "b"]
    assert page.problems == ()


@pytest.mark.parametrize("sent", ["20260603T081500Z", "hôm qua", "03/06/2026 8:15"])
def test_a_time_is_kept_as_sent(sent: str) -> None:
    text = item().replace("Wed, 03 Jun 2026 08:15:00 +0700", sent)
    assert read(rss(text)).items[0].posted == sent


def test_an_empty_but_valid_feed_ends_without_a_problem() -> None:
    page = read(rss())
    assert (page.items, page.problems, page.is_end) == ((), (), True)


def test_a_feed_of_newest_entries_does_not_claim_to_be_the_end() -> None:
    assert not read(rss(item())).is_end


def test_the_next_page_is_followed_on_the_same_host_only() -> None:
    link = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'
    near = read(rss(item(), channel=link.format("next", "?page=2")))
    assert near.next == Ask(url=f"{URL}?page=2")
    assert read(rss(item(), channel=link.format("next", "https://x.example/2"))).next is None
    assert read(rss(item(), channel=link.format("next", URL))).next is None
    last = read(rss(item(), channel=link.format("previous", "?page=1")))
    assert last.is_end


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("Không tìm thấy trang".encode(), "not-a-feed"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "not-a-feed"),
        (b"<!-- x --><html><body><rss></rss></body></html>", "not-a-feed"),
        (b"<opml><body/></opml>", "not-a-feed"),
        (b"<a><b></a>", "not-a-feed"),
        (b'{"ok": true}', "not-a-feed"),
        (b'{"items": [{"sku": 1}]}', "not-a-feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "not-a-feed"),
        (b"[1, 2]", "not-a-feed"),
        (b'{"items": ', "malformed"),
        (b"[" * 100_000, "too-deep"),
        (b"<rss><channel><tit", "truncated"),
        (b"\x1f\x8bnot gzip", "malformed"),
        (b"<!DOCTYPE x [" + b"<!ENTITY a 'b'>" * 9_000, "too-large"),
    ],
)
def test_what_is_no_feed_is_never_silent(body: bytes, code: str) -> None:
    page = read(body)
    assert page.items == ()
    assert code in codes(page)
    assert any(problem.is_fatal for problem in page.problems)
    assert not page.is_end


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        (lambda text: text[:-30], "truncated"),
        (lambda text: text.replace("</pubDate>", "", 1), "malformed"),
        (lambda text: text + "<p>Quảng cáo", "malformed"),
        (lambda text: text.replace("Nồi ổn", "Nồi \x0b ổn"), "malformed"),
        (lambda text: "Warning: x() failed\n" + text, "malformed"),
        (lambda text: text.replace("Nồi ổn", "A &khong; B"), "malformed"),
    ],
)
def test_a_damaged_feed_gives_its_entries_and_a_problem(cut: object, code: str) -> None:
    page = read(cut(rss(item("b-1"), item("b-2"))))  # type: ignore[operator]
    assert [each.key for each in page.items] == ["b-1", "b-2"]
    assert code in codes(page)
    assert not any(problem.is_fatal for problem in page.problems)


def test_a_blank_line_before_the_declaration_is_forgiven() -> None:
    assert read("\n\n" + rss(item())).problems == ()


SENTENCE = "Nồi cơm này nấu rất dở, tôi thất vọng"


@pytest.mark.parametrize(
    ("charset", "declared", "header", "is_told"),
    [
        ("utf-8", "utf-8", "application/rss+xml; charset=utf-8", False),
        ("utf-8-sig", "utf-8", None, False),
        ("utf-8", "iso-8859-1", None, True),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1", True),
        ("utf-16", "utf-16", None, False),
        ("utf-16-le", "utf-16", None, False),
        ("utf-16-be", "utf-16", "application/xml; charset=utf-16", False),
        ("utf-32", "utf-32", None, False),
        ("cp1258", "windows-1258", None, False),
        ("cp1258", "windows-1258", "text/xml; charset=iso-8859-1", False),
        ("cp1258", "utf-8", "text/xml; charset=windows-1258", False),
    ],
)
def test_vietnamese_is_whole_whatever_the_encoding(
    charset: str, declared: str, header: str | None, is_told: bool
) -> None:
    text = rss(item(title=SENTENCE)).replace("utf-8", declared)
    if charset == "cp1258":
        # Vowels whole, tones combining: the way that code page writes Vietnamese.
        text = "".join(_tone_apart(letter) for letter in text)
    page = read(text.encode(charset), header)
    assert page.items[0].title == SENTENCE
    assert ("bad-encoding" in codes(page)) is is_told


def _tone_apart(letter: str) -> str:
    for tone in "\u0300\u0301\u0303\u0309\u0323":
        apart = unicodedata.normalize("NFD", letter)
        if tone in apart:
            return unicodedata.normalize("NFC", apart.replace(tone, "")) + tone
    return letter


@pytest.mark.parametrize(
    ("body", "content_type", "text", "is_told"),
    [
        (b"caf\xe9 \x93x\x94", "text/plain; charset=iso-8859-1", "café “x”", False),
        (b"caf\xe9 \x81", "text/plain; charset=iso-8859-1", "café \x81", False),
        (b"caf\xe9 noir \xe0 la carte \xe8", None, "café noir à la carte è", True),
        ("Nồi ổn, rất ổn".encode(), None, "Nồi ổn, rất ổn", False),
        ("Nồi cơm điện này".encode() + b"\xe1\xbb", "text/xml", "Nồi cơm điện này�", True),
        (b"plain", "text/plain; charset=no-such", "plain", False),
        (b"plain", "text/plain; charset=punycode", "plain", False),
        (b"plain", "text/plain; charset=rot13", "plain", False),
        (b"plain", "text/plain; charset=utf-16", "plain", False),
        (b"\xc4\xe3\xba\xc3", "text/html; charset=gb2312", "你好", False),
        (b"\xff\xfea\x00b", None, "a�", True),
        (b"a\x81\x8d\x8f\x90\x9d\xfe", "text/plain; charset=utf-8", None, True),
    ],
)
def test_letters_are_read_or_their_loss_is_told(
    body: bytes, content_type: str | None, text: str | None, is_told: bool
) -> None:
    decoded = decode(body, content_type=content_type)
    assert text is None or decoded.text == text
    assert bool(decoded.problems) is is_told
