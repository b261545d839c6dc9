"""A crawl that meets an article which other rules had read: their changes are not taken for the outlet's."""

from pathlib import Path

import pytest
from sqlalchemy import update

from crawler.storage.schema import records, urls
from tests.crawling import audited, crawl, crawl_command, crawl_environ, run, small_world
from tests.newsworld.running import on_air
from tests.replaying import Crawled, changed_rule


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "edited since"])
@pytest.mark.parametrize("kept", [True, False], ids=["archived", "pruned"])
def test_a_visit_after_an_upgrade_tells_the_rules_from_the_outlet(
    tmp_path: Path, *, edited: bool, kept: bool
) -> None:
    world = small_world("kontan")
    with on_air(world) as running:
        crawled = Crawled(tmp_path / "data", crawl_environ(running, tmp_path / "data"))
        assert crawl(running, crawled.data).returncode == 0
        article = next(each for each in crawled.articles() if len(each.article.record_ids) == 1)
        if edited:
            world.edit(article.article.url, world.now, "headline")
            world.advance(minutes=10)
        if not kept:
            crawled.change(update(records).values(pruned_at=article.last_seen_at))
        crawled.change(
            update(urls).where(urls.c.article_id == article.id).values(state="pending", reason="reopened")
        )
        options = changed_rule(tmp_path, article)
        environ = crawl_environ(running, crawled.data) | {"PYTHONPATH": str(tmp_path)}
        done = run([*crawl_command(running), *options], environ)
        assert done.returncode == 0, done.stderr[-3000:]
    history = crawled.history(article.id)
    assert audited(crawled.data).ok
    assert len({each.content_hash for each in history}) == len(history)
    if not kept:
        assert [each.cause for each in history] == ["outlet", "unclear"]
        return
    assert [each.cause for each in history] == ["outlet", "rules"] + ["outlet"] * edited
    assert history[1].article.headline == history[0].article.headline
    assert history[1].article.body == history[0].article.body[:-1]
    if edited:
        assert history[2].article.headline != history[1].article.headline
        assert history[2].article.body == history[1].article.body
