"""Named rules that know furniture by its words, and the table that finds them fast.

The rules themselves are data: `furniture.toml` beside this module says what each key means. An outlet adds
its own with `COMMON + (Rule(...),)`; one that is switched off with `without` gives its lines back, and
nothing else changes.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from importlib.resources import files
from typing import Literal, get_args

import attrs

from crawler.errors import CrawlerError
from crawler.text.shape import ends_with_stop, is_headline, label_key

Where = Literal["anywhere", "before", "inside", "after", "from-here"]
Next = Literal["", "headline", "foreign-headline", "line", "list", "teaser"]

# Labels are short; what stands behind a colon further in is not announced by one.
_MAX_LABEL_CHARS = 48
_MAX_VOCABULARY_WORDS = 14
_MAX_MATCHED_CHARS = 400
_MIN_CUT_CHARS = 8
# How a pattern begins: words or groups of words, one escaped or plain sign, digits.
_OPENING = re.compile(
    r"(?:\(\?:(?P<group>[^()?*+{}\\]+)\)|(?P<word>[a-z0-9]{3,})|\\?(?P<sign>[^\w\\.(\[|^$])|(?P<digits>\\d|20\\d))"
    r"(?P<optional>[?*]|\{0)?"
)
_MAX_ANYWHERE_CHARS = 160
_MARKS = " \t|•●▪·-–—*>»↓→:."
_MARKS_BEHIND = " \t|·-–—*>»↓→:…"
_WORD = re.compile(r"[\w']+")


class RuleError(CrawlerError):
    """A rule cannot be used as it is written."""


def _is_unended(text: str) -> bool:
    return text[:1].isupper() and not ends_with_stop(text)


def _words(value: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


@attrs.frozen(kw_only=True)
class Rule:
    """One way to know furniture: its name, where it counts, and the words that give it away.

    The name is `family/detail`; `furniture.toml` explains every key.
    """

    name: str = attrs.field()
    family: str
    where: Where = attrs.field(default="anywhere", validator=attrs.validators.in_(get_args(Where)))
    labels: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    openers: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    headline_openers: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    unended_openers: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    leads: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    heads: tuple[str, ...] = attrs.field(default=(), converter=_words)
    words: tuple[str, ...] = attrs.field(default=(), converter=_words)
    min_words: int = 1
    patterns: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    shape: str = ""
    next: Next = attrs.field(default="", validator=attrs.validators.in_(get_args(Next)))
    plain: bool = False
    firm: bool = False
    share: float = 0.5

    @name.validator
    def _named_by_family(self, _attribute: object, value: str) -> None:
        if value.partition("/")[0] != self.family or value.endswith("/"):
            raise RuleError(f"rule {value!r} must be named {self.family}/detail after its family")


class Rules:
    """A table of rules. Equal lines find equal rules, the first of the table that fits its place."""

    def __init__(self, rules: Iterable[Rule], off: Iterable[str] = ()) -> None:
        self.rules = tuple(rules)
        self.off = frozenset(off)
        names = [rule.name for rule in self.rules]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise RuleError(f"two rules are named {twice!r}: rename one of them")

    def __add__(self, more: "Iterable[Rule] | Rules") -> "Rules":
        """Return this table with *more* rules, which are asked first: an outlet knows its pages best."""
        return Rules((*more, *self.rules), self.off)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __getitem__(self, name: str) -> Rule:
        """Return the rule of that name.

        Raises:
            RuleError: there is none.
        """
        for rule in self.rules:
            if rule.name == name:
                return rule
        raise RuleError(f"there is no rule {name!r}: the names are {', '.join(sorted(r.name for r in self))}")

    def without(self, *names: str) -> "Rules":
        """Return this table with rules switched off: what they took is body again, nothing else changes.

        Raises:
            RuleError: a name is not in the table.
        """
        for name in names:
            self[name]
        return Rules(self.rules, self.off | set(names))

    @cached_property
    def active(self) -> frozenset[str]:
        """The names of the rules that may take something."""
        return frozenset(rule.name for rule in self.rules) - self.off

    def share(self, name: str) -> float:
        """Return the largest share (0.0 to 1.0) of a body that the rule of that name may take."""
        return self._shares.get(name, 1.0)

    @cached_property
    def _shares(self) -> dict[str, float]:
        return {rule.name: rule.share for rule in self.rules}

    @cached_property
    def _lookup(self) -> "_Lookup":
        return _Lookup(self.rules)

    def matches(self, text: str) -> tuple[Rule, ...]:
        """Return the rules that hold for a folded line wherever it stands, in the order of the table."""
        return self._lookup.matches(text)

    def find(self, text: str, zones: frozenset[str]) -> Rule | None:
        """Return the first rule that holds for a folded line and counts in one of *zones*, or None."""
        return next((rule for rule in self.matches(text) if rule.where in zones), None)

    def find_cut(self, text: str) -> Rule | None:
        """Return the rule with a fixed label that begins with a folded line, where the page was cut in it."""
        return self._lookup.find_cut(text)


class _Lookup:
    """Rules by what they look for: a line of prose costs a few dictionary look-ups and hardly a pattern."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.labels: dict[str, list[Rule]] = {}
        self.openers: dict[str, list[tuple[Rule, Callable[[str], bool]]]] = {}
        self.leads: dict[str, list[tuple[str, Rule]]] = {}
        self.vocabularies: list[tuple[Rule, frozenset[str], frozenset[str]]] = []
        self.by_start: dict[str, _Patterns] = {}
        self.any_start = _Patterns()
        self.order = {rule.name: place for place, rule in enumerate(rules)}
        for rule in rules:
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        for label in rule.labels:
            self.labels.setdefault(label_key(label) or label, []).append(rule)
        for openers, test in (
            (rule.openers, bool),
            (rule.headline_openers, is_headline),
            (rule.unended_openers, _is_unended),
        ):
            for opener in openers:
                self.openers.setdefault(label_key(opener), []).append((rule, test))
        for lead in rule.leads:
            self.leads.setdefault(lead.split()[0], []).append((lead + " ", rule))
        if rule.heads:
            self.vocabularies.append((rule, frozenset(rule.heads), frozenset(rule.heads + rule.words)))
        for pattern in rule.patterns:
            self._add_pattern(rule, pattern)

    def _add_pattern(self, rule: Rule, pattern: str) -> None:
        try:
            compiled = re.compile(pattern, re.IGNORECASE)
        except re.error as fault:
            raise RuleError(f"rule {rule.name!r}: pattern {pattern!r} is not valid ({fault})") from fault
        starts = _starts(pattern)
        for start in starts:
            self.by_start.setdefault(start, _Patterns()).add(rule, compiled)
        if not starts:
            self.any_start.add(rule, compiled)

    def matches(self, text: str) -> tuple[Rule, ...]:
        found = list(self._all(text))
        if not found:
            return ()
        if ends_with_stop(text):
            found = [rule for rule in found if not rule.plain]
        return tuple(sorted(found, key=lambda rule: self.order[rule.name]) if len(found) > 1 else found)

    def find_cut(self, text: str) -> Rule | None:
        key = label_key(text[:_MAX_MATCHED_CHARS])
        if len(key) < _MIN_CUT_CHARS:
            return None
        return next((rules[0] for label, rules in self.labels.items() if label.startswith(key)), None)

    def _all(self, text: str) -> Iterator[Rule]:
        head = text[:_MAX_MATCHED_CHARS]
        if len(head) <= _MAX_LABEL_CHARS * 2:
            yield from self._of_labels(head)
        opened = text.lstrip("([")  # "(Baca juga: …)"
        colon = opened.find(":", 1, _MAX_LABEL_CHARS)
        if colon > 0 and (openers := self.openers.get(label_key(opened[:colon]))):
            rest = opened[colon + 1 :].strip()
            yield from (rule for rule, test in openers if test(rest))
        bare = head.lstrip(_MARKS).rstrip(_MARKS_BEHIND)
        yield from self._of_leads(bare)
        yield from self._of_patterns(head)
        if bare != head and len(bare) <= _MAX_ANYWHERE_CHARS:
            yield from self._of_patterns(bare)

    def _of_labels(self, head: str) -> Iterator[Rule]:
        key = label_key(head)
        yield from self.labels.get(key, ())
        words = _WORD.findall(key)
        if not 0 < len(words) <= _MAX_VOCABULARY_WORDS:
            return
        given = set(words)
        for rule, heads, vocabulary in self.vocabularies:
            if given <= vocabulary and len(words) >= rule.min_words and not heads.isdisjoint(given):
                yield rule

    def _of_leads(self, bare: str) -> Iterator[Rule]:
        lowered = bare[:_MAX_LABEL_CHARS].casefold()
        for lead, rule in self.leads.get(lowered.partition(" ")[0], ()):
            if lowered.startswith(lead) and is_headline(bare[len(lead) :].strip()):
                yield rule

    def _of_patterns(self, head: str) -> Iterator[Rule]:
        start = head[:3].casefold()
        for key in {start, start[:1]}:
            if patterns := self.by_start.get(key):
                yield from patterns.find(head)
        if len(head) <= _MAX_ANYWHERE_CHARS:
            yield from self.any_start.find(head)


