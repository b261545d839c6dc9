"""Judge whether a text is about a topic: whether, where and how closely its two sides meet in it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import attrs

from crawler.items import Evidence, Verdict
from crawler.text.topics import Term, Topic, load_topic

__all__ = ["Topic", "judge", "load_topic", "names_a_side"]

_MAX_HEADLINE, _MAX_PASSAGE, _MAX_PASSAGES, _MAX_EVIDENCE = 400, 5_000, 400, 60

# What is left of a meeting where one side stands only in a list of countries, only beside a third party, or
# is only what a third party and the other side speak about; where no word joins the two; and where they stand
# in one passage but in no sentence together.
_LISTED, _BESIDE_OTHERS, _SPOKEN_OF = 0.1, 0.5, 0.25
_UNJOINED, _UNJOINED_HEADLINE, _SAME_PASSAGE = 0.5, 0.8, 0.25
_LIST_LENGTH = 3
# A body that speaks of both sides in fewer than one passage in ten does so in passing.
_PASSING_SHARE = 0.1
_FAINT = 0.2

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LOOK_ALIKES = str.maketrans(
    "авекмнорстухіјѕԁɡαοερτυικνϲһ‐‑‒–—―−‘’‚‛ʼ`´“”„«»", "abekmhopctyxijsdgaoeptuikvch-------'''''''\"\"\"\"\""
)
_SENTENCE = re.compile(r"[^.!?;]+(?:[.!?;](?!\s)[^.!?;]*)*[.!?;]*")

# Lines of a page that are no part of its text, in case cleaning left one: cross links, captions, credits.
_FURNITURE = re.compile(
    r"\W*(?:\d+\W+)?(?:(?:baca|simak|lihat|saksikan|tonton|cek)(?: juga| pula| selengkapnya)?(?: video)?\s?:"
    r"|(?:baca|simak|lihat|saksikan) juga\b"
    r"|(?:berita|artikel|topik|tautan|konten) (?:terkait|lain\w*|populer|rekomendasi|pilihan)\b"
    r"|(?:keterangan(?: foto| gambar)?|foto|gambar|image|caption|kredit foto|ilustrasi|tautan|link|terkait"
    r"|populer|headline|iklan|editor|penulis|reporter|pewarta|laporan|redaktur|sumber)\s{0,2}[:.]\s)"
)
_LINK_MARK = re.compile(r"\((?:tautan|link)\)\W*\Z")
_CREDIT = re.compile(
    r"(?:reuters|afp|epa|epa-efe|getty images|sputnik|kcna|yonhap|pool|xinhua|anadolu|antara foto)"
    r"(?:/[\w.-]{2,25}|\svia\s\w{2,25}){1,4}"
)
_DIGEST = re.compile(
    r"(?:ter)?populer\b|\btop \d|\brangkum|\bkilas\b|\bsepekan\b|\bhari ke-? ?\d"
    r"|\b\d+ (?:berita|kabar|headline)\b"
)
_DIGEST_LEAD = re.compile(r"\b(?:me|di|ter)?rangkum|\bpopuler (?:global|internasional|dunia)\b")
_DIGEST_ITEMS = re.compile(r"\s\|\s|;|\s-\s|\bhingga\b|\bsampai\b")

_TITLE = r"(?:presiden|pemimpin|perdana menteri|pm|menteri \w+|menlu|menhan|kepala negara|sekjen|negara)"
_LIST_GAP = re.compile(
    r"\s?(?:\([^()]{0,30}\))?\s?(?:,|/|&|-|;)?\s?(?:(?:dan|serta|atau|maupun|hingga|plus)\b\s?)?"
    rf"(?:{_TITLE}\s){{0,2}}"
)
_APPOSITION = re.compile(rf"\s|\s?\(|,?\s(?:{_TITLE}\s){{0,2}}")
_COMPOUND = re.compile(r"\s?[-/]\s?")
_TOWARDS = re.compile(
    r"(?:\b(?:ke|kepada|untuk|bagi|dengan|bersama|dari|oleh|di|pro|asal|bantu|dukung|milik|lawan|buatan|kiriman)"
    rf"[\s-](?:{_TITLE}\s){{0,2}})\Z"
)
_ABOUT = re.compile(
    r"\b(?:terkait|soal|mengenai|tentang|perihal|isu|masalah|krisis|(?:mem)?bahas|bicarakan|membicarakan)\s"
    r"(?:(?:isu|masalah|krisis|program|nuklir|denuklirisasi|senjata|konflik|ketegangan|situasi|perlucutan)\s){0,3}\Z"
)


@attrs.frozen
class _Mention:
    term: Term
    start: int
    end: int


@attrs.define
class _Group:
    """Mentions of one party that stand together ("Presiden Rusia Vladimir Putin") and their worth."""

    owner: str
    strength: float
    start: int
    end: int
    worth: float = 1.0


@attrs.frozen
class _Passage:
    """One passage of a text, in plain lower case, and what it mentions."""

    place: str
    text: str
    mentions: Sequence[_Mention]


def names_a_side(topic: Topic, text: str) -> bool:
    """Tell whether a text (a headline, keywords, an address) names either side; hints do not count."""
    return topic.naming.search(_plain(text[:_MAX_PASSAGE])) is not None


def judge(topic: Topic, headline: str | None, body: Sequence[str], standfirst: str | None = None) -> Verdict:
    """Return whether the text is on the topic, how surely (0.0 to 1.0), why, and which mentions say so.

    The body is the clean one; a cross link, caption or credit that is left in it does not count.
    """
    passages = _supported(topic, list(_passages(topic, headline, body, standfirst)))
    evidence = _evidence(topic, passages)
    named = [side for side in topic.sides if any(_strength(passage, side) == 1.0 for passage in passages)]
    if len(named) < len(topic.sides):
        reason = f"only {named[0]} is named" if named else "neither side is named"
        return Verdict(topic.name, on_topic=False, score=0.0, reason=reason, evidence=evidence)
    score, reason = _weigh(topic, passages)
    return Verdict(topic.name, score >= topic.weights.threshold, round(score, 3), reason, evidence)


def _weigh(topic: Topic, passages: list[_Passage]) -> tuple[float, str]:
    """Return the score of a text that names both sides, and the reason in words."""
    weights = topic.weights
    top, *rest = passages
    digest = bool(_DIGEST.search(top.text)) or any(_DIGEST_LEAD.search(passage.text) for passage in rest[:3])
    items = [_passage(topic, "headline", item) for item in _DIGEST_ITEMS.split(top.text)] if digest else [top]
    headline = weights.headline * max(_meeting(topic, item, _UNJOINED_HEADLINE) for item in items)
    if digest:
        return headline, "a digest: " + (
            "one headline of it joins both" if headline else "both are items of it, apart"
        )
    values = [max(_meeting(topic, passage, _UNJOINED), _nearness(topic, passage)) for passage in rest]
    lead = next((n for n, passage in enumerate(rest[:4]) if passage.mentions), None)
    first = values.pop(lead) if lead is not None else 0.0
    body = min(0.5, weights.passage * sum(values))
    if first + sum(values) < _PASSING_SHARE * len(rest):
        body /= 2
    score = min(1.0, headline + weights.lead * first + body)
    met = sum(value >= _UNJOINED for value in values)
    where = [
        *(["the headline"] if headline >= _FAINT else []),
        *(["the lead"] if first >= _FAINT else []),
        *([f"{met} further passages of {len(values)}"] if met else []),
    ]
    if not where:
        return score, "the sides are named apart, in a list or in passing"
    return score, f"the sides meet in {' and '.join(where)}"


def _passages(
    topic: Topic, headline: str | None, body: Sequence[str], standfirst: str | None
) -> Iterator[_Passage]:
    """Yield what counts, the headline (empty where there is none) first."""
    yield _passage(topic, "headline", _plain((headline or "")[:_MAX_HEADLINE]))
    if standfirst:
        yield _passage(topic, "standfirst", _plain(standfirst[:_MAX_PASSAGE]))
    for number, text in enumerate(body[:_MAX_PASSAGES], 1):
        plain = _plain(text[:_MAX_PASSAGE])
        if not _FURNITURE.match(plain) and not _LINK_MARK.search(plain):
            yield _passage(topic, f"passage {number}", plain)


def _passage(topic: Topic, place: str, text: str) -> _Passage:
    if topic.dateline and (dateline := topic.dateline.match(text)):
        text = text[dateline.end() :]
    if topic.exclusion:
        text = topic.exclusion.sub("", text)
    if "/" in text:
        text = _CREDIT.sub("", text)
    mentions = [
        _Mention(topic.term(match[1]), match.start(), match.end()) for match in topic.mention.finditer(text)
    ]
    return _Passage(place, text, mentions)


def _plain(text: str) -> str:
    """Return text in lower case as it reads: no invisible characters, no look-alikes, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
        text = text.lower().translate(_LOOK_ALIKES)
    return " ".join(text.lower().split())


