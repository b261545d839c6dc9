"""Relevance: a labelled set of our own, the shared one where it is there, and each rule by itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ConfigError
from crawler.text.relevance import judge, load_topic, names_a_side

OWN = Path(__file__).parent / "data" / "relevance.jsonl"
SECOND_SET = OWN.with_name("relevance-second.jsonl")
THIRD_SET = OWN.with_name("relevance-third.jsonl")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "relevance.jsonl"
TOPIC = load_topic("russia-north-korea")


def precision_and_recall(path: Path) -> tuple[float, float]:
    hits = misses = false = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        on_topic = judge(TOPIC, article["headline"], article["body"]).on_topic
        hits += on_topic and article["label"] == "on"
        false += on_topic and article["label"] == "off"
        misses += not on_topic and article["label"] == "on"
    return hits / (hits + false), hits / (hits + misses)


def test_own_set_does_not_get_worse():
    # Hard on purpose: half of its stories on the topic do not show both sides in the headline, and most of
    # the others name both sides somewhere. Naming both anywhere gives 0.54 and 1.00 here.
    precision, recall = precision_and_recall(OWN)
    assert precision >= 0.95
    assert recall >= 0.91


def test_second_set_does_not_get_worse():
    # Written before a rule was tried on it; its first run gave 1.00 and 0.94.
    # Naming both sides anywhere gives 0.55 and 1.00 here.
    precision, recall = precision_and_recall(SECOND_SET)
    assert precision >= 0.97
    assert recall >= 0.94


def test_a_set_that_no_rule_was_made_with_does_not_get_worse():
    # Written without knowledge of the rules; nothing was changed for it.
    # Naming both sides anywhere gives 0.50 and 0.98 here.
    precision, recall = precision_and_recall(THIRD_SET)
    assert precision >= 0.97
    assert recall >= 0.97


def articles_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def respelt(text: str) -> str:
    for old, new in (
        ("Korea Utara", "DPRK"),
        ("Korut", "RRDK"),
        ("Rusia", "Federasi Russia"),
        ("Moskwa", "Kremlin"),
        ("Kim Jong Un", "Kim Jong-un"),
        ("Putin", "Lavrov"),
    ):
        text = text.replace(old, new)
    return text


def without_joining_words(text: str) -> str:
    assert TOPIC.relation is not None
    return TOPIC.relation.sub("anu", text.lower())


PADDING = ["Cuaca di pesisir diperkirakan cerah berawan.", "Pasar ikan ramai sejak subuh hari itu."] * 2


@pytest.mark.parametrize(
    ("change", "precision", "recall"),
    [
        (lambda headline, body: (respelt(headline), [respelt(text) for text in body]), 0.96, 0.94),
        (lambda headline, body: (headline, [*body, *PADDING]), 0.97, 0.88),
        (lambda headline, body: (headline, body[:3]), 0.97, 0.88),
        (lambda headline, body: (headline, [" ".join(body)]), 0.97, 0.94),
        (
            lambda headline, body: (without_joining_words(headline), [*map(without_joining_words, body)]),
            0.97,
            0.88,
        ),
        (lambda _, body: (None, body), 0.97, 0.75),
    ],
    ids=["respelt", "long-tail", "first-three", "one-block", "no-joining-words", "no-headline"],
)
def test_judgements_hold_where_the_wording_changes(change, precision, recall):
    hits = false = misses = 0
    for article in articles_of(SECOND_SET):
        headline, body = change(article["headline"], article["body"])
        on_topic = judge(TOPIC, headline, body).on_topic
        hits += on_topic and article["label"] == "on"
        false += on_topic and article["label"] == "off"
        misses += not on_topic and article["label"] == "on"
    assert hits / (hits + false) >= precision
    assert hits / (hits + misses) >= recall


def test_own_set_holds_every_kind_of_hard_negative():
    kinds = {json.loads(line)["kind"] for line in OWN.read_text(encoding="utf-8").splitlines()}
    assert kinds >= {
        "nk-only",
        "russia-only",
        "sk-russia",
        "nuclear-list",
        "ww3-list",
        "war-roundup",
        "un-vote",
        "trump-kim",
        "caption-only",
        "crosslink-only",
        "sport",
        "culture",
        "economy",
    }


@pytest.mark.skipif(not SHARED.exists(), reason="the shared labelled articles are not here")
def test_shared_set():
    precision, recall = precision_and_recall(SHARED)
    assert precision >= 0.97
    assert recall >= 0.97


BODY = ["Pertemuan berlangsung dua jam.", "Wartawan menunggu di luar gedung."]


@pytest.mark.parametrize(
    "headline",
    [
        "Putin Bertemu Kim Jong Un",
        "PUTIN BERTEMU KIM JONG-UN",
        "Rusia-Korut Teken Pakta",
        "Menlu RRDK Terbang ke Moskwa",
        "DPRK dan Federasi Rusia Bekerja Sama",
        "Rusianya Siap Membantu, Korutnya Setuju",
        "Delegasi Pyongyang Tiba di Vladivostok",
        "#KoreaUtara Kirim Pasukan ke #Rusia",
    ],
)
def test_a_headline_that_joins_both_sides_is_enough(headline):
    verdict = judge(TOPIC, headline, BODY)
    assert verdict.on_topic
    assert verdict.topic == "russia-north-korea"
    assert "headline" in verdict.reason
    assert {item.side for item in verdict.evidence} == {"russia", "north-korea"}
    assert {item.place for item in verdict.evidence} == {"headline"}


@pytest.mark.parametrize(
    "headline",
    [
        "Praktikum Kimia Disukai Siswa Rusia",
        "Warga Putinesia Rayakan Hari Jadi Korutuna",
        "Kim Kardashian Pamer Gaun Buatan Desainer Rusia",
        "Rusia, China, Iran, dan Korea Utara Masuk Daftar",
        "Bukan Rusia atau Korea Utara, Ini Negara Terdingin",
        "Putin dan Trump Bahas Korea Utara",
        "Terpopuler: Kim Jong Un Marah | Putin Sakit",
        "Timnas Rusia Lawan Korea Utara Malam Ini",
        "Salad Rusia ala Pyongyang",
    ],
)
def test_these_headlines_are_not(headline):
    assert not judge(TOPIC, headline, BODY).on_topic


@pytest.mark.parametrize(
    "text",
    [
        "Ru\u0455\u0456a Jamu Kim J\u043eng Un",  # Cyrillic letters
        "Pu\u200btin Bertemu Korea\u200b Ut\u00adara",  # zero-width space, soft hyphen
        "\uff30utin Bertemu \uff2borut",  # full-width letters
        "Putin Bertemu Korea\u00a0Utara",
        "Putin Bertemu Kim\u2011Jong\u2011Un",
        "P\u03c5tin Bertemu K\u03bfrut",  # Greek letters
    ],
)
def test_disguised_names_are_read(text):
    assert judge(TOPIC, text, BODY).on_topic
    assert names_a_side(TOPIC, text)


@pytest.mark.parametrize(
    "headline",
    [
        "Hari ke-3 di Rusia, Kim Jong Un Lihat Kapal Selam",
        "Sepekan di Rusia, Kim Jong Un Pulang",
        "Kilas Balik Pertemuan Putin, Kim Jong Un di Pulau",
        "Kim Jong Un Populer di Rusia, Warga Antre Foto",
        "Putin Jamu Kim Jong Un, Ini Fakta Lengkapnya",
    ],
)
def test_one_story_is_no_round_up(headline):
    body = ["Dirangkum dari berbagai sumber, berikut ulasannya.", *BODY]
    verdict = judge(TOPIC, headline, body)
    assert verdict.on_topic
    assert not verdict.round_up


@pytest.mark.parametrize(
    "headline",
    ["Kim Jong Un Naik Kuda hingga Jet Rusia Jatuh", "Kapal Karam", "Gempa Guncang Peru; Salju di Gurun"],
)
def test_a_lead_that_announces_several_stories_makes_a_round_up(headline):
    body = ["Redaksi merangkum lima berita dunia hari ini.", "Kim Jong Un mengirim surat kepada Putin."]
    verdict = judge(TOPIC, headline, body)
    assert not verdict.on_topic
    assert verdict.round_up
    assert "round-up" in verdict.reason


ITEMS = [
    "1. Gunung api memuntahkan abu setinggi tiga kilometer dan menutup dua bandara.",
    "2. Kim Jong Un menyurati Putin soal gandum, kata kantor berita setempat semalam.",
    "3. Juara bertahan tersingkir dari turnamen tenis setelah bertanding empat jam.",
    "4. Harga telur turun di sepuluh kota besar menjelang libur panjang akhir pekan.",
]


def test_numbered_stories_make_a_round_up_whatever_the_headline():
    verdict = judge(TOPIC, "Yang Patut Diketahui Sebelum Tidur", ["Selamat malam, pembaca.", *ITEMS])
    assert (verdict.round_up, verdict.on_topic) == (True, False)
    assert verdict.reason == (
        "a round-up of several stories (4 items, 3 of which name neither side); "
        "the sides meet in 1 of 4 items"
    )


def test_numbered_points_of_one_story_make_none():
    points = [
        "1. Kim Jong Un tiba dengan kereta di Vladivostok pada Selasa pagi bersama adiknya.",
        "2. Putin menjamu tamunya dengan sup ikan khas timur jauh selama tiga jam lebih.",
        "3. Kedua negara menandatangani kesepakatan kereta, gandum, dan pertukaran pelajar.",
    ]
    verdict = judge(TOPIC, "Tiga Hal dari Pertemuan Itu", points)
    assert (verdict.round_up, verdict.on_topic) == (False, True)


def test_a_round_up_whose_headline_tells_one_story_is_about_it():
    verdict = judge(TOPIC, "Populer: Putin Jamu Kim Jong Un di Kremlin", ITEMS)
    assert (verdict.round_up, verdict.on_topic) == (True, True)
    assert verdict.reason.endswith("and in its headline")


def test_a_round_up_is_about_what_most_of_its_items_are_about():
    several = [f"{ITEMS[1]} Surat nomor {number}." for number in range(3)]
    verdict = judge(TOPIC, "Kilas Dunia", [ITEMS[0], *several])
    assert (verdict.round_up, verdict.on_topic) == (True, True)


def test_a_round_up_that_names_one_side_is_marked_too():
    verdict = judge(TOPIC, "5 Berita Dunia Terpopuler", ["Kim Jong Un menanam pohon.", "Topan reda."])
    assert (verdict.round_up, verdict.on_topic) == (True, False)
    assert verdict.reason == "only north-korea is named"


def test_a_lead_that_draws_on_several_reports_announces_no_round_up():
    lead = "Redaksi merangkum dari berbagai berita soal kedatangan itu."
    assert not judge(TOPIC, "Putin Jamu Kim Jong Un, Ini Menunya", [lead, *BODY]).round_up


def test_a_lead_that_announces_several_stories_leaves_a_joined_headline_its_worth():
    lead = "Redaksi merangkum tiga artikel tentang jamuan itu."
    verdict = judge(TOPIC, "Putin Jamu Kim Jong Un, Ini Menunya", [lead, *BODY])
    assert (verdict.round_up, verdict.on_topic) == (True, True)


LONE = "Kapal Asing Merapat Diam-diam"
JOINED = "Kapal itu membawa amunisi dari Korea Utara ke Rusia."


def test_the_lead_alone_is_enough():
    verdict = judge(TOPIC, LONE, [JOINED, *BODY])
    assert verdict.on_topic
    assert verdict.reason == "the sides meet in the lead (0.60)"


def test_another_subject_is_never_enough_unless_states_deal_with_each_other():
    match = [JOINED, "Kiper Korea Utara menepis penalti Rusia.", JOINED]
    verdict = judge(TOPIC, "Timnas Voli Rusia Jamu Korut", match)
    assert not verdict.on_topic
    assert verdict.reason.endswith("about another subject (×0.45)")
    assert judge(TOPIC, "Menteri Rusia dan Korut Bahas Voli", match).on_topic


def test_the_reason_tells_what_each_part_is_worth():
    body = [
        "Pejabat Moskow memeriksa pelabuhan.",
        "Pekerja dari Pyongyang mengecat dermaga.",
        JOINED,
        "China mengamati.",
        "Kapal milik Rusia itu dijaga prajurit Korea Utara.",
    ]
    verdict = judge(TOPIC, LONE, body)
    assert verdict.reason == (
        "the sides meet in 3 of 4 further passages (0.50); both run through the text (0.30); "
        "third parties fill other passages (-0.03)"
    )
    assert verdict.score == pytest.approx(0.77)


def test_a_passage_goes_on_about_the_one_before():
    body = ["Rombongan berangkat dari Pyongyang.", "Mereka dijamu di Moskow."]
    apart = [body[0], "Tamu China memotret.", body[1]]
    assert judge(TOPIC, LONE, body).score > judge(TOPIC, LONE, apart).score


def test_a_body_in_one_block_is_read_by_its_sentences():
    body = ["Kim Jong Un meninjau panen.", "Petani bersorak.", "Benihnya dikirim dari Rusia."]
    headline = "Panen Raya Korut"
    assert not judge(TOPIC, headline, body).on_topic
    assert not judge(TOPIC, headline, [" ".join(body)]).on_topic


@pytest.mark.parametrize("headline", ["Aliansi Rusia-Korut, AS Cemas", "Putin Temui Kim Jong Un, China Diam"])
def test_a_third_party_after_a_comma_makes_no_list(headline):
    assert judge(TOPIC, headline, BODY).on_topic


def test_the_standfirst_is_a_lead():
    assert judge(TOPIC, LONE, BODY, JOINED).on_topic


def test_no_headline_is_no_obstacle():
    assert judge(TOPIC, None, [JOINED, *BODY]).on_topic


def test_one_passage_in_a_long_text_is_passing():
    long = ["Nelayan memprotes limbah di teluk.", "Bupati berjanji menindak."] * 8
    verdict = judge(TOPIC, LONE, [*long, JOINED])
    assert not verdict.on_topic
    assert 0.0 < verdict.score < 0.5


def test_many_passages_without_the_headline_are_enough():
    long = ["Nelayan memprotes limbah di teluk.", "Bupati berjanji menindak."]
    assert judge(TOPIC, LONE, [*long, *[JOINED] * 4]).on_topic


@pytest.mark.parametrize(
    "line",
    [
        "Baca juga: Putin Jamu Kim Jong Un",
        "BACA JUGA : Kim Jong Un Kirim Pasukan ke Rusia.",
        "Simak juga Video: Rusia dan Korut Teken Pakta",
        "Lihat Juga Putin Bertemu Kim Jong Un.",
        "Berita Terkait: Kim Jong Un Tiba di Rusia.",
        "Foto: Putin menjabat tangan Kim Jong Un di Moskow.",
        "Keterangan foto: Kim Jong Un dan Putin bersulang.",
        "ILUSTRASI. Kim Jong Un bertemu Putin.",
        "- Rusia kirim gandum ke Korea Utara (tautan)",
        "Tag: Rusia, Korea Utara, Kim Jong Un.",
        "#Rusia #KoreaUtara, #KimJongUn",
        "Video: Putin menjamu Kim Jong Un.",
        "Warga bersorak. (Sputnik/Kremlin via REUTERS)",
    ],
)
def test_furniture_does_not_count(line):
    korut = "Pabrik pupuk di Korea Utara diresmikan kemarin."
    verdict = judge(TOPIC, "Pabrik Pupuk Korut Diresmikan", [korut, line, *BODY])
    assert not verdict.on_topic
    assert verdict.reason == "only north-korea is named"


def test_a_dateline_names_no_one():
    dispatch = "MOSKOW - Pemimpin Korea Utara meresmikan pabrik."
    assert judge(TOPIC, "Pabrik Korut", [dispatch]).reason == "only north-korea is named"
    assert judge(TOPIC, "Pabrik Korut", ["Pemimpin Korea Utara tiba di Moskow."]).on_topic


def test_a_short_name_needs_a_full_one():
    alone = judge(TOPIC, "Kim Disambut Putin", ["Kim menari bersama Putin di panggung."])
    assert alone.reason == "only russia is named"
    full = judge(TOPIC, "Kim Disambut Putin", ["Pemimpin Korea Utara itu tersenyum."])
    assert full.on_topic


def test_hints_alone_are_never_enough():
    verdict = judge(TOPIC, "Ukraina Bahas Semenanjung Korea", ["Kyiv mengirim utusan ke Semenanjung Korea."])
    assert not verdict.on_topic
    assert verdict.reason == "neither side is named"


def test_a_hint_in_the_headline_helps_a_name_in_the_body():
    body = [*BODY, "Tentara Korea Utara tersebut bertempur bersama Rusia.", "Dua pemuda itu dirawat."]
    assert judge(TOPIC, "Ukraina Tawan Tentara Korut", body).on_topic
    assert not judge(TOPIC, "Panggung Korut Roboh", body).on_topic


def test_a_list_in_one_sentence_is_not_a_meeting():
    body = ["Yang menolak ialah Belarus, Korea Utara, Eritrea, Rusia, dan Suriah."]
    assert not judge(TOPIC, "Resolusi PBB Disahkan", body).on_topic


def test_evidence_names_term_side_place_and_words():
    verdict = judge(TOPIC, LONE, [BODY[0], "Kim Jong-un menyurati Putin soal gandum."])
    found = {(item.term, item.side, item.place, item.text) for item in verdict.evidence}
    assert found == {
        ("Kim Jong Un", "north-korea", "passage 2", "kim jong-un"),
        ("Putin", "russia", "passage 2", "putin"),
    }


def test_evidence_has_room_for_the_side_that_is_named_late():
    verdict = judge(TOPIC, "Putin Berpidato", [*["Putin di Rusia."] * 50, "Ia memuji Korea Utara."])
    assert [item.place for item in verdict.evidence if item.side == "north-korea"] == ["passage 51"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("https://kabar.contoh.id/read/12/kim-jong-un-tiba-di-stasiun", True),
        ("perang,rusia,gandum", True),
        ("korut", True),
        ("Ukraina Menang Lomba Masak", False),
        ("Resep Kue Kimpul", False),
        ("Drama Terbaru Kim Soo Hyun", False),
        ("", False),
    ],
)
def test_the_loose_filter(text, named):
    assert names_a_side(TOPIC, text) is named


SECOND = """
title = "Sengketa air"
[[sides]]
name = "gunungsari"
names = ["Gunungsari", "Bupati Wiryo*"]
places = ["Kali Bening"]
[[sides]]
name = "lembahsari"
names = ["Lembahsari"]
short = ["Mbah Karto"]
[bystanders]
desa-lain = ["Desa Sukamaju"]
[relations]
words = ["irigasi", "sepakat*"]
[weights]
threshold = 0.6
"""


def test_a_second_topic_is_one_file(tmp_path):
    path = tmp_path / "sengketa-air.toml"
    path.write_text(SECOND, encoding="utf-8")
    topic = load_topic(str(path))
    assert topic.name == "sengketa-air"
    assert judge(topic, "Gunungsari dan Lembahsari Sepakati Irigasi", []).on_topic
    assert judge(topic, "Bupati Wiryokusumo Tolak Irigasi Lembahsari", []).on_topic
    assert not judge(topic, "Putin Bertemu Kim Jong Un", []).on_topic
    assert not names_a_side(topic, "Mbah Karto Panen")


NEIGHBOURS = """
title = "Hubungan India dan Pakistan"
[[sides]]
name = "india"
names = ["India", "Modi", "Jaishankar"]
places = ["New Delhi", "Mumbai"]
[[sides]]
name = "pakistan"
names = ["Pakistan", "Shehbaz Sharif"]
places = ["Islamabad", "Karachi", "Lahore"]
hints = ["Kashmir"]
[bystanders]
china = ["China"]
iran = ["Iran"]
"""


@pytest.mark.parametrize(
    ("on", "headline", "body"),
    [
        (True, "India-Pakistan Buka Lagi Gerbang Wagah", ["Truk pertama melintas pagi ini."]),
        (True, "Modi Telepon Shehbaz Sharif", ["Keduanya sepakat menahan diri."]),
        (True, "Gerbang Perbatasan Dibuka", ["India mengizinkan truk dari Pakistan masuk lewat Lahore."]),
        (False, "Modi Resmikan Bandara di Mumbai", ["Proyek India itu selesai.", "Pakistan tak diundang."]),
        (False, "Negara Berpenduduk Terbesar", ["China, India, Pakistan, dan Iran masuk daftar."]),
        (False, "Lahore Dikepung Kabut Asap", ["Warga Pakistan memakai masker."]),
    ],
)
def test_two_other_countries_need_no_code(tmp_path, on, headline, body):
    path = tmp_path / "india-pakistan.toml"
    path.write_text(NEIGHBOURS, encoding="utf-8")
    verdict = judge(load_topic(str(path)), headline, body)
    assert (verdict.on_topic, verdict.topic) == (on, "india-pakistan")


SIDES = '[[sides]]\nname = "a"\nnames = ["Anu"]\n[[sides]]\nname = "b"\nnames = ["Itu"]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "two tables"),
        ('[[sides]]\nname = "a"\nnames = ["Anu"]\n', "two tables"),
        ("sides = 3\n", "two tables"),
        (SIDES + '[bystander]\nx = ["Y1"]\n', "did you mean 'bystanders'"),
        (SIDES.replace("names", "nmaes", 1), "did you mean 'name"),
        (SIDES + "[weights]\nhedline = 0.3\n", "did you mean 'headline'"),
        (SIDES + "[weights]\nlead = 3\n", "from 0 to 1"),
        (SIDES + '[weights]\nlead = "x"\n', "from 0 to 1"),
        (SIDES.replace('["Anu"]', "[]"), "no names"),
        (SIDES.replace('["Anu"]', '"Anu"'), "list of texts"),
        (SIDES.replace('["Anu"]', "[3]"), "list of texts"),
        (SIDES.replace('"Anu"', '""'), "the term ''"),
        (SIDES.replace('"Anu"', '"*"'), "the term '*'"),
        (SIDES.replace('"Anu"', '"A*nu"'), "the term 'A*nu'"),
        (SIDES.replace('"Anu"', '"(a+)+"'), "the term"),
        (SIDES.replace('"Anu"', '"' + "a" * 200 + '"'), "the term"),
        (SIDES.replace('"Anu"', '"Itu"'), "listed twice"),
        (SIDES.replace('"b"', '"a"'), "both sides"),
        (SIDES.replace('"b"', '"B b"'), "lower-case"),
        (SIDES + '[bystanders]\na = ["Xx"]\n', "another name"),
        (SIDES + "relations = 2\n", "unknown key"),
        ("title = 3\n" + SIDES, "title"),
        ("title = \n", "not TOML"),
    ],
)
def test_a_bad_topic_file_says_what_to_do(tmp_path, text, message):
    path = tmp_path / "t.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_topic(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_topic_names_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'russia-north-korea'"):
        load_topic("rusia-north-korea")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_topic(str(tmp_path / "none.toml"))


WORDS = (
    "Rusia",
    "Korut",
    "Kim",
    "Kim Jong Un",
    "China",
    "Iran",
    "dan",
    ",",
    ".",
    "-",
    "/",
    "bertemu",
    "di",
    "soal",
    "|",
)
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))


@given(st.one_of(st.none(), texts), st.lists(texts, max_size=6), st.one_of(st.none(), texts))
def test_every_text_gets_a_sound_verdict(headline, body, standfirst):
    verdict = judge(TOPIC, headline, body, standfirst)
    assert 0.0 <= verdict.score <= 1.0
    assert verdict.on_topic == (verdict.score >= TOPIC.weights.threshold)
    assert verdict.reason
    assert "\n" not in verdict.reason
    if verdict.on_topic:
        assert {item.side for item in verdict.evidence} == set(TOPIC.sides)


@pytest.mark.parametrize(
    "unit",
    ["Rusia, Korut, ", "Kim ", "(", "Rusia/Korut/", "reuters/", ". ", "Baca ", "korea ", "-", " ", "zelensk"],
)
def test_hostile_megabytes_do_not_hang(unit):
    flood = unit * (2_000_000 // len(unit))
    verdict = judge(TOPIC, flood, [flood] * 3, flood)
    assert len(verdict.evidence) <= 60
    names_a_side(TOPIC, flood)
    assert len(judge(TOPIC, "Rusia", [unit] * 100_000).evidence) <= 60
