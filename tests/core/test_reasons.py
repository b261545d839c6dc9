"""The closed list of reasons."""

import re
from pathlib import Path

import pytest

from crawler.reasons import SENTENCES, TRY_AGAIN, Reason

SOURCES = [*Path(__file__).parents[2].glob("crawler/**/*.py")]


@pytest.mark.parametrize("reason", Reason)
def test_each_has_one_sentence(reason: Reason) -> None:
    sentence = SENTENCES[reason]
    assert re.fullmatch(r"[A-Za-z].{10,100}\.", sentence)
    assert len(sentence.splitlines()) == 1


def test_sentences_tell_them_apart() -> None:
    assert len(set(SENTENCES.values())) == len(Reason)
    assert set(SENTENCES) == set(Reason)


def test_a_refusal_of_principle_is_not_tried_again() -> None:
    for reason in (Reason.BLOCKED_ADDRESS, Reason.BAD_SCHEME, Reason.OFFSITE, Reason.NOT_FOUND, Reason.BOMB):
        assert reason not in TRY_AGAIN


def test_the_code_uses_no_reason_outside_the_list() -> None:
    named = {
        name for path in SOURCES for name in re.findall(r"\bReason\.([A-Z][A-Z0-9_]+)\b", path.read_text())
    }
    assert named <= set(Reason.__members__)
