"""Feeds: what is read, what is flagged, and that nothing is silent or without bounds."""

from __future__ import annotations

import csv
import gzip
import json
import os
import resource
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ingest import bounds
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
        (lambda text: text[:-16], "truncated"),
        (lambda text: text[:-16] + "<item><guid>b-3</guid><title>Nồi", "truncated"),
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


def json_feed(*items: object, **told: object) -> str:
    sent = {"version": "https://jsonfeed.org/version/1.1", "language": "vi", "items": items} | told
    return json.dumps(sent, ensure_ascii=False)


def test_a_json_feed_keeps_the_words_of_its_source() -> None:
    sent = {
        "id": "1", "url": "/b/1", "title": "Thử nồi", "content_html": "<p>Nồi ổn</p>",
        "date_published": "2026-06-01T08:00:00+07:00", "date_modified": "2026-06-02",
        "authors": [{"name": "Chị Ba"}], "mood": "x", "_own": 1,
    }  # fmt: skip
    page = read(json_feed(sent, next_url="?page=2"), "application/feed+json")
    (mention,) = page.items
    assert (mention.key, mention.url) == ("1", "https://bao.luamay.example/b/1")
    assert (mention.text, mention.markup) == ("<p>Nồi ổn</p>", Markup.HTML)
    assert (mention.author, mention.language) == ("Chị Ba", "vi")
    assert (mention.posted, mention.edited) == ("2026-06-01T08:00:00+07:00", "2026-06-02")
    assert mention.unknown == ("mood",)
    assert (page.next, page.problems) == (Ask(url=f"{URL}?page=2"), ())


@pytest.mark.parametrize(
    ("text", "keys", "wrong"),
    [
        ('{"items": [{"id": 12345678901234567890, "content_text": "a"}]}',
         ["12345678901234567890"], []),
        ('{"items": [{"id": 1.50, "content_text": "a"}]}', ["1.50"], []),
        ('{"items": {"id": "1", "content_text": "một"}}', ["1"], []),
        ('\ufeff{"items": [{"id": "\\ud800x\\u0000", "content_text": "a"}]}', ["\ufffdx"], []),
        ('{"items": [{"id": "1", "id": "2", "content_text": "a"}]}', ["2"], []),
        ('{"items": [{"id": NaN, "external_url": "/x"}]}',
         ["https://bao.luamay.example/x"], []),
        ('{"items": [{"content_text": "Nồi"}, 7, null]}', [None], ["bad-item", "bad-item"]),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', [], []),
        ('{"items": [{"id": "1", "content_text": "a"}, {"id": "2"},]}',
         ["1", "2"], ["malformed"]),
        ('{"items": [{"id": "1", "content_text": "a"}, {"id": "2', ["1"], ["truncated"]),
    ],
)  # fmt: skip
def test_a_careless_json_feed_is_read(text: str, keys: list[str | None], wrong: list[str]) -> None:
    page = read(text)
    assert [each.key for each in page.items] == keys
    assert codes(page) == wrong
    assert not any(problem.is_fatal for problem in page.problems)


@pytest.mark.parametrize(
    ("authors", "author"),
    [
        ({"author": {"name": "Ba"}}, "Ba"),
        ({"author": "Ba"}, "Ba"),
        ({"authors": []}, None),
        ({"authors": "Ba"}, "Ba"),
        ({"authors": [{"url": "x"}]}, None),
    ],
)
def test_a_json_feeds_author_is_told_in_many_ways(authors: object, author: str | None) -> None:
    sent = {"id": "1", "content_text": "x"} | authors  # type: ignore[operator]
    assert read(json_feed(sent)).items[0].author == author


def test_a_gzipped_body_is_unpacked_and_a_bomb_is_cut() -> None:
    whole = rss(item())
    assert read(gzip.compress(whole.encode())).problems == ()
    assert codes(read(gzip.compress(whole.encode() * 50)[:-20]))[0] == "truncated"
    bomb = gzip.compress(b"A" * 30_000_000)
    assert codes(read(bomb))[:2] == ["too-large", "not-a-feed"]
    assert codes(read(gzip.compress(gzip.compress(bomb))))[-1] == "not-a-feed"


def test_a_feed_over_a_bound_is_read_up_to_it() -> None:
    many = read(rss(*(item(f"b-{n}") for n in range(bounds.MAX_ENTRIES + 1))))
    assert (len(many.items), codes(many)) == (bounds.MAX_ENTRIES, ["too-large"])
    deep = read(rss(item("b-1"), "<item>" + "<a>" * 5_000 + "</a>" * 5_000 + "</item>"))
    assert (deep.items[0].key, codes(deep)) == ("b-1", ["too-deep"])
    wide = read(rss(item("b-1"), "<item " + " ".join(f'a{n}="1"' for n in range(9_000)) + "/>"))
    assert ([each.key for each in wide.items], codes(wide)) == (["b-1"], ["too-large"])
    long = read(json_feed(*({"id": n, "content_text": "x"} for n in range(6_000))))
    assert (len(long.items), codes(long)) == (bounds.MAX_ENTRIES, ["too-large"])


def test_html_left_open_in_a_text_is_not_deep() -> None:
    page = read(rss(item("b-1", text="dòng<br>" * 300), item("b-2")))
    assert [each.key for each in page.items] == ["b-1", "b-2"]
    assert codes(page) == ["malformed"]


