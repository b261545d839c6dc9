"""Articles as JSON values: what exports, commands and bundles write of them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from crawler.exports.fields import SCHEMA, Record
from crawler.items import Article, Draft, Evidence, Instant, Removed, Witness

if TYPE_CHECKING:
    from crawler.storage.articles import Stored  # only named here: `pantau extract` needs no store

NAMESPACE: Final = uuid.UUID("5f0c6f0a-3e0b-5f57-9d52-1c7a4f3f8a11")


def record_of(article: Draft | Article) -> dict[str, Any]:
    """Return what was read of a page as JSON values; what is absent is None or empty."""
    return {
        "outlet": article.outlet,
        "url": article.url,
        "headline": article.headline,
        "standfirst": article.standfirst,
        "published_at": printed_time(article.published_at),
        "published_precision": article.published_at.precision if article.published_at else None,
        "byline": list(article.byline),
        "editors": list(article.editors),
        "dateline": article.dateline,
        "source": article.source,
        "body": list(article.body),
        "captions": list(article.captions),
        "page_text": article.page_text,
        "removed": [removed_record(cut) for cut in article.removed],
        "witnesses": {field: witness_record(witness) for field, witness in article.witnesses.items()},
        "body_from": article.body_from,
    }


def stored_record(stored: "Stored") -> Record:
    """Return a stored article with the fields of `crawler.exports.fields`, in their order."""
    article, verdict = stored.article, stored.article.verdict
    judged = article.verdicts or ((verdict,) if verdict else ())
    read = record_of(article)
    return {
        "schema": SCHEMA,
        "id": stored.id,
        "uid": uid_of(stored),
        **_taken(read, "outlet", "url"),
        "canonical_url": article.canonical_url,
        **_taken(read, "headline", "standfirst", "published_at", "published_precision"),
        "published_zone_assumed": article.published_at.zone_assumed if article.published_at else None,
        **_taken(read, "byline", "editors", "dateline", "source", "body", "captions"),
        "tags": list(article.tags),
        "topics": sorted(one.topic for one in judged if one.on_topic),
        "topic": verdict.topic if verdict else None,
        "score": verdict.score if verdict else None,
        "reason": verdict.reason if verdict else None,
        "evidence": [evidence_record(one) for one in verdict.evidence] if verdict else [],
        "body_from": article.body_from,
        "partial": article.partial,
        **_taken(read, "removed", "witnesses", "page_text"),
        "revision": stored.revision,
        "revisions": stored.revisions,
        "cause": stored.cause,
        "content_hash": stored.content_hash,
        "ruleset": stored.ruleset,
        "fetched_at": article.fetched_at.isoformat(),
        "first_seen_at": stored.first_seen_at.isoformat(),
        "last_seen_at": stored.last_seen_at.isoformat(),
        "gone": stored.gone,
        "gone_at": moment(stored.gone_at),
        "due_at": moment(stored.due_at),
        "run": stored.run_id,
        "record_ids": list(article.record_ids),
    }


def uid_of(stored: "Stored") -> str:
    """Return the name of an article: no edit, move of its address or change of the database changes it.

    Two stores have different names for what is in both: each saw it first at a time of its own.
    """
    first = stored.first_seen_at.isoformat(timespec="microseconds")
    return uuid.uuid5(NAMESPACE, f"{stored.article.outlet}\n{stored.id}\n{first}").urn


def evidence_record(evidence: Evidence) -> dict[str, Any]:
    """Return one mention that counted as JSON values."""
    return {"term": evidence.term, "side": evidence.side, "place": evidence.place, "text": evidence.text}


def printed_time(instant: Instant | None) -> str | None:
    """Return `2023-09-14T11:39+07:00`, with seconds where they are known; a day alone is its first minute."""
    if instant is None:
        return None
    return instant.at.isoformat(timespec="seconds" if instant.precision == "second" else "minutes")


def moment(at: datetime | None) -> str | None:
    """Return a time in ISO form, None for none."""
    return at.isoformat() if at else None


def removed_record(cut: Removed) -> dict[str, Any]:
    """Return what cleaning took out as JSON values."""
    return {"line": cut.line, "rule": cut.rule, "text": cut.text}


def witness_record(witness: Witness) -> dict[str, Any]:
    """Return who said what about a field as JSON values."""
    return {"by": witness.by, "agree": list(witness.agree), "differ": dict(witness.differ)}


def _taken(read: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: read[name] for name in names}
