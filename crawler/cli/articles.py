"""How the commands print an article and what happened to it, as lines for people."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.cli.output import say
from crawler.dates import isoformat, wib
from crawler.items import Article, Draft, Instant, Witness

if TYPE_CHECKING:
    from crawler.storage.revisits import Event  # only named here: `pantau extract` needs no store


def event_record(event: "Event") -> dict[str, Any]:
    """Return what happened to an article as JSON values."""
    return {"kind": event.kind, "at": event.at.isoformat(), "run": event.run_id, "detail": event.detail}


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
    _tell_body(article)
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


def _tell_body(article: Draft | Article) -> None:
    witness, layout = article.witnesses.get("body"), article.witnesses.get("layout")
    if witness is not None:
        by = f"read by {layout.by}  " if layout else ""
        say(f"body: {by}[{described_witness(witness)}]", indent=2)
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
