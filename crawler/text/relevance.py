"""Judge whether a text is about a topic: whether, where and how closely its two sides meet in it."""

import re
import unicodedata
from collections.abc import Sequence

import attrs

from crawler.items import Evidence, Verdict
from crawler.text.meeting import Mention, headline_meeting, passage_meeting
from crawler.text.topics import NOBODY, Topic, load_topic

__all__ = ["Topic", "judge", "load_topic", "names_a_side"]

_MAX_HEADLINE, _MAX_PASSAGE, _MAX_PASSAGES, _MAX_EVIDENCE = 400, 5_000, 400, 60

_SURE = 1.0  # the strength of a name, as against a hint
_MAX_BODY = 0.5
# A body in which both sides meet in fewer than one passage in four speaks of that the more in passing.
_FULL_SHARE = 0.25
_SEVERAL_STORIES, _OTHER_SUBJECT = 0.5, 0.5
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
    r"|populer|headline|iklan|editor|penulis|reporter|pewarta|laporan|redaktur|sumber)\s{0,2}[:.]\s)"
)
_LINK_MARK = re.compile(r"\((?:tautan|link)\)\W*\Z")
_CREDIT = re.compile(
    r"(?:reuters|afp|epa|epa-efe|getty images|sputnik|kcna|yonhap|pool|xinhua|anadolu|antara foto)"
    r"(?:/[\w.-]{2,25}|\svia\s\w{2,25}){1,4}"
)
# A paragraph of prose ends like a sentence or is long; bylines, dates and labels are neither.
_PROSE = re.compile(r"[.!?][\"')\]]*\Z|.{80}")
# Round-ups of several stories, as their headlines and first lines show them.
_DIGEST = re.compile(
    r"\A\W*(?:\d+ )?(?:ter)?populer\b|(?:ter)?populer (?:global|internasional|dunia|hari ini)\b|\btop \d"
    r"|\b(?:\d+|lima|tiga|sepuluh) (?:berita|kabar|headline)\b|\b(?:berita|kabar) (?:ter)?populer\b"
    r"|\brangkum(?:an)? (?:berita|kabar|dunia|internasional|perang)\b|\bkilas\b(?! balik)"
    r"|\b(?:dunia|berita|kabar|global|internasional) (?:dalam )?sepekan\b|\bperang\b.{0,30}\bhari ke-? ?\d"
    r"|\A.{0,30}-.{0,20}\bhari ke-? ?\d+:"
)
_DIGEST_LEAD = re.compile(r"\b(?:me)?rangkum(?:an)?\b(?: [\w-]+){0,2} (?:berita|kabar|artikel|peristiwa)\b")
_DIGEST_ITEM = re.compile(r"\s\|\s|[;,]|\s-\s|\bhingga\b|\bsampai\b")


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
    if len(named) < len(topic.sides):
        reason = f"only {named[0]} is named" if named else "neither side is named"
        return Verdict(topic.name, on_topic=False, score=0.0, reason=reason, evidence=evidence)
    score, reason = _weigh(topic, passages)
    return Verdict(topic.name, score >= topic.weights.threshold, round(score, 3), reason, evidence)


def _weigh(topic: Topic, passages: list[_Passage]) -> tuple[float, str]:
    """Return the score of a text that names both sides, and the reason in words."""
    weights = topic.weights
    top, *rest = passages
    several = _DIGEST.search(top.text) is not None
    if several or any(_DIGEST_LEAD.search(passage.text) for passage in rest[:3]):
        items = [_passage(topic, "headline", item) for item in _DIGEST_ITEM.split(top.text)]
        best = max(headline_meeting(topic, item.text, item.mentions)[0] for item in items)
        score = weights.headline * best * (_SEVERAL_STORIES if several and len(items) > 1 else 1.0)
        return score, "a digest of several stories"
    met_above, in_headline = headline_meeting(topic, top.text, top.mentions)
    rest = [passage for passage in rest if _PROSE.search(passage.text)] or rest
    lead = next((passage for passage in rest[:2] if passage.mentions), None)
    met_in_lead = passage_meeting(topic, lead.text, lead.mentions, in_headline) if lead else 0.0
    score = weights.headline * met_above + weights.lead * met_in_lead
    places = [
        *(["the headline"] if met_above >= _FAINT else []),
        *(["the lead"] if met_in_lead >= _FAINT else []),
    ]
    if score < 1.0:
        others = [passage for passage in rest if passage is not lead]
        values = [passage_meeting(topic, passage.text, passage.mentions, in_headline) for passage in others]
        score = min(1.0, score + _body(topic, met_in_lead, values))
        further = sum(value >= _FAINT for value in values)
        places += [f"{further} of {len(values)} further passages"] if further else []
    if topic.aside and (topic.aside.search(top.text) or (lead and topic.aside.search(lead.text))):
        score = min(1.0, score) * _OTHER_SUBJECT
    reason = f"the sides meet in {', '.join(places)}" if places else "the sides are named apart or in a list"
    return min(1.0, score), reason


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
        if not _FURNITURE.match(plain) and not _LINK_MARK.search(plain):
            found.append(_passage(topic, f"passage {number}", plain))
    full = {term.owner for passage in found for term, _, _ in passage.mentions if term.is_full}
    if not full.issuperset(topic.sides):
        for passage in found:
            passage.mentions = [m for m in passage.mentions if m.term.kind != "short" or m.term.owner in full]
    return found


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
    """Return the first mention of each term of a side in each place, at most sixty."""
    found: dict[tuple[str, str], Evidence] = {}
    for passage in passages:
        for term, start, end in passage.mentions:
            key = (term.text, passage.place)
            if term.owner in topic.sides and key not in found and len(found) < _MAX_EVIDENCE:
                found[key] = Evidence(term.text, term.owner, passage.place, passage.text[start:end])
    return tuple(found.values())
