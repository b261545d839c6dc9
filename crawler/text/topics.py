"""Load a topic: two sides with their names, as one TOML file, checked and compiled."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import attrs

from crawler.errors import ConfigError

SIDES: Final = 2
NOBODY: Final = ""  # owner of a phrase that holds a name without meaning it
_FULL_KINDS = frozenset({"names", "places"})
_TERM_KINDS = ("names", "places", "short", "hints")
# How much one mention of a term says that the side is meant; a hint is never enough alone.
_STRENGTH = {"names": 1.0, "places": 1.0, "short": 1.0, "hints": 0.4}
_TERM = re.compile(r"(?:[^\W_]|[ .'’&/-])*\*?")
_MAX_TERM_CHARS, _MAX_TERMS, _MAX_FILE_BYTES = 80, 3_000, 200_000
_SIDE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_SEPARATOR = re.compile(r"[\s_.'’&/-]+")
# A space or hyphen of a term may be printed as either, or left out, as in a hashtag or an address.
_GAP = r"[ _-]{0,2}"
# A dispatch opens with its place: "MOSKOW - …", "KABAR.ID, Pyongyang (ANTARA) – …", "KABAR.ID - MOSKOW. …".
_DATELINE = (
    r"(?:[^\s,]{{2,30}}\s?(?:,|[-–—]{{1,2}})\s?)?(?:{})"
    r"(?:,\s?[^-–—]{{1,25}})?(?:\s?\([^)]{{1,30}}\))?\s?(?:[-–—]{{1,2}}|\.)\s"
)
_STARTS, _ENDS = r"(?<![^\W_])", r"(?:nya|lah|pun|kah)?(?![^\W_])"
_WORDS = _STARTS + "(?:{})" + _ENDS


@attrs.frozen
class Term:
    """One spelling, whose it is (a side or a third party), and how surely it means them (0.0 to 1.0)."""

    text: str
    owner: str
    kind: str
    strength: float

    @property
    def is_full(self) -> bool:
        """Whether it names its side by itself."""
        return self.kind in _FULL_KINDS


@attrs.frozen
class Weights:
    """What the places where both sides meet are worth; a text is on the topic from `threshold` up."""

    headline: float = 0.8
    lead: float = 0.6
    passage: float = 0.3
    throughout: float = 0.5
    others: float = 0.15
    threshold: float = 0.5


@attrs.frozen
class Topic:
    """A topic ready to judge by. The patterns expect lower case; `mention` has the term as its group 1.

    `search` and `tags` are what outlets are asked for: words for their searches, slugs of their tag pages.
    `fingerprint` changes with the file and with the rules.
    """

    name: str
    title: str
    sides: tuple[str, str]
    search: tuple[str, ...]
    tags: tuple[str, ...]
    weights: Weights
    terms: Mapping[str, Term]
    openings: tuple[tuple[str, Term], ...]
    mention: re.Pattern[str]
    naming: re.Pattern[str]
    relation: re.Pattern[str] | None
    dateline: re.Pattern[str] | None
    aside: re.Pattern[str] | None
    despite: re.Pattern[str] | None
    fingerprint: str

    def term(self, found: str) -> Term:
        """Return the term that group 1 of a match of `mention` stands for."""
        term = self.terms.get(found)
        if term is None:
            key = _key(found)
            term = self.terms.get(key) or next(
                term for opening, term in self.openings if key.startswith(opening)
            )
        return term


def load_topics(names_or_paths: Iterable[str]) -> tuple[Topic, ...]:
    """Return these topics, in their order.

    Raises:
        ConfigError: as `load_topic`, or two of them have the same name.
    """
    topics = tuple(load_topic(each) for each in names_or_paths)
    names = [topic.name for topic in topics]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"topic {name!r} is given twice; leave one out, or rename its file")
    return topics


@cache
def load_topic(name_or_path: str) -> Topic:
    """Return the topic of that name under crawler/topics, or the one in a file (`….toml`).

    Raises:
        ConfigError: there is no such topic, or its file is not one.
    """
    text, name = read_topic(name_or_path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise ConfigError(f"topic {name_or_path}: not TOML ({reason}); correct the file") from reason
    try:
        return _topic(document, name, _fingerprint(text))
    except ConfigError as reason:
        raise ConfigError(f"topic {name_or_path}: {reason}") from None


def read_topic(name_or_path: str) -> tuple[str, str]:
    """Return the text of a topic file and the topic's name.

    Raises:
        ConfigError: there is no such topic, or its file cannot be read.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml":
        try:
            if path.stat().st_size > _MAX_FILE_BYTES:
                raise ConfigError(f"topic {name_or_path}: larger than {_MAX_FILE_BYTES:,} bytes; shorten it")
            return path.read_text(encoding="utf-8"), path.stem
        except (OSError, UnicodeDecodeError) as reason:
            raise ConfigError(f"topic {name_or_path}: cannot be read ({reason}); check the path") from reason
    folder = files("crawler") / "topics"
    known = sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )
    if name_or_path not in known:
        raise ConfigError(
            f"there is no topic {name_or_path!r}; {_nearest(name_or_path, known)}, or give a .toml file"
        )
    return (folder / f"{name_or_path}.toml").read_text(encoding="utf-8"), name_or_path


