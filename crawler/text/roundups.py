"""Recognise a round-up: one text that tells several stories one after another."""

import re
from collections.abc import Sequence

__all__ = ["headline_items", "marked_items", "round_up_words"]

_SHORTEST_ITEM, _FEWEST_ITEMS = 60, 3
_OPENING_PASSAGES = 3  # the lead of a round-up announces it early

# As their headlines and first lines show them.
_HEADLINE = re.compile(
    r"\A\W*(?:\d+ )?(?:ter)?populer\b|(?:ter)?populer (?:global|internasional|dunia|hari ini)\b|\btop \d"
    r"|\b(?:\d+|lima|tiga|sepuluh) (?:berita|kabar|headline)\b|\b(?:berita|kabar) (?:ter)?populer\b"
    r"|\brangkum(?:an)? (?:berita|kabar|dunia|internasional|perang)\b|\bkilas\b(?! balik)"
    r"|\b(?:dunia|berita|kabar|global|internasional) (?:dalam )?sepekan\b|\bsepekan (?:dunia|berita|global)\b"
    r"|\A\W*(?:kabar|berita|info|warta) (?:pagi|siang|sore|malam|dunia|global|(?:pekan|hari) ini)\s?[:|]"
    r"|\bperang\b.{0,30}\bhari ke-? ?\d|\A.{0,30}-.{0,20}\bhari ke-? ?\d+:"
)
_LEAD = re.compile(
    r"\b(?:me)?rangkum(?:an)?\b(?! dari\b)(?: [\w-]+){0,2} (?:berita|kabar|artikel|peristiwa)\b"
)
_HEADLINE_ITEM = re.compile(r"\s\|\s|[;,]|\s-\s|\bhingga\b|\bsampai\b")
_MARK = re.compile(
    r"(?:\d{1,2}\s?[.)]|[•▪●◦*-])\s+|(?:senin|selasa|rabu|kamis|jumat|jum'at|sabtu|minggu|ahad)\s?[.:]\s"
)


def round_up_words(headline: str, passages: Sequence[str]) -> str:
    """Return what in a headline or an opening passage (plain, lower case) announces a round-up, or ""."""
    if found := _HEADLINE.search(headline):
        return found[0].strip(" -|:[")
    for passage in passages[:_OPENING_PASSAGES]:
        if found := _LEAD.search(passage):
            return found[0]
    return ""


def headline_items(headline: str) -> list[str]:
    """Return the stories that a round-up's headline names; at least one."""
    return [item for item in _HEADLINE_ITEM.split(headline) if item.strip()] or [headline]


def marked_items(passages: Sequence[str]) -> list[int]:
    """Return the numbers of the passages that are numbered, bulleted or dated items, or [] if too few."""
    found = [
        number
        for number, passage in enumerate(passages)
        if len(passage) >= _SHORTEST_ITEM and _MARK.match(passage)
    ]
    return found if len(found) >= _FEWEST_ITEMS else []
