"""When a page says that its article was published: the printed time, its rivals, and its traps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.dates import WIB
from crawler.items import Instant
from crawler.pages.article import ArticlePage, read_html
from tests.core.article_pages import URL, minute, story
from tests.core.layouts import (
    cards,
    linked_data,
)


@pytest.mark.parametrize(
    ("claimed", "by"),
    [
        ("2026-03-04T09:15:33+07:00", "json-ld"),  # agrees: the more exact one
        ("2026-03-04T02:15:33Z", "json-ld"),
        ("2026-03-04T09:18:02+07:00", "printed"),  # differs: print wins
        ("2026-03-04T09:15:33Z", "printed"),  # local time labelled as UTC
        ("2014-07-13T20:07:27", "printed"),
        ("Edisi 12", "printed"),
        ("0000-00-00 00:00:00", "printed"),
    ],
)
def test_the_printed_time_wins_where_metadata_differs(claimed: str, by: str) -> None:
    draft = read_html(story(head=linked_data(datePublished=claimed)), URL)
    assert minute(draft) == "2026-03-04 09:15"
    assert draft.witnesses["published_at"].by == by


def test_a_wrong_sign_of_the_offset_is_put_right() -> None:
    head = '<meta property="article:published_time" content="2026-03-04T09:15:33-07:00">'
    draft = read_html(story(head=head, time=""), URL)
    assert minute(draft) == "2026-03-04 09:15"


def test_agreement_and_difference_are_recorded() -> None:
    head = linked_data(datePublished="2026-03-04T09:18:02+07:00") + (
        '<meta property="article:published_time" content="2026-03-04T02:15:59+00:00">'
    )
    witness = read_html(story(head=head), URL).witnesses["published_at"]
    assert (witness.by, witness.agree) == ("article:published_time", ("printed",))
    assert witness.differ == {"json-ld": "2026-03-04T09:18:02+07:00"}


def test_truncated_linked_data_leaves_the_next_witness() -> None:
    head = linked_data(datePublished="2026-03-04T09:15:33+07:00")[:-40] + "</script>"
    head += '<meta property="article:published_time" content="2026-03-04T09:15:40+07:00">'
    draft = read_html(story(head=head, time=""), URL)
    assert draft.witnesses["published_at"].by == "article:published_time"
    assert minute(draft) == "2026-03-04 09:15"


@pytest.mark.parametrize(
    "place",
    [
        '<div class="sidebar"><p>Senin, 2 Februari 2026 | 08:00 WIB</p></div>',
        '<div class="berita-terkait"><span>Senin, 2 Februari 2026 | 08:00 WIB</span></div>',
        '<div class="komentar"><time datetime="2026-02-02T08:00:00+07:00">2 Februari 2026 08:00</time></div>',
        '<div><a href="/lain">Berita lain, Senin, 2 Februari 2026 08:00 WIB</a></div>',
    ],
)
def test_dates_of_other_stories_are_not_taken(place: str) -> None:
    head = linked_data(datePublished="2026-03-04T09:15:33+07:00")
    assert minute(read_html(story(head=head, time="", more=place), URL)) == "2026-03-04 09:15"
    assert minute(read_html(story(head=head, more=place), URL)) == "2026-03-04 09:15"
    for box in (place, f'<div class="terkait">{cards()}</div>'):
        assert (
            minute(read_html(story(head=head, time="").replace("<figure>", f"{box}<figure>"), URL))
            == "2026-03-04 09:15"
        )
    related = story(more="").replace("<figure>", f'<div class="terkait">{cards()}</div><figure>')
    assert minute(read_html(related, URL)) == "2026-03-04 09:15"


def test_the_day_of_the_visit_the_address_and_cards_behind_the_body_date_nothing() -> None:
    # The masthead of every invented page prints a day.
    assert read_html(story(time=""), URL).published_at is None
    assert read_html(story(time="", more=f"<div>{cards()}</div>"), URL).published_at is None


def test_the_list_entry_dates_what_the_page_does_not() -> None:
    listed = Instant(datetime(2026, 3, 4, 9, 0, tzinfo=WIB))
    draft = read_html(story(time=""), URL, listed_at=listed)
    assert draft.published_at == listed
    assert draft.witnesses["published_at"].by == "list"
    assert minute(read_html(story(), URL, listed_at=listed)) == "2026-03-04 09:15"


def test_a_relative_time_is_resolved_against_the_fetch_and_is_the_last_resort() -> None:
    fetched = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
    html = story(time="2 jam yang lalu")
    assert read_html(html, URL).published_at is None
    draft = read_html(html, URL, fetched_at=fetched)
    assert draft.published_at is not None
    assert draft.published_at.utc == fetched - timedelta(hours=2)
    dated = story(time="2 jam yang lalu", head=linked_data(datePublished="2026-03-04T09:15:33+07:00"))
    assert minute(read_html(dated, URL, fetched_at=fetched)) == "2026-03-04 09:15"


def test_a_time_element_is_a_witness() -> None:
    element = '<time datetime="2026-03-04T02:15:20Z">kemarin</time>'
    draft = read_html(story(time=element), URL)
    assert minute(draft) == "2026-03-04 09:15"
    assert draft.witnesses["published_at"].by == "time"
    related = f'<div class="terkait">{element}</div>'
    assert read_html(story(time="", more=related), URL).published_at is None


def test_an_update_is_not_the_publication() -> None:
    both = "Diperbarui 5 Maret 2026, 20:00 WIB</span><span>Tayang: 4 Maret 2026, 09:15 WIB"
    assert minute(read_html(story(time=both), URL)) == "2026-03-04 09:15"


def test_a_printed_update_alone_does_not_outdo_metadata() -> None:
    updated = "Diperbarui 5 Maret 2026, 20:00 WIB"
    head = linked_data(datePublished="2026-03-04T09:15:33+07:00")
    assert minute(read_html(story(head=head, time=updated), URL)) == "2026-03-04 09:15"
    assert minute(read_html(story(time=updated), URL)) == "2026-03-05 20:00"


def test_a_time_behind_a_name_and_a_label_is_found() -> None:
    line = "Penulis: Anisa Larasati</span> <span>Pada: Rabu, 4 Mar 2026, 09:15 WIB"
    assert minute(read_html(story(time=line), URL)) == "2026-03-04 09:15"


def test_an_outlet_in_another_zone_reads_bare_times_as_its_own() -> None:
    class EasternPage(ArticlePage):
        zone = timezone(timedelta(hours=9), "WIT")

    draft = read_html(story(time="4 Maret 2026 09:15"), URL, EasternPage)
    assert draft.published_at is not None
    assert draft.published_at.utc == datetime(2026, 3, 4, 0, 15, tzinfo=UTC)