def _topic(document: dict[str, Any], name: str, fingerprint: str) -> Topic:
    _known_keys(
        document,
        ("title", "discovery", "sides", "bystanders", "relations", "exclusions", "weights"),
        "the file",
    )
    sides = document.get("sides")
    if (
        not isinstance(sides, list)
        or len(sides) != SIDES
        or not all(isinstance(side, dict) for side in sides)
    ):
        raise ConfigError("it needs exactly two tables [[sides]]; write one for each side")
    title = document.get("title", name)
    if not isinstance(title, str):
        raise ConfigError("title is not text; put it in quotation marks")
    own: list[Term] = []
    names = [_side(side, own) for side in sides]
    if names[0] == names[1]:
        raise ConfigError(f"both sides are called {names[0]!r}; give each its own name")
    terms = list(own)
    for party, spellings in _table(document, "bystanders").items():
        if party in names:
            raise ConfigError(f"{party!r} is a side and a bystander; give the bystander another name")
        terms += [Term(text, party, "bystanders", 1.0) for text in _list(spellings, f"bystanders.{party}")]
    relations = _section(document, "relations", "words")
    discovery = _section(document, "discovery", "search", "tags")
    exclusions = _section(document, "exclusions", "phrases", "subjects", "unless")
    terms += [Term(text, NOBODY, "phrases", 0.0) for text in exclusions["phrases"]]
    return Topic(
        name=name,
        title=title,
        sides=(names[0], names[1]),
        search=tuple(discovery["search"]),
        tags=tuple(discovery["tags"]),
        weights=_weights(_table(document, "weights")),
        terms=_by_key(terms),
        openings=tuple((_key(term.text), term) for term in terms if term.text.endswith("*")),
        mention=_pattern([term.text for term in terms], _STARTS + "({})" + _ENDS),
        naming=_pattern([term.text for term in own if term.is_full], _WORDS),
        relation=_optional(relations["words"], _WORDS),
        aside=_optional(exclusions["subjects"], _WORDS),
        despite=_optional(exclusions["unless"], _WORDS),
        dateline=_optional([term.text for term in own if term.kind == "places"], _DATELINE),
        fingerprint=fingerprint,
    )


def _fingerprint(text: str) -> str:
    """Return 16 hex digits over a topic's file and the rules that judge by it."""
    digest = sha256(text.encode())
    for name in ("relevance.py", "meeting.py", "roundups.py", "topics.py"):
        digest.update((files("crawler") / "text" / name).read_bytes())
    return digest.hexdigest()[:16]


