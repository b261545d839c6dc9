"""Judge whether a text is about a topic: whether, where and how closely its two sides meet in it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import attrs

from crawler.items import Evidence, Verdict
from crawler.text.meeting import NAMED, Mention, Reading, headline_meeting, read_passage
from crawler.text.roundups import headline_items, marked_items, round_up_words
from crawler.text.topics import NOBODY, Topic, load_topic, load_topics

__all__ = ["Topic", "closest", "judge", "load_topic", "load_topics", "names_a_side"]

_MAX_HEADLINE, _MAX_PASSAGE, _MAX_PASSAGES, _MAX_EVIDENCE = 400, 5_000, 400, 30

# What is left of a side in the passage after the one that names it, where no third party is named.
_CARRIED = 0.7

# A body may come as one block: longer passages are read in pieces of about a paragraph.
_LONG_PASSAGE, _PIECE = 350, 200

_SURE = 1.0  # the strength of a name, as against a hint
_MAX_BODY = 0.5
# A body in which both sides meet in fewer than one passage in four speaks of that the more in passing.
_FULL_SHARE = 0.25
_SEVERAL_STORIES, _OTHER_SUBJECT = 0.5, 0.45
_LEAST_TOLD = 0.005  # rounds to nothing below
_FAINT = 0.25  # a meeting below this is not told as a reason

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Cyrillic and Greek letters in the place of Latin ones, and typographic dashes and quotation marks.
_PLAIN = str.maketrans(
    "авекмнорстухіјѕԁɡαοερτυικνϲһ‐‑‒–—―−‘’‚‛ʼ`´“”„«»", "abekmhopctyxijsdgaoeptuikvch-------'''''''\"\"\"\"\""
)
_SPECIAL = re.compile(f"[{re.escape(''.join(map(chr, _PLAIN)))}]")

# Lines of a page that are no part of its text, in case cleaning left one: cross links, captions, credits.
_FURNITURE = re.compile(
    r"\W*(?:\d+\W+)?(?:(?:baca|simak|lihat|saksikan|tonton|cek)(?: juga| pula| selengkapnya)?(?: video)?\s?:"
    r"|(?:baca|simak|lihat|saksikan) juga\b"
    r"|(?:berita|artikel|topik|tautan|konten) (?:terkait|lain\w*|populer|rekomendasi|pilihan)\b"
    r"|(?:keterangan(?: foto| gambar)?|foto|gambar|image|caption|kredit foto|ilustrasi|tautan|link|terkait"
    r"|populer|headline|iklan|video|infografis|grafis|tags?|kata kunci"
    r"|editor|penulis|reporter|pewarta|laporan|redaktur|sumber)\s{0,2}[:.]\s)"
)
_HASHTAGS = re.compile(r"(?:#\w+[\s,]*)+")
_LINK_MARK = re.compile(r"\((?:tautan|link)\)\W*\Z")
_CREDIT = re.compile(
    r"(?:reuters|afp|epa|epa-efe|getty images|sputnik|kcna|yonhap|pool|xinhua|anadolu|antara foto)"
    r"(?:/[\w.-]{2,25}|\svia\s\w{2,25}){1,4}"
)
# A paragraph of prose ends like a sentence or is long; bylines, dates and labels are neither.
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s")
_PROSE = re.compile(r"[.!?][\"')\]]*\Z|.{80}")


@attrs.define
class _Passage:
    """One passage of a text, in plain lower case, and what it mentions."""

    place: str
    text: str
    mentions: list[Mention]


def names_a_side(topic: Topic, text: str) -> bool:
    """Tell whether a text (a headline, keywords, an address) names either side; hints do not count."""
    return topic.naming.search(_plain(text[:_MAX_PASSAGE])) is not None


def judge(topic: Topic, headline: str | None, body: Sequence[str], standfirst: str | None = None) -> Verdict:
    """Return whether the text is on the topic, how surely (0.0 to 1.0), why, and which mentions say so.

    The body is the clean one; a cross link, caption or credit that is left in it does not count.
    """
    passages = _passages(topic, headline, body, standfirst)
    strongest: dict[str, float] = {}
    for passage in passages:
        for term, _, _ in passage.mentions:
            strongest[term.owner] = max(strongest.get(term.owner, 0.0), term.strength)
    evidence = _evidence(topic, passages)
    named = [side for side in topic.sides if strongest.get(side) == _SURE]
    score, reason = _round_up(topic, passages)
    round_up = bool(reason)
    if len(named) < len(topic.sides):
        score = 0.0
        reason = f"only {named[0]} is named" if named else "neither side is named"
    elif not round_up:
        score, reason = _weigh(topic, passages)
    return Verdict(
        topic.name,
        score >= topic.weights.threshold,
        round(score, 3),
        reason,
        evidence,
        round_up=round_up,
        fingerprint=topic.fingerprint,
    )


def closest(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that an article is kept for, or comes nearest to being kept for."""
    return max(verdicts, key=lambda verdict: (verdict.on_topic, verdict.score))


