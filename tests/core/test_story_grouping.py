"""Stories of articles that share text: who was first, who copied whom, and that no order changes it."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.stories.grouping import Facts, Group, Place, Shared, groups
from tests.core.storing import NOON


def at(number: int, minute: int | None, **more: object) -> Facts:
    moment = None if minute is None else NOON + timedelta(minutes=minute)
    return Facts(id=number, key=f"k{number}", outlet=f"o{number}", at=moment, precision="minute", **more)  # type: ignore[arg-type]


def whole(first: int, second: int, share: float = 1.0) -> Shared:
    return Shared(first, second, share, share, 0.0, 0.0)


def half(first: int, second: int) -> Shared:
    return Shared(first, second, 0.5, 0.5, 0.5, 0.5)


def places(group: Group) -> dict[int, Place]:
    return {place.article_id: place for place in group.places}


def test_the_earliest_is_first_and_the_others_copied_it() -> None:
    [story] = groups([at(1, 30), at(2, 0), at(3, 90)], [whole(1, 2), whole(2, 3, 0.5), whole(1, 3, 0.5)])
    found = places(story)
    assert (story.origin, story.sources) == (2, 1)
    assert (found[2].role, found[2].copied_from) == ("first", None)
    assert (found[1].role, found[1].copied_from, found[1].lag) == ("copy", 2, timedelta(minutes=30))
    assert (found[3].role, found[3].share) == ("rewrite", 0.5)


def test_a_credit_beats_the_time() -> None:
    wire = at(1, 40, own_agency="Antara")
    [story] = groups(
        [wire, at(2, 10, agencies=("Antara",)), at(3, 90)], [whole(1, 2), whole(2, 3), whole(1, 3)]
    )
    found = places(story)
    assert story.origin == 1
    assert (found[1].role, found[2].copied_from, found[2].lag) == ("first", 1, timedelta(minutes=-30))
    assert story.agencies == ("Antara",)
    [other] = groups([wire, at(2, 10)], [whole(1, 2)])
    assert other.origin == 2


def test_within_a_day_nobody_can_be_said_to_be_earlier() -> None:
    by_day = attrs.evolve(at(2, -12 * 60), precision="day")
    [story] = groups([at(1, 30), by_day], [whole(1, 2)])
    assert {place.role for place in story.places} == {"unclear"}
    next_day = attrs.evolve(by_day, at=NOON + timedelta(hours=12))
    [story] = groups([at(1, 30), next_day], [whole(1, 2)])
    assert places(story)[2].role == "copy"
    [story] = groups([at(1, 30), at(2, None)], [whole(1, 2)])
    assert places(story)[2].role == "unclear"
    [story] = groups([at(1, 30), at(2, 30)], [whole(1, 2)])
    assert places(story)[2].role == "unclear"


def test_a_merged_article_is_in_both_stories_and_makes_them_no_one() -> None:
    merged = [half(5, one) for one in (1, 2, 3, 4)]
    facts = [at(1, 0), at(2, 10), at(3, 5), at(4, 20), at(5, 60), at(6, 90)]
    pairs = [whole(1, 2), whole(3, 4), *merged, whole(5, 6), *(half(6, one) for one in (1, 2, 3, 4))]
    found = {story.origin: places(story) for story in groups(facts, pairs)}
    assert {origin: set(members) for origin, members in found.items()} == {
        1: {1, 2, 5, 6},
        3: {3, 4, 5, 6},
        5: {5, 6},
    }
    assert found[1][5].role == found[3][5].role == "partial"
    assert found[5][6].role == "copy"
    assert next(story for story in groups(facts, pairs) if story.origin == 1).sources == 3


@pytest.mark.parametrize(("of_the_source", "origins"), [(0.5, {1, 3}), (0.8, {1, 3, 4})])
def test_a_small_passage_counts_where_most_of_its_source_is_in_it(
    of_the_source: float, origins: set[int]
) -> None:
    passage = Shared(4, 5, of_the_source, 0.2, 0.0, 0.8)
    pairs = [whole(1, 2), half(5, 1), half(5, 3), whole(3, 6), passage]
    facts = [at(1, 10), at(2, 20), at(3, 30), at(4, 40), at(5, 60), at(6, 45)]
    assert {story.origin for story in groups(facts, pairs) if 5 in places(story)} == origins


def test_a_first_short_version_is_of_the_story_that_grew_of_it() -> None:
    grown = Shared(1, 2, 1.0, 0.4, 0.0, 0.6)
    [story] = groups([at(1, 0), at(2, 30), at(3, 60)], [grown, whole(2, 3), Shared(1, 3, 1.0, 0.4, 0.0, 0.6)])
    assert {one: place.role for one, place in places(story).items()} == {1: "first", 2: "partial", 3: "copy"}


def test_who_shares_with_nobody_is_in_no_story() -> None:
    assert groups([at(1, 0), at(2, 1)], []) == []


shares = st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])
numbers = st.integers(1, 7)
some_facts = st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=7, max_size=7)
some_pairs = st.dictionaries(
    st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(shares, shares, shares, shares),
    max_size=12,
)


@given(some_facts, some_pairs, st.randoms())
def test_no_order_and_no_number_changes_a_story(times, pairs, random) -> None:
    facts = [
        at(
            number + 1,
            minute,
            agencies=("Antara",) if number % 3 == 0 else (),
            own_agency="Antara" if number == 4 else None,
        )
        for number, minute in enumerate(times)
    ]
    links = [Shared(*ends, *values) for ends, values in pairs.items()]
    renamed = {number: number * 7 % 11 for number in range(1, 8)}
    others = [attrs.evolve(each, id=renamed[each.id]) for each in facts]
    turned = [attrs.evolve(link, first=renamed[link.first], second=renamed[link.second]) for link in links]
    random.shuffle(others)
    random.shuffle(turned)
    first, second = groups(facts, links), groups(others, turned)
    assert [told(each, {number: number for number in renamed}) for each in first] == [
        told(each, {new: old for old, new in renamed.items()}) for each in second
    ]
    assert len({each.key for each in first}) == len(first)


def told(group: Group, names: dict[int, int]) -> tuple[object, ...]:
    members = {
        attrs.evolve(
            place,
            article_id=names[place.article_id],
            copied_from=place.copied_from and names[place.copied_from],
        )
        for place in group.places
    }
    return (group.key, names[group.origin], members, group.agencies, group.sources)
