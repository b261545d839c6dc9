"""What a message says: its content as values, and as text for a channel, in which nothing remote is alive.

A content is `{"rule", "sections": [{"heading", "items": [{"text", "url"}], "more"}]}`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from crawler.alerts.deciding import ILL, STILL, STOPPED, WELL, WORKS, Condition, Due, Entry
from crawler.dates import wib
from crawler.logs import inert
from crawler.storage.pulses import SCHEDULE

MOST_ITEMS: Final = 20
_HEADLINE_CHARS: Final = 300
_CAUSE_CHARS: Final = 500
_SUBJECT_CHARS: Final = 150

# Signs that mean something to a chat: mentions, markup, tags. Their full-width twins mean nothing to any.
_ALIVE: Final = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "@<>[]*_`~|\\#{}"}
# Written for us, most of them: they hide text, or show it in another order than it has.
_HIDDEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_HEADINGS: Final = {
    STOPPED: ("the schedule stands still", "The schedule stands still"),
    WORKS: ("the schedule works again", "The schedule works again"),
    ILL: ("{} in trouble", "Outlets in trouble"),
    STILL: ("{} still in trouble", "Still in trouble"),
    WELL: ("{} well again", "Trouble that is over"),
    "new": ("{} new", "New articles"),
    "keyword": ("{} with keywords", "Articles with keywords"),
    "edit": ("{} edited", "Edited articles"),
    "gone": ("{} deleted", "Deleted articles"),
    "back": ("{} back again", "Articles that are back"),
}


def content_of(rule: str, due: Due) -> dict[str, Any]:
    """Return what a message says, by kind; of each at most `MOST_ITEMS`, and how many more there are."""
    told: dict[str, list[dict[str, Any]]] = {}
    for entry in due.entries:
        told.setdefault(entry.kind, []).append(_item(entry))
    for condition in due.repeated:
        kind = STOPPED if _is_schedule(condition) else STILL
        told.setdefault(kind, []).append(_lasting_item(condition))
    sections = [
        {
            "kind": kind,
            "heading": heading,
            "items": told[kind][:MOST_ITEMS],
            "more": max(0, len(told[kind]) - MOST_ITEMS),
        }
        for kind, (_, heading) in _HEADINGS.items()
        if kind in told
    ]
    return {"rule": rule, "sections": sections}


def subject_of(content: Mapping[str, Any]) -> str:
    """Return what a message is about in one short line; with one article only, its headline."""
    sections = content["sections"]
    numbers = Counter({one["kind"]: len(one["items"]) + one["more"] for one in sections})
    if numbers.total() == 1:
        [section] = sections
        phrase = _HEADINGS[section["kind"]][0].format("").strip()
        if section["kind"] in {STOPPED, WORKS}:
            return f"pantau: {phrase}"
        item = section["items"][0]
        return _cut(f"pantau: {phrase}: {item['name']}", _SUBJECT_CHARS)
    return "pantau: " + ", ".join(_HEADINGS[kind][0].format(number) for kind, number in numbers.items())


def text_of(content: Mapping[str, Any], *, message_id: str, most_chars: int, chat: bool) -> str:
    """Return a message as plain text of at most about *most_chars*; for a *chat* without any living sign."""
    most = MOST_ITEMS
    while True:
        text = _text(content, message_id, most, chat=chat)
        if len(text) <= most_chars or most == 1:
            return text if len(text) <= most_chars else f"{text[: most_chars - 60]} …\nid {message_id}"
        most -= 1


def clean(text: str, *, chat: bool) -> str:
    """Return remote text as one line that is only read; for a *chat* with full-width twins of its signs."""
    line = inert(_HIDDEN.sub("", text)).strip()
    return line.translate(_ALIVE) if chat else line


def address(url: str) -> str:
    """Return an address in which no sign ends it early or means anything to a chat."""
    return quote(url, safe="/:?&=%;,+~.!$'-@#") if url.startswith(("http://", "https://")) else ""


def _text(content: Mapping[str, Any], message_id: str, most: int, *, chat: bool) -> str:
    lines: list[str] = []
    for section in content["sections"]:
        lines += ["", section["heading"]]
        for item in section["items"][:most]:
            lines.append(f"- {clean(item['text'], chat=chat)}")
            if item.get("url"):
                lines.append(f"  {item['url']}")
        more = section["more"] + max(0, len(section["items"]) - most)
        if more:
            lines.append(f"- and {more} more: see `pantau alerts show {message_id}`, or the dashboard")
    rule = clean(str(content["rule"]), chat=chat)
    return "\n".join([*lines[1:], "", f"rule {rule}, id {message_id}"])


def _item(entry: Entry) -> dict[str, Any]:
    detail = entry.detail
    if "subject" in detail:
        return _subject_item(entry.kind, detail, entry.at)
    headline = _cut(detail["headline"], _HEADLINE_CHARS)
    words = f" (keywords: {', '.join(detail['words'])})" if detail.get("words") else ""
    published = detail.get("published_at")
    when = f", {wib(datetime.fromisoformat(published))}" if published else ""
    what = {
        "edit": f" (changed: {', '.join(detail.get('kinds') or ['text'])})",
        "gone": f" (missed since {_wib_of(detail.get('since'))})",
        "back": f" (had been missed since {_wib_of(detail.get('since'))})",
    }.get(entry.kind, when)
    return {
        "name": headline,
        "text": f"{detail['outlet']}: {headline}{what}{words}",
        "url": address(detail["url"]),
        "outlet": detail["outlet"],
        "article": detail["article"],
        "revision": detail["revision"],
    }


def _subject_item(kind: str, detail: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    since, subject = _wib_of(detail.get("since")), detail["subject"]
    cause = _cut(detail.get("cause") or "", _CAUSE_CHARS)
    text = {
        STOPPED: f"the schedule has stopped since {since}: {cause}",
        WORKS: f"the schedule works again; it stood still from {since} to {wib(at)}",
        WELL: f"{subject}: {cause}, after trouble since {since}",
    }.get(kind, f"{subject}: {cause}")
    return {"name": subject, "text": text, "subject": subject}


def _lasting_item(condition: Condition) -> dict[str, Any]:
    cause, since = _cut(condition.cause or "", _CAUSE_CHARS), wib(condition.since)
    if _is_schedule(condition):
        text = f"the schedule has stopped since {since}, told again: {cause}"
    else:
        text = f"{condition.subject}, told before: {cause}"
    return {"name": condition.subject, "text": text, "subject": condition.subject}


def _is_schedule(condition: Condition) -> bool:
    return condition.subject == SCHEDULE


def _wib_of(moment: str | None) -> str:
    return wib(datetime.fromisoformat(moment)) if moment else "a time that is not known"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