def _round_up(topic: Topic, passages: list[_Passage]) -> tuple[float, str]:
    """Return the score of a round-up and the reason in words, empty where the text is none.

    It is on the topic where both sides meet in the one story that its headline names, or in half its items.
    """
    top, *rest = passages
    texts = [passage.text for passage in rest]
    words = round_up_words(top.text, texts)
    marked = marked_items(texts)
    nobody = dict.fromkeys(topic.sides, 0.0)
    items = [rest[number] for number in marked] or rest
    readings = [read_passage(topic, item.text, item.mentions, nobody) for item in items]
    apart = sum(max(reading.worths.values()) == 0.0 for reading in readings)
    if not words and (not marked or apart <= len(items) / 2):
        return 0.0, ""
    why = f'"{words}"' if words else f"{len(items)} items, {apart} of which name neither side"
    told = headline_items(top.text) if words else [top.text]
    above = [_passage(topic, "headline", item) for item in told]
    best = max(headline_meeting(topic, item.text, item.mentions)[0] for item in above)
    in_items = sum(reading.met >= NAMED for reading in readings)
    score = topic.weights.headline * max(
        best * (_SEVERAL_STORIES if len(told) > 1 and words in top.text else 1.0),
        in_items / len(items) if in_items > len(items) / 2 else 0.0,
    )
    reason = f"a round-up of several stories ({why}); the sides meet in {in_items} of {len(items)} items"
    return score, reason + (", and in its headline" if best >= _FAINT else "")


def _weigh(topic: Topic, passages: list[_Passage]) -> tuple[float, str]:
    """Return the score of a text that names both sides, and the reason in words."""
    weights = topic.weights
    top, *rest = passages
    met_above, in_headline = headline_meeting(topic, top.text, top.mentions)
    rest = [passage for passage in rest if _PROSE.search(passage.text)] or rest
    readings = _readings(topic, rest, in_headline)
    lead = next((number for number, passage in enumerate(rest[:2]) if passage.mentions), None)
    met_in_lead = 0.0 if lead is None else readings[lead].met
    further = [reading.met for number, reading in enumerate(readings) if number != lead]
    met_further = sum(value >= _FAINT for value in further)
    parts = [
        ("the headline", weights.headline * met_above, met_above >= _FAINT),
        ("the lead", weights.lead * met_in_lead, met_in_lead >= _FAINT),
        (
            f"{met_further} of {len(further)} further passages",
            _body(topic, met_in_lead, further),
            met_further,
        ),
    ]
    run_through = weights.throughout * _throughout(topic, readings)
    crowd = weights.others * _others(readings)
    score = sum(worth for _, worth, _ in parts) + run_through - crowd
    places = [f"{name} ({worth:.2f})" for name, worth, told in parts if told]
    reason = f"the sides meet in {', '.join(places)}" if places else "the sides are named apart or in a list"
    if run_through:
        reason += f"; both run through the text ({run_through:.2f})"
    if crowd >= _LEAST_TOLD:
        reason += f"; third parties fill other passages (-{crowd:.2f})"
    opening = [top.text] if lead is None else [top.text, rest[lead].text]
    if _elsewhere(topic, opening):
        score = min(1.0, score) * _OTHER_SUBJECT
        reason += f"; about another subject (×{_OTHER_SUBJECT})"
    return max(0.0, min(1.0, score)), reason


def _elsewhere(topic: Topic, opening: list[str]) -> bool:
    """Tell whether headline and lead are about a subject that is none of the topic's."""
    if topic.aside is None or (topic.despite and topic.despite.search(opening[0])):
        return False
    return any(topic.aside.search(text) for text in opening)


