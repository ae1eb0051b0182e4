"""The settings: one TOML file and the environment, read once, checked, and typed.

This is the only file that reads the environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ingest.brand import Brand
from ingest.errors import ConfigError
from ingest.query import parse_query

DEFAULT_DATABASE = "sqlite:///earful.db"
DEFAULT_FILE = "earful.toml"
PREFIX = "EARFUL_"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ValueError(f"{name!r} is no time zone") from e
    return name


def _readable_query(text: str) -> str:
    try:
        parse_query(text)
    except ConfigError as e:
        raise ValueError(str(e)) from e
    return text


Zone = Annotated[str, AfterValidator(_known_zone)]
AspectName = Annotated[str, Field(min_length=1, max_length=40)]
AspectWords = Annotated[tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1)]
QueryText = Annotated[str, AfterValidator(_readable_query)]


class Section(BaseModel):
    """A table of the settings file: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BrandSettings(Section):
    """One [[brands]] table."""

    name: str = Field(min_length=1, description="the name people use")
    queries: tuple[QueryText, ...] = Field((), description="a list of brand queries")
    zone: Zone = Field("Asia/Ho_Chi_Minh", description="an IANA zone such as Asia/Ho_Chi_Minh")
    language: Literal["en", "vi"] = Field("vi", description='"en" or "vi"')
    own_authors: tuple[str, ...] = Field((), description="a list of names")
    own_hosts: tuple[str, ...] = Field((), description="a list of host names")
    recipients: tuple[str, ...] = Field((), description="a list of mail addresses")
    digest_at: time = Field(time(7, 0), description='a local time such as "07:00"')
    weekly_on: Literal[
        "", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = Field("", description='a weekday such as "monday", or empty for no weekly digest')
    answer_within_h: float = Field(4.0, gt=0, le=240, description="hours, above 0 up to 240")
    old_after_days: int = Field(7, ge=0, le=3650, description="whole days, 0 to 3650")

    aspects: dict[AspectName, AspectWords] = Field(
        default_factory=dict, description="a table of names, each with a list of words"
    )

    def brand(self) -> Brand:
        """Return the plain value that the rooms below work with."""
        aspects = tuple((name, *words) for name, words in self.aspects.items())
        return Brand(**{**self.model_dump(), "aspects": aspects})


class CrawlSettings(Section):
    """The [crawl] table: how politely and how far we fetch."""

    contact: str = Field("", description="a mail address or page the site's owner can reach")
    delay_s: float = Field(5.0, ge=0.5, le=3600, description="seconds, 0.5 to 3600")
    timeout_s: float = Field(30.0, ge=1, le=120, description="seconds, 1 to 120")
    deadline_s: float = Field(900.0, ge=10, le=7200, description="seconds, 10 to 7200")
    max_mb: float = Field(10.0, gt=0, le=100, description="megabytes, up to 100")
    memory_mb: int = Field(1024, ge=256, description="megabytes, at least 256")
    proxy: str = Field("", description="the address of a proxy, or empty")


class MailSettings(Section):
    """The [mail] table: where digests go."""

    host: str = Field("", description="an SMTP server, or empty for none")
    port: int = Field(587, ge=1, le=65535, description="a port, 1 to 65535")
    user: str = Field("", description="the login, or empty")
    password: SecretStr = Field(SecretStr(""), description="better in EARFUL_MAIL_PASSWORD")
    sender: str = Field("earful@localhost", description="a mail address")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description='"starttls", "tls" or "none"'
    )
    folder: str = Field("", description="a folder to write digests into, or empty")


class RetentionSettings(Section):
    """The [retention] table: how long raw answers and visits are kept."""

    captures_days: int = Field(30, ge=1, description="whole days, at least 1")
    captures_mb: int = Field(500, ge=10, description="megabytes, at least 10")
    visits_days: int = Field(400, ge=30, description="whole days, at least 30")


class LearningSettings(Section):
    """The [learning] table: what is learned from stars and corrections."""

    nightly: bool = Field(True, description="true or false: learn each night")


class EngineSettings(Section):
    """The [engine] table: a second opinion on texts, of `earful score` and in the service."""

    kind: Literal["", "onnx", "openai"] = Field(
        "", description='"onnx", "openai", or empty for none'
    )
    second_opinion: Literal["", "doubtful", "all"] = Field(
        "", description='"doubtful", "all", or empty for none in the service'
    )
    model: str = Field("", description="a model's folder, or its name")
    negative_labels: str = Field(
        "negative, neg", description="the labels that mean negative, commas between them"
    )
    url: str = Field("", description="the address of an OpenAI-compatible server, https://.../v1")
    key: SecretStr = Field(SecretStr(""), description="better in EARFUL_ENGINE_KEY")
    daily_calls: int = Field(100, ge=0, description="calls a day, 0 or more")
    timeout_s: float = Field(30.0, gt=0, le=300, description="seconds, above 0 up to 300")


