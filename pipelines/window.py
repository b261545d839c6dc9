"""Keeps a crawl to the publication times it was asked for."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.discovery.base import ArticleSpider
from crawler.items import Article
from crawler.outcomes import Dropped


class WindowPipeline:
    """Drop an article published outside the spider's window; one without a date stays, and so do stored ones.

    The spider settles its window when it opens the store, which is after this is made.
    """

    def __init__(self, spider: ArticleSpider) -> None:
        self.spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not isinstance(crawler.spider, ArticleSpider):
            raise NotConfigured("only outlets' spiders have a window")
        return cls(crawler.spider)

    def process_item(self, item: Article) -> Article:
        published = item.published_at
        if published is not None and item.look_at is None and not self.spider.window.holds(published):
            raise Dropped("out-of-window", "published", {"published_at": published.at.isoformat()})
        return item
