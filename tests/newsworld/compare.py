"""Holds a store against the world's truth: what is missing, doubled, or not as it was published."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.items import Article as Kept
from crawler.text.normalise import fold
from crawler.urls import url_key
from tests.newsworld.model import Article


@dataclass(slots=True)
class Comparison:
    """The addresses that differ, by kind; all lists are empty when the store is what it should be."""

    expected: int = 0
    stored: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    wrong_body: list[str] = field(default_factory=list)
    wrong_time: list[str] = field(default_factory=list)
    wrong_headline: list[str] = field(default_factory=list)
    wrong_byline: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of the expected articles that is there."""
        return 1 - len(self.missing) / self.expected if self.expected else 1.0

    def faults(self) -> dict[str, list[str]]:
        """Return the kinds of difference that there are, each with its addresses."""
        kinds = (
            "missing",
            "doubled",
            "unexpected",
            "wrong_body",
            "wrong_time",
            "wrong_headline",
            "wrong_byline",
        )
        return {kind: found for kind in kinds if (found := getattr(self, kind))}


def compare(truth: Iterable[Article], kept: Sequence[Kept], since: datetime, until: datetime) -> Comparison:
    """Return how *kept* differs from the articles on the topic published from *since* to before *until*."""
    wanted = {
        url_key(article.url): article
        for article in truth
        if article.on_topic and since <= article.published_at < until
    }
    found = Comparison(expected=len(wanted), stored=len(kept))
    times = Counter(url_key(article.canonical_url) for article in kept)
    found.missing = [article.url for key, article in wanted.items() if key not in times]
    found.doubled = [article.canonical_url for article in kept if times[url_key(article.canonical_url)] > 1]
    for article in kept:
        true = wanted.get(url_key(article.canonical_url))
        if true is None:
            found.unexpected.append(article.canonical_url)
            continue
        if list(article.body) != [fold(paragraph) for paragraph in true.body]:
            found.wrong_body.append(article.canonical_url)
        if article.published_at is None or _minute(article.published_at.at) != _minute(true.published_at):
            found.wrong_time.append(article.canonical_url)
        if article.headline != fold(true.headline):
            found.wrong_headline.append(article.canonical_url)
        if article.byline != true.byline or article.editors != true.editors:
            found.wrong_byline.append(article.canonical_url)
    return found


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
