"""Outlets whose lists scripts draw, on a machine without a browser: what is found, and what is said."""

from pathlib import Path

from tests.crawling import against_truth, crawl_command, crawl_environ, run, runs_of, small_world
from tests.newsworld.running import on_air


def test_without_a_browser_the_other_lists_are_read_and_the_run_says_what_was_not(tmp_path: Path) -> None:
    with on_air(small_world("liputan6")) as running:
        environ = crawl_environ(running, tmp_path, browser=str(tmp_path / "chromium"))
        done = run(crawl_command(running), environ)
        missing = against_truth(running, tmp_path).missing
        paths = [each.path for each in running.log]
    assert done.returncode == 1
    (only,) = runs_of(tmp_path)
    assert only.verdict == "degraded"
    why = " ".join(only.why)
    assert "the window is not covered by a search" in why
    assert "is no program" in why
    # The foreign channel is read by its index, neutral headlines included.
    assert only.counts["stored"] > 0
    assert [url for url in missing if "/global/" in url] == []
    assert not [path for path in paths if path.startswith("/tag/")]


def test_without_a_browser_tags_stand_in_for_a_drawn_search(tmp_path: Path) -> None:
    with on_air(small_world("suara")) as running:
        environ = crawl_environ(running, tmp_path, browser=str(tmp_path / "chromium"))
        done = run(crawl_command(running), environ)
        found = against_truth(running, tmp_path)
        paths = [each.path for each in running.log]
    assert done.returncode == 0, done.stderr[-3000:]
    assert "is no program" in done.stderr  # the rung that could not be used is told in the log
    assert found.faults() == {}
    assert [path for path in paths if path.startswith("/tag/")]
    assert not [path for path in paths if path.startswith("/search")]
