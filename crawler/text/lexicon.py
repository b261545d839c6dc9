"""The word lists of `words.toml`, as sets."""

import tomllib
from importlib.resources import files

_MIN_ENDING_CHARS = 3
_LISTS: dict[str, str] = tomllib.loads(
    files("crawler.text").joinpath("words.toml").read_text(encoding="utf-8")
)


def _words(name: str) -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in _LISTS[name].split())


SMALL = _words("small")
CITIES = _words("cities")
PLACES = CITIES | _words("countries")
BRANDS = _words("brands")
BRAND_BEGINNINGS = _words("brand_beginnings")
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


def is_outlet_name(text: str) -> bool:
    """Tell whether a name is an outlet's: it is known, or begins or ends as such names do."""
    words = text.casefold().strip(" .").split()
    if not words or " ".join(words) in BRANDS:
        return bool(words)
    if len(words) > 1 and words[0] in BRAND_BEGINNINGS:
        return True
    last = words[-1]
    return last in BRAND_ENDINGS or any(
        last.endswith(ending) for ending in BRAND_ENDINGS if len(ending) >= _MIN_ENDING_CHARS
    )
