"""The fast reader of usual feeds: it finds what feedparser finds, or leaves the feed to it."""

from __future__ import annotations

import csv
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import feeds, wellformed
from ingest.page import Page
from ingest.wellformed import parse_common

URL = "https://bao.luamay.example/rss/bep.xml"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
# Each tuple holds the ways to say one thing; a made entry has one of each, in any order.
RSS_PARTS = (
    ("", "<title>Nồi cơm Lúa Mây</title>", "<title> R&amp;D &lt;3 </title>",
     "<title>&lt;b&gt;Loud&lt;/b&gt; blender</title>", "<title><![CDATA[Nắp & vung <b>]]></title>",
     "<title>a <!-- b --> c</title>"),
    ("", "<link>https://bao.luamay.example/b/1?a=1&amp;b=2</link>", "<link>/b/1</link>",
     "<link>\n https://bao.luamay.example/%E1%BB%93 \n</link>", "<link>https:///b/1</link>"),
    ("", "<guid>https://bao.luamay.example/b/1</guid>", "<guid isPermaLink='false'>b-1</guid>",
     "<guid>b-1</guid>", "<guid isPermaLink='TRUE'>https://bao.luamay.example/b/1</guid>"),
    ("", "<description>Rất &lt;b&gt;ổn&lt;/b&gt; &amp;amp; nhanh</description>",
     "<description><![CDATA[<p>It leaks</p>]]></description>", "<description/>",
     "<description>caf\u00c3\u00a9 \u0093x\u0094</description>"),
    ("", "<content:encoded><![CDATA[<p>Máy xay chạy rất êm, cả nhà khen</p>]]></content:encoded>",
     "<content:encoded>ổn</content:encoded>", "<content:encoded/>"),
    ("", "<pubDate>Wed, 03 Jun 2026 08:15:00 +0700</pubDate>", "<pubDate>hôm qua</pubDate>"),
    ("", "<dc:creator>Chị Ba</dc:creator>", "<author>Ba</author>", "<dc:creator> </dc:creator>",
     "<author>ba@luamay.example (Chị Ba)</author>"),
    ("", "<dc:date>2026-06-04T08:15:00Z</dc:date>"),
    ("", "<category domain='x'>bếp</category><category>nồi</category>",
     "<enclosure url='https://a.example/1.jpg' length='1' type='image/jpeg'/>",
     "<media:content url='https://a.example/1.jpg' medium='image'/>",
     "<media:title>Another title</media:title>", "<source url='https://a.example'>Báo</source>",
     "<slash:comments>3</slash:comments><wfw:commentRss>https://a.example/c</wfw:commentRss>"),
)  # fmt: skip
ATOM_PARTS = (
    ("", "<title>Thử nồi &amp; chảo</title>", "<title type='html'>&lt;i&gt;Hot&lt;/i&gt;</title>",
     "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Nồi</div></title>",
     "<title xml:lang='vi'>Nồi &lt;3</title>"),
    ("<link href='https://bao.luamay.example/thu'/>", "", "<link href='/thu'/>",
     "<link rel='self' href='https://a.example/self'/><link href='https://a.example/1'/>",
     "<link rel='alternate' type='text/html' href='https://a.example/?a=1&amp;b'/>",
     "<link rel='alternate' type='application/json' href='https://a.example/j'/>",
     "<link href='https://a.example/1'/><link href='https://a.example/2'/>"),
    ("", "<id>tag:luamay.example,2026:1</id>", "<id>https://bao.luamay.example/thu</id>",
     "<id>http:///thu</id>"),
    ("", "<summary>Ngắn &lt;3</summary>", "<summary type='html'>&lt;p&gt;Short&lt;/p&gt;</summary>",
     "<summary type='text/plain'>a &amp; b</summary>"),
    ("", "<content type='html'>&lt;b&gt;Nồi nấu nhanh&lt;/b&gt;</content>",
     "<content>Nồi &lt;b&gt; nấu</content>", "<content type='text'>a &lt; b</content>",
     "<content src='https://a.example/c'/>", "<content type='image/png'>aGk=</content>"),
    ("", "<published>2026-06-01T08:00:00Z</published>"),
    ("", "<updated>2026-06-02T09:00:00Z</updated>", "<updated>2026-06-01T08:00:00Z</updated>"),
    ("", "<author><name>Chị Ba</name></author>", "<author><name/></author>", "<author/>",
     "<author><name>Ba</name><uri>https://a.example</uri><email>ba@a.example</email></author>",
     "<author><name/><email>ba@a.example</email></author>",
     "<author><name>A</name></author><author><name>B</name></author>"),
    ("", "<category term='bếp' label='Bếp'/>", "<rights>© Lúa Mây</rights>"),
)  # fmt: skip
RSS_HEADS = (
    "<title>Bếp</title>", "<language>vi-VN</language>", "<dc:language>en</dc:language>",
    "<image><title>x</title><url>https://a.example/i.png</url><link>https://a.example</link></image>",
    "<atom:link rel='self' href='https://a.example/rss'/><ttl>60</ttl>",
    "<atom:link rel='next' href='https://bao.luamay.example/rss/2'/>",
)  # fmt: skip
ATOM_HEADS = (
    "<title>Bếp</title><id>urn:x:1</id>", "<subtitle type='html'>&lt;b&gt;x</subtitle>",
    "<author><name>Tòa soạn</name></author>", "<link rel='self' href='https://a.example/atom'/>",
    "<link rel='next' href='https://bao.luamay.example/rss/2'/>",
)  # fmt: skip


