"""The word lists of `words.toml`, as sets."""

import tomllib
from importlib.resources import files

_LISTS: dict[str, str] = tomllib.loads(
    files("crawler.text").joinpath("words.toml").read_text(encoding="utf-8")
)


def _words(name: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in _LISTS[name].split())


SMALL = _words("small")
CITIES = _words("cities")
PLACES = CITIES | _words("countries")
BRANDS = _words("brands")
BRAND_ENDINGS = _words("brand_endings")
NOT_PLACES = _words("not_places")
AGENCIES = _words("agencies")
SMALL_IN_CREDITS = _words("small_in_credits")
NOT_INITIALS = _words("not_initials")
ASIDES = _words("asides")
PROFESSIONS = _words("professions")
NOBODY = _words("nobody")
# Label of a credit line -> the fields it fills.
PEOPLE_LABELS: dict[str, tuple[str, ...]] = {
    label: fields
    for name, fields in (
        ("other_labels", ()),
        ("source_labels", ("source",)),
        ("editor_labels", ("editors",)),
        ("byline_labels", ("byline",)),
        ("both_labels", ("byline", "editors")),
    )
    for label in _words(name)
}
