"""Named rules: what they are, how they are found, and what a table of them promises."""

import pytest

from crawler.text.rules import COMMON, Rule, RuleError, Rules
from crawler.text.shape import is_headline, label_key

EVERYWHERE = frozenset(("anywhere", "before", "inside", "after", "from-here"))


def name_of(text: str, rules: Rules = COMMON) -> str | None:
    rule = rules.find(text, EVERYWHERE)
    return rule.name if rule else None


@pytest.mark.parametrize(
    "text",
    [
        "Baca Juga: Harga Kopi Naik Lagi",
        "baca juga: Harga kopi naik lagi",
        "BACA JUGA:Harga Kopi Naik Lagi",
        "Baca juga : Harga Kopi Naik Lagi",
        "Baca juga:  Harga Kopi Naik Lagi",
        "• Baca juga: Harga Kopi Naik Lagi",
        "Baca Juga",
        "Baca Juga:",
        "BACA JUGA ...",
        "Baca Juga Harga Kopi Naik Lagi",
        "Lihat juga Video: Panen Kopi",
        "(Baca juga: Harga Kopi Naik Lagi)",
        "[Baca Juga : Harga Kopi Naik Lagi].",
    ],
)
def test_a_label_is_known_in_every_dress(text: str) -> None:
    rule = COMMON.find(text, EVERYWHERE)
    assert rule is not None
    assert rule.family == "crosslink"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Simak Video Panen Kopi di Lereng", "crosslink"),
        ('Tonton juga "Panen Kopi di Lereng":', "crosslink"),
        ("Saksikan Live Bincang Sore :", "crosslink"),
        ("Klik halaman selanjutnya >>>", "crosslink"),
        ("Simak selengkapnya di halaman berikutnya...", "crosslink"),
        ("Baca selengkapnya di halaman selanjutnya.", "crosslink"),
        ('Baca artikel Warta Desa "Panen Kopi" selengkapnya di sini.', "crosslink"),
        ("Bersambung ke halaman berikutnya...", "crosslink"),
        ("HALAMAN SELANJUTNYA >> Panen Kopi di Lereng", "crosslink"),
        ("[Gambas:Video Warta] (abc/def)", "advert"),
        ("redaksi@wartadesa.co.id", "promo"),
        ("TIM RISET WARTA DESA", "signoff"),
        ("WARTA INDONESIA RESEARCH", "signoff"),
        ("Berita Hangat Lainnya", "related"),
        ("VIDEO TERPOPULER HARI INI", "related"),
        ("Rekomendasi untuk kamu", "related"),
        ("Berita lain tentang Panen Raya", "related"),
        ("Tags: kopi, panen", "related"),
        ("Dapatkan berita harian dari Warta hanya dengan satu akun, daftar sekarang", "promo"),
        ("#kopi #panen", "related"),
        ("Share on FacebookShare on Twitter", "share"),
        ("facebook twitter whatsapp copy", "share"),
        ("Tautan telah disalin", "share"),
        ("- Advertisement -", "advert"),
        ("SCROLL TO CONTINUE", "advert"),
        ("[Gambas:Video 20detik]", "advert"),
        ("Halaman 2 dari 3", "control"),
        ("Halaman 1/31 2 3 Semua Halaman", "control"),
        ("Halaman: 1 2 3 Selanjutnya »", "control"),
        ("Dibaca: 1.204 kali", "control"),
        ("waktu baca 4 menit", "control"),
        ("zoom-in Panen Kopi di Lereng", "control"),
        ("Tinggalkan Balasan Batalkan balasan", "comment_form"),
        ("3 Komentar", "comment_form"),
        ("Copyright © Warta Desa 2024", "footer"),
        ("© 2024 Warta Desa Network", "footer"),
        ("Ikuti Warta Desa di Google News dan saluran WhatsApp", "promo"),
        ("Dalam setiap keadaan, WartaDesa.com selalu berkomitmen pada berita yang jernih.", "promo"),
        ("Berikan dukungan untuk kerja jurnalis kami", "promo"),
        ("Dapatkan Berita Pilihan", "promo"),
        ("(Baca: Harga Pupuk Turun, Petani Lega)", "crosslink"),
        ("Ikuti perkembangan berita ini dalam topik:", "related"),
        ("EMAS 1.443.000 4.000 0,28%", "ticker"),
        ("wartadesa.co.id", "masthead"),
    ],
)
def test_families_of_labels_are_known(text: str, family: str) -> None:
    rule = COMMON.find(text, EVERYWHERE)
    assert rule is not None
    assert rule.family == family


def test_rules_count_only_in_their_place() -> None:
    text = "Promosi Mobil Keluarga Terbaru Tahun Ini"
    assert COMMON.find(text, frozenset(("inside",))) is not None
    assert COMMON.find(text, frozenset(("before",))) is None


def test_an_outlet_adds_rules_of_its_own_and_they_are_asked_first() -> None:
    own = Rule(name="promo/harvest", family="promo", labels=("pekan panen raya", "baca juga"))
    rules = COMMON + Rules((own,))
    assert name_of("Pekan Panen Raya", rules) == "promo/harvest"
    assert name_of("Pekan Panen Raya") is None
    assert name_of("Baca juga", rules) == "promo/harvest"


def test_a_rule_switched_off_stays_in_the_table_but_is_not_active() -> None:
    rules = COMMON.without("crosslink/label")
    assert "crosslink/label" not in rules.active
    assert rules["crosslink/label"].family == "crosslink"
    assert (rules + Rules(())).off == {"crosslink/label"}


def test_a_name_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(RuleError, match="no rule 'crosslink/labels'"):
        COMMON.without("crosslink/labels")


def test_two_rules_of_one_name_are_refused() -> None:
    rule = Rule(name="promo/x", family="promo")
    with pytest.raises(RuleError, match="promo/x"):
        Rules((rule, rule))


def test_a_rule_is_named_after_its_family() -> None:
    with pytest.raises(RuleError, match="promo/detail"):
        Rule(name="advert/x", family="promo")


def test_a_pattern_that_is_none_is_refused_with_its_rule() -> None:
    rules = Rules((Rule(name="promo/x", family="promo", patterns=("(",)),))
    with pytest.raises(RuleError, match="promo/x"):
        rules.find("apa saja", EVERYWHERE)


def test_every_rule_says_how_it_knows_furniture() -> None:
    for rule in COMMON:
        words = (
            rule.labels or rule.openers or rule.headline_openers or rule.leads or rule.heads or rule.patterns
        )
        assert bool(words) != bool(rule.shape), rule.name


def test_label_key_drops_what_never_matters() -> None:
    assert label_key("  » Baca\u00a0 JUGA : ") == "baca juga"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Panen Kopi di Lereng Gunung Dimulai", True),
        ("Benarkah Panen Kopi Gagal?", True),
        ("Panen kopi di lereng gunung dimulai", False),
        ("Panen Kopi di Lereng Gunung Dimulai.", False),
        ("panen Kopi Dimulai", False),
    ],
)
def test_headlines_are_told_from_sentences(text: str, *, expected: bool) -> None:
    assert is_headline(text) is expected
