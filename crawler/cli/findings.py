"""What a check of `pantau doctor` found."""

from typing import Literal

import attrs

Level = Literal["ok", "warn", "fail"]


@attrs.frozen
class Finding:
    """What one check found; `next_step` is empty where nothing is to be done."""

    check: str
    level: Level
    text: str
    next_step: str = ""
