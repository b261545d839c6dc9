"""The newsroom: writes headlines and stories of a kind, the same ones for the same key.

Everything is invented but the names of public persons, agencies and places that the topic cannot do without.
"""

import re
from datetime import datetime, timedelta
from random import Random

from tests.newsworld.model import Block, Copy, Headline, Plan
from tests.newsworld.printed import in_brackets
from tests.newsworld.prose.grammar import Memo, compiled, expand, sections, templates, themed
from tests.newsworld.prose.kinds import Kind, by_name
from tests.newsworld.prose.retelling import SAME_HEADLINE, retold, with_quotes

NEUTRAL_SHARE = 0.25
SHORT_SHARE = 0.06
LONG_SHARE = 0.24
LIST_SHARE = 0.2
CLOSING_SHARE = 0.3
TAIL_SHARE = 0.4
NO_BREAK_SHARE = 0.3

_SMALL = frozenset(
    {
        *(
            "di",
            "ke",
            "dari",
            "dan",
            "yang",
            "untuk",
            "dengan",
            "pada",
            "atas",
            "bagi",
            "oleh",
            "dalam",
            "soal",
        ),
        *("karena", "per", "bak", "sampai", "hingga", "agar", "ala", "gara-gara", "terkait"),
    }
)
_THEME = "theme"  # where the memo keeps the theme of the headline: no list has that name
_GAP = re.compile(r" {2,}")
_WORD = re.compile(r"(^|(?<=[\s‘“(]))([a-z][\w-]*)")
# Where authors' programs put a no-break space: between the parts of a name.
_NAMES = ("Vladimir Putin", "Kim Jong Un", "Korea Utara", "Amerika Serikat", "Bank Indonesia")


def headline(plan: Plan) -> Headline:
    """Return the headline for *plan*, and what it settles for the story."""
    rng = Random(plan.key)
    kind = by_name()[plan.kind]
    memo = _dates(plan.published_at, rng)
    if plan.wire is not None and plan.wire.of and plan.wire.how != "daily":
        told = headline(plan.wire.of[0])
        if plan.wire.how in SAME_HEADLINE:
            return told
        # Another headline for the same event: the same day, people and places.
        memo = dict(told.memo)
    neutral = kind.on_topic and rng.random() < NEUTRAL_SHARE
    theme, template = rng.choice(themed(kind.data, "neutral" if neutral else "headline"))
    text = expand(template, rng, memo)
    if rng.random() < TAIL_SHARE and text[-1] not in "?!":
        text += expand(rng.choice(templates(_common(kind), "tail")), rng, memo)
    text = _title_case(text)
    memo[_THEME] = (theme, theme)
    desk = rng.choice(sections(kind.data)["desk"])
    tags = expand(rng.choice(templates(kind.data, "tags")), rng, memo)
    return Headline(text, neutral, desk, tuple(tag.strip() for tag in tags.split(",")), memo)


def write(plan: Plan, headline_memo: Memo) -> Copy:
    """Return the story for *plan*; *headline_memo* is what its headline settled."""
    own = _written(plan, headline_memo)
    if plan.wire is None:
        return own
    if plan.wire.how == "told":
        return with_quotes(own, plan.key)
    if plan.wire.how == "daily":
        return retold(plan, [], own)
    return retold(plan, [write(each, headline(each).memo) for each in plan.wire.of], own)


def _written(plan: Plan, headline_memo: Memo) -> Copy:
    rng = Random(plan.key + "/copy")
    kind = by_name()[plan.kind]
    memo = dict(headline_memo)
    blocks = _body(kind, rng, memo)
    captions_of = kind.captions or kind.data
    captions = rng.sample(
        templates(captions_of, "caption"),
        k=min(len(templates(captions_of, "caption")), rng.choice((1, 1, 2))),
    )
    foreign = sections(kind.data)["desk"][0] == "internasional"
    credit = "kredit" if kind.on_topic or foreign else "kredit_netral"
    standfirst = expand(rng.choice(templates(kind.data, "standfirst")), rng, memo)
    return Copy(
        standfirst=_capital(standfirst),
        blocks=tuple(blocks),
        captions=tuple(_capital(expand(caption, rng, memo)) for caption in captions),
        credits=tuple(expand(compiled(f"{{{credit}}}"), rng, memo) for _ in captions),
        dateline=_dateline(kind, rng, memo),
        reporter=expand(compiled("{penulis}"), rng, memo),
        editor=expand(compiled("{penyunting}"), rng, memo),
    )


def _common(kind: Kind) -> str:
    return "common_topic" if kind.on_topic else "common_news"


