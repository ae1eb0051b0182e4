"""What is wrong with a source reads in both languages, with what is usual, safe and to do."""

from __future__ import annotations

import pytest

from alerts.trouble import in_words, what_to_do
from crawlers.faults import DOWNLOAD_FAULTS
from crawlers.faults import in_words as fault_words
from crawlers.walk import HELD, REFUSALS, SAFE
from ingest.errors import SourceError
from ingest.visit import Outcome
from ingest.words import Words
from store import alarms

EN, VI = Words("en"), Words("vi")
GOOD = {"items": 20, "text": 20, "stars": 20, "author": 18, "whole": 20, "vietnamese": 19}


def alarm(**seen: int) -> str:
    found = alarms.find(GOOD | seen, [GOOD] * 6)
    assert found is not None
    return found.words


@pytest.mark.parametrize(
    ("reason", "vietnamese"),
    [
        (
            alarm(items=2, text=2, stars=2, author=2, whole=2, vietnamese=2),
            "trang có trả lời, nhưng chỉ thấy 2 mục, thường có 20; có lẽ bố cục trang đã đổi. "
            "Những gì đã ghi nhận trước đó không mất",
        ),
        (
            alarm(stars=0),
            "trang có trả lời, nhưng chỉ 0 trong 20 mục có số sao, thường là 100%; "
            "có lẽ bố cục trang đã đổi. Những gì đã ghi nhận trước đó không mất",
        ),
        (
            alarm(vietnamese=0),
            "trang có trả lời, nhưng chỉ 0 trong 20 mục bằng tiếng Việt, thường là 95%; "
            "có lẽ nơi đó đang lọc theo ngôn ngữ. Những gì đã ghi nhận trước đó không mất",
        ),
        (
            alarm(whole=0),
            "trang có trả lời, nhưng 20 trong 20 bài bị hỏng chữ, thường 100% nguyên vẹn; "
            "có lẽ bảng mã của trang đã đổi. Những gì đã ghi nhận trước đó không mất",
        ),
        (
            alarms.hidden(9).words,
            "đã đọc nguồn đến hết, nhưng 9 bài đã biết không hiện ra, nhiều quá để là bị xoá; "
            "có lẽ nơi đó đang lọc những gì hiện ra. Những gì đã ghi nhận trước đó không mất, "
            "và không mục nào bị coi là đã xoá",
        ),
        (
            "the site sent a login page ('đăng nhập')",
            "trang trả về trang đăng nhập ('đăng nhập')",
        ),
        (
            "the last file came on 2026-11-16; one was due on 2026-11-17",
            "tệp gần nhất đến ngày 16/11; lẽ ra ngày 17/11 phải có tệp mới",
        ),
        (
            "robots.txt could not be read (the connection was refused), so nothing was asked",
            "không đọc được robots.txt (kết nối bị từ chối), nên chưa hỏi gì",
        ),
        (
            "stopped after 3 pages: the site asked us to wait. Nothing was asked and nothing is "
            "lost; what lies between is asked for later",
            "dừng sau 3 trang: trang yêu cầu chờ. Chưa hỏi gì và không mất gì; "
            "phần ở giữa sẽ được hỏi sau",
        ),
        (
            "the site gives no key: invalid_grant. The consent has probably ended or was "
            "withdrawn. Nothing was asked and nothing is lost. Next: earful connect threads",
            "trang không cấp khoá: invalid_grant. Có lẽ sự đồng ý đã hết hạn hoặc bị rút lại. "
            "Chưa hỏi gì và không mất gì. Việc cần làm: earful connect threads",
        ),
        (
            "mail:gop-y@imap.luamay.example/INBOX: the mailbox cannot be reached: timed out. "
            "Next: earful doctor",
            "mail:gop-y@imap.luamay.example/INBOX: không tới được hộp thư: timed out. "
            "Việc cần làm: earful doctor",
        ),
        ("a new kind of trouble. Whatever", "a new kind of trouble. Whatever"),
        ("", ""),
    ],
)
def test_a_reason_is_put_into_the_readers_words(reason: str, vietnamese: str) -> None:
    assert in_words(reason, VI) == vietnamese
    assert in_words(reason, EN) == reason


@pytest.mark.parametrize("reason", [*REFUSALS.values(), HELD, *SAFE.split("; ")])
def test_every_refusal_has_its_vietnamese(reason: str) -> None:
    assert in_words(reason, VI) != reason


@pytest.mark.parametrize("kind", [each for each in DOWNLOAD_FAULTS if each is not SourceError])
def test_every_way_a_download_fails_has_its_vietnamese(kind: type[Exception]) -> None:
    reason = fault_words(kind("redirected"))
    assert in_words(reason, VI) != reason


@pytest.mark.parametrize(
    ("outcome", "commands"),
    [
        (Outcome.CHANGED, ("collect 7", "replay 7", "sources resume 7", "import", "pause 7")),
        (Outcome.EMPTY, ("collect 7", "replay 7", "sources resume 7", "import", "pause 7")),
        (Outcome.BLOCKED, ("collect 7", "import", "pause 7")),
        (Outcome.DOWN, ("collect 7", "pause 7")),
        (Outcome.OK, ()),
        (None, ()),
    ],
)
def test_what_to_do_names_commands(outcome: Outcome | None, commands: tuple[str, ...]) -> None:
    for words in (EN, VI):
        said = what_to_do(outcome, 7, words)
        assert all(command in said for command in commands)
        assert said.count("earful ") == len(commands)
