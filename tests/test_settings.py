"""Settings: read once, checked at the start, and wrong ones named with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from earful.settings import read_settings, setting_names, spoken_language
from ingest.errors import ConfigError

GOOD = """
database = "sqlite:///cua-hang.db"
language = "vi"
[[brands]]
name = "Lúa Mây"
queries = ['"Lúa Mây" OR luamay']
zone = "Asia/Ho_Chi_Minh"
[brands.aspects]
steam = ["hơi nước", "steam"]
[crawl]
delay_s = 8
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "earful.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_into_typed_values(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, GOOD), {})
    assert settings.database == "sqlite:///cua-hang.db"
    assert settings.crawl.delay_s == 8
    (brand,) = settings.all_brands()
    assert (brand.name, brand.language) == ("Lúa Mây", "vi")
    assert brand.aspects == (("steam", "hơi nước", "steam"),)


def test_without_a_file_the_defaults_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings(None, {}).database == "sqlite:///earful.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = read_settings(
        written(tmp_path, GOOD), {"EARFUL_CRAWL_DELAY_S": "2.5", "EARFUL_ALLOW_PRIVATE": "1"}
    )
    assert settings.crawl.delay_s == 2.5
    assert settings.allow_private_addresses is True


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[crawl]\ndelay_s = 'soon'", ["crawl.delay_s", "'soon'", "0.5 to 3600"]),
        ("[crawl]\nspeed = 3", ["crawl.speed", "unknown setting", "delay_s"]),
        ("[[brands]]\nname = 'X'\nzone = 'Asia/Saigon2'", ["zone", "Asia/Saigon2"]),
        ("[[brands]]\nname = 'X'\nqueries = ['(a OR']", ["brands.0.queries.0"]),
        ("database = ", ["not a TOML file", "mend that line"]),
        ("ngôn_ngữ = 1", ["not a TOML file"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    tmp_path: Path, text: str, named: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(written(tmp_path, text), {})
    for words in [*named, "earful.toml"]:
        assert words in str(caught.value)


def test_a_wrong_variable_is_named_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="EARFUL_MAIL_PORT"):
        read_settings(written(tmp_path, GOOD), {"EARFUL_MAIL_PORT": "99999"})


def test_a_password_never_shows(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, GOOD), {"EARFUL_MAIL_PASSWORD": "b1-mat-khau"})
    assert "b1-mat-khau" not in repr(settings)
    assert settings.mail.password.get_secret_value() == "b1-mat-khau"


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="earful init"):
        read_settings(tmp_path / "nowhere.toml", {})


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({}, "en"),
        ({"LC_ALL": "C", "LANG": "vi_VN"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert spoken_language(environ) == language


def test_every_setting_has_a_description() -> None:
    assert all(words for _, _, words in setting_names())
