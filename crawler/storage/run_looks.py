"""What a run gathers of its looks at stored articles, until its end shows what the missing ones prove."""

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from crawler.storage.frontier import Settlement
from crawler.storage.looks import Look
from crawler.storage.revisits import SIGNALS, Note, as_miss, host_of
from crawler.storage.states import State
from crawler.storage.vanishing import weigh

CONTROLS = 2  # articles that are asked for a host, one after the other, to see whether it works


@attrs.define
class RunLooks:
    """The looks of one run: asked for, told by the server, failed, missed; and what was read well."""

    asked: dict[int, Look] = attrs.field(factory=dict)
    candidates: Sequence[Look] = ()
    notes: list[Note] = attrs.field(factory=list)
    _missed: dict[int, tuple[Look, Settlement]] = attrs.field(factory=dict)
    _read_well: dict[int, tuple[str, str]] = attrs.field(factory=dict)
    _tried: Counter[str] = attrs.field(factory=Counter)
    _looked_at: int = 0

    def ask(self, look: Look) -> None:
        """Note that the run asks for an article again."""
        self.asked[look.url_id] = look

    def settle(self, look: Look, settlement: Settlement) -> None:
        """Take what a look ended in that read no article."""
        if settlement.reason in SIGNALS:
            self._missed[look.article_id] = (look, settlement)
            self._looked_at += look.standing.gone is None
            return
        self._looked_at += settlement.state is State.UNCHANGED and look.standing.gone is None
        self.notes.append(Note(look=look, settlement=settlement))

    def read_well(self, article_id: int, url: str, look: Look | None) -> None:
        """Take that an article was read, by a look or for the first time."""
        self._read_well[article_id] = (host_of(url), url)
        self._looked_at += look is not None and look.standing.gone is None

    def taken(self) -> list[Note]:
        """Return what can be written now: all but what is missing."""
        taken, self.notes = self.notes, []
        return taken

    def controls(self) -> Iterator[Look]:
        """Yield articles to be read in proof that the outlet works: one for each host where none was yet."""
        for host in sorted({host_of(look.url) for look, _ in self._missed.values()}):
            needed = host if host in self._others_on() else ""
            if self._has_control(needed) or self._tried[needed] >= CONTROLS:
                continue
            found = next(
                (each for each in self._unasked() if not needed or host_of(each.url) == needed), None
            )
            if found is not None:
                self._tried[needed] += 1
                yield found

    def judged(self) -> tuple[list[Note], list[str]]:
        """Return the looks that missed their article with what each is worth, and what the run should say."""
        misses = [as_miss(look) for look, _ in self._missed.values()]
        hosts = {article_id: host for article_id, (host, _) in self._read_well.items()}
        weights = weigh(misses, hosts, self._others_on(), self._looked_at)
        fresh = sum(miss.before.gone is None for miss in misses)
        notes = []
        for look, settlement in self._missed.values():
            weight = weights[look.article_id]
            together = f"{fresh} of {self._looked_at}" if weight == "together" else None
            control = None if weight == "no-control" else self._control_of(host_of(look.url))
            notes.append(
                Note(look=look, settlement=settlement, weight=weight, control=control, together=together)
            )
        counted = Counter(weights.values())
        remarks = []
        if number := counted["no-control"]:
            remarks.append(f"{number} stored articles are missing, but no other was read: the outlet is out")
        if counted["together"]:
            remarks.append(f"{fresh} of {self._looked_at} articles looked at again are missing, all at once")
        self._missed = {}
        return notes, remarks

    def _others_on(self) -> set[str]:
        """Return the hosts of which another article is kept that nobody has missed."""
        kept = {host_of(each.url) for each in self.candidates if each.article_id not in self._missed}
        return kept | {host for host, _ in self._read_well.values()}

    def _has_control(self, host: str) -> bool:
        return any(not host or at == host for at, _ in self._read_well.values())

    def _control_of(self, host: str) -> str | None:
        of_host = [url for at, url in self._read_well.values() if at == host]
        return next(iter(of_host or [url for _, url in self._read_well.values()]), None)

    def _unasked(self) -> Iterator[Look]:
        return (each for each in self.candidates if each.url_id not in self.asked)