def _supported(topic: Topic, passages: list[_Passage]) -> list[_Passage]:
    """Return the passages without short names of a side that is never named in full."""
    full = {
        mention.term.owner
        for passage in passages
        for mention in passage.mentions
        if mention.term.kind in {"names", "places"}
    }
    if all(side in full for side in topic.sides):
        return passages
    return [
        attrs.evolve(
            passage, mentions=[m for m in passage.mentions if m.term.kind != "short" or m.term.owner in full]
        )
        for passage in passages
    ]


def _strength(passage: _Passage, side: str) -> float:
    return max((m.term.strength for m in passage.mentions if m.term.owner == side), default=0.0)


def _nearness(topic: Topic, passage: _Passage) -> float:
    """Return what it is worth that both sides stand in one passage, if in no sentence together."""
    return _SAME_PASSAGE * min(_strength(passage, side) for side in topic.sides)


def _meeting(topic: Topic, passage: _Passage, unjoined: float) -> float:
    """Return how closely both sides meet in the sentences of a passage, from 0.0 to 1.0."""
    if _nearness(topic, passage) == 0.0:
        return 0.0
    if passage.place == "headline":
        return _met(topic, passage.text, passage.mentions, unjoined)
    best = 0.0
    for sentence in _SENTENCE.finditer(passage.text):
        inside = [m for m in passage.mentions if sentence.start() <= m.start < sentence.end()]
        best = max(best, _met(topic, passage.text, inside, unjoined))
    return best


