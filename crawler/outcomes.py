"""What pipelines tell of an item: why it leaves them, and what else is to be counted."""

from collections.abc import Mapping
from typing import Any

from scrapy.exceptions import DropItem

ASKED_UNTIL_STAT = "retry_after/asked_until"  # a timestamp: until then the outlet wants to be left alone
REFUSED_STAT = "clean/refused/"  # followed by the rule


class Dropped(DropItem):
    """An item is not kept; its address is settled as *state* for *reason*, with *detail* as evidence."""

    def __init__(self, state: str, reason: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{state}: {reason}", log_level="DEBUG")
        self.state = state
        self.reason = reason
        self.detail = dict(detail or {})
