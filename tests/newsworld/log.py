"""The record of every request: the proof of politeness, and of what was asked for, and what it cost.

One JSON object a line in the file: at (wall time, UTC), t (monotonic seconds), host, scheme, method, path
(with the query), status, agent, bytes (of the body sent), connection (a number for each client connection),
fault (or null), took (seconds), kind (robots, article, list or other), world_at (the outlet's time),
conditional (whether it carried validators). A request whose connection was cut before a status was sent has
status 0.
"""

import json
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it was answered."""

    at: str
    t: float
    host: str
    scheme: str
    method: str
    path: str
    status: int
    agent: str
    bytes: int
    connection: int
    fault: str | None
    took: float
    kind: str = "other"
    world_at: str = ""
    conditional: bool = False

    @property
    def url(self) -> str:
        """The address that was asked for."""
        return f"{self.scheme}://{self.host}{self.path}"


def smallest_gap_s(entries: Iterable[Logged]) -> float | None:
    """Return the least time between two of the requests that went to one host, None where none did twice."""
    times: dict[str, list[float]] = {}
    for entry in entries:
        if entry.method != "CONNECT":
            times.setdefault(entry.host, []).append(entry.t)
    gaps = [later - earlier for each in times.values() for earlier, later in pairwise(sorted(each))]
    return min(gaps, default=None)


class RequestLog:
    """Requests in the order in which they were answered; safe to read while the proxy runs."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: list[Logged] = []
        self._lock = threading.Lock()
        self._file: IO[str] | None = path.open("a", buffering=1, encoding="utf-8") if path else None

    def add(self, entry: Logged) -> None:
        """Append *entry*, to the file too where there is one."""
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def entries(self, host: str | None = None) -> list[Logged]:
        """Return a copy of the entries, those of one host (or of its sub-domains) if *host* is given."""
        with self._lock:
            found = list(self._entries)
        if host is None:
            return found
        return [entry for entry in found if entry.host == host or entry.host.endswith("." + host)]

    def take(self, hosts: Collection[str]) -> list[Logged]:
        """Return the entries of *hosts* and forget them, so that a long run keeps little."""
        with self._lock:
            taken = [entry for entry in self._entries if entry.host in hosts]
            self._entries = [entry for entry in self._entries if entry.host not in hosts]
        return taken

    def smallest_gap_s(self, host: str | None = None) -> float | None:
        """Return the least time between two requests to one host (to *host*), None where none came twice.

        A CONNECT asks the host for nothing, and counts as no request.
        """
        return smallest_gap_s(entry for entry in self.entries() if host in {None, entry.host})

    def by_kind(self, host: str | None = None) -> Counter[str]:
        """Return how many requests were for what: robots, article, list, other."""
        return Counter(entry.kind for entry in self.entries(host) if entry.method != "CONNECT")

    def __iter__(self) -> Iterator[Logged]:
        """Iterate over a copy."""
        return iter(self.entries())

    def __len__(self) -> int:
        """Return how many requests were answered."""
        return len(self._entries)

    def clear(self) -> None:
        """Forget the entries in memory; the file keeps its lines."""
        with self._lock:
            self._entries.clear()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
