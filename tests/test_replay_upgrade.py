"""A look at an article that other rules had read: what the rules change is not taken for an edit."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from crawler.storage.schema import events, records
from tests.crawling import audited, crawl, crawl_command, crawl_environ, run, small_world
from tests.newsworld.running import on_air
from tests.replaying import Crawled, changed_rule


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "edited since"])
@pytest.mark.parametrize("kept", [True, False], ids=["archived", "pruned"])
def test_a_look_after_an_upgrade_tells_the_rules_from_the_outlet(
    tmp_path: Path, *, edited: bool, kept: bool
) -> None:
    world = small_world("kontan", **{"kontan.article-validators": "none"})
    with on_air(world) as running:
        crawled = Crawled(tmp_path / "data", crawl_environ(running, tmp_path / "data"))
        assert crawl(running, crawled.data).returncode == 0
        touched, *others = crawled.articles()
        if edited:
            world.edit(touched.article.canonical_url, world.now, "headline")
        if not kept:
            crawled.change(update(records).values(pruned_at=touched.last_seen_at))
        world.advance(days=2)
        options = changed_rule(tmp_path, touched)
        environ = crawl_environ(running, crawled.data) | {"PYTHONPATH": str(tmp_path)}
        done = run([*crawl_command(running, recheck="1"), *options], environ)
        assert done.returncode == 0, done.stderr[-3000:]
    history = crawled.history(touched.id)
    happened = [(row.article_id, row.kind) for row in crawled.rows(select(events).order_by(events.c.id))]
    assert audited(crawled.data).ok
    assert {len(crawled.history(each.id)) for each in others} == {1}
    if not kept:
        assert [each.cause for each in history] == ["outlet", "unclear"]
        assert happened == [(touched.id, "revised")]
        return
    assert [each.cause for each in history] == ["outlet", "rules"] + ["outlet"] * edited
    assert happened == [(touched.id, "re-extracted")] + [(touched.id, "revised")] * edited
    assert history[1].article.headline == history[0].article.headline
    assert history[1].article.body == history[0].article.body[:-1]
    if edited:
        assert history[2].article.headline != history[1].article.headline
        assert history[2].article.body == history[1].article.body
