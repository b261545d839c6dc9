"""How the commands print an article: as JSON values for programs, as lines for people."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.cli.output import say
from crawler.dates import WIB, isoformat
from crawler.items import Article, Draft, Evidence, Instant, Removed, Witness

if TYPE_CHECKING:
    from crawler.storage.articles import Stored  # both only named here: `pantau extract` needs no store
    from crawler.storage.revisits import Event


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


def stored_record(stored: "Stored") -> dict[str, Any]:
    """Return a stored article as JSON values: what was read, and what the store knows of it."""
    article, verdict = stored.article, stored.article.verdict
    return {
        "id": stored.id,
        "canonical_url": article.canonical_url,
        **record_of(article),
        "tags": list(article.tags),
        "partial": article.partial,
        "topic": verdict.topic if verdict else None,
        "score": verdict.score if verdict else None,
        "reason": verdict.reason if verdict else None,
        "evidence": [evidence_record(one) for one in verdict.evidence] if verdict else [],
        "revision": stored.revision,
        "revisions": stored.revisions,
        "cause": stored.cause,
        "fetched_at": article.fetched_at.isoformat(),
        "first_seen_at": stored.first_seen_at.isoformat(),
        "last_seen_at": stored.last_seen_at.isoformat(),
        "gone": stored.gone,
        "gone_at": stored.gone_at.isoformat() if stored.gone_at else None,
        "due_at": stored.due_at.isoformat() if stored.due_at else None,
        "run": stored.run_id,
        "record_ids": list(article.record_ids),
    }


def event_record(event: "Event") -> dict[str, Any]:
    """Return what happened to an article as JSON values."""
    return {"kind": event.kind, "at": event.at.isoformat(), "run": event.run_id, "detail": event.detail}


def evidence_record(evidence: Evidence) -> dict[str, Any]:
    """Return one mention that counted as JSON values."""
    return {"term": evidence.term, "side": evidence.side, "place": evidence.place, "text": evidence.text}


def printed_time(instant: Instant | None) -> str | None:
    """Return `2023-09-14T11:39+07:00`, with seconds where they are known; a day alone is its first minute."""
    if instant is None:
        return None
    return instant.at.isoformat(timespec="seconds" if instant.precision == "second" else "minutes")


def removed_record(cut: Removed) -> dict[str, Any]:
    """Return what cleaning took out as JSON values."""
    return {"line": cut.line, "rule": cut.rule, "text": cut.text}


def witness_record(witness: Witness) -> dict[str, Any]:
    """Return who said what about a field as JSON values."""
    return {"by": witness.by, "agree": list(witness.agree), "differ": dict(witness.differ)}


def show_article(article: Draft | Article, *, show_removed: bool = False) -> None:
    """Print an article for a person: fields with their witnesses, the body, on request what was cut."""
    _tell("headline", article.headline or "(none was found)", article, indent=0)
    for label, value in (
        ("standfirst", article.standfirst),
        ("published_at", described_time(article.published_at)),
        ("byline", ", ".join(article.byline)),
        ("editors", ", ".join(article.editors)),
        ("dateline", article.dateline),
        ("source", article.source),
        ("outlet", article.outlet),
        ("url", article.url),
    ):
        if value:
            _tell(label, value, article, indent=2)
    say()
    for paragraph in article.body:
        say(paragraph)
        say()
    if not article.body:
        say("(no body was found)")
        say()
    for caption in article.captions:
        say(f"caption: {caption}", indent=2)
    if article.partial:
        say("not whole: a part of the article could not be read", indent=2)
    if show_removed:
        for cut in article.removed:
            say(f"line {cut.line}, {cut.rule}: {cut.text}", indent=2)
    elif article.removed:
        say(f"{len(article.removed)} lines were cut (--removed shows them)", indent=2)
    say()


def _tell(label: str, value: str, article: Draft | Article, *, indent: int) -> None:
    witness = article.witnesses.get(label)
    said_by = f"  [{described_witness(witness)}]" if witness else ""
    say((value if label == "headline" else f"{label}: {value}") + said_by, indent=indent)


def described_time(instant: Instant | None) -> str | None:
    """Return a time for people: as exact as it was printed, and whether its zone was printed too."""
    if instant is None:
        return None
    return isoformat(instant) + (" (zone not printed)" if instant.zone_assumed else "")


def wib(moment: datetime | None) -> str:
    """Return a stored moment for people, in the outlets' main zone; empty where it is not known."""
    return f"{moment.astimezone(WIB):%Y-%m-%d %H:%M} WIB" if moment else ""


def described_cause(cause: str) -> str:
    """Return what to add to a revision that is not surely the outlet's; empty for one that is."""
    if cause == "rules":
        return " (the same page, read by other rules)"
    return " (changed by the outlet or by the rules, which cannot be told)" if cause == "unclear" else ""


def described_gone(gone: str, gone_at: datetime | None) -> str:
    """Return how an article vanished, for people."""
    since = f", first missed {wib(gone_at)}" if gone_at else ""
    return {
        "suspected": f"perhaps{since}; it is looked at again before that is believed",
        "confirmed": f"yes{since}",
    }.get(gone, gone + since)


def described_event(event: "Event") -> str:
    """Return what happened to an article in one line: revised (number, quote), missed, gone, back."""
    detail = event.detail
    if event.kind == "revised":
        return f"revision {detail.get('revision')}: {', '.join(detail.get('kinds', ())) or 'changed'}"
    if event.kind == "suspected":
        return f"missed ({detail.get('signal')}); {detail.get('control') or 'no other article'} was read well"
    if event.kind == "confirmed":
        return f"gone: missed {detail.get('signals')} times since {str(detail.get('since'))[:16]}"
    return "back again" if event.kind == "restored" else event.kind


def described_witness(witness: Witness) -> str:
    """Return `json-ld; meta agrees; page says …` for people."""
    parts = [witness.by]
    if witness.agree:
        parts.append(f"agrees: {', '.join(witness.agree)}")
    parts.extend(f"{name} differs: {value}" for name, value in witness.differ.items())
    return "; ".join(parts)
