"""Brand queries: what matches, what does not, and where a query is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.brand import Brand
from ingest.conditions import Filter
from ingest.errors import ConfigError
from ingest.mention import Mention
from ingest.query import matcher, parse_query
from ingest.terms import Reading


def said(text: str, **facts: Any) -> Mention:
    return Mention(**{"source": "feed", "key": "1", "text": text, **facts})


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Nồi Lúa Mây nấu ngon", "Lúa Mây"),
        ("NỒI LÚA MÂY", "LÚA MÂY"),
        ("lúa  mây", "lúa mây"),
        ("Lúa\nMây", "Lúa Mây"),
        ("Lúa-Mây", "Lúa-Mây"),
        ("(“Lúa Mây”)", "Lúa Mây"),
        ("lua may dung tot", "lua may"),
        ("mua nồi lua may rất đẹp", "lua may"),
        ("thích #LuaMay quá", "LuaMay"),
        ("hi @luamay, where is my pot?", "luamay"),
        ("#LúaMây", "LúaMây"),
        ("Lúa Mâyvn", None),
        ("xLúa Mây", None),
        ("lúa máy cày", None),
        ("lũa mây", None),
        ("lúa. Và mây", None),
        ("LuaMay", None),
        ("lúa", None),
        ("Lúa", None),
        ("", None),
    ],
)
def test_a_brand_is_found_by_its_name_as_a_phrase(text: str, term: str | None) -> None:
    assert matcher(Brand(name="Lúa Mây"))(said(text)) == term


def test_the_title_is_searched_too() -> None:
    assert matcher(Brand(name="Lúa Mây"))(said("rất tệ", title="Lúa Mây")) == "Lúa Mây"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Mây đẹp", "Mây"),
        ("may qua", "may"),
        ("may mắn quá", None),
        ("máy", None),
        ("#Mây", "Mây"),
    ],
)
def test_one_bare_syllable_matches_only_in_a_text_without_marks(
    text: str, term: str | None
) -> None:
    assert matcher(Brand(name="Mây"))(said(text)) == term


@pytest.mark.parametrize(
    ("query", "text", "term"),
    [
        ("mây", "Lúa Mây", "Mây"),
        ("may", "Lúa Mây, máy", "Mây"),
        ("=may", "Mây", None),
        ("=mây", "may", None),
        ("=mây", "MÂY", "MÂY"),
        ("~mây", "máy", "máy"),
        ('="lúa mây"', "lua may", None),
        ("hoà phát", "thép Hòa Phát", "Hòa"),
        ('"Hòa Phát"', "hoà phát", "hoà phát"),
        ("nồi cơm", "cơm và nồi", "nồi"),
        ("nồi AND cơm", "nồi lẩu", None),
        ("nồi && cơm", "nồi cơm", "nồi"),
        ("pot OR nồi", "nồi", "nồi"),
        ("pot | nồi || chảo", "chảo", "chảo"),
        ("pot OR nồi", "chảo", None),
        ("or", "this or that", "or"),
        ("NEARBY", "nearby", "nearby"),
        ("nồi -lẩu", "nồi lẩu", None),
        ("nồi -lẩu", "nồi cơm", "nồi"),
        ("nồi NOT (lẩu OR áp)", "nồi áp suất", None),
        ("nồi NOT NOT cơm", "nồi cơm", "nồi"),
        ("-lẩu nồi", "nồi", "nồi"),
        ("(nồi OR chảo) cơm", "chảo cơm", "chảo"),
        ("“Lúa Mây”", "lúa mây", "lúa mây"),
        ("e-mail", "send an e-mail", "e-mail"),
        ("nồi NEAR/2 mây", "mây là cái nồi", "mây là cái nồi"),
        ("nồi NEAR/1 mây", "mây là cái nồi", None),
        ("nồi NEAR/0 mây", "nồi mây", "nồi mây"),
        ('"nồi cơm" NEAR/3 (mây OR sen)', "sen mua nồi cơm", "sen mua nồi cơm"),
        ("nồi NEAR/3 mây", "nồi", None),
        ("nồi NEAR/3 nồi", "nồi", None),
        ("a NEAR/2 b c", "a x b c", "a x b"),
        ('site:shop.example "nồi"', "nồi", "nồi"),
        ("site:shop.example", "gì đó", "www.shop.example"),
        ("site:example", "nồi", "www.shop.example"),
        ("site:hop.example nồi", "nồi", None),
        ('author:"Trần Bình"', "x", "Tran Binh An"),
        ("author:bin", "x", None),
        ("source:feed", "x", "feed"),
        ("source:other", "x", None),
        ("hay lang:vi", "hay", None),
        ("nồi lang:vi", "nồi tốt được", "nồi"),
        ("noi lang:en", "noi", None),
        ("(nồi OR pot) -lang:vi", "pot", "pot"),
        ("pot OR site:shop.example", "x", "www.shop.example"),
        ("site:shop.example lang:vi author:binh", "được", "www.shop.example"),
    ],
)
def test_a_query_finds_what_it_says(query: str, text: str, term: str | None) -> None:
    mention = said(text, url="https://www.shop.example/p/1", author="Tran Binh An")
    assert parse_query(query).match(mention) == term
    assert matcher(Brand(name="x", queries=(query,)))(mention) == term


def test_sources_that_are_addresses_match_by_host() -> None:
    mention = said("x", source="https://news.example/rss.xml")
    assert parse_query("source:news.example").match(mention) == "https://news.example/rss.xml"
    assert parse_query("site:news.example").match(mention) is None


def test_the_language_of_a_mention_goes_before_its_letters() -> None:
    assert parse_query("nồi lang:EN").match(said("nồi được", language="en")) == "nồi"


def test_folded_queries_ignore_all_marks() -> None:
    assert parse_query("mây", folded=True).match(said("máy")) == "máy"
    assert parse_query('="lúa mây"', folded=True).match(said("lũa may")) == "lũa may"


def test_any_of_several_queries_is_enough() -> None:
    match = matcher(Brand(name="x", queries=("nồi -lẩu", '"Lúa Mây"')))
    assert match(said("nồi lẩu Lúa Mây")) == "Lúa Mây"
    assert match(said("cái nồi")) == "nồi"
    assert match(said("x")) is None


@pytest.mark.parametrize(
    ("query", "position", "words"),
    [
        ("", 1, "expected a word"),
        ("   ", 1, "at the end"),
        ("nồi OR", 7, "expected a word"),
        ("AND nồi", 1, "before 'AND nồi'"),
        ("(nồi", 5, 'expected ")" for the "(" at position 1'),
        ("nồi)", 4, 'a ")" without its "("'),
        ("nồi ()", 6, "expected a word"),
        ('nồi "lúa mây', 5, "closing quotation mark"),
        ("nồi ”", 5, "closing quotation mark"),
        ("-nồi", 1, "a word to look for"),
        ("lang:vi", 1, "a word to look for"),
        ("nồi OR -chảo", 1, "a word to look for"),
        ("NOT nồi", 1, "a word to look for"),
        ("foo:bar", 1, 'no field "foo:"'),
        ("site: x", 1, 'value right behind "site:"'),
        ('nồi author:""', 5, 'value right behind "author:"'),
        ("nồi*", 1, "no wildcards"),
        ("nồi - chảo", 5, "a letter or a digit"),
        ("nồi NEAR/3", 11, "expected a word"),
        ("nồi NEAR/3 (a b)", 12, "NEAR stands between"),
        ("(a b) NEAR/3 nồi", 1, "NEAR stands between"),
        ("a NEAR/3 b NEAR/3 c", 1, "NEAR stands between"),
        ("nồi NEAR/3 site:x.example", 12, "NEAR stands between"),
        ("(" * 60 + "a", 52, "50 levels"),
        ("NOT " * 60 + "a", 205, "50 levels"),
        ("a" * 5000, 4001, "at most 4000 characters"),
        ("nồi NEAR/3 OR b", 12, "before 'OR b'"),
        ("a NEAR/2 b NEAR/1", 18, "at the end"),
        ("a NEAR b", 3, "NEAR needs a number"),
        ("a NEAR/x b", 3, "NEAR needs a number"),
    ],
)
def test_a_wrong_query_is_refused_at_its_position(query: str, position: int, words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_query(query)
    assert refusal.value.what.startswith(f"position {position}: ")
    assert words in refusal.value.what
    assert refusal.value.next_step


def test_a_brand_name_without_a_letter_needs_a_query() -> None:
    with pytest.raises(ConfigError, match="letter or a digit"):
        matcher(Brand(name="!!!"))


def test_a_filter_knows_its_fields_only() -> None:
    with pytest.raises(ValueError, match="colour"):
        Filter("colour", "red").find(Reading(said("x")))
