"""`pantau doctor` and `pantau outlets`: what is wrong with this machine, and what there is to crawl."""

import importlib.metadata
import json
import shutil
import sqlite3
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.cli import doctor
from crawler.cli.spiders import load_spiders
from crawler.rendering import finding
from tests.cli.conftest import Run
from tests.cli.stores import store_at

LEVELS = {"ok", "warn", "fail"}


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the search for a browser out: what it finds is the machine's own."""
    monkeypatch.setattr(finding, "playwright_folders", tuple)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(
        importlib.metadata, "requires", lambda _name: ["attrs>=25.4", "lxml>=6; extra == 'dev'"]
    )


@pytest.fixture
def findings(run: Run) -> Any:
    def examine(*options: str) -> dict[str, dict[str, str]]:
        result = run(*options, "doctor", "--json")
        found = {line["check"]: line for line in map(json.loads, result.stdout.splitlines())}
        assert result.exit_code == int(any(one["level"] == "fail" for one in found.values()))
        assert all(one["next_step"] for one in found.values() if one["level"] != "ok")
        return found

    return examine


def test_a_sound_machine_has_no_failure_and_nothing_is_made(findings: Any, tmp_path: Path) -> None:
    found = findings()
    assert {one["level"] for one in found.values()} <= {"ok", "warn"}
    assert {
        "python",
        "packages",
        "clock",
        "data folder",
        "file system",
        "user",
        "service",
        "dashboard",
        "free space",
        "database",
        "contact",
        "guard",
        "browser",
    } == set(found)
    assert found["guard"]["level"] == "ok"
    assert found["contact"]["level"] == found["browser"]["level"] == "warn"
    assert list(tmp_path.iterdir()) == []


def test_a_person_reads_a_line_each_with_the_next_step(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "warn  contact: outlets cannot see who crawls them → set `contact`" in result.stdout


def test_a_contact_is_shown(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANTAU_CONTACT", "redaksi@riset.example")
    assert findings()["contact"] == {
        "check": "contact",
        "level": "ok",
        "text": "redaksi@riset.example",
        "next_step": "",
    }


def test_an_old_interpreter_fails(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (sys.version_info[0], sys.version_info[1] + 1))
    assert findings()["python"]["level"] == "fail"


@pytest.mark.parametrize(
    ("needed", "said"),
    [(["attrs>=9999"], "attrs"), (["no-such-package-of-pantau>=1"], "no-such-package-of-pantau is missing")],
)
def test_a_wrong_package_fails(
    findings: Any, monkeypatch: pytest.MonkeyPatch, needed: list[str], said: str
) -> None:
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: needed)
    found = findings()["packages"]
    assert found["level"] == "fail"
    assert said in found["text"]


def test_an_installation_from_bare_sources_fails(
    findings: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", missing)
    assert "not installed" in findings()["packages"]["text"]
    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert run("--version").exit_code == 2


def test_a_clock_that_was_never_set_fails(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANTAU_NOW", "2019-05-01T00:00:00+07:00")
    assert findings()["clock"]["level"] == "fail"
    monkeypatch.setenv("PANTAU_NOW", "2026-03-04T00:00:00+07:00")
    assert findings()["clock"]["level"] == "warn"


def test_a_data_folder_that_cannot_be_written_fails(findings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in ("file", "file/below"):
        assert findings("--data-dir", place)["data folder"]["level"] == "fail"


@pytest.mark.parametrize(("free", "level"), [(10**7, "fail"), (5 * 10**8, "warn"), (10**11, "ok")])
def test_little_space_is_noticed(
    findings: Any, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    assert findings()["free space"]["level"] == level


def test_the_state_of_the_store_is_told(findings: Any, tmp_path: Path) -> None:
    assert findings()["database"]["level"] == "ok"
    store_at(tmp_path).dispose()
    assert "version" in findings()["database"]["text"]
    connection = sqlite3.connect(tmp_path / "data" / "pantau.db")
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    assert findings()["database"]["next_step"] == "run `pantau migrate`"
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    assert findings()["database"]["level"] == "fail"
    (tmp_path / "notes.db").write_text("catatan saya\n", encoding="utf-8")
    assert findings("--database", f"sqlite:///{tmp_path}/notes.db")["database"]["level"] == "fail"


def test_a_server_that_does_not_answer_fails(findings: Any) -> None:
    found = findings("--database", "postgresql+psycopg://pantau:rahasia@127.0.0.1:9/pantau")["database"]
    assert found["level"] == "fail"
    assert "rahasia" not in str(found)


def test_a_guard_that_was_given_up_fails(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.settings.ROBOTSTXT_OBEY", False)
    monkeypatch.setattr("crawler.settings.DOWNLOAD_HANDLERS", {"ftp": None, "s3": None, "data": None})
    assert findings()["guard"]["text"] == "given up: ROBOTSTXT_OBEY, file:"


def test_addresses_opened_for_tests_are_named(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.settings.GUARD_ALLOW_ADDRESSES", ["127.0.0.1"], raising=False)
    found = findings()["guard"]
    assert found["level"] == "warn"
    assert "127.0.0.1" in found["text"]


def test_a_browser_of_the_system_is_found(findings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "google-chrome" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert findings()["browser"]["text"] == "/usr/bin/google-chrome (the system's)"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "ordinary user" in findings()["browser"]["next_step"]


def test_every_outlet_is_listed_with_what_it_takes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANTAU_DELAY_S", "2.5")
    result = run("outlets", "--json")
    assert result.exit_code == 0
    listed = {line["outlet"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert list(listed) == list(load_spiders())
    assert listed["kontan"]["hosts"] == ["kontan.co.id"]
    assert listed["kontan"]["discovery"]
    assert listed["kontan"]["delay_s"] >= 2.5
    assert "any (--url)" in run("outlets").stdout


def test_an_outlet_may_only_be_made_slower(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pantau.toml").write_text(
        "[outlets.kontan]\ndelay_s = 0.1\n[outlets.republika]\ndelay_s = 9.0\n"
    )
    listed = {line["outlet"]: line for line in map(json.loads, run("outlets", "--json").stdout.splitlines())}
    assert listed["kontan"]["delay_s"] >= 1
    assert listed["republika"]["delay_s"] == 9
