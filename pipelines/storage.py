"""Writes articles to the store."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.errors import StoreError
from crawler.items import Article
from crawler.outcomes import Dropped
from crawler.session import session_of
from crawler.storage.states import KEPT, State
from crawler.storage.troubles import UnsavableError


class StoragePipeline:
    """Save an article in one transaction with its place in the frontier and the ledger.

    Outside a run of its own (`scrapy parse --pipelines`) nothing is stored.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Article) -> Article:
        session = session_of(self.crawler)
        if session is not None:
            try:
                outcome = await session.save(item)
            except UnsavableError:
                raise
            except StoreError as error:  # it has ended the run; the address is fetched by a later one
                raise DropItem(str(error)) from error
            self.crawler.stats.inc_value(f"articles/{outcome.state}")
            if outcome.state not in {*KEPT, State.DUPLICATE}:
                raise Dropped(outcome.state, outcome.reason or "", {"article": outcome.article_id})
        return item
