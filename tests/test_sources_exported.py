"""Sites that are read from files: known by their addresses, told what to save, read as they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawlers.base import Access
from crawlers.registry import recognise, source_of
from earful.targets import read_target
from ingest.errors import ConfigError, SourceChanged
from ingest.mention import FeedbackKind, Speaker
from ingest.page import Fetched
from ingest.visit import Order

SEEN = datetime(2026, 11, 20, tzinfo=UTC)
FILES_ONLY = (
    "aliexpress", "amazon", "bestbuy", "booking", "capterra", "g2", "glassdoor", "google_forms",
    "liveagent", "nicereply", "tiktok_shop", "tripadvisor",
)  # fmt: skip


def fetched(body: object, url: str = "file:///tep.json") -> Fetched:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Fetched(url=url, body=sent, fetched_at=SEEN)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.amazon.com/dp/B0LUAMAY01", "amazon"),
        ("https://www.amazon.co.jp/-/en/product-reviews/B0LUAMAY01?pageNumber=2", "amazon"),
        ("https://amzn.asia/d/abc", "amazon"),
        ("https://vi.aliexpress.com/item/1005001.html?spm=a", "aliexpress"),
        ("https://www.bestbuy.com/site/noi/65.p?skuId=65", "bestbuy"),
        ("https://www.booking.com/hotel/vn/lua-may.vi.html#tab-reviews", "booking"),
        ("https://www.capterra.co.uk/software/1/lua-may", "capterra"),
        ("https://www.g2.com/products/lua-may/reviews", "g2"),
        ("https://www.glassdoor.com/Reviews/Lua-May-E1.htm", "glassdoor"),
        ("https://www.tripadvisor.com.vn/Restaurant_Review-g1-d2.html", "tripadvisor"),
        ("https://shop.tiktok.com/view/product/1729?region=VN", "tiktok_shop"),
        ("https://seller-vn.tiktok.com/product/rating", "tiktok_shop"),
        ("https://www.tiktok.com/view/product/1729", "tiktok_shop"),
        ("https://www.tiktok.com/@luamay/video/75600", "tiktok"),
        ("https://vt.tiktok.com/ZS12/", "tiktok"),
        ("https://luamay.ladesk.com/agent/#Ticket;1", "liveagent"),
        ("https://app.nicereply.com/luamay", "nicereply"),
        ("https://docs.google.com/forms/d/e/1FA/viewform", "google_forms"),
        ("https://forms.gle/abc", "google_forms"),
        ("https://www.surveymonkey.com/r/LUAMAY1", "surveymonkey"),
        ("https://judge.me/reviews/luamay.example", "judgeme"),
    ],
)
def test_an_address_that_cannot_be_watched_tells_what_can_be_had(url: str, kind: str) -> None:
    found = recognise(url)
    assert found is not None
    assert found[0] == kind
    with pytest.raises(ConfigError) as told:
        source_of(kind).check_target(found[1])
    assert told.value.next_step


@pytest.mark.parametrize(
    ("typed", "kind", "target"),
    [
        ("tiki.vn/noi-com-p98800117.html?spid=1", "tiki", "98800117"),
        ("voz.vn/t/lua-may.1234/page-7", "xenforo", "https://voz.vn/t/lua-may.1234/"),
        ("https://tinhte.vn/thread/lua-may.99/", "xenforo", "https://tinhte.vn/thread/lua-may.99/"),
        ("www.youtube.com/watch?v=abcdefghijk", "youtube", "video/abcdefghijk"),
        ("hackernews:lúa mây", "hackernews", "lúa mây"),
    ],
)
def test_an_address_is_known_as_browsers_show_it(typed: str, kind: str, target: str) -> None:
    found = read_target(typed)
    assert (found.source.kind, found.target) == (kind, target)


@pytest.mark.parametrize("kind", FILES_ONLY)
def test_files_are_never_fetched_but_a_folder_of_them_is_watched(kind: str) -> None:
    source = source_of(kind)
    assert (source.access, source.is_fetched) == (Access.IMPORT, False)
    source.check_target("/tai-ve")
    for target in ("", "https://luamay.example/x"):
        with pytest.raises(ConfigError):
            source.check_target(target)
    with pytest.raises(ConfigError, match="not fetched"):
        source.first(Order(watch_id=1, kind=kind, target="/tai-ve"))
    with pytest.raises(SourceChanged):
        source.read(fetched('{"error": {"message": "not logged in"}}'))


@pytest.mark.parametrize("kind", ["liveagent", "nicereply"])
def test_a_help_desks_exported_table_is_read_with_its_declared_scale(kind: str) -> None:
    table = "ID,Date,CSAT (1-10),Comment\n1,2026-11-02 09:00,3,Chờ lâu quá\n2,2026-11-03,9,Thanks\n"
    page = source_of(kind).read(fetched(table, "file:///a.csv"))
    assert page.source == kind
    assert [each.answers[0].value for each in page.items] == [3.0, 9.0]
    assert page.items[0].answers[0].scale.high == 10
    assert all(each.stars is None for each in page.items)


def test_numbers_of_which_nothing_tells_what_they_measure_are_left_out_and_said() -> None:
    row = {"id": 5, "score": 8, "comment": "Nhanh", "created_at": "2026-11-02T00:00:00Z"}
    answer = {"_results": [row, {**row, "id": 6, "comment": "", "score": None}]}
    untold = source_of("nicereply").read(fetched(answer))
    assert [(each.text, each.answers) for each in untold.items] == [("Nhanh", ())]
    assert [each.code for each in untold.problems] == ["no-scale"]
    told = source_of("nicereply").read(fetched(answer, "https://api.nicereply.com/v1/nps/ratings"))
    assert [(each.metric, each.value) for each in told.items[0].answers] == [("nps", 8.0)]
    assert told.problems == ()


@pytest.mark.parametrize("row", [{"id": 1}, {"id": 1, "created_at": "x", "score": 99}, 7])
def test_a_rating_off_its_scale_is_no_rating(row: object) -> None:
    url = "https://api.nicereply.com/v1/ces/ratings"
    with pytest.raises(SourceChanged):
        source_of("nicereply").read(fetched({"_results": [row]}, url))
    with pytest.raises(SourceChanged):
        source_of("nicereply").read(fetched([row], url))


def test_who_began_is_the_customer_and_all_others_are_staff() -> None:
    def group(key: str, kind: str, *said: tuple[str, str, str]) -> dict[str, object]:
        messages = [
            {"id": f"{key}{n}", "userid": who, "type": what, "message": words, "format": "T",
             "datecreated": "2026-11-05 02:10:00"}
            for n, (who, what, words) in enumerate(said)
        ]  # fmt: skip
        return {"id": key, "type": kind, "userid": said[0][0], "messages": messages}

    chat = group("c", "C", ("kh", "M", "Alo shop"), ("nv", "M", "Dạ em nghe"), ("nv", "N", "note"))
    page = source_of("liveagent").read(fetched([chat, group("i", "I", ("nv", "M", "nội bộ"))]))
    assert [(each.text, each.speaker) for each in page.items] == [
        ("Alo shop", Speaker.CUSTOMER),
        ("Dạ em nghe", Speaker.STAFF),
    ]
    outgoing = group("o", "4", ("kh", "M", "nhân viên viết hộ"))
    assert source_of("liveagent").read(fetched([outgoing])).items[0].speaker is Speaker.STAFF


def test_a_list_of_tickets_is_told_by_their_subjects() -> None:
    ticket = {"id": "fp80", "subject": "Nồi hỏng", "owner_name": "Chị Sáu", "status": "C",
              "date_created": "2026-11-05 02:10:00", "owner_email": "x@y.example"}  # fmt: skip
    source = source_of("liveagent")
    sent = fetched({"data": [ticket]})
    page = source.read(sent)
    assert [(each.key, each.title, each.author) for each in page.items] == [
        ("fp80", "Nồi hỏng", "Chị Sáu")
    ]
    assert page.items[0].feedback_kind is FeedbackKind.TICKET
    assert b"x@y.example" not in source.scrub(sent).body


def test_forms_keep_no_mail_address_and_know_their_scales() -> None:
    table = (
        "Timestamp,How satisfied are you? (1-5),Why?,Email Address\n"
        "11/21/2026 9:15:00,1,Giao trễ,khach@luamay.example\n11/22/2026 10:00:00,5,,\n"
    )
    page = source_of("google_forms").read(fetched(table, "file:///hoi.csv"))
    assert [each.author for each in page.items] == [None, None]
    assert [each.answers[0].metric for each in page.items] == ["csat", "csat"]
    assert page.items[0].posted == "2026-11-21 9:15:00"
    assert "khach@" not in repr(page.items)