def _dateline(kind: Kind, rng: Random, memo: Memo) -> str:
    """Return the place a story is written from: never one that drags the topic into another story."""
    own = sections(kind.data).get("dateline")
    if own:
        return rng.choice(own)
    if kind.on_topic:
        return expand(compiled("{ibu_kota}"), rng, memo)
    return expand(compiled("{kota_indonesia1}"), rng, memo).upper()


def _dates(published_at: datetime, rng: Random) -> Memo:
    """Return the day of the event: that of publication or one shortly before."""
    event = published_at - timedelta(days=rng.choice((0, 0, 1, 1, 2)))
    form = in_brackets(event)
    form = rng.choice((form, form, form.replace(" (", "\u00a0("), form.replace("Jumat", "Jum'at")))
    return {"tanggal1": (form, form)}


def _body(kind: Kind, rng: Random, memo: Memo) -> list[Block]:
    common = _common(kind)
    share = rng.random()
    if share < SHORT_SHARE:
        wanted = rng.choice((1, 1, 2))
    elif share > 1 - LONG_SHARE:
        wanted = rng.randint(14, 22)
    else:
        wanted = rng.randint(7, 13)
    own = templates(kind.data, "body")
    shared = templates(common, "body")
    from_own = min(len(own), max(1, round(wanted * rng.uniform(0.4, 0.65))))
    # Drawn as a pool and written in one order, so that neither the choice nor the order repeats.
    chosen = rng.sample(own, from_own) + rng.sample(shared, min(len(shared), wanted - from_own))
    chosen = chosen[:1] + rng.sample(chosen[1:], len(chosen) - 1)
    leads = themed(kind.data, "lead")
    fitting = [template for theme, template in leads if theme in {"", memo[_THEME][0]}]
    lead = expand(rng.choice(fitting or [template for _, template in leads]), rng, memo)
    blocks = [Block(_capital(lead))]
    for template in chosen:
        blocks.extend(Block(_capital(text)) for text in expand(template, rng, memo).split(" ;; "))
    if wanted > 2:
        _insert_list(kind, common, blocks, rng, memo)
        if rng.random() < CLOSING_SHARE:
            blocks.append(Block(_capital(expand(rng.choice(templates(common, "closing")), rng, memo))))
    if wanted > 6:
        _insert_subheadings(kind, common, blocks, rng, memo)
    if rng.random() < NO_BREAK_SHARE:
        blocks = [_no_break(block, rng) for block in blocks]
    return blocks


def _insert_list(kind: Kind, common: str, blocks: list[Block], rng: Random, memo: Memo) -> None:
    """Put a list into the body: always for a story that is about one, else now and then."""
    own = templates(kind.data, "list")
    if not own and rng.random() > LIST_SHARE:
        return
    intro, *items = expand(rng.choice(own or templates(common, "list")), rng, memo).split(" ;; ")
    at = rng.randint(2, len(blocks)) if len(blocks) > 2 else len(blocks)
    blocks[at:at] = [Block(_capital(intro)), *(Block(_capital(item), "item") for item in items)]


def _insert_subheadings(kind: Kind, common: str, blocks: list[Block], rng: Random, memo: Memo) -> None:
    choices = templates(kind.data, "subhead") + templates(common, "subhead")
    count = rng.choice((0, 1, 1, 2, 3))
    # Never before the second paragraph, inside a list, or where nothing follows.
    places = [
        at
        for at in range(2, len(blocks) - 1)
        if blocks[at].kind == "text" and len(blocks[at].text) > 40 and len(blocks[at - 1].text) > 40
    ]
    spots = sorted(rng.sample(places, min(count, len(places) // 2)), reverse=True)
    texts = rng.sample(choices, min(len(choices), len(spots)))
    for at, template in zip(spots, texts, strict=True):
        if at + 1 < len(blocks) and blocks[at + 1].kind == "heading":
            continue
        blocks.insert(at, Block(_title_case(expand(template, rng, memo)), "heading"))


def _no_break(block: Block, rng: Random) -> Block:
    """Return *block* with the no-break spaces that an author's program puts into names."""
    text = block.text
    for name in _NAMES:
        if name in text and rng.random() < 0.5:
            text = text.replace(name, name.replace(" ", "\u00a0"), 1)
    return Block(text, block.kind)


def _capital(text: str) -> str:
    """Return *text* without the gaps that empty alternatives leave, its first letter in upper case."""
    text = _GAP.sub(" ", text.strip()).replace(" .", ".").replace(" ,", ",")
    for at, char in enumerate(text):
        if char.isalpha():
            return text[:at] + char.upper() + text[at + 1 :]
        if char.isdigit():
            break
    return text


def _title_case(text: str) -> str:
    """Return *text* as headlines are set: small words stay small, except at the start."""
    titled = _WORD.sub(lambda m: m[2] if m[2] in _SMALL else m[2][0].upper() + m[2][1:], text)
    return _capital(titled)
