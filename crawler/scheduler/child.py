"""One crawl as a process of its own: how it is started, its log, and how it ended."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import attrs

import crawler
from crawler.config import LIFELINE_SETTING, Config, environment_for
from crawler.errors import StoreError
from crawler.logs import as_text
from crawler.storage.plans import Plan

PROJECT_ROOT = Path(crawler.__file__).parents[1]
LOGS_KEPT = 30  # of each outlet
TAIL_BYTES = 65_536


@attrs.define
class Child:
    """One `scrapy crawl`, or another command on one spider, that was started."""

    outlet: str
    log: Path
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(
        cls,
        config: Config,
        outlet: str,
        arguments: Mapping[str, str],
        *,
        command: Sequence[str] = ("crawl",),
        lifeline: int | None = None,
    ) -> Self:
        """Start the crawl of *outlet*, or another *command* on it, with the spider's *arguments*.

        With the reading end of a pipe as *lifeline* it stops in order when the other end is closed, also by
        the death of this process; without one it goes on.

        Raises:
            StoreError: its log cannot be written.
        """
        log = new_log(config.data_dir / "logs", outlet)
        # -P: another project's `crawler` in the current folder must not be taken for ours.
        words = [sys.executable, "-P", "-m", "scrapy", *command, outlet, "-s", f"RUN_LOG={log}"]
        if lifeline is not None:
            words += ["-s", f"{LIFELINE_SETTING}=1"]
        for name, value in arguments.items():
            words += ["-a", f"{name}={value}"]
        environment = child_environ(config) | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, a checked name, no shell
                words,
                stdin=subprocess.DEVNULL if lifeline is None else lifeline,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                # A terminal sends Ctrl-C to its whole group: a child would get it twice and stop unclean.
                process_group=0,
            )
        return cls(outlet, log, process)

    def send(self, number: int) -> None:
        """Pass a signal on; one that has just ended needs none."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End its process and all that it started."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def ending(self) -> str:
        """Return in words how its process ended."""
        status = self.process.returncode
        if status is not None and status < 0:
            return f"its process was ended by {signal.Signals(-status).name}"
        return f"its process ended with status {status}"

    def log_lines(self, last_bytes: int = TAIL_BYTES) -> list[str]:
        """Return the lines in the last bytes of its log, as text."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - last_bytes))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return [text for line in lines for text in as_text(line)]


def replay_command(plan: Plan) -> tuple[str, ...]:
    """Return the command of a re-extraction, for the part of the archive that its plan names."""
    part = plan.part or {}
    words = ["replay", "--write", f"--plan={plan.id}"]
    words += [f"--{name}={part[name]}" for name in ("since", "until") if part.get(name)]
    words += ["--all"] * bool(part.get("everything")) + ["--dated"] * (not part.get("undated", True))
    return tuple(words)


def child_environ(config: Config) -> dict[str, str]:
    """Return the environment in which another process of the project has this very configuration."""
    environment = environment_for(config)
    paths = (str(PROJECT_ROOT), environment.get("PYTHONPATH", ""))
    return environment | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def new_log(folder: Path, outlet: str) -> Path:
    """Make an empty log, readable by its owner only, and drop the outlet's oldest ones.

    Raises:
        StoreError: the folder cannot be written.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = folder / f"{outlet}-{moment}.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        for old in sorted(folder.glob(f"{outlet}-*.log"))[:-LOGS_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot write logs in {folder}: {error.strerror}; check its rights, or give --data-dir"
        ) from error
    return path
