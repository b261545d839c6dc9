"""How outlets take over a wire's story: word for word, cut, under another headline, merged, in other words.

Beside these, what only looks like it: the same event told by somebody else who quotes the same people, short
items that are mostly formula, and daily items made from one template.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from tests.newsworld.model import Block, Copy, How, Plan
from tests.newsworld.printed import in_brackets
from tests.newsworld.prose.grammar import dotted, sections

COPIES: tuple[How, ...] = ("verbatim", "trimmed", "re-headlined", "merged", "rewritten")
LOOKALIKES: tuple[How, ...] = ("independent", "formula", "daily")
SAME_HEADLINE = frozenset({"verbatim", "trimmed"})

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")
_WORDS = re.compile(r"[^\W\d_]+")


def retold(plan: Plan, told: Sequence[Copy], own: Copy) -> Copy:
    """Return the story of *plan* from the wires' stories *told*; *own* is what the outlet itself writes."""
    assert plan.wire is not None
    rng, wires = Random(f"{plan.key}/{plan.wire.how}"), plan.wire.of
    if plan.wire.how == "daily":
        return replace(own, blocks=_daily(plan, rng))
    blocks = told[0].blocks
    made: dict[How, Callable[[], tuple[Block, ...]]] = {
        "verbatim": lambda: blocks,
        "re-headlined": lambda: blocks,
        "trimmed": lambda: _trimmed(blocks, rng),
        "merged": lambda: _merged(blocks, told[1].blocks, rng),
        "rewritten": lambda: _rewritten(blocks, rng),
        "independent": lambda: _quoting(own.blocks, rng, wires[0].key),
        "formula": lambda: _formula(own.blocks, rng),
    }
    return replace(own, blocks=made[plan.wire.how]())


def with_quotes(copy: Copy, key: str) -> Copy:
    """Return a wire's story with the words of those that others quote too."""
    return replace(copy, blocks=_quoting(copy.blocks, Random(f"{key}/told"), key))


def _trimmed(blocks: Sequence[Block], rng: Random) -> tuple[Block, ...]:
    """Return the beginning, as desks cut from below; now and then a paragraph in the middle goes too."""
    texts = [block for block in blocks if block.kind == "text"]
    least = min(len(texts), 4)
    left = texts[: max(least, round(len(texts) * rng.uniform(0.3, 0.75)))]
    if len(left) > least + 1 and rng.random() < 0.5:
        del left[rng.randrange(1, len(left) - 1)]
    return tuple(left)


def _merged(first: Sequence[Block], second: Sequence[Block], rng: Random) -> tuple[Block, ...]:
    """Return most of two stories in one, one behind the other or in turns."""
    one = list(first[: max(4, round(len(first) * rng.uniform(0.5, 0.8)))])
    two = list(second[: max(4, round(len(second) * rng.uniform(0.5, 0.8)))])
    if rng.random() < 0.5:
        return (*one, Block("Dalam perkembangan terpisah, kabar lain datang pada hari yang sama."), *two)
    merged: list[Block] = []
    while one or two:
        for side in (one, two):
            merged += side[:2]
            del side[:2]
    return tuple(merged)


def _rewritten(blocks: Sequence[Block], rng: Random) -> tuple[Block, ...]:
    """Return the story in other words: each paragraph touched, some left out, some joined or swapped."""
    words = rng.uniform(0.55, 0.9)
    out: list[Block] = []
    for number, block in enumerate(blocks):
        if block.kind == "heading" or (number > 1 and rng.random() < 0.12):
            continue
        sentences = [_reworded(sentence, words, rng) for sentence in _SENTENCE.split(block.text)]
        if len(sentences) > 1 and rng.random() < 0.3:
            sentences = sentences[1:] + sentences[:1]
        text = " ".join(sentences)
        if out and rng.random() < 0.25:
            out[-1] = Block(f"{out[-1].text} {text}")
        else:
            out.append(Block(text))
    if len(out) > 4 and rng.random() < 0.5:
        at = rng.randrange(1, len(out) - 1)
        out[at], out[at + 1] = out[at + 1], out[at]
    return tuple(out)


def _reworded(sentence: str, share: float, rng: Random) -> str:
    """Return a sentence with other words of the same sense, outside quotation marks."""
    parts = re.split(r"(“[^”]*”)", sentence)
    for at in range(0, len(parts), 2):
        parts[at] = _WORDS.sub(lambda match: _other(match[0], share, rng), parts[at])
    text = "".join(parts)
    if rng.random() < 0.3:
        lead = rng.choice(sections("retelling")["pembuka"])
        text = f"{lead}, {text[0].lower() + text[1:] if text[:1].isupper() and _plain(text) else text}"
    return text


def _plain(text: str) -> bool:
    first = text.split(maxsplit=1)[0]
    return first.lower() in _same_sense()


def _other(word: str, share: float, rng: Random) -> str:
    known = _same_sense().get(word.lower())
    if not known or rng.random() > share:
        return word
    chosen = rng.choice(known)
    return chosen.capitalize() if word[0].isupper() else chosen


def _same_sense() -> dict[str, list[str]]:
    if not _SENSES:
        for line in sections("retelling")["padanan"]:
            words = [word.strip() for word in line.split("|")]
            for word in words:
                _SENSES[word] = [other for other in words if other != word]
    return _SENSES


_SENSES: dict[str, list[str]] = {}


def _quoting(blocks: Sequence[Block], rng: Random, key: str) -> tuple[Block, ...]:
    """Return a story with three quotations of the event, which everybody who was there has."""
    said = Random(f"{key}/said").sample(sections("retelling")["kutipan"], 3)
    out = list(blocks)
    for quote in said:
        form = rng.choice(sections("retelling")["pengantar"])
        out.insert(rng.randint(1, len(out)), Block(form.replace("Q", f"“{quote}”")))
    return tuple(out)


def _formula(blocks: Sequence[Block], rng: Random) -> tuple[Block, ...]:
    """Return a short item: two sentences of its own and three that stand under every such item."""
    formula = sections("retelling")["rumus"]
    return (*blocks[:2], *(Block(text) for text in formula[: rng.choice((2, 3, 3))]))


def _daily(plan: Plan, rng: Random) -> tuple[Block, ...]:
    """Return an item of the day: one text for all days but for its figures and names."""
    assert plan.wire is not None
    lines = sections("retelling")[f"harian {plan.wire.of[0].kind}"]
    day = in_brackets(plan.published_at)
    towns = ("Bandung", "Medan", "Makassar", "Denpasar", "Palembang", "Semarang", "Manado", "Kupang")
    town, other = rng.sample(towns, 2)
    return tuple(
        Block(
            re.sub(
                r"N(\d)",
                lambda match: dotted(rng.randint(10 ** (int(match[1]) - 1), 10 ** int(match[1]) - 1)),
                line,
            )
            .replace("HARI", day)
            .replace("KOTA", town)
            .replace("LAIN", other)
        )
        for line in lines
    )