def _met(topic: Topic, text: str, mentions: Sequence[_Mention], unjoined: float) -> float:
    """Return how closely both sides meet in one sentence."""
    if not all(any(mention.term.owner == side for mention in mentions) for side in topic.sides):
        return 0.0
    groups = _groups(text, mentions)
    _discount(topic, text, groups)
    ours = [group for group in groups if group.owner in topic.sides]
    worth = min(
        max(group.strength * group.worth for group in ours if group.owner == side) for side in topic.sides
    )
    return worth * (1.0 if _joined(topic, text, ours) else unjoined)


def _groups(text: str, mentions: Sequence[_Mention]) -> list[_Group]:
    groups: list[_Group] = []
    for mention in mentions:
        last = groups[-1] if groups else None
        if last and last.owner == mention.term.owner and _APPOSITION.fullmatch(text, last.end, mention.start):
            last.end, last.strength = mention.end, max(last.strength, mention.term.strength)
        else:
            groups.append(_Group(mention.term.owner, mention.term.strength, mention.start, mention.end))
    return groups


def _discount(topic: Topic, text: str, groups: list[_Group]) -> None:
    """Lower the worth of mentions in lists, beside third parties and as what others speak about."""
    run: list[_Group] = []
    for group in [*groups, None]:
        if group and run and _LIST_GAP.fullmatch(text, run[-1].end, group.start):
            run.append(group)
            continue
        owners = {member.owner for member in run}
        if len(owners) >= _LIST_LENGTH:
            worth = _LISTED
        elif owners - set(topic.sides) and len(owners) > 1:
            worth = _BESIDE_OTHERS
        else:
            worth = 1.0
        for member in run:
            member.worth = min(member.worth, worth)
        run = [group] if group else []
    if any(group.owner not in topic.sides for group in groups):
        for group in groups:
            if _ABOUT.search(text, max(0, group.start - 60), group.start):
                group.worth = min(group.worth, _SPOKEN_OF)


def _joined(topic: Topic, text: str, ours: list[_Group]) -> bool:
    """Tell whether a word or a hyphen joins the two sides in a sentence."""
    start, end = ours[0].start, ours[-1].end
    if topic.relation and topic.relation.search(text, max(0, start - 80), end + 80):
        return True
    for left, right in pairwise(ours):
        if left.owner != right.owner and _COMPOUND.fullmatch(text, left.end, right.start):
            return True
    return any(_TOWARDS.search(text, max(0, group.start - 40), group.start) for group in ours)


def _evidence(topic: Topic, passages: list[_Passage]) -> tuple[Evidence, ...]:
    """Return the first mention of each term of a side in each place, at most sixty."""
    found: dict[tuple[str, str], Evidence] = {}
    for passage in passages:
        for mention in passage.mentions:
            term = mention.term
            if term.owner in topic.sides and len(found) < _MAX_EVIDENCE:
                words = passage.text[mention.start : mention.end]
                found.setdefault(
                    (term.text, passage.place), Evidence(term.text, term.owner, passage.place, words)
                )
    return tuple(found.values())
