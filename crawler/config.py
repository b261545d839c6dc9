"""The operator's configuration: defaults < pantau.toml < PANTAU_* environment < options.

The only module that reads the environment. An unknown key is an error that names the nearest right one.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from crawler.alert_rules import SCALARS, AlertRule, AlertsConfig, as_tables
from crawler.errors import ConfigError

ENV_PREFIX = "PANTAU_"
CONFIG_FILE_VARIABLE = "PANTAU_CONFIG"
NOTIFY_VARIABLE = "NOTIFY_SOCKET"  # systemd's; it is for the service, not for what the service starts
PLAYWRIGHT_VARIABLE = "PLAYWRIGHT_BROWSERS_PATH"
LIFELINE_SETTING = "LIFELINE"  # of Scrapy: whether a crawl ends when its standard input does
TEST_PREFIX = "PANTAU_TEST_"  # belongs to the test suite
SECRET_OPTIONS = frozenset({"key", "secret", "token", "username", "password"})
NO_PLACES = frozenset({"file", "local", "http", "https", "ftp", "data"})  # of fsspec's, what keeps no archive
SECRET_PREFIX = "PANTAU_SECRET_"  # noqa: S105 - named by the operator, for the addresses of channels
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


Topics = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Ages = tuple[Annotated[float, Field(gt=0, le=87_600)], ...]


def _listed(value: object) -> object:
    """Return the parts of a list that the environment gives as one text, `1,6,24`; anything else as it is."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class OutletConfig(BaseModel):
    """What an operator may change for one outlet: only to be slower, or not to crawl it at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    delay_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    at: tuple[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")], ...] | None = None
    every_h: Annotated[float, Field(ge=0.25, le=168)] | None = None

    @model_validator(mode="after")
    def _one_cadence(self) -> Self:
        if self.at and self.every_h:
            raise ValueError("give `at` or `every_h`, not both")
        return self


class Config(BaseModel):
    """All settings of an operator, checked. Paths are relative to the current folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path = Path("data")
    database: str = ""
    archive: str = ""
    archive_options: Mapping[str, Any] = Field(default_factory=dict)
    contact: str = ""
    topics: Annotated[Topics, BeforeValidator(_listed)] = ("russia-north-korea",)
    window_days: Annotated[int, Field(ge=1, le=3650)] = 3
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 1.0
    sample_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    list_pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    revisit_ages_h: Annotated[Ages, BeforeValidator(_listed)] = (1, 6, 24, 72, 168, 720)
    side_by_side: Annotated[int, Field(ge=1, le=64)] = 4
    workers: bool = False
    run_hours: Annotated[float, Field(gt=0, le=48)] = 3.0
    run_memory_mb: Annotated[int, Field(ge=200, le=1_000_000)] = 1500
    stop_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    recheck_min_h: Annotated[float, Field(ge=0.25, le=168)] = 1.0
    archive_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    archive_other_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    metrics_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    serve_host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    serve_port: Annotated[int, Field(ge=0, le=65_535)] = 8710
    serve_token: Annotated[str, Field(pattern=r"^([!-~]{20,400})?$")] = ""
    serve_names: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    browser: str = ""
    min_free_mb: Annotated[int, Field(ge=0)] = 200
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="text", pattern="^(text|json)$")
    now: AwareDatetime | None = None
    outlets: Mapping[str, OutletConfig] = Field(default_factory=dict)
    alerts: Annotated[AlertsConfig, BeforeValidator(as_tables)] = AlertsConfig()

    @model_validator(mode="after")
    def _known_topics(self) -> Self:
        for name, rule in self.alerts.rules.items():
            for topic in rule.topics:
                if topic not in self.topics:
                    hint = nearest(topic, self.topics)
                    raise ValueError(f"alerts.{name}: {topic!r} is not among the topics{hint}")
        return self

    @property
    def database_url(self) -> str:
        """Return the store's address: as configured, else one SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data_dir / 'pantau.db'}"

    @property
    def revisit_ages(self) -> tuple[timedelta, ...]:
        """Return the ages at which stored articles are looked at again."""
        return tuple(timedelta(hours=hours) for hours in self.revisit_ages_h)

    @field_validator("archive")
    @classmethod
    def _without_keys(cls, value: str) -> str:
        scheme, found, rest = value.partition("://")
        if found and (not rest.strip("/") or not scheme.isalnum() or scheme in NO_PLACES):
            raise ValueError("give a folder, or a bucket and a prefix: s3://BUCKET/PREFIX")
        if found and "@" in rest.partition("/")[0]:
            raise ValueError("keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")
        return value

    @field_validator("archive_options")
    @classmethod
    def _no_secrets(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if found := sorted(SECRET_OPTIONS & set(value)):
            raise ValueError(f"{found[0]} is secret: keys come from the environment (AWS_ACCESS_KEY_ID, …)")
        return value

    @property
    def archive_url(self) -> str | None:
        """Return the address of the archive's object store; None where the archive is a folder."""
        return self.archive if "://" in self.archive else None

    @property
    def archive_dir(self) -> Path:
        """Return the folder of the WARC files.

        Raises:
            ConfigError: they are in an object store.
        """
        if self.archive_url is not None:
            raise ConfigError(f"the archive is no folder, but {self.archive}; set `archive` to a folder")
        return Path(self.archive) if self.archive else self.data_dir / "archive"


