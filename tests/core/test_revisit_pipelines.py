"""What the pipelines keep of a stored article that is looked at again, whatever became of it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from crawler.discovery.listing import Window
from crawler.outcomes import Dropped
from crawler.text.relevance import load_topics
from pipelines.relevance import RelevancePipeline
from pipelines.window import WindowPipeline
from tests.core.storing import NOON, article

OFF_TOPIC = ("Harga cabai di pasar induk turun sejak awal pekan.",)


def test_a_first_reading_off_the_topic_is_dropped_and_a_look_is_not() -> None:
    pipeline = RelevancePipeline(load_topics(["russia-north-korea"]))
    values = {"headline": "Harga Cabai Turun", "body": OFF_TOPIC, "standfirst": None}
    with pytest.raises(Dropped):
        pipeline.process_item(article(1, **values))
    kept = pipeline.process_item(article(1, look_at=1, **values))
    assert kept.verdict is not None
    assert not kept.verdict.on_topic


def test_a_first_reading_out_of_the_window_is_dropped_and_a_look_is_not() -> None:
    window = Window(NOON + timedelta(days=9), NOON + timedelta(days=12))
    pipeline = WindowPipeline(SimpleNamespace(window=window))  # type: ignore[arg-type] # all it asks of a spider
    with pytest.raises(Dropped):
        pipeline.process_item(article(1))
    assert pipeline.process_item(article(1, look_at=1)).headline
