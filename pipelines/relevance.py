"""Keeps what is on the topic."""

from typing import Self

import attrs
from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.outcomes import Dropped
from crawler.text.relevance import Topic, judge, load_topic


class RelevancePipeline:
    """Drop an article that is off the topic; its evidence goes to the ledger, that of others with it.

    A stored article that an edit took off the topic stays: its new revision carries the verdict.
    """

    def __init__(self, topic: Topic) -> None:
        self.topic = topic

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(load_topic(crawler.settings["TOPIC"]))

    def process_item(self, item: Article) -> Article:
        item.verdict = judge(self.topic, item.headline, item.body, item.standfirst)
        if not item.verdict.on_topic and item.look_at is None:
            raise Dropped("off-topic", item.verdict.reason, attrs.asdict(item.verdict))
        return item