def _readings(topic: Topic, passages: list[_Passage], in_headline: Mapping[str, float]) -> list[Reading]:
    """Return what each passage says; it may go on about a side of the headline or of the passage before."""
    found: list[Reading] = []
    known = in_headline
    for passage in passages:
        reading = read_passage(topic, passage.text, passage.mentions, known)
        carried = 0.0 if reading.others else _CARRIED
        known = {side: max(worth, carried * reading.worths[side]) for side, worth in in_headline.items()}
        found.append(reading)
    return found


def _throughout(topic: Topic, readings: list[Reading]) -> float:
    """Return the share of passages that name the rarer side, 0.0 where it is fewer than two."""
    rarer = min(sum(reading.worths[side] >= NAMED for reading in readings) for side in topic.sides)
    return rarer / len(readings) if rarer > 1 else 0.0


def _others(readings: list[Reading]) -> float:
    """Return the share of passages that name a third party, and where the sides hardly meet."""
    return sum(reading.others and reading.met < NAMED for reading in readings) / max(1, len(readings))


def _body(topic: Topic, met_in_lead: float, values: list[float]) -> float:
    """Return what the passages after the lead are worth: by their number, less where they are few of many."""
    total, length = sum(values), len(values) + 1
    share = (met_in_lead + total) / length
    return min(_MAX_BODY, max(total / length, topic.weights.passage * total * min(1.0, share / _FULL_SHARE)))


def _passages(
    topic: Topic, headline: str | None, body: Sequence[str], standfirst: str | None
) -> list[_Passage]:
    """Return what counts; the headline, empty where there is none, comes first."""
    found = [_passage(topic, "headline", _plain((headline or "")[:_MAX_HEADLINE]))]
    if standfirst:
        found.append(_passage(topic, "standfirst", _plain(standfirst[:_MAX_PASSAGE])))
    for number, text in enumerate(body[:_MAX_PASSAGES], 1):
        plain = _plain(text[:_MAX_PASSAGE])
        if not (_FURNITURE.match(plain) or _HASHTAGS.fullmatch(plain) or _LINK_MARK.search(plain)):
            place = f"passage {number}"
            found += [_passage(topic, place, piece) for piece in _pieces(plain, alone=len(body) == 1)]
    full = {term.owner for passage in found for term, _, _ in passage.mentions if term.is_full}
    if not full.issuperset(topic.sides):
        for passage in found:
            passage.mentions = [m for m in passage.mentions if m.term.kind != "short" or m.term.owner in full]
    return found


def _pieces(text: str, *, alone: bool) -> Iterator[str]:
    """Yield a passage, in pieces of whole sentences where it is longer than a paragraph of news.

    The only passage of a text (*alone*) is read sentence by sentence.
    """
    longest, start, stop = 0 if alone else _PIECE, 0, 0
    if alone or len(text) > _LONG_PASSAGE:
        for found in _SENTENCE_END.finditer(text):
            if found.end() - start > longest and stop > start:
                yield text[start:stop].rstrip()
                start = stop
            stop = found.end()
        if alone and stop > start:
            yield text[start:stop].rstrip()
            start = stop
    yield text[start:]


def _passage(topic: Topic, place: str, text: str) -> _Passage:
    if topic.dateline and (dateline := topic.dateline.match(text)):
        text = text[dateline.end() :]
    if "/" in text or " via " in text:
        text = _CREDIT.sub("", text)
    found = [
        Mention(topic.term(match[1]), match.start(), match.end()) for match in topic.mention.finditer(text)
    ]
    return _Passage(place, text, [mention for mention in found if mention.term.owner != NOBODY])


def _plain(text: str) -> str:
    """Return text in lower case as it reads: no invisible characters, no look-alikes, single spaces."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).lower()
        text = _SPECIAL.sub(lambda match: match[0].translate(_PLAIN), text)
    return " ".join(text.split())


def _evidence(topic: Topic, passages: list[_Passage]) -> tuple[Evidence, ...]:
    """Return the first mention of each term of a side in each place, at most thirty of a side."""
    found: dict[tuple[str, str], Evidence] = {}
    room = dict.fromkeys(topic.sides, _MAX_EVIDENCE)
    for passage in passages:
        for term, start, end in passage.mentions:
            key = (term.text, passage.place)
            if key not in found and room.get(term.owner):
                room[term.owner] -= 1
                found[key] = Evidence(term.text, term.owner, passage.place, passage.text[start:end])
    return tuple(found.values())