def _side(side: dict[str, Any], terms: list[Term]) -> str:
    """Return the name of a side; its terms are added to *terms*."""
    _known_keys(side, ("name", *_TERM_KINDS), "[[sides]]")
    name = side.get("name")
    if not isinstance(name, str) or not _SIDE_NAME.fullmatch(name):
        raise ConfigError(f"a side is called {name!r}; use lower-case letters, digits and hyphens")
    if not _list(side.get("names", []), f"{name}.names"):
        raise ConfigError(f"side {name!r} has no names; list at least one")
    for kind in _TERM_KINDS:
        terms += [
            Term(text, name, kind, _STRENGTH[kind]) for text in _list(side.get(kind, []), f"{name}.{kind}")
        ]
    return name


def _weights(table: dict[str, Any]) -> Weights:
    _known_keys(table, tuple(attrs.fields_dict(Weights)), "[weights]")
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ConfigError(f"weights.{key} is {value!r}; give a number from 0 to 1")
    return Weights(**table)


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{key} is no table; write [{key}]")
    return value


def _section(document: dict[str, Any], key: str, *lists: str) -> dict[str, list[str]]:
    """Return the lists of one table, empty where they are not given."""
    table = _table(document, key)
    _known_keys(table, lists, f"[{key}]")
    return {name: _list(table.get(name, []), f"{key}.{name}") for name in lists}


def _list(value: object, where: str) -> list[str]:
    """Return a list of terms, each checked."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ConfigError(f'{where} is no list of texts; write ["…", "…"]')
    for text in value:
        if (
            len(text) > _MAX_TERM_CHARS
            or not _TERM.fullmatch(text)
            or len(_key(text)) < (3 if "*" in text else 2)
        ):
            raise ConfigError(
                f"{where} holds the term {text!r}; use words of letters and digits, with a * only at the end"
            )
    return value


def _by_key(terms: list[Term]) -> dict[str, Term]:
    if len(terms) > _MAX_TERMS:
        raise ConfigError(f"it has more than {_MAX_TERMS:,} terms; keep those that matter")
    keyed: dict[str, Term] = {}
    for term in terms:
        other = keyed.setdefault(_key(term.text), term)
        if other.owner != term.owner:
            raise ConfigError(f"{term.text!r} is listed twice, for different parties; keep one")
        # As it is mostly printed, so that most matches need no key.
        keyed.setdefault(term.text.lower(), term)
    return keyed


def _known_keys(table: Mapping[str, object], known: Iterable[str], where: str) -> None:
    known = list(known)
    for key in table:
        if key not in known:
            raise ConfigError(f"{where} has the unknown key {key!r}; {_nearest(key, known)}")


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def _key(text: str) -> str:
    """Return a term or a found spelling without case and separators, the same for both."""
    return _SEPARATOR.sub("", text.lower().rstrip("*"))


def _optional(terms: list[str], frame: str) -> re.Pattern[str] | None:
    return _pattern(terms, frame) if terms else None


def _pattern(terms: Iterable[str], frame: str) -> re.Pattern[str]:
    """Return one pattern for all terms, as a tree of their letters, so that more terms cost little."""
    tree: dict[str, Any] = {}
    for term in terms:
        node = tree
        for letter in _SEPARATOR.sub(" ", term.lower().rstrip("*")).strip():
            node = node.setdefault(_GAP if letter == " " else letter, {})
        node["*" if term.endswith("*") else ""] = {}
    return re.compile(frame.format(_branches(tree)))


def _branches(node: dict[str, Any]) -> str:
    """Return the pattern of a tree; a longer term is tried before the shorter one that opens it."""
    whole = "" in node
    if "*" in node:
        return r"[^\W\d_]{0,20}"
    parts = [
        (letter if letter == _GAP else re.escape(letter)) + _branches(below)
        for letter, below in node.items()
        if letter
    ]
    if not parts:
        return ""
    joined = parts[0] if len(parts) == 1 and not whole else f"(?:{'|'.join(parts)})"
    return joined + ("?" if whole else "")
