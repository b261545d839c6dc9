"""The operator's configuration: defaults < pantau.toml < PANTAU_* environment < options.

The only module that reads the environment. An unknown key is an error that names the nearest right one.
"""

import difflib
import os
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
    model_validator,
)

from crawler.errors import ConfigError

ENV_PREFIX = "PANTAU_"
CONFIG_FILE_VARIABLE = "PANTAU_CONFIG"
NOTIFY_VARIABLE = "NOTIFY_SOCKET"  # systemd's; it is for the service, not for what the service starts
TEST_PREFIX = "PANTAU_TEST_"  # belongs to the test suite


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
    contact: str = ""
    topic: str = "russia-north-korea"
    window_days: Annotated[int, Field(ge=1, le=3650)] = 3
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 1.0
    sample_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    list_pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    revisit_ages_h: Annotated[Ages, BeforeValidator(_listed)] = (1, 6, 24, 72, 168, 720)
    side_by_side: Annotated[int, Field(ge=1, le=64)] = 4
    run_hours: Annotated[float, Field(gt=0, le=48)] = 3.0
    run_memory_mb: Annotated[int, Field(ge=200, le=1_000_000)] = 1500
    stop_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    recheck_min_h: Annotated[float, Field(ge=0.25, le=168)] = 1.0
    archive_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    archive_other_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    metrics_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    min_free_mb: Annotated[int, Field(ge=0)] = 200
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="text", pattern="^(text|json)$")
    now: AwareDatetime | None = None
    outlets: Mapping[str, OutletConfig] = Field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """Return the store's address: as configured, else one SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data_dir / 'pantau.db'}"

    @property
    def revisit_ages(self) -> tuple[timedelta, ...]:
        """Return the ages at which stored articles are looked at again."""
        return tuple(timedelta(hours=hours) for hours in self.revisit_ages_h)

    @property
    def archive_dir(self) -> Path:
        """Return the folder of the WARC files."""
        return self.data_dir / "archive"


SCALAR_KEYS = tuple(key for key in Config.model_fields if key != "outlets")


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
        if name != NOTIFY_VARIABLE and (not name.startswith(ENV_PREFIX) or name == CONFIG_FILE_VARIABLE)
    }
    for key in SCALAR_KEYS:
        value = getattr(config, key)
        if value is not None:
            kept[ENV_PREFIX + key.upper()] = _spelt(value)
    return kept


def service_manager() -> str | None:
    """Return the address at which systemd wants to hear how the service fares, None without systemd."""
    return os.environ.get(NOTIFY_VARIABLE)


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
        if name.startswith(ENV_PREFIX) and name != CONFIG_FILE_VARIABLE and not name.startswith(TEST_PREFIX)
    }
    _refuse_unknown(named, [ENV_PREFIX + key.upper() for key in SCALAR_KEYS], "the environment")
    return {name.removeprefix(ENV_PREFIX).lower(): value for name, value in named.items()}


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    known = list(known)
    for key in values:
        if key not in known:
            raise ConfigError(f"unknown key {key!r} in {where}{nearest(key, known)}")


def _explain(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        hint = nearest(str(first["loc"][-1]), OutletConfig.model_fields)
        return f"unknown key {place!r} in {path}{hint}"
    return f"{place}: {first['msg']} (got {first['input']!r})"