def rss(*items: str, head: str = "") -> str:
    inner = "".join(f"<item>{each}</item>\n" for each in items)
    channel = f"<channel>{head}{inner}</channel>"
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0' {NAMESPACES}>{channel}</rss>"
    )


def atom(*entries: str, head: str = "", lang: str = "") -> str:
    inner = "".join(f"<entry>{each}</entry>" for each in entries)
    return f"<feed xmlns='http://www.w3.org/2005/Atom'{lang}>{head}{inner}</feed>"


def made(parts: tuple[tuple[str, ...], ...], dice: random.Random) -> str:
    """Return one entry: most of its parts in the usual way, a few in rarer ones."""
    chosen = [dice.choice(ways if dice.random() < 0.3 else ways[:2]) for ways in parts]
    dice.shuffle(chosen)
    return "".join(chosen)


def documents() -> Iterator[str]:
    dice = random.Random(7)
    for _ in range(400):
        head = "".join(each for each in RSS_HEADS if dice.random() < 0.2)
        yield rss(*(made(RSS_PARTS, dice) for _ in range(dice.randrange(3))), head=head)
        head = "".join(each for each in ATOM_HEADS if dice.random() < 0.2)
        lang = " xml:lang='vi_VN'" if dice.random() < 0.3 else ""
        yield atom(
            *(made(ATOM_PARTS, dice) for _ in range(dice.randrange(3))), head=head, lang=lang
        )


def by_feedparser(text: str, monkeypatch: pytest.MonkeyPatch) -> Page:
    with monkeypatch.context() as patched:
        patched.setattr(feeds, "parse_common", lambda _text: None)
        return feeds.read_feed(text.encode(), content_type=None, url=URL)


def test_it_finds_what_feedparser_finds_or_leaves_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = 0
    for text in documents():
        taken += parse_common(text) is not None
        found = feeds.read_feed(text.encode(), content_type=None, url=URL)
        assert found == by_feedparser(text, monkeypatch), text
    assert taken > 200


def test_it_finds_what_feedparser_finds_in_real_feeds(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, taken = shared / "corpora" / "feeds", 0
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t") if row["cls"] != "bomb"]
    for row in rows:
        body = (folder / row["file"]).read_bytes()
        if row["file"].endswith(".gz"):
            body = zlib.decompressobj(47).decompress(body, 20_000_000)
        text = feeds.decode(body, content_type=row["content_type"] or None).text.lstrip("\ufeff\n ")
        if parse_common(text) is not None:
            taken += 1
            found = feeds.read_feed(text.encode(), content_type=None, url=URL)
            assert found == by_feedparser(text, monkeypatch), row["file"]
    assert taken > 500


@pytest.mark.parametrize(
    "text",
    [
        rss("<title>Nồi</title><link>https://a.example/1</link><guid>https://a.example/1</guid>"),
        atom("<title>Pot</title><link href='https://a.example/1'/><id>urn:x:1</id>"),
        rss(),
        atom(),
        "<rss><channel/></rss>",
    ],
)
def test_usual_feeds_are_read_here(text: str) -> None:
    assert parse_common(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "<rss><channel></rss>",
        "<rss><channel/><channel/></rss>",
        "<rss><item/></rss>",
        "<rss xml:base='https://a.example'><channel/></rss>",
        "<rss><channel><docs><b/></docs></channel></rss>",
        "<rss><channel><image kind='x'/></channel></rss>",
        "<html/>",
        "<?xml version='1.1'?><rss><channel/></rss>",
        "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel/></rss>",
        rss("<title>&nbsp;</title>"),
        rss("<title>a</title><title>b</title>"),
        rss("<guid>https://a.example/1</guid><guid>https://a.example/2</guid>"),
        rss("<category>a<b/></category>"),
        rss("<category kind='a'>a</category>"),
        rss("<title>Nồi \u0093cơm\u0094</title>"),
        rss("<link>https://a.example/?a&amp;b;c</link>"),
        rss("<category>x</category>" * (wellformed.MOST_PARTS + 1)),
        rss("<ttl>60</ttl>"),
        atom("<link/>"),
        atom("<title type='application/xml'>x</title><link href='https://a.example/1'/>"),
        atom("<author><name>a</name><phone>1</phone></author>"),
        atom("<author><name>a</name><name>b</name></author>"),
        atom("<author kind='x'><name>a</name></author>"),
        atom(head="<link rel='next' href='https://a.example/2'/>"),
    ],
)
def test_anything_unusual_is_left_to_feedparser(text: str) -> None:
    assert parse_common(text) is None


def test_a_feed_over_the_bounds_is_left_to_feedparser(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_common(rss("", "", "")) is not None
    monkeypatch.setattr(wellformed, "MOST_ENTRIES", 2)
    assert parse_common(rss("", "", "")) is None
