"""Takes the furniture out of what a page object read."""

from typing import Self

import attrs
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.items import Article, Draft
from crawler.outcomes import REFUSED_STAT, Dropped
from crawler.text.clean import clean_draft
from crawler.text.rules import COMMON, Rules
from crawler.urls import canonical_url


class CleanPipeline:
    """Turn a draft into an article by the common rules and the outlet's own; drop it when nothing is left.

    Rules that were refused are counted in the crawl's figures, under `clean/refused/RULE`.
    """

    def __init__(self, rules: Rules, stats: StatsCollector) -> None:
        self.rules = rules
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        page_class = getattr(crawler.spidercls, "page_class", None)
        return cls(getattr(page_class, "rules", COMMON), crawler.stats)

    def process_item(self, item: Draft) -> Article:
        draft = clean_draft(item, self.rules)
        for rule in draft.refused:
            self.stats.inc_value(f"{REFUSED_STAT}{rule}")
        if not draft.headline:
            raise Dropped("not-an-article", "no-headline")
        if not draft.body:
            raise Dropped("not-an-article", "no-body")
        kept = {field.name for field in attrs.fields(Article)}
        values = {name: value for name, value in attrs.asdict(draft, recurse=False).items() if name in kept}
        url = draft.url or ""
        return Article(**values | {"url": url, "canonical_url": draft.canonical_url or canonical_url(url)})
