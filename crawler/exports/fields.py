"""The fields of an exported article: their order, their types, what each means. Every format rests on it.

`docs/exports.md` prints this table, and a test holds the two against each other.
"""

from enum import StrEnum
from typing import Any, Final

import attrs

SCHEMA: Final = 1
"""Version of the fields: it grows when one goes or changes its meaning, not when one is added."""

Record = dict[str, Any]
"""An article as JSON values, with the fields of `FIELDS` in that order."""


class Kind(StrEnum):
    """What a field holds, in words for people."""

    WHOLE = "whole number"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "true or false"
    PRINTED = "time with the printed offset"
    MOMENT = "time in UTC"
    TEXTS = "list of texts"
    CUTS = "list of {line, rule, text}"
    WITNESSES = "{field: {by, agree, differ}}"
    EVIDENCE = "list of {term, side, place, text}"


@attrs.frozen
class Field:
    """One field: `may_lack` where it can be null, `cell` where it is a column of the CSV too."""

    name: str
    kind: Kind
    meaning: str
    may_lack: bool = False
    cell: bool = True


FIELDS: Final = (
    Field("schema", Kind.WHOLE, "version of these fields"),
    Field("id", Kind.WHOLE, "number of the article in this store"),
    Field("uid", Kind.TEXT, "name of the article, a `urn:uuid:`; the same for ever, in every format"),
    Field("outlet", Kind.TEXT, "name of the outlet, as in `pantau outlets`"),
    Field("url", Kind.TEXT, "address it was read from"),
    Field("canonical_url", Kind.TEXT, "address it is known by"),
    Field("headline", Kind.TEXT, "headline, without the outlet's name"),
    Field("standfirst", Kind.TEXT, "the outlet's summary under the headline", may_lack=True),
    Field("published_at", Kind.PRINTED, "when the outlet says it came out; never a guess", may_lack=True),
    Field("published_precision", Kind.TEXT, "how exact that is: second, minute, day", may_lack=True),
    Field("published_zone_assumed", Kind.FLAG, "no zone was printed, the outlet's was taken", may_lack=True),
    Field("byline", Kind.TEXTS, "people who wrote it"),
    Field("editors", Kind.TEXTS, "people who edited it"),
    Field("dateline", Kind.TEXT, "place in front of the text", may_lack=True),
    Field("source", Kind.TEXT, "agency or outlet that it names as its source", may_lack=True),
    Field("body", Kind.TEXTS, "clean text, a paragraph each"),
    Field("captions", Kind.TEXTS, "captions of pictures"),
    Field("tags", Kind.TEXTS, "keywords that the page names"),
    Field("topics", Kind.TEXTS, "topics that it is on by now, in the order of their names"),
    Field("topic", Kind.TEXT, "topic that it was kept for", may_lack=True),
    Field("score", Kind.NUMBER, "how strongly it is on that topic, 0 to 1", may_lack=True),
    Field("reason", Kind.TEXT, "why, in words", may_lack=True),
    Field("evidence", Kind.EVIDENCE, "mentions that counted, with side and place", cell=False),
    Field("body_from", Kind.TEXT, "who found the body: selector, generic (to be doubted), text, api"),
    Field("partial", Kind.FLAG, "a part of a split article could not be read"),
    Field("removed", Kind.CUTS, "what cleaning cut, and by which rule", cell=False),
    Field("witnesses", Kind.WITNESSES, "who said what about each field", cell=False),
    Field("page_text", Kind.TEXT, "text of the whole page, furniture included", cell=False),
    Field("revision", Kind.WHOLE, "number of this revision, from 1; the current one is exported"),
    Field("revisions", Kind.WHOLE, "how many there are"),
    Field("cause", Kind.TEXT, "who made the revision: outlet, rules, unclear"),
    Field("content_hash", Kind.TEXT, "SHA-256 of headline, byline, time and body"),
    Field("ruleset", Kind.TEXT, "fingerprint of the rules that read it", may_lack=True),
    Field("fetched_at", Kind.MOMENT, "when this revision was fetched"),
    Field("first_seen_at", Kind.MOMENT, "when the article was stored first"),
    Field("last_seen_at", Kind.MOMENT, "when it was last read"),
    Field("gone", Kind.TEXT, "suspected or confirmed, where it vanished from the outlet", may_lack=True),
    Field("gone_at", Kind.MOMENT, "when it was first missed", may_lack=True),
    Field("due_at", Kind.MOMENT, "when it is looked at again", may_lack=True),
    Field("run", Kind.WHOLE, "number of the run that read this revision"),
    Field("record_ids", Kind.TEXTS, "names of the archived responses it was read from"),
)
