"""No space left, or a disk that fails: the run ends in order and says so; with space again it goes on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawling import (
    against_truth,
    audited,
    crawl,
    crawl_command,
    crawl_environ,
    run,
    runs_of,
    small_world,
)
from tests.newsworld.running import Running, on_air
from tests.sabotage.orders import sabotaged

Ended = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def world() -> Iterator[Running]:
    with on_air(small_world("kontan")) as running:
        yield running


def suffered(world: Running, data: Path, **orders: object) -> Ended:
    """Crawl with a disk that does what *orders* say."""
    return run(crawl_command(world), sabotaged(crawl_environ(world, data), **orders))


def check_that_it_goes_on(world: Running, data: Path, held: int) -> None:
    """Give the same command on a disk that works: everything is there, and nothing went."""
    assert not held or against_truth(world, data).stored >= held
    again = crawl(world, data)
    assert again.returncode == 0, again.stderr[-2000:]
    assert against_truth(world, data).faults() == {}
    assert audited(data).ok


@pytest.mark.parametrize("writes", [0, 12])
def test_no_space_for_the_archive(world: Running, tmp_path: Path, writes: int) -> None:
    ended = suffered(world, tmp_path, full=["archive", writes])
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "no space left for the archive" in ended.stderr
    (failed,) = runs_of(tmp_path)
    assert failed.verdict == "failed"
    assert failed.why[0].startswith("disk_full: "), failed.why
    assert "failed" not in failed.counts  # the disk is not the pages' fault
    check_that_it_goes_on(world, tmp_path, failed.counts.get("stored", 0))


@pytest.mark.parametrize("syncs", [1, 3])
def test_a_disk_that_fails_when_synced(world: Running, tmp_path: Path, syncs: int) -> None:
    ended = suffered(world, tmp_path, broken=syncs)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    (failed,) = runs_of(tmp_path)
    assert failed.verdict == "failed"
    assert "cannot write the archive" in failed.why[0]
    check_that_it_goes_on(world, tmp_path, failed.counts.get("stored", 0))


@pytest.mark.parametrize("pages", [20, 60, 72])
def test_no_space_for_the_database(world: Running, tmp_path: Path, pages: int) -> None:
    ended = suffered(world, tmp_path, full=["store", pages])
    assert ended.returncode in {1, 2}, ended.stderr[-500:]
    assert "Traceback" not in ended.stderr
    assert "the disk is full, free some space and start again" in ended.stderr
    check_that_it_goes_on(world, tmp_path, 0)
    assert all(each.verdict == "failed" for each in runs_of(tmp_path)[1:])


def pantau(world: Running, data: Path, **settings: str) -> Ended:
    arguments = [word for word in crawl_command(world)[4:] if word != "-a"]
    options = [f"--{key}={value}" for key, _, value in (word.partition("=") for word in arguments[1:])]
    command = [sys.executable, "-m", "crawler.cli.main", "crawl", arguments[0], *options]
    return run(command, crawl_environ(world, data, **settings))


def test_with_little_space_no_crawl_begins(world: Running, tmp_path: Path) -> None:
    asked = len(world.log)
    for ended in (
        pantau(world, tmp_path, min_free_mb=str(10**9)),
        run(crawl_command(world), crawl_environ(world, tmp_path, min_free_mb=str(10**9))),
    ):
        assert ended.returncode == 2, ended.stderr[-1000:]
        assert "at least 1000000000 are needed; free some and start again" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert len(world.log) == asked
    assert not (tmp_path / "pantau.db").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder of its own file system, which can be made larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("size", ["300k", "600k", "900k"])
def test_a_disk_that_fills_up_with_database_archive_and_logs(
    world: Running, small_disk: Path, size: str
) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", small_disk], check=True)
    data = small_disk / "data"
    ended = pantau(world, data, min_free_mb="0")
    assert ended.returncode, ended.stdout
    assert "Traceback" not in ended.stderr
    assert "healthy" not in ended.stdout
    assert "nothing new" not in ended.stdout
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    again = pantau(world, data, min_free_mb="0")
    assert again.returncode == 0, (again.stdout, again.stderr)
    assert against_truth(world, data).faults() == {}
    assert audited(data).ok