def test_entities_of_entities_and_files_are_never_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    for subset in (
        f'<!ENTITY l0 "ha">{laughs}',
        '<!ENTITY l8 SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;',
        f'<!ENTITY l8 "{"x" * 90_000}">',
    ):
        body = rss(item(title="&l8;")).replace("<rss", f"<!DOCTYPE rss [{subset}]><rss")
        page = read(body)
        assert "malformed" in codes(page)
        assert len(str(page.items)) < 2_000
        assert "root:" not in str(page.items)


def test_short_plain_entities_are_read() -> None:
    body = rss(item(title="Nồi &lm;")).replace("<rss", '<!DOCTYPE rss [<!ENTITY lm "Mây">]><rss')
    page = read(body)
    assert (page.items[0].title, page.problems) == ("Nồi Mây", ())
    external = body.replace('[<!ENTITY lm "Mây">]', 'SYSTEM "x.dtd"').replace("&lm;", "")
    assert read(external).problems == ()


HOSTILE = {
    "categories": "<item>" + "".join(f"<category>c{n}</category>" for n in range(20_000)),
    "author": f"<item><author>{'a.' * 500_000}</author></item>",
    "time": f"<item><pubDate>{'1 ' * 500_000}</pubDate></item>",
    "marks": "<" * 3_000_000,
    "tags": '<a b="<' * 400_000,
    "closers": "</a>" * 900_000,
    "letters": "<item><title>" + "&#65;" * 900_000,
    "comments": "<!--" * 900_000,
    "markup": "<item><description>" + "<p>x</p>" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_costs_little_and_is_told(name: str) -> None:
    page = _in_child((rss() + HOSTILE[name]).replace("</channel></rss>", "").encode(), "")
    assert page is not None
    assert page[1]


def _in_child(body: bytes, content_type: str) -> tuple[int, bool] | None:
    """Return (entries, flagged) as read within 5 s CPU and 1 GiB, None when it takes more.

    Of the 1 GiB a quarter is for a bare reader; what other tests have loaded in
    this process, which the child inherits, is not the feed's doing.
    """
    inherited = psutil.Process().memory_info().vms
    most = inherited + (3 << 28)
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (5, 6))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        try:
            page = read(body, content_type or None)
            os.write(writes, f"{len(page.items)} {int(bool(page.problems))}".encode())
        finally:
            os._exit(0)
    os.close(writes)
    told = os.read(reads, 100).split()
    os.close(reads)
    os.waitpid(child, 0)
    return (int(told[0]), told[1] == b"1") if told else None


# Counted by local names, so the parts of entries in these were taken for entries.
MISCOUNTED = {
    "rome/rome-modules/org/rometools/feed/module/content/test-rdf.xml",
    "rome/rome-modules/xml/test-rdf.xml",
}


def _cases(shared: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    folder = shared / "corpora" / "feeds"
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            body = (folder / row["file"]).read_bytes()
            if row["file"].endswith(".gz"):
                body = zlib.decompressobj(47).decompress(body, 20_000_000)
            yield row, body


def test_every_feed_of_the_corpus_is_read_or_told(shared: Path) -> None:
    wrong = []
    for row, body in _cases(shared):
        if row["cls"] == "bomb":
            told = _in_child(body, row["content_type"])
            if told is None:
                wrong.append((row["file"], "over the bounds"))
            continue
        page = read(body, row["content_type"] or None)
        count, lowest = len(page.items), row["want_entries"].lstrip(">=").partition(".")[0]
        if lowest and count < int(lowest) and row["file"] not in MISCOUNTED:
            is_excused = row["cls"] == "recover_or_flag" and page.problems
            wrong += [] if is_excused else [(row["file"], f"{count} of {lowest}")]
        if not count and row["cls"] == "must_flag" and not page.problems:
            wrong.append((row["file"], "silent"))
    assert wrong == []


def test_real_feeds_give_their_right_counts(shared: Path) -> None:
    folder, kinds = shared / "captures", {"feed", "google_alerts", "google_news"}
    seen = 0
    with (folder / "EXPECTED.tsv").open(encoding="utf-8", newline="") as expected:
        for row in csv.DictReader(expected, delimiter="\t"):
            if row["kind"] in kinds or "channel_feed" in row["file"]:
                page = read((folder / row["file"]).read_bytes(), url=row["url"])
                assert len(page.items) == int(row["mentions"]), row["file"]
                seen += 1
    assert seen >= 20


def test_a_title_with_tags_is_html_and_a_plain_one_is_escaped() -> None:
    tagged = "&lt;b&gt;Nồi&lt;/b&gt; &lt;script&gt;x()&lt;/script&gt;"
    titles = [
        each.title for each in read(rss(item("1", title=tagged), item("2", title="R&amp;D"))).items
    ]
    assert titles == ["<b>Nồi</b> <script>x()</script>", "R&amp;D"]


def test_mojibake_is_left_to_the_text_layer() -> None:
    assert read(rss(item(title="Ná»“i tá»‘t"))).items[0].title == "Ná»“i tá»‘t"
    assert read(rss(item(title="cafÃ©"))).items[0].title == "cafÃ©"
