"""What a real crawl logs: every line of it is JSON where that is asked for, and no secret is among them."""

import json
from pathlib import Path

import pytest

from tests.crawling import crawl_command, crawl_environ, run, small_world
from tests.newsworld.running import on_air


@pytest.mark.parametrize("more", [(), ("-s", "LOG_LEVEL=DEBUG")])
def test_every_line_of_a_crawl_is_an_object(tmp_path: Path, more: tuple[str, ...]) -> None:
    with on_air(small_world("kontan")) as running:
        done = run([*crawl_command(running), *more], crawl_environ(running, tmp_path, log_format="json"))
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["outlet"] for line in lines} == {"kontan"}
    assert lines[-1]["run"] == 1
    assert any("started" in line["message"] for line in lines), "the first lines are missing"
    assert any(line["level"] == "DEBUG" for line in lines) == bool(more)


def test_text_is_one_line_a_record(tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        done = run(crawl_command(running), crawl_environ(running, tmp_path))
    assert done.returncode == 0
    assert all(line[:4].isdecimal() and "] " in line for line in done.stderr.splitlines())


def test_a_password_is_in_no_line(tmp_path: Path) -> None:
    address = "postgresql+psycopg://pantau:rahasia@127.0.0.1:1/pantau"
    with on_air(small_world("kontan")) as running:
        for form in ("text", "json"):
            environ = crawl_environ(running, tmp_path, log_format=form, database=address, log_level="DEBUG")
            done = run(crawl_command(running), environ)
            assert done.returncode != 0
            assert "127.0.0.1" in done.stderr
            assert "rahasia" not in done.stderr + done.stdout
