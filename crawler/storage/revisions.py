"""One revision as a row: the values of an article, and the article back from them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from crawler.errors import StoreError
from crawler.items import Article, Evidence, Hint, Instant, Removed, Verdict, Witness
from crawler.storage.columns import instant_values, read_instant
from crawler.storage.schema import revisions
from crawler.storage.seals import sealed

Cause = Literal["outlet", "rules", "unclear"]
"""Who made the revision: the outlet, the rules by which its page is read, or nobody can tell any more."""

PLAIN: Final = ("headline", "standfirst", "dateline", "source", "page_text", "body_from", "partial")
LISTS: Final = ("byline", "editors", "body", "captions", "tags", "record_ids")

_NEW_REVISION = revisions.insert()


class OtherRulesError(StoreError):
    """The text differs from the stored one, and that was read by other rules: who changed it is not clear."""

    def __init__(self, article_id: int) -> None:
        super().__init__(f"article {article_id} was read by other rules; read its archived page again first")
        self.article_id = article_id


def write_revision(  # noqa: PLR0913 keyword-only, what a revision is made of
    connection: Connection,
    article: Article,
    *,
    article_id: int,
    number: int,
    run_id: int,
    url_id: int,
    hashes: tuple[str, str],
    cause: Cause,
    ruleset: str | None,
) -> None:
    """Write the *number*-th revision of an article; *hashes* are those of its content and of its body."""
    values = {
        "article_id": article_id,
        "number": number,
        "run_id": run_id,
        "url_id": url_id,
        "content_hash": hashes[0],
        "body_hash": hashes[1],
        "cause": cause,
        "ruleset": ruleset,
        "hint": None if article.hint is None else hint_value(article.hint),
        **revision_values(article),
    }
    connection.execute(_NEW_REVISION, sealed(values))


def revision_values(article: Article) -> dict[str, Any]:
    """Return what was read of a page as values of columns."""
    verdict = article.verdict
    return {
        "url": article.url,
        "fetched_at": article.fetched_at,
        **{name: getattr(article, name) for name in PLAIN},
        **{name: list(getattr(article, name)) for name in LISTS},
        **instant_values(article.published_at),
        "removed": [[removed.line, removed.rule, removed.text] for removed in article.removed],
        "witnesses": {
            name: [witness.by, list(witness.agree), dict(witness.differ)]
            for name, witness in article.witnesses.items()
        },
        "topic": verdict and verdict.topic,
        "on_topic": verdict and verdict.on_topic,
        "score": verdict and verdict.score,
        "verdict_reason": verdict and verdict.reason,
        "evidence": verdict and [[each.term, each.side, each.place, each.text] for each in verdict.evidence],
    }


def read_article(row: Row[Any]) -> Article:
    """Return the article that a row of a revision with its article's columns holds."""
    verdict = None
    if row.topic is not None:
        evidence = tuple(Evidence(*each) for each in row.evidence or ())
        verdict = Verdict(row.topic, row.on_topic, row.score, row.verdict_reason, evidence)
    fields: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    fields |= {name: tuple(getattr(row, name)) for name in LISTS}
    return Article(
        **fields,
        outlet=row.outlet,
        url=row.url,
        canonical_url=row.canonical_url,
        fetched_at=row.fetched_at,
        published_at=read_instant(row),
        removed=tuple(Removed(*each) for each in row.removed),
        witnesses={
            name: Witness(by, tuple(agree), differ) for name, (by, agree, differ) in row.witnesses.items()
        },
        verdict=verdict,
        hint=None if row.hint is None else read_hint(row.hint),
        url_id=row.url_id,
    )


def hint_value(hint: Hint) -> dict[str, Any]:
    """Return a hint as a JSON value; the time keeps its offset."""
    published = hint.published_at
    if published is None:
        return {"headline": hint.headline}
    return {
        "headline": hint.headline,
        "at": published.at.isoformat(),
        "precision": published.precision,
        "zone_assumed": published.zone_assumed,
    }


def read_hint(value: Mapping[str, Any]) -> Hint:
    """Return the hint that `hint_value` wrote."""
    published = None
    if value.get("at"):
        published = Instant(datetime.fromisoformat(value["at"]), value["precision"], value["zone_assumed"])
    return Hint(value.get("headline"), published)
