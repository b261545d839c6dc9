"""Keeps what is on a topic."""

from collections.abc import Sequence
from typing import Self

import attrs
from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.outcomes import Dropped
from crawler.text.relevance import Topic, closest, judge, load_topics


class RelevancePipeline:
    """Drop an article that is off every topic; its evidence goes to the ledger, that of others with it.

    A stored article that an edit took off its topics stays: its new revision carries the verdict.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.topics = topics

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(load_topics(crawler.settings.getlist("TOPICS")))

    def process_item(self, item: Article) -> Article:
        item.verdicts = tuple(
            judge(topic, item.headline, item.body, item.standfirst) for topic in self.topics
        )
        item.verdict = closest(item.verdicts)
        if not item.verdict.on_topic and item.look_at is None:
            raise Dropped("off-topic", item.verdict.reason, attrs.asdict(item.verdict))
        return item