class Settings(Section):
    """Everything an operator can set."""

    database: str = Field(DEFAULT_DATABASE, description="a database URL")
    language: Literal["en", "vi"] | None = Field(None, description='"en" or "vi"')
    public_url: str | None = Field(None, description="the web address of this Earful, or nothing")
    allow_private_addresses: bool = Field(False, description="true or false")
    brands: tuple[BrandSettings, ...] = Field((), description="[[brands]] tables")
    crawl: CrawlSettings = CrawlSettings()
    mail: MailSettings = MailSettings()
    retention: RetentionSettings = RetentionSettings()
    learning: LearningSettings = LearningSettings()
    engine: EngineSettings = EngineSettings()

    def all_brands(self) -> tuple[Brand, ...]:
        """Return the brands as plain values."""
        return tuple(each.brand() for each in self.brands)


def read_settings(file: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the checked settings of `file` (None: earful.toml if present) and the environment.

    The environment wins. Raises ConfigError naming file, key and allowed values.
    """
    environ = os.environ if environ is None else environ
    chosen = file or Path(DEFAULT_FILE)
    if file is not None and not file.is_file():
        raise ConfigError("no such file", subject=str(file), next_step="earful init")
    tree = _read_toml(chosen) if chosen.is_file() else {}
    origin = _overlay(tree, environ)
    try:
        return Settings.model_validate(tree)
    except ValidationError as e:
        raise _in_words(e, file=str(chosen), origin=origin) from e


def spoken_language(environ: Mapping[str, str] | None = None) -> str:
    """Return "vi" when the locale variables ask for Vietnamese, else "en"."""
    environ = os.environ if environ is None else environ
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "vi" if environ[name].lower().startswith("vi") else "en"
    return "en"


def is_colour_unwanted(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether NO_COLOR is set to anything."""
    return bool((os.environ if environ is None else environ).get("NO_COLOR"))


def secret_variable(kind: str, name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the key `name` of a kind of source from EARFUL_SECRET_<KIND>_<NAME>, or None."""
    environ = os.environ if environ is None else environ
    return environ.get(f"{PREFIX}SECRET_{kind}_{name}".upper()) or None


def setting_names() -> list[tuple[str, str, str]]:
    """Return (key, environment variable, description) of every setting, sections dotted."""
    rows = []
    for key, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            rows += [
                (f"{key}.{name}", _variable(key, name), sub.description or "")
                for name, sub in section.model_fields.items()
            ]
        elif key != "brands":
            rows.append((key, _variable(key), field.description or ""))
    return rows


def _variable(*names: str) -> str:
    return PREFIX + "_".join(names).upper()


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(
            f"not a TOML file: {e}", subject=str(file), next_step="mend that line"
        ) from e


def _overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Write what the environment says into `tree`; return which key came from which variable."""
    origin = {}
    for key, variable, _ in setting_names():
        names = [variable]
        if key == "allow_private_addresses":
            names.append(PREFIX + "ALLOW_PRIVATE")
        if key == "database":
            names.append(PREFIX + "DB")
        for name in names:
            if environ.get(name):
                origin[key] = name
                *section, leaf = key.split(".")
                target = tree.setdefault(section[0], {}) if section else tree
                target[leaf] = environ[name]
    return origin


def _in_words(error: ValidationError, *, file: str, origin: Mapping[str, str]) -> ConfigError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    allowed = _allowed(first["loc"])
    shown = "" if "password" in key or key == "engine.key" else f" = {first['input']!r}"
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        shown, what = "", "unknown setting"
    return ConfigError(
        f"{key}{shown}: {what}",
        subject=origin.get(key, file),
        next_step=f"allowed: {allowed}",
    )


def _allowed(path: tuple[int | str, ...]) -> str:
    model: type[Section] = Settings
    for part in path:
        if not isinstance(part, str):
            continue
        if part not in model.model_fields:
            return ", ".join(model.model_fields)
        field = model.model_fields[part]
        if part == "brands":
            model = BrandSettings
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            model = field.annotation
        else:
            return field.description or "see docs/settings.md"
    return "see docs/settings.md"
