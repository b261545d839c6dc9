"""Stored articles for the tests of exports, without a store: whatever a page may have said is in them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
from hypothesis import strategies as st

from crawler.exports.fields import Record
from crawler.exports.records import stored_record
from crawler.items import Article, Evidence, Instant, Removed, Verdict, Witness
from crawler.storage.articles import Stored
from tests.core import storing

HOSTILE = st.text(
    st.one_of(
        st.sampled_from(
            "\x00\x1b\x07\x7f\x85\x9b\t\r\n\u200f\u2028\u202e\ufeff\ufffe\ud800\udfff<>&\"'=+-@;,|]"
        ),
        st.characters(),
    ),
    min_size=1,
    max_size=12,
)
"""Text with what terminals, spreadsheets, XML and UTF-8 take badly."""

_TIMES = st.integers(788_918_400, 3_786_825_600).map(lambda second: datetime.fromtimestamp(second, UTC))
_INSTANTS = st.builds(
    lambda at, hours, precision, assumed: Instant(
        at.replace(second=0).astimezone(timezone(timedelta(hours=hours))), precision, assumed
    ),
    _TIMES,
    st.integers(-12, 14),
    st.sampled_from(["second", "minute", "day"]),
    st.booleans(),
)
_LISTS = st.lists(HOSTILE, max_size=2).map(tuple)


def stored(number: int = 1, **changes: Any) -> Stored:
    """Return an article as it comes from a store; *changes* are of the article."""
    return Stored(
        id=number,
        revision=2,
        revisions=3,
        first_seen_at=storing.NOON.astimezone(UTC),
        last_seen_at=storing.NOON.astimezone(UTC) + timedelta(days=1),
        gone=None,
        gone_at=None,
        looks=1,
        due_at=None,
        content_hash="0" * 64,
        run_id=7,
        cause="outlet",
        ruleset=None,
        article=storing.article(number, **changes),
    )


def record(number: int = 1, **changes: Any) -> Record:
    """Return the record of such an article."""
    return stored_record(stored(number, **changes))


articles = st.builds(
    Article,
    outlet=st.sampled_from(["kontan", "antara"]),
    url=HOSTILE,
    canonical_url=HOSTILE,
    headline=HOSTILE,
    body=st.lists(HOSTILE, min_size=1, max_size=2).map(tuple),
    fetched_at=_TIMES,
    standfirst=st.none() | HOSTILE,
    published_at=st.none() | _INSTANTS,
    byline=_LISTS,
    editors=_LISTS,
    dateline=st.none() | HOSTILE,
    source=st.none() | HOSTILE,
    captions=_LISTS,
    tags=_LISTS,
    page_text=HOSTILE,
    removed=st.lists(st.builds(Removed, st.integers(0, 999), HOSTILE, HOSTILE), max_size=2).map(tuple),
    witnesses=st.dictionaries(
        HOSTILE,
        st.builds(Witness, HOSTILE, _LISTS, st.dictionaries(HOSTILE, HOSTILE, max_size=2)),
        max_size=2,
    ),
    verdict=st.none()
    | st.builds(
        Verdict,
        HOSTILE,
        st.booleans(),
        st.floats(0, 1),
        HOSTILE,
        st.lists(st.builds(Evidence, HOSTILE, HOSTILE, HOSTILE, HOSTILE), max_size=2).map(tuple),
    ),
)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Return some records, numbered from 1."""
    drawn = draw(st.lists(articles, max_size=2))
    return [
        stored_record(attrs.evolve(stored(number), article=article))
        for number, article in enumerate(drawn, 1)
    ]
