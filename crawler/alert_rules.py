"""What an operator wants to be told: the table [alerts] of the configuration, and its rules [alerts.NAME].

A channel is an address that mostly holds a secret, so it is kept as one: no error, log or `repr` shows it.
"""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

Occasion = Literal["new", "keyword", "edit", "gone", "health", "silence"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]

NEWS: Final = frozenset({"new", "keyword", "edit", "gone"})
FILE: Final = "file"
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class AlertRule(BaseModel):
    """Who is told of what, and how often. Times of day are WIB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[
        tuple[SecretStr, ...], BeforeValidator(_one_or_more), Field(min_length=1, max_length=20)
    ]
    on: Annotated[tuple[Occasion, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
    keywords: tuple[Annotated[str, Field(min_length=2, max_length=200)], ...] = ()
    outlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    newest_days: Annotated[float, Field(ge=0, le=36_500)] = 7.0
    every_h: Annotated[float, Field(ge=0, le=720)] = 0.0
    at: tuple[TimeOfDay, ...] = ()
    quiet: tuple[TimeOfDay, ...] = ()
    gather_h: Annotated[float, Field(ge=0, le=24)] = 1.0
    k: Annotated[int, Field(ge=1, le=100)] = 2
    n: Annotated[int, Field(ge=1, le=100)] = 3
    well: Annotated[int, Field(ge=1, le=100)] = 2
    flaps: Annotated[int, Field(ge=2, le=100)] = 4
    repeat_h: Annotated[float, Field(gt=0, le=720)] = 4.0
    growth: Annotated[float, Field(ge=1, le=10)] = 2.0
    repeat_most_h: Annotated[float, Field(gt=0, le=8760)] = 48.0
    most_a_day: Annotated[int, Field(ge=1, le=10_000)] = 48

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.k > self.n:
            raise ValueError(f"k = {self.k} of n = {self.n} never comes; give k at most n")
        if self.every_h and self.at:
            raise ValueError("give `every_h` or `at`, not both")
        if len(self.quiet) not in {0, 2} or len(set(self.quiet)) == 1:
            raise ValueError('give `quiet` a beginning and an end, as in ["22:00", "06:00"]')
        if ("keyword" in self.on) != bool(self.keywords):
            raise ValueError('`keywords` goes with "keyword" in `on`: give both or neither')
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """Return what each channel is called: its place and its kind, as in `1 slack`. No secret is in it."""
        return tuple(f"{at} {scheme_of(one)}" for at, one in enumerate(self.channel, 1))

    def pause_before(self, repeats: int) -> timedelta:
        """Return how long after a notice the next one of what lasts is due, *repeats* having been sent."""
        grown = self.repeat_h
        for _ in range(repeats):
            grown = min(grown * self.growth, self.repeat_most_h)
            if grown >= self.repeat_most_h:
                break
        return timedelta(hours=min(grown, self.repeat_most_h))


class AlertsConfig(BaseModel):
    """The rules by name, and what holds for all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heartbeat_url: SecretStr = SecretStr("")
    heartbeat_s: Annotated[float, Field(ge=5, le=86_400)] = 60.0
    silence_s: Annotated[float, Field(ge=5, le=86_400)] = 60.0
    send_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    give_up_days: Annotated[float, Field(gt=0, le=365)] = 5.0
    rules: Mapping[Name, AlertRule] = Field(default_factory=dict)

    @property
    def configured(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.rules or self.heartbeat_url.get_secret_value())


SCALARS: Final = tuple(key for key in AlertsConfig.model_fields if key != "rules")


def scheme_of(channel: SecretStr) -> str:
    """Return what kind of channel an address is of, `unreadable` where it is none."""
    found = _SCHEME.match(channel.get_secret_value())
    return found[1].lower() if found else "unreadable"


def as_tables(given: Any) -> Any:  # noqa: ANN401 - what TOML holds
    """Return the table [alerts] with the tables in it as its rules."""
    if not isinstance(given, Mapping) or "rules" in given:
        return given
    rules = {key: value for key, value in given.items() if isinstance(value, Mapping)}
    return {**{key: value for key, value in given.items() if key not in rules}, "rules": rules}


def minutes_of(moment: str) -> time:
    """Return a time of day as TOML has it, `06:30`."""
    return time.fromisoformat(moment)
