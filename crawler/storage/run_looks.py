"""What a run gathers of its looks at stored articles, until its end shows what the missing ones prove."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from sqlalchemy import Engine

from crawler.conditional import Ask, Validators
from crawler.storage import revisits, sources
from crawler.storage.frontier import Settlement
from crawler.storage.looks import Fetched, Look
from crawler.storage.revisits import SIGNALS, Note, as_miss, host_of
from crawler.storage.states import KEPT, State
from crawler.storage.vanishing import weigh

CONTROLS: Final = 2  # articles that are asked for a host, one after the other, to see whether it works
TRUST: Final = "articles"
"""The name under which it is kept whether the validators of an outlet's articles can be believed."""

_EVER: Final = datetime.min.replace(tzinfo=UTC)


@attrs.define
class RunLooks:
    """The looks of one run: asked for, told by the server, failed, missed; and what was read well.

    `honest` says whether the validators of the outlet's articles have proved themselves, None while they
    have not; `lesson` is what this run learned of that.
    """

    ages: Sequence[timedelta]
    honest: bool | None = None
    lesson: bool | None = None
    notes: list[Note] = attrs.field(factory=list)
    _asked: dict[int, tuple[Look, Ask]] = attrs.field(factory=dict)
    _came: dict[int, Fetched] = attrs.field(factory=dict)
    _candidates: Sequence[Look] = ()
    _missed: dict[int, tuple[Look, Settlement]] = attrs.field(factory=dict)
    _read_well: dict[int, tuple[str, str]] = attrs.field(factory=dict)
    _tried: Counter[str] = attrs.field(factory=Counter)
    _looked_at: int = 0

    # --- Asking

    def due(self, engine: Engine, run_id: int, outlet: str, now: datetime) -> list[Look]:
        """Return the looks that are due, and learn what proves that the outlet works and can be believed."""
        due = revisits.due(engine, run_id, now=now)
        if due:
            self._candidates = revisits.candidates(engine, outlet)
            self.honest = sources.standing(engine, outlet, TRUST, _EVER)
        return due

    def ask(self, look: Look, *, plainly: bool = False) -> tuple[Ask, Validators]:
        """Note that the run asks for an article again; return how, and with which validators."""
        asked: Ask = "plain"
        validators = Validators()
        if not plainly:
            asked, validators = look.next_ask(honest=self.honest)
        self._asked[look.url_id] = (look, asked)
        return asked, validators

    def look_at(self, url_id: int | None) -> Look | None:
        """Return the look that the run asked an address for, None where it was no look."""
        return self._asked[url_id][0] if url_id in self._asked else None

    # --- Answers

    def is_lie(self, url_id: int) -> bool:
        """Take a 304; tell whether the server claims that what it gave long ago is still what it has."""
        lied = self._asked[url_id][1] == "challenge"
        if lied:
            self.honest = self.lesson = False
        return lied

    def came(self, url_id: int, validators: Validators, *, ended: bool) -> None:
        """Note how the page of an article came, for when the article is saved."""
        look = self.look_at(url_id)
        self._came[url_id] = Fetched(ages=self.ages, validators=validators, look=look, ended=ended)

    def fetched(self, url_id: int) -> Fetched:
        """Return how the page of an article came."""
        return self._came.pop(url_id, None) or Fetched(ages=self.ages)

    def saved(self, article_id: int, url: str, state: State, fetched: Fetched) -> bool:
        """Take what saving an article came to; tell whether nothing is left to settle."""
        if state not in KEPT:
            return state is State.DUPLICATE
        look = fetched.look
        self._read_well[article_id] = (host_of(url), url)
        if look is not None:
            self._looked_at += look.standing.gone is None
            same = fetched.validators.effective == look.validators.effective
            if state is State.REVISED and same and look.validators.effective:
                self.honest = self.lesson = False
            elif self._asked[look.url_id][1] == "challenge" and self.lesson is None:
                self.honest = self.lesson = True
        return True

    def settle(self, settlement: Settlement) -> bool:
        """Take what a look ended in that read no article; tell whether it was one."""
        look = self.look_at(settlement.url_id)
        if look is None:
            return False
        if settlement.reason in SIGNALS:
            self._missed[look.article_id] = (look, settlement)
            self._looked_at += look.standing.gone is None
        else:
            self._looked_at += settlement.state is State.UNCHANGED and look.standing.gone is None
            self.notes.append(Note(look=look, settlement=settlement))
        return True

    # --- The end

    def controls(self) -> Iterator[Look]:
        """Yield articles to be read in proof that the outlet works: one for each host where none was yet."""
        others = self._others_on()
        for host in sorted({host_of(look.url) for look, _ in self._missed.values()}):
            needed = host if host in others else ""
            if self._has_control(needed) or self._tried[needed] >= CONTROLS:
                continue
            unasked = (each for each in self._candidates if each.url_id not in self._asked)
            found = next((each for each in unasked if not needed or host_of(each.url) == needed), None)
            if found is not None:
                self._tried[needed] += 1
                yield found

    def judge(self) -> list[str]:
        """Note of the missed articles what that is worth; return what the run should say of them."""
        misses = [as_miss(look) for look, _ in self._missed.values()]
        hosts = {article_id: host for article_id, (host, _) in self._read_well.items()}
        weights = weigh(misses, hosts, self._others_on(), self._looked_at)
        together = f"{sum(miss.before.gone is None for miss in misses)} of {self._looked_at}"
        for look, settlement in self._missed.values():
            weight = weights[look.article_id]
            control = None if weight == "no-control" else self._control_of(host_of(look.url))
            among = together if weight == "together" else None
            note = Note(look=look, settlement=settlement, weight=weight, control=control, together=among)
            self.notes.append(note)
        self._missed = {}
        remarks, counted = [], Counter(weights.values())
        if number := counted["no-control"]:
            remarks.append(f"{number} stored articles are missing, but no other was read: the outlet is out")
        if counted["together"]:
            remarks.append(f"{together} articles looked at again are missing, all at once")
        return remarks

    def write(self, engine: Engine, run_id: int, outlet: str, now: datetime) -> None:
        """Write what was noted so far."""
        notes, self.notes = self.notes, []
        revisits.note(engine, run_id, notes, ages=self.ages, now=now)
        lesson, self.lesson = self.lesson, None
        if lesson is not None:
            sources.judge(engine, outlet, TRUST, honest=lesson, now=now)

    @property
    def has_news(self) -> bool:
        """Tell whether there is something to write."""
        return bool(self.notes) or self.lesson is not None

    def _others_on(self) -> set[str]:
        """Return the hosts of which another article is kept that nobody has missed."""
        kept = {host_of(each.url) for each in self._candidates if each.article_id not in self._missed}
        return kept | {host for host, _ in self._read_well.values()}

    def _has_control(self, host: str) -> bool:
        return any(not host or at == host for at, _ in self._read_well.values())

    def _control_of(self, host: str) -> str | None:
        of_host = [url for at, url in self._read_well.values() if at == host]
        return next(iter(of_host or [url for _, url in self._read_well.values()]), None)
