"""Articles as an Atom feed (RFC 4287), the newest first, in ASCII: no text of a page is ever markup."""

import heapq
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from lxml import etree

from crawler.exports.fields import SCHEMA, Record
from crawler.exports.formats import About, Sink
from crawler.exports.records import NAMESPACE

ATOM: Final = "http://www.w3.org/2005/Atom"
OWN: Final = f"urn:pantau:export:{SCHEMA}"
SUMMARY: Final = 300
NOBODY: Final = "1970-01-01T00:00:00+00:00"

# What XML cannot hold, and what a terminal would obey: control characters, halves of surrogate pairs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DECLARATION: Final = b"<?xml version='1.0' encoding='utf-8'?>\n"
_SPACES = re.compile(r"\s+")
_ADDRESS_SIGNS: Final = "%/:?#[]@!$&'()*+,;=-._~"


def write_atom(records: Iterable[Record], into: Sink, about: About) -> None:
    """Write the `about.newest` articles that came out last; of one without a time the first sight counts."""
    newest = heapq.nlargest(about.newest, records, key=lambda record: (_came_out(record), record["id"]))
    feed = etree.Element(_name("feed"), nsmap={None: ATOM, "pantau": OWN})
    wanted = [about.outlet or "all outlets", *about.topics]
    _put(feed, "id", uuid.uuid5(NAMESPACE, "\n".join(["feed", *wanted])).urn)
    _put(feed, "title", f"pantau: {', '.join(wanted)}")
    _put(feed, "updated", max(map(_updated, newest), default=NOBODY))
    _put(feed, "generator", "pantau", version=str(SCHEMA))
    for record in newest:
        feed.append(_entry(record))
    etree.indent(feed)
    # In ASCII every other character is a number, so that none reaches a terminal as it is.
    into.write(
        b"<?xml version='1.0' encoding='utf-8'?>\n" + etree.tostring(feed, encoding="us-ascii") + b"\n"
    )


def _entry(record: Record) -> etree._Element:
    entry = etree.Element(_name("entry"))
    _put(entry, "id", record["uid"])
    _put(entry, "title", record["headline"])
    _put(entry, "updated", _updated(record))
    if record["published_at"]:
        _put(entry, "published", _rfc3339(record["published_at"]))
    for person in record["byline"] or [record["outlet"]]:
        _put(etree.SubElement(entry, _name("author")), "name", person)
    link = next(filter(None, map(web_address, (record["canonical_url"], record["url"]))), None)
    if link is not None:
        etree.SubElement(entry, _name("link"), rel="alternate", type="text/html", href=link)
    if record["topic"]:
        etree.SubElement(entry, _name("category"), term=_fit(record["topic"]))
    source = etree.SubElement(entry, _name("source"))
    _put(source, "id", uuid.uuid5(NAMESPACE, f"outlet\n{record['outlet']}").urn)
    _put(source, "title", record["outlet"])
    _put(source, "updated", _updated(record))
    _put(entry, "summary", _shortened(record["standfirst"] or record["body"][0]))
    _put(entry, "content", "\n\n".join(record["body"]))
    for name in ("outlet", "score", "revision", "gone", "content_hash"):
        if record[name] is not None:
            etree.SubElement(entry, f"{{{OWN}}}{name}").text = _fit(str(record[name]))
    return entry


def web_address(url: str) -> str | None:
    """Return an address that a feed reader may follow, in visible ASCII; None for any other."""
    try:
        parts = urlsplit(url)
        named = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not named:
        return None
    return quote(_fit(url), safe=_ADDRESS_SIGNS)


def _put(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, _name(name), attributes).text = _fit(text)


def _name(local: str) -> str:
    return f"{{{ATOM}}}{local}"


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def _shortened(text: str) -> str:
    text = _SPACES.sub(" ", text).strip()
    return text if len(text) <= SUMMARY else text[: SUMMARY - 1].rsplit(" ", 1)[0] + "…"


def _came_out(record: Record) -> datetime:
    return datetime.fromisoformat(record["published_at"] or record["first_seen_at"])


def _updated(record: Record) -> str:
    """Return when the article was last different: when this revision was fetched, in UTC."""
    return datetime.fromisoformat(record["fetched_at"]).astimezone(UTC).isoformat(timespec="seconds")


def _rfc3339(time: str) -> str:
    return datetime.fromisoformat(time).isoformat(timespec="seconds")
