"""The files for service managers and containers fit the program that they start."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from packaging.specifiers import SpecifierSet

from crawler.cli import main as cli
from crawler.config import Config
from crawler.scheduler.loop import LAST_WORDS_S
from crawler.storage import leases
from crawler.storage.database import open_database
from crawler.storage.plans import SCHEDULER
from tests.cli.test_doctor_service import UNIT, runnable
from tests.newsworld.running import ROOT

CONTAINER = (ROOT / "docs" / "deploy" / "Containerfile").read_text(encoding="utf-8")
COMMANDS = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]


UNITS = [UNIT, UNIT.with_name("pantau-worker.service")]


def unit(path: Path = UNIT) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        values.setdefault(name, []).append(value)
    return values


def lines_of(instruction: str) -> list[str]:
    whole = CONTAINER.replace("\\\n", " ")
    return [line.strip() for line in re.findall(rf"^{instruction} (.+)$", whole, re.MULTILINE)]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
class TestUnit:
    def test_it_starts_a_command_that_there_is(self, path: Path) -> None:
        program, command = unit(path)["ExecStart"][0].split()
        assert Path(program).name == "pantau"
        assert command in COMMANDS

    def test_it_waits_longer_than_the_service_needs_to_stop(self, path: Path) -> None:
        assert float(unit(path)["TimeoutStopSec"][0]) > Config().stop_s + LAST_WORDS_S
        assert unit(path)["KillMode"] == ["mixed"]

    def test_it_gives_the_memory_that_the_crawls_may_take(self, path: Path) -> None:
        limit = re.fullmatch(r"(\d+)G", unit(path)["MemoryMax"][0])
        assert limit is not None
        assert int(limit[1]) * 1000 > Config().side_by_side * Config().run_memory_mb

    def test_the_data_folder_is_the_only_one_it_may_write(self, path: Path) -> None:
        (folder,) = unit(path)["ReadWritePaths"]
        assert unit(path)["Environment"] == [f"PANTAU_DATA_DIR={folder}"]
        assert unit(path)["ProtectSystem"] == ["strict"]
        assert Path(folder).name in unit(path)["StateDirectory"]

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
    def test_systemd_takes_it(self, tmp_path: Path, path: Path) -> None:
        copy = tmp_path / path.name
        copy.write_text(runnable(path.read_text(encoding="utf-8")), encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


class TestContainer:
    def test_what_is_copied_is_there_and_the_context_lets_it_in(self) -> None:
        ignore = (ROOT / "docs" / "deploy" / "Containerfile.dockerignore").read_text(encoding="utf-8")
        for line in lines_of("COPY"):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}\n" in ignore

    def test_its_python_and_packages_are_those_that_pantau_is_made_for(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        (base,) = lines_of("FROM")
        version = re.fullmatch(r"python:(\d+\.\d+)-slim", base)
        assert version is not None
        assert version[1] in SpecifierSet(project["requires-python"])
        assert any("--require-hashes -r requirements.txt" in line for line in lines_of("RUN"))

    def test_it_runs_as_nobody_special_and_writes_only_to_its_volume(self) -> None:
        assert lines_of("USER") == ["pantau"]
        (volume,) = lines_of("VOLUME")
        assert f"PANTAU_DATA_DIR={volume}" in lines_of("ENV")[0].split()
        assert CONTAINER.index("\nUSER ") > CONTAINER.rindex("\nRUN ")

    def test_it_is_stopped_as_the_service_wants(self) -> None:
        assert lines_of("STOPSIGNAL") == ["SIGTERM"]
        given = re.search(r"--stop-timeout (\d+)", CONTAINER)
        assert given is not None
        assert int(given[1]) > Config().stop_s + LAST_WORDS_S
        # Without a shell in between, which would not pass the signal on.
        assert json.loads(lines_of("ENTRYPOINT")[0]) == ["pantau"]
        (command,) = json.loads(lines_of("CMD")[0])
        assert command in COMMANDS

    @pytest.mark.parametrize("led", [True, False])
    def test_its_check_of_health_tells_whether_a_service_leads(self, tmp_path: Path, *, led: bool) -> None:
        program = tmp_path / "bin" / "pantau"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m crawler.cli.main "$@"\n')
        program.chmod(0o755)
        engine = open_database(f"sqlite:///{tmp_path}/pantau.db")
        if led:
            leases.acquire(engine, SCHEDULER, "token", 60)
        engine.dispose()
        (check,) = lines_of("HEALTHCHECK")
        words = json.loads(check.partition("CMD ")[2])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PANTAU_")}
        environ = kept | {
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PANTAU_DATA_DIR": str(tmp_path),
        }
        done = subprocess.run(words, env=environ, cwd=tmp_path, check=False)
        assert (done.returncode == 0) == led
