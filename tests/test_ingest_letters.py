"""Letters: only what their writer wrote now is read, in Vietnamese and English."""

from __future__ import annotations

import pytest

from ingest.letters import own_subject, own_words, own_words_of_html

SAID = "Nắp nồi bị nứt.\nAi đền cho tôi?"


@pytest.mark.parametrize(
    "below",
    [
        "",
        "On Tue, 10 Nov 2026 at 10:00, Hoa <cskh@luamay.example> wrote:\n> Hello\n> there\n",
        "On Tue, 10 Nov 2026 at 10:00, Hoa of Lua May\n<cskh@luamay.example> wrote:\nHello\n",
        "Vào Th 3, 10 thg 11, 2026 vào lúc 10:00 Lúa Mây <cskh@luamay.example> đã viết:\n> Dạ\n",
        "Vào 10:00 ngày 10 thg 11, 2026, Lúa Mây\n<cskh@luamay.example> đã viết:\nDạ em chào\n",
        "Lúa Mây <cskh@luamay.example> đã viết:\nDạ em chào\n",
        "-----Original Message-----\nFrom: Hoa\nHello",
        "----- Thư gốc -----\nTừ: Hoa\nDạ em chào",
        "________________________________\nFrom: Hoa\nSent: Monday\nTo: Lan\nSubject: x\n\nHello",
        "From: Hoa <a@b.example>\nSent: Tuesday\nTo: Lan\nSubject: RE: x\n\nHello",
        "Từ: Hoa <a@b.example>\nĐã gửi: thứ Ba\nĐến: Lan\nChủ đề: x\n\nDạ em chào",
        "-- \nLan Phạm\nKế toán, công ty X",
        "Sent from my iPhone",
        "Đã gửi từ iPhone của tôi",
        "Get Outlook for iOS<https://aka.example/o>",
        "Trân trọng,\nLan Phạm\n0900 000 000",
        "Best regards,\n\nAnn",
        "Kind regards\nAnn\n\nOn 10/11/2026 10:00, Hoa wrote:\n> Hello",
    ],
)
def test_history_and_signature_are_left_out(below: str) -> None:
    assert own_words(f"{SAID}\n\n{below}".replace("\n", "\r\n")) == SAID


def test_words_between_and_below_quoted_lines_are_kept() -> None:
    text = (
        "On 10/11/2026 10:00, Hoa wrote:\n> Nồi còn bảo hành không ạ?\nCòn, tới tháng 12.\n"
        "> Chị ở quận nào?\n\n\n\n\nQuận 3.\n"
    )
    assert own_words(text) == "Còn, tới tháng 12.\n\nQuận 3."


@pytest.mark.parametrize(
    "text",
    [
        "Ngày hôm qua tôi đã viết: nồi hỏng, mà không ai đọc.",
        "On Monday I wrote: the lid broke. Nobody answered.",
        "Best\nproduct I have ever bought, and I bought many over the years, so believe me now",
        "From: what I see, the lid is broken",
        "-- hỏng rồi --",
    ],
)
def test_words_that_look_like_history_are_kept(text: str) -> None:
    assert own_words(text) == text


def test_a_forwarded_letter_keeps_what_it_forwards() -> None:
    text = (
        "---------- Forwarded message ---------\nFrom: Lan\nDate: 10/11\nSubject: Nồi\n\nNồi hỏng"
    )
    assert own_words(text, subject="Fwd: Nồi") == "Nồi hỏng"
    assert own_words(text, subject="Re: Nồi") == ""
    page = f"<div class='gmail_quote'>{text.replace(chr(10), '<br>')}</div>"
    assert own_words_of_html(page, subject="Fwd: Nồi") == "Nồi hỏng"


@pytest.mark.parametrize(
    "quoted",
    [
        "<div class='gmail_quote gmail_quote_container'>On x wrote: <p>Hello</p></div>",
        "<blockquote type='cite'><p>Hello</p></blockquote>",
        "<div class='gmail_quote'>On x: <blockquote type='cite'>Hello</blockquote></div>",
        "<div class='moz-cite-prefix'>On x:</div><blockquote type='cite'>Hello</blockquote>",
        "<div id='divRplyFwdMsg'><b>From:</b> Hoa</div><div>Hello</div><p>there</p>",
        "<div id='appendonsend'></div><hr><div>From: Hoa</div>",
        "<div class='gmail_signature'>Lan<br>Kế toán</div>",
        "<div>Trân trọng,<br>Lan</div>",
    ],
)
def test_an_html_letter_is_read_without_its_history(quoted: str) -> None:
    page = f"<html><body><div>Nắp nồi bị nứt.<br>Ai đền cho tôi?</div>{quoted}</body></html>"
    assert own_words_of_html(page) == SAID


def test_an_empty_page_says_nothing() -> None:
    assert (own_words_of_html(" "), own_words_of_html("<!-- x -->"), own_words("")) == ("", "", "")


@pytest.mark.parametrize(
    ("subject", "own"),
    [
        ("Re: RE: Fwd: Nồi hỏng", "Nồi hỏng"),
        ("Trả lời: Nồi  hỏng", "Nồi hỏng"),
        ("Re[2]: Lid", "Lid"),
        ("Regarding the lid", "Regarding the lid"),
    ],
)
def test_a_subject_is_told_without_its_prefixes(subject: str, own: str) -> None:
    assert own_subject(subject) == own
