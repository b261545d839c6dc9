"""`pantau doctor` on what a service needs: rights, disk, user, service manager, tools, the past."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from crawler.cli import doctor_service as doctor
from crawler.cli.findings import Finding
from crawler.config import Config
from crawler.storage import leases
from crawler.storage.plans import SCHEDULER
from crawler.storage.runs import start_run
from tests.cli.stores import NOON
from tests.newsworld.running import ROOT

UNIT = ROOT / "docs" / "deploy" / "pantau.service"


def only(found: Iterable[Finding]) -> Finding:
    (finding,) = found
    assert finding.next_step or finding.level == "ok"
    return finding


def config(folder: Path, **more: object) -> Config:
    return Config(data_dir=folder, **more)  # type: ignore[arg-type]


class TestFolder:
    def test_one_that_others_can_read_is_told(self, tmp_path: Path) -> None:
        assert list(doctor.rights(config(tmp_path / "none"))) == []
        tmp_path.chmod(0o700)
        assert only(doctor.rights(config(tmp_path))).level == "ok"
        tmp_path.chmod(0o750)
        found = only(doctor.rights(config(tmp_path)))
        assert (found.level, found.next_step) == ("warn", f"run `chmod 700 {tmp_path}`")

    @pytest.mark.parametrize(("kind", "level"), [("ext4", "ok"), ("nfs4", "warn"), ("cifs", "warn")])
    def test_the_file_system_is_that_of_the_nearest_mount(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, level: str
    ) -> None:
        mounts = [("/", "xfs"), (str(tmp_path), kind), (str(tmp_path / "data-else"), "tmpfs")]
        monkeypatch.setattr(
            doctor.psutil,
            "disk_partitions",
            lambda **_: [SimpleNamespace(mountpoint=point, fstype=type_) for point, type_ in mounts],
        )
        assert doctor.file_system_of(tmp_path / "data") == kind
        assert only(doctor.file_system(config(tmp_path / "data"))).level == level

    def test_of_this_machine_it_is_known(self, tmp_path: Path) -> None:
        assert doctor.file_system_of(tmp_path)


def test_root_is_told_from_a_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "CONTAINER_MARKS", (tmp_path / "mark",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert only(doctor.user(config(tmp_path))).text == "this is root on this machine"
    (tmp_path / "mark").touch()
    assert only(doctor.user(config(tmp_path))).text == "this is root in a container"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert only(doctor.user(config(tmp_path))).level == "ok"


class TestServiceManager:
    @pytest.fixture(autouse=True)
    def machine(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
        monkeypatch.setattr(doctor, "UNIT", tmp_path / "pantau.service")
        monkeypatch.setattr(doctor, "SYSTEMD", tmp_path)

    def test_one_that_listens(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
        assert only(doctor.service(config(tmp_path))).text == "systemd started this and listens"

    def test_none_at_work_or_no_unit(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert "docs/deploy" in only(doctor.service(config(tmp_path))).text
        monkeypatch.setattr(doctor, "SYSTEMD", tmp_path / "none")
        assert "not at work" in only(doctor.service(config(tmp_path))).text

    def test_a_unit_that_lacks_what_it_needs(self, tmp_path: Path) -> None:
        doctor.UNIT.write_text(UNIT.read_text().replace("Type=notify", "Type=simple"))
        found = only(doctor.service(config(tmp_path)))
        assert (found.level, "lacks Type=notify" in found.text) == ("warn", True)

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
    def test_a_unit_that_systemd_refuses(self, tmp_path: Path) -> None:
        doctor.UNIT.write_text(runnable(UNIT.read_text()))
        assert only(doctor.service(config(tmp_path))).level == "ok"
        doctor.UNIT.write_text(UNIT.read_text().replace("/srv/pantau/.venv", "/nirgends"))
        found = only(doctor.service(config(tmp_path)))
        assert found.level == "fail"
        assert "/nirgends/bin/pantau" in found.text


def runnable(unit: str) -> str:
    """Return the unit with a program and a user that there are."""
    return (
        unit.replace("/srv/pantau/.venv/bin/pantau", "/bin/true")
        .replace("WorkingDirectory=/srv/pantau", "WorkingDirectory=/")
        .replace("User=pantau", "User=root")
        .replace("Group=pantau", "Group=root")
    )


class TestStore:
    def test_without_a_store_nothing_is_said(self, tmp_path: Path) -> None:
        assert list(doctor.store(config(tmp_path))) == []
        (tmp_path / "pantau.db").write_bytes(b"bukan basis data")
        assert list(doctor.store(config(tmp_path))) == []

    def test_who_leads(self, store: Engine, store_url: str, tmp_path: Path) -> None:
        found = {one.check: one for one in doctor.store(config(tmp_path, database=store_url))}
        assert "no service runs" in found["schedule"].text
        leases.acquire(store, SCHEDULER, "token", 60)
        found = {one.check: one for one in doctor.store(config(tmp_path, database=store_url))}
        assert found["schedule"].text.startswith(f"process {os.getpid()} on ")

    def test_a_run_that_is_to_come_means_a_wrong_clock(
        self, store: Engine, store_url: str, tmp_path: Path
    ) -> None:
        start_run(store, "kontan", now=NOON)
        for hours, wanted in ((1, False), (-1, True)):
            now = NOON + timedelta(hours=hours)
            found = list(doctor.store(config(tmp_path, database=store_url, now=now)))
            assert any(one.check == "past" and one.level == "fail" for one in found) == wanted

    def test_the_tools_for_backups(
        self, store: Engine, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def tools() -> Finding | None:
            found = doctor.store(config(tmp_path, database=store_url))
            return next((one for one in found if one.check == "backup"), None)

        if store.dialect.name == "sqlite":
            assert tools() is None
            return
        if shutil.which("pg_dump"):
            assert tools() is not None
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(
            subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="pg_dump (PostgreSQL) 9.6")
        )
        older = tools()
        assert older is not None
        assert (older.level, "pg_dump is of version 9" in older.text) == ("warn", True)
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        missing = tools()
        assert missing is not None
        assert missing.next_step == "install the package postgresql-client"
