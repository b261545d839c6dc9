"""What an outlet's pages usually show, learned page by page, and when they show it no more."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from crawler.decay.scan import SUSPICIOUS, WINDOW, Usual, scan
from crawler.decay.signals import REBUILT, Known, sentence, signals_of, usual_of
from crawler.pages.traits import PageTraits

MAX_MARKS: Final = 600
_DOUBT, _DOUBT_MENDED = 0.01, 0.1
_MOST_CLEAN, _MOST_CLEAN_MENDED = 60, 30
_LEAST_CLEAN, _LEAST_CLEAN_MENDED = 5, 3


@attrs.frozen
class Noticed:
    """A signal that alarms: on how many of the last pages it was seen, and how often before."""

    signal: str
    hits: int
    pages: int
    before: float
    learned: int
    chance: float

    @property
    def told(self) -> str:
        """It in words."""
        usual = (
            f"on {self.before:.1%} of {self.learned} before"
            if self.before
            else f"on none of {self.learned} before"
        )
        return f"{sentence(self.signal)} on {self.hits} of the last {self.pages} pages, {usual}"


@attrs.frozen
class Seen:
    """One of the last pages: what it said to each signal, its names, layout and size, if all is well."""

    said: dict[str, bool]
    marks: list[str]
    layout: str | None
    paragraphs: int
    chars: int
    clean: bool


@attrs.define
class Memory:
    """What is learned of one outlet. `last` are the pages that are not learned yet, oldest first.

    While an alarm stands nothing is learned: `since` counts its pages, `struck` those of them that are, and
    `clean` how many in a row are not.
    """

    pages: int = 0
    usual: dict[str, Usual] = attrs.field(factory=dict)
    marks: Counter[str] = attrs.field(factory=Counter)
    layouts: Counter[str] = attrs.field(factory=Counter)
    paragraphs: float = 0.0
    chars: float = 0.0
    last: list[Seen] = attrs.field(factory=list)
    standing: bool = False
    since: int = 0
    struck: int = 0
    clean: int = 0

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """Return what `state` keeps."""
        values = dict(state)
        values["usual"] = {name: Usual(**usual) for name, usual in values.get("usual", {}).items()}
        values["marks"], values["layouts"] = Counter(values.get("marks")), Counter(values.get("layouts"))
        values["last"] = [Seen(**seen) for seen in values.get("last", [])]
        return cls(**values)

    @property
    def state(self) -> dict[str, Any]:
        """The same as JSON values."""
        return attrs.asdict(self)

    @property
    def share(self) -> float:
        """The share of the pages that are struck, from the alarm's first one to the last that was."""
        return self.struck / (self.since - self.clean) if self.struck else 0.0

    def observe(self, traits: PageTraits) -> list[Noticed]:
        """Take a page in, and return which signals alarm at it: least likely first, none while one stands."""
        said = signals_of(traits, self.known())
        seen = Seen(
            said, sorted(traits.marks), traits.layout, traits.paragraphs, traits.chars, not any(said.values())
        )
        self.last.append(seen)
        if self.standing:
            self._follow(seen)
            return []
        noticed = [found for signal, yes in said.items() if yes and (found := self._noticed(signal))]
        if noticed:
            noticed.sort(key=lambda found: found.chance)
            self._begin(noticed[0])
        elif len(self.last) > WINDOW:
            self._learn(self.last.pop(0))
        return noticed

    def is_clean(self) -> bool:
        """Tell whether the last page showed all that it should."""
        return bool(self.last) and self.last[-1].clean

    def has_recovered(self, *, mended: bool) -> bool:
        """Tell whether so many pages in a row are clean that the alarm's share of struck ones is over.

        *mended* is whether the outlet's declaration changed meanwhile: then fewer prove it.
        """
        share = min(self.share, 0.999)
        doubt, least, most = (
            (_DOUBT_MENDED, _LEAST_CLEAN_MENDED, _MOST_CLEAN_MENDED)
            if mended
            else (_DOUBT, _LEAST_CLEAN, _MOST_CLEAN)
        )
        needed = math.ceil(math.log(doubt) / math.log(1.0 - share)) if share else least
        return self.standing and self.clean >= min(max(needed, least), most)

    def recover(self) -> None:
        """Learn again; what was seen while the alarm stood is forgotten."""
        self.standing = False
        self.since = self.struck = self.clean = 0
        self.last.clear()

    def known(self) -> Known:
        """Return what is known of the outlet's pages, the last ones included."""
        clean = [seen for seen in self.last if seen.clean]
        return Known(
            marks=self.marks.keys() | {mark for seen in clean for mark in seen.marks},
            layouts=self.layouts + Counter(seen.layout for seen in clean if seen.layout is not None),
            chars=self.chars or sum(seen.chars for seen in clean) / max(len(clean), 1),
            pages=self.pages + (0 if self.standing else len(self.last)),
        )

    def stand(self) -> None:
        """Take up an alarm of which the store knows and this does not."""
        self.standing, self.since, self.struck, self.clean = True, 1, 1, 0

    def _noticed(self, signal: str) -> Noticed | None:
        usual = self.usual.get(signal) or usual_of(signal)
        found = scan([seen.said[signal] for seen in self.last if signal in seen.said], usual)
        if found is None:
            return None
        before = found.before
        share = before.hits / before.pages if before.pages else 0.0
        return Noticed(signal, found.hits, found.pages, share, round(before.pages), found.chance)

    def _begin(self, worst: Noticed) -> None:
        self.standing, self.clean = True, 0
        self.since, self.struck = worst.pages, worst.hits
        self.last = self.last[-worst.pages :]

    def _follow(self, seen: Seen) -> None:
        struck = any(
            yes and (signal == REBUILT or self._share(signal) < _DOUBT_MENDED)
            for signal, yes in seen.said.items()
        )
        self.since += 1
        self.struck += struck
        self.clean = 0 if struck else self.clean + 1
        del self.last[:-WINDOW]

    def _share(self, signal: str) -> float:
        usual = self.usual.get(signal) or usual_of(signal)
        return usual.hits / usual.pages if usual.pages else 0.0

    def _is_suspicious(self, signal: str) -> bool:
        """Tell whether a signal was seen oftener on the last pages than chance explains well."""
        usual = self.usual.get(signal) or usual_of(signal)
        said = [seen.said[signal] for seen in self.last if signal in seen.said]
        while said and not said[-1]:
            said.pop()
        return scan(said, usual, SUSPICIOUS) is not None

    def _learn(self, seen: Seen) -> None:
        if any(yes and self._is_suspicious(signal) for signal, yes in seen.said.items()):
            return
        self.pages += 1
        for signal, yes in seen.said.items():
            usual = self.usual.get(signal) or usual_of(signal)
            self.usual[signal] = usual.learn(yes=yes)
        if not seen.clean:
            return
        self.marks.update(seen.marks)
        if len(self.marks) > MAX_MARKS:
            self.marks = Counter(dict(self.marks.most_common(MAX_MARKS // 2)))
        if seen.layout is not None:
            self.layouts[seen.layout] += 1
        weight = 1 / min(self.pages, 100)
        self.paragraphs += (seen.paragraphs - self.paragraphs) * weight
        self.chars += (seen.chars - self.chars) * weight
