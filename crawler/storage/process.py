"""Tells processes apart, so that a dead run is not taken for a living one, nor a living one for dead."""

import os
import socket
from pathlib import Path

import attrs

_PROC = Path("/proc")


@attrs.frozen
class Process:
    """One process on one machine.

    `mark` names the boot, the process name space and the start of the process: numbers are used again, the
    mark is not. It is empty where the system does not tell (no /proc).
    """

    host: str
    pid: int
    mark: str

    @classmethod
    def current(cls) -> "Process":
        """Return this very process."""
        pid = os.getpid()
        return cls(socket.gethostname(), pid, _mark(pid) or "")

    def is_dead(self) -> bool | None:
        """Tell whether it has ended; None where that cannot be known from here."""
        if not self.mark or self.host != socket.gethostname():
            return None
        boot, space, _ = self.mark.split("/")
        # Another boot is this machine restarted, or another one of the same name: only its silence tells.
        if (boot, space) != _here():
            return None
        return _mark(self.pid) != self.mark


def _here() -> tuple[str, str]:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    try:
        space = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        space = ""
    return boot, space


def _mark(pid: int) -> str | None:
    """Return the mark of a running process, None where there is none (a zombie runs no more)."""
    try:
        # The name in brackets may hold anything, brackets too; the rest starts with the state.
        fields = (
            (_PROC / str(pid) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except (OSError, ValueError):
        return None
    if not fields or fields[0] in "ZX":
        return None
    return "/".join((*_here(), fields[19]))
