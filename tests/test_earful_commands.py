"""The command line as people use it: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earful.__main__ import COMMANDS, main
from earful.commands.mentions import SPAM_SIGNS
from scoring.spam import SIGNS
from store import seeding

REVIEWS = (
    "Mã đánh giá,Ngày tạo,Người mua,Số sao,Nội dung đánh giá\n"
    "SP-1,2026-11-20 08:15,t*****9,1,Nắp nồi Lúa Mây gãy sau hai ngày; nhắn shop không ai trả lời\n"
    "SP-2,2026-11-20 09:20,h*****a,5,Giao nhanh đóng gói đẹp rất hài lòng\n"
    "SP-3,2026-11-20 10:05,m*****k,5,Máy êm nhưng nắp bị nứt một góc\n"
    "SP-4,2026-11-20 10:30,n*****n,,\n"
)


class Shell:
    """A folder in which commands are run, in this process, as a person would."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.capfd = capfd
        self.said = ""
        self.noted = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        self.said, self.noted = self.capfd.readouterr()
        assert ended.value.code == code, self.noted
        return self.said


@pytest.fixture
def earful(here: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    Path("earful.toml").write_text('[[brands]]\nname = "Lúa Mây"\n', encoding="utf-8")
    Path("reviews.csv").write_text(REVIEWS, encoding="utf-8")
    return Shell(capfd)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(earful: Shell, command: str) -> None:
    assert "Usage: earful" in earful(command, "--help")


def test_a_review_file_becomes_mentions_flags_and_cases(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    assert "line 5" in earful.noted
    rows = json.loads(earful("mentions", "--json"))
    assert {row["key"]: row["severity"] for row in rows} == {
        "SP-1": "high",
        "SP-2": None,
        "SP-3": "normal",
    }
    case_ids = [case["id"] for case in json.loads(earful("cases", "--json"))]
    assert len(case_ids) == 2


def test_importing_the_same_file_again_adds_nothing(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    before = earful("mentions", "--json")
    assert "0 new" in earful("import", "reviews.csv", "--yes")
    assert earful("mentions", "--json") == before


def test_an_import_without_anybody_to_ask_takes_nothing_in(earful: Shell) -> None:
    earful("import", "reviews.csv", code=2)
    assert "--yes" in earful.noted
    assert json.loads(earful("mentions", "--json")) == []


def test_a_file_that_is_no_table_is_refused_with_the_next_step(earful: Shell) -> None:
    Path("old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    earful("import", "old.xls", "--yes", code=2)
    assert "save it as .xlsx or CSV" in earful.noted


def test_a_case_is_answered_undone_and_resolved(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    case_id = str(json.loads(earful("cases", "--json"))[0]["id"])
    assert "Waiting for customer" in earful("cases", "answer", case_id, "--note", "đổi nắp mới")
    assert "Needs an answer" in earful("cases", "undo", case_id)
    assert "Resolved" in earful("cases", "resolve", case_id)
    assert "đổi nắp mới" in earful("cases", "show", case_id)
    assert case_id not in [str(each["id"]) for each in json.loads(earful("cases", "--json"))]


def test_a_wrong_flag_is_taken_back(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    rows = {row["key"]: row for row in json.loads(earful("mentions", "--json"))}
    earful("feedback", str(rows["SP-3"]["id"]), "--not-negative")
    rows = {row["key"]: row for row in json.loads(earful("mentions", "--json"))}
    assert rows["SP-3"]["severity"] is None


def test_a_person_is_erased_with_a_receipt_and_stays_away(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    assert "1 mention" in earful("erase", "--author", "t*****9")
    receipt = json.loads(earful("erase", "--author", "t*****9", "--yes", "--json"))
    assert (receipt["erased"], receipt["mentions"], receipt["cases"]) == (True, 1, 1)
    earful("import", "reviews.csv", "--yes")
    rows = json.loads(earful("mentions", "--json"))
    assert {row["key"] for row in rows} == {"SP-2", "SP-3"}


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        (["--search", "nap noi gay"], {"SP-1"}),
        (["--search", "giao nhanh"], {"SP-2"}),
        (["--stars", "1-2"], {"SP-1"}),
        (["--needs-answer"], {"SP-1", "SP-3"}),
        (["--since", "2026-11-20T09:00", "--until", "2026-11-20T10:00"], {"SP-2"}),
        (["--until", "2026-11-19"], set()),
    ],
)
def test_filters_choose_what_they_say(earful: Shell, filters: list[str], keys: set[str]) -> None:
    earful("import", "reviews.csv", "--yes")
    rows = json.loads(earful("mentions", "--json", *filters))
    assert {row["key"] for row in rows} == keys


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_an_export_holds_the_whole_result(earful: Shell, ending: str) -> None:
    earful("import", "reviews.csv", "--yes")
    earful("export", "-o", f"out.{ending}")
    assert "3 rows" in earful.noted
    assert Path(f"out.{ending}").stat().st_size > 100
    assert not list(Path().glob("*.part"))


def test_an_export_to_stdout_is_clean_csv(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    rows = list(csv.DictReader(earful("export", "--format", "csv", "-o", "-").splitlines()))
    assert {row["key"] for row in rows} == {"SP-1", "SP-2", "SP-3"}
    assert all(-1 <= float(row["score"]) <= 1 for row in rows)


def test_a_digest_is_text_html_or_json(earful: Shell) -> None:
    earful("import", "reviews.csv", "--yes")
    today = json.loads(earful("digest", "--json"))["day"]
    assert "Lúa Mây" in earful("digest", "--date", today, "--format", "text")
    assert earful("digest", "--date", today, "--format", "html").startswith("<!")


def test_a_digest_is_sent_once_into_a_folder(earful: Shell) -> None:
    with Path("earful.toml").open("a", encoding="utf-8") as file:
        file.write('[mail]\nfolder = "out"\n')
    earful("import", "reviews.csv", "--yes")
    earful("digest", "--date", "2026-11-20", "--send")
    files = sorted(Path("out").iterdir())
    assert {file.suffix for file in files} == {".eml", ".html", ".txt"}
    earful("digest", "--date", "2026-11-20", "--send")
    assert "nothing is sent twice" in earful.noted
    assert sorted(Path("out").iterdir()) == files


def test_sources_are_added_listed_paused_and_removed(earful: Shell) -> None:
    earful("add", "https://baobepviet.example/rss", "--every", "2h")
    (listed,) = json.loads(earful("sources", "--json"))
    assert (listed["kind"], listed["every_min"], listed["health"]) == ("feed", 120, "new")
    earful("sources", "pause", str(listed["id"]))
    assert json.loads(earful("sources", "--json"))[0]["health"] == "paused"
    earful("sources", "remove", "feed:https://baobepviet.example/rss")
    assert json.loads(earful("sources", "--json")) == []


def test_an_opml_file_adds_every_feed(earful: Shell) -> None:
    outline = '<outline xmlUrl="https://{}.example/rss"/>'
    feeds = "".join(outline.format(name) for name in ("baobep", "docbep"))
    Path("feeds.opml").write_text(f"<opml><body>{feeds}</body></opml>", encoding="utf-8")
    earful("add", "--from", "feeds.opml")
    assert len(json.loads(earful("sources", "--json"))) == 2


def test_a_source_whose_terms_are_unclear_asks_for_a_yes(earful: Shell) -> None:
    earful("add", "https://tiki.vn/noi-com-p276500118.html", code=2)
    assert "--opt-in" in earful.noted
    earful("add", "https://tiki.vn/noi-com-p276500118.html", "--opt-in")
    assert json.loads(earful("sources", "--json"))[0]["kind"] == "tiki"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["mentions", "--since", "tomorrow"], 2, "write 2026-11-01"),
        (["mentions", "--brand", "Nobody"], 2, "Lúa Mây"),
        (["export", "-o", "table"], 2, "--format"),
        (["add", "something"], 2, "kind:target"),
        (["add", "--every", "often", "https://a.example/rss"], 2, "1 minute"),
        (["digest", "--date", "20/11"], 2, "2026-11-20"),
        (["cases", "answer", "999"], 2, "999"),
        (["feedback", "1"], 2, "--not-us"),
        (["erase"], 2, "--author"),
        (["parse", "nothing", "reviews.csv"], 2, "no such kind"),
        (["parse", "tiki", "reviews.csv"], 3, "tiki"),
        (["import", "missing.csv"], 2, "missing.csv"),
        (["collect", "feed:https://nowhere.example"], 2, "no such source"),
        (["--config", "none.toml", "mentions"], 2, "earful init"),
        (["--db", "nowhere", "mentions"], 2, "sqlite:///earful.db"),
    ],
)
def test_a_mistake_is_named_with_the_next_step(
    earful: Shell, arguments: list[str], code: int, named: str
) -> None:
    earful(*arguments, code=code)
    assert named in earful.noted
    assert "Traceback" not in earful.noted


def test_init_writes_settings_that_are_read_back(
    earful: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = "Lúa Mây, luamay\nvi\nAsia/Ho_Chi_Minh\n\n6\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    earful("init", "--force")
    assert 'queries = ["\\"Lúa Mây\\" OR \\"luamay\\""]' in Path("earful.toml").read_text("utf-8")
    earful("doctor", code=2)
    assert "crawl.contact" in earful.said


def test_init_does_not_write_over_settings(earful: Shell) -> None:
    earful("init", code=2)
    assert "--force" in earful.noted


def test_the_service_shows_its_jobs(earful: Shell) -> None:
    jobs = {each["job"] for each in json.loads(earful("run", "--show-jobs", "--json"))}
    assert {"visits", "digests", "deliveries", "retention", "health"} <= jobs


def test_vietnamese_people_read_vietnamese(earful: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    earful("import", "reviews.csv", "--yes")
    earful("mentions")
    assert "Khi nào, ở đâu" in earful.said


def test_scores_come_back_in_order(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "text": "Giao hàng chậm, đóng gói cẩu thả"},
        {"id": "b", "text": "I love this blender, so quiet", "stars": 5},
        {"id": 3, "text": "giao h?ng ch?m, ??ng g?i c?u th?"},
        {"id": 4, "text": ""},
    ]
    sent = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    ran = subprocess.run(
        [sys.executable, "-m", "earful", "score"], input=sent.encode(), capture_output=True,
        check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    scored = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [each["id"] for each in scored] == [1, "b", 3, 4]
    assert [each["label"] for each in scored[:3]] == ["negative", "positive", "unclear"]
    assert scored[2]["damaged"] is True
    assert scored[2]["p_negative"] is None
    assert {"lang", "kind", "aspects", "reasons", "model"} <= set(scored[0])


def test_the_brands_own_aspects_are_told_and_doubts_are_shown(earful: Shell) -> None:
    brand = '[[brands]]\nname = "Lúa Mây"\n[brands.aspects]\nsteam = ["hơi nước"]\n'
    Path("earful.toml").write_text(brand, encoding="utf-8")
    rows = ["text,stars", "Hơi nước rò ra quá tệ lừa đảo,5", "Ấm tốt hjkdfgh sdkfjhgs dfjkghsdf,5"]
    Path("cloud.csv").write_text("\n".join(rows), encoding="utf-8")
    earful("import", "cloud.csv", "--yes")
    (angry,) = json.loads(earful("mentions", "--mismatch", "--json"))
    assert {"name": "steam", "polarity": "negative"}.items() <= angry["aspects"][-1].items()
    assert "stars say the opposite" in " ".join(earful("mentions", "--no-spam").split())
    assert "no review: gibberish" in " ".join(earful("mentions", "--spam").split())


def test_every_sign_of_spam_has_its_words() -> None:
    assert {*SIGNS, seeding.SIGN} == SPAM_SIGNS.keys()


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "earful", "score"], input=b'{"id":1,"text":"ok"}\nnope\n',
        capture_output=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert ran.returncode == 2
    assert b"line 2" in ran.stderr


def test_a_folder_is_watched_with_the_rhythm_that_is_expected(earful: Shell) -> None:
    Path("drop").mkdir()
    earful("add", "./drop", "--every", "7d")
    Path("drop/week1.csv").write_text(REVIEWS, encoding="utf-8")
    earful("collect")
    assert len(json.loads(earful("mentions", "--json"))) == 3
    week_old = Path("drop/week1.csv").stat().st_mtime - 9 * 86_400
    os.utime("drop/week1.csv", (week_old, week_old))
    earful("collect", "--all")
    earful("collect", "--all", code=4)
    (listed,) = json.loads(earful("sources", "--json"))
    assert listed["health"] == "due"
    assert "one was due on" in listed["reason"]


def test_a_forums_feed_is_told_to_have_social_posts(earful: Shell) -> None:
    earful("add", "https://diendan.example/rss", "--as", "social post")
    assert json.loads(earful("sources", "--json"))[0]["kind"] == "feed"


def test_init_tries_the_mail_server_and_says_how_that_went(
    earful: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = "Mây\nvi\nAsia/Ho_Chi_Minh\nhang@luamay.example\n127.0.0.1:9\n4\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    earful("init", "--force")
    assert "127.0.0.1:9" in earful.noted
    assert "EARFUL_MAIL_PASSWORD" in earful.noted
    assert "So short a name" in earful.noted


def test_every_kind_says_what_it_needs(earful: Shell) -> None:
    kinds = {each["kind"]: each for each in json.loads(earful("sources", "--kinds", "--json"))}
    assert kinds["shopee_shop"]["needs"] == "partner_id, partner_key"
    assert kinds["feed"]["needs"] == ""
    earful("sources", "--kinds")
    assert "partner_key" in earful.said
