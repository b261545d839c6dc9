"""The kinds of story: what each is about, where its templates are, and how often it appears."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of story. `data` names its templates, `captions` those of its captions where they differ.

    `cards` is how many of the deck's cards are of this kind. `about_topic` makes the cross links of its page
    name the topic, whatever the story is about.
    """

    name: str
    data: str
    on_topic: bool = False
    cards: int = 1
    captions: str = ""
    about_topic: bool = False


ON_TOPIC = (
    Kind("summit", "on/summit", on_topic=True),
    Kind("troops", "on/troops", on_topic=True),
    Kind("arms", "on/arms", on_topic=True),
    Kind("treaty", "on/treaty", on_topic=True),
    Kind("trade", "on/trade", on_topic=True),
    Kind("statement", "on/statement", on_topic=True),
    Kind("third-party-reaction", "on/reaction", on_topic=True),
    Kind("sanctions", "on/sanctions", on_topic=True),
)
HARD = (
    Kind("russia-only", "off/russia", cards=2),
    Kind("north-korea-only", "off/north-korea", cards=2),
    Kind("south-korea-russia", "off/south-korea-russia"),
    Kind("crosslink-only", "ordinary/economy", about_topic=True),
    Kind("caption-only", "ordinary/tech", captions="off/caption-only"),
    Kind("recipe", "off/recipe"),
    Kind("football", "off/football"),
    Kind("un-vote", "off/un-vote"),
    Kind("nuclear-list", "off/nuclear-list"),
    Kind("world-war-list", "off/ww-list"),
)
ORDINARY = (
    Kind("economy", "ordinary/economy", cards=5),
    Kind("local", "ordinary/local", cards=5),
    Kind("health", "ordinary/health", cards=3),
    Kind("technology", "ordinary/tech", cards=3),
    Kind("weather", "ordinary/weather", cards=4),
)
ALL = ON_TOPIC + HARD + ORDINARY


@cache
def by_name() -> dict[str, Kind]:
    """Return the kinds by their names."""
    return {kind.name: kind for kind in ALL}


@cache
def deck() -> tuple[str, ...]:
    """Return the deck that outlets deal from: 40 cards, 8 of them on the topic, 12 hard negatives."""
    return tuple(kind.name for kind in ALL for _ in range(kind.cards))
