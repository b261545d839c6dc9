"""Tells processes apart, so that a dead run is not taken for a living one, nor a living one for dead."""

import os
import socket
import time
from pathlib import Path

import attrs

_PROC = Path("/proc")
_LOCK_FIELDS = 8


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
        return cls.running(os.getpid())

    @classmethod
    def running(cls, pid: int) -> "Process":
        """Return the process of this machine that has the number *pid* now."""
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

    def age_s(self) -> float:
        """Return for how many seconds it has existed, whatever was done to the clock; 0 where unknown."""
        if not self.mark or self.is_dead() is not False:
            return 0.0
        ticks = int(self.mark.rpartition("/")[2])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def write_lock_holders(path: Path) -> list[str]:
    """Return the processes that hold a lock for writing on a file: SQLite's is in its `-shm` file.

    Empty where the system does not tell.
    """
    try:
        inode = path.stat().st_ino
        locks = (_PROC / "locks").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    # 1: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120
    fields = [line.split() for line in locks if " WRITE " in line]
    pids = {int(each[4]) for each in fields if len(each) == _LOCK_FIELDS and _is_of(each[5], inode)}
    return [f"process {pid}{_command_of(pid)}" for pid in sorted(pids - {os.getpid()}) if pid > 0]


def _is_of(file: str, inode: int) -> bool:
    return file.rpartition(":")[2] == str(inode)


def _command_of(pid: int) -> str:
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    return f" ({' '.join(filter(None, words))[:80]})"


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