class _Patterns:
    """Patterns tried together: one look tells whether any of them matches."""

    def __init__(self) -> None:
        self.single: list[tuple[Rule, re.Pattern[str]]] = []

    def add(self, rule: Rule, pattern: re.Pattern[str]) -> None:
        self.single.append((rule, pattern))

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in self.single), re.IGNORECASE)

    def find(self, text: str) -> Iterator[Rule]:
        if self.single and self._any.match(text):
            yield from (rule for rule, pattern in self.single if pattern.match(text))


def _starts(pattern: str) -> frozenset[str]:
    """Return how a matching line can begin: three letters in lower case, or one sign; empty if not plain.

    Patterns without a plain start are tried on short lines only, so that prose does not pay for them.
    """
    match = _OPENING.match(pattern)
    if match is None or match["optional"]:
        return frozenset()
    if match["digits"]:
        return frozenset("0123456789" if match["digits"] == r"\d" else "2")
    if match["sign"]:
        return frozenset(match["sign"])
    starts = {option[:3] for option in (match["group"] or match["word"]).split("|")}
    whole = all(len(start) == 3 and start.isalnum() for start in starts)  # noqa: PLR2004 - three letters
    return frozenset(starts) if whole else frozenset()


def _read(resource: str) -> tuple[Rule, ...]:
    data = tomllib.loads(files("crawler.text").joinpath(resource).read_text(encoding="utf-8"))
    try:
        return tuple(Rule(**entry) for entry in data["rule"])
    except (TypeError, ValueError) as fault:
        raise RuleError(f"{resource}: {fault}") from fault


COMMON = Rules(_read("furniture.toml"))