SCALAR_KEYS = tuple(key for key in Config.model_fields if key not in {"outlets", "alerts", "archive_options"})


def load_config(options: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the configuration in force; *options* are those of the command line, None meaning not given.

    Raises:
        ConfigError: a file, key or value cannot be used; the message names it and the nearest right one.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    chosen = environ.get(CONFIG_FILE_VARIABLE)
    path = Path(chosen or "pantau.toml")
    if chosen or path.exists():
        values.update(_read_toml(path))
        _refuse_unknown(values, Config.model_fields, str(path))
        if isinstance(values.get("alerts"), dict):
            values["alerts"] = _with_secrets(values["alerts"], environ, "alerts")
    values.update(_from_environment(environ))
    values.update({key: value for key, value in (options or {}).items() if value is not None})
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from error


def environment_for(config: Config) -> dict[str, str]:
    """Return the PANTAU_* variables that make a child process load exactly *config*."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != NOTIFY_VARIABLE
        and (
            not name.startswith(ENV_PREFIX) or name == CONFIG_FILE_VARIABLE or name.startswith(SECRET_PREFIX)
        )
    }
    for key in SCALAR_KEYS:
        value = getattr(config, key)
        if value is not None:
            kept[ENV_PREFIX + key.upper()] = _spelt(value)
    return kept


def service_manager() -> str | None:
    """Return the address at which systemd wants to hear how the service fares, None without systemd."""
    return os.environ.get(NOTIFY_VARIABLE)


def playwright_folders() -> tuple[Path, ...]:
    """Return where Playwright keeps the browsers that it downloads."""
    chosen = os.environ.get(PLAYWRIGHT_VARIABLE, "")
    if chosen and chosen != "0":
        return (Path(chosen),)
    home = Path.home()
    return home / ".cache" / "ms-playwright", home / "Library" / "Caches" / "ms-playwright"


def environment_of_programs(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for other programs: with *more*, without what is only for pantau."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    return kept | dict(more)


def _spelt(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` for the nearest known word, or an empty string."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; check {CONFIG_FILE_VARIABLE}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    named = {
        name: value
        for name, value in environ.items()
        if name.startswith(ENV_PREFIX)
        and name != CONFIG_FILE_VARIABLE
        and not name.startswith((TEST_PREFIX, SECRET_PREFIX))
    }
    _refuse_unknown(named, [ENV_PREFIX + key.upper() for key in SCALAR_KEYS], "the environment")
    return {name.removeprefix(ENV_PREFIX).lower(): value for name, value in named.items()}


def _with_secrets(value: Any, environ: Mapping[str, str], place: str) -> Any:  # noqa: ANN401 - what TOML holds
    """Return *value* with each `${NAME}` replaced by that variable of the environment."""
    if isinstance(value, dict):
        return {key: _with_secrets(one, environ, f"{place}.{key}") for key, one in value.items()}
    if isinstance(value, list):
        return [_with_secrets(one, environ, place) for one in value]
    if not isinstance(value, str):
        return value

    def secret(found: re.Match[str]) -> str:
        if found[1] not in environ:
            raise ConfigError(f"{place} names ${{{found[1]}}}, which is not in the environment; set it")
        return environ[found[1]]

    return _VARIABLE.sub(secret, value)


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    known = list(known)
    for key in values:
        if key not in known:
            raise ConfigError(f"unknown key {key!r} in {where}{nearest(key, known)}")


def _explain(error: ValidationError, path: Path) -> str:
    errors = error.errors()
    # A misspelt key is also a missing one, which says less.
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    inside_alerts = first["loc"][:1] == ("alerts",)
    parts = [part for part in first["loc"] if not (inside_alerts and part in {"rules", "[key]"})]
    place = ".".join(str(part) for part in parts)
    if first["type"] == "extra_forbidden":
        known: Iterable[str] = OutletConfig.model_fields
        if inside_alerts:
            known = AlertRule.model_fields if "rules" in first["loc"] else SCALARS
        return f"unknown key {place!r} in {path}{nearest(str(first['loc'][-1]), known)}"
    if place == "serve_token":  # never printed
        return "serve_token: at least 20 printable characters without spaces, or none"
    if not place:
        return first["msg"].removeprefix("Value error, ")
    # What is refused there may be a key.
    secret = inside_alerts or place in {"archive", "archive_options"}
    given = "" if secret else f" (got {first['input']!r})"
    return f"{place}: {first['msg'].removeprefix('Value error, ')}{given}"
