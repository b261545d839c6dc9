"""Contracts of `scrapy check`: a look at each outlet's sample address on the live web."""

from collections.abc import Callable
from typing import Any

from scrapy.contracts import Contract


class SampleContract(Contract):
    """`@sample`: fetch the spider's own `sample_url`."""

    name = "sample"

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:  # noqa: ANN401 - as Scrapy's
        super().__init__(method, *args)
        self._url: str = method.__self__.sample_url  # type: ignore[attr-defined] # contracts get bound methods

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        return args | {"url": self._url}
