"""When a redesign is noticed and when calm is right: the scan, what is learned, and a short `make decay`."""

from pathlib import Path
from random import Random

import attrs
import pytest
from sqlalchemy import Engine

from crawler.decay.memory import Memory
from crawler.decay.scan import CHANCE, LEARNED, WINDOW, Usual, scan
from crawler.decay.watch import MENDED, PageWatch
from crawler.pages.traits import PageTraits, traits_of
from crawler.reasons import Reason
from crawler.storage.database import reading
from crawler.storage.decay import Alarm, alarms_of, standing_alarm
from crawler.storage.runs import Run
from spiders.kontan import KontanPage
from tests import decay
from tests.core.storing import NOON
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.redesign import Redesign

GOOD = PageTraits(
    url="https://www.contoh.example/berita/satu",
    hits={"body": "div.isi", "byline": ".penulis"},
    marks=frozenset(f"div.lama-{number}" for number in range(6)),
    body_from="selector",
    linked=True,
    paragraphs=9,
    chars=2400,
)
DRESS = Redesign(NOON, seed=5, outlet="kontan")
NAMES = frozenset(f"section.baru-{number}" for number in range(6))
STRUCK = attrs.evolve(GOOD, hits={"body": None, "byline": None}, marks=NAMES, body_from="generic")


def after(pages: int, seen: PageTraits = GOOD) -> Memory:
    memory = Memory()
    for _ in range(pages):
        assert not memory.observe(seen)
    return memory


def alarms_at(memory: Memory, pages: list[PageTraits]) -> int | None:
    """Return the number of the page at which an alarm begins, counted from 1."""
    return next((number for number, seen in enumerate(pages, 1) if memory.observe(seen)), None)


# The scan


def test_the_chance_of_a_stretch_is_that_of_drawing_it() -> None:
    usual, draw = Usual(hits=3.0, pages=60.0), Random(4)
    drawn = [draw.betavariate(usual.prior + 3.0, usual.doubt + 57.0) for _ in range(40_000)]
    often = sum(sum(draw.random() < share for _ in range(8)) >= 2 for share in drawn) / len(drawn)
    assert usual.chance(2, 8) == pytest.approx(often, rel=0.1)
    assert usual.chance(0, 8) == pytest.approx(1.0)


def test_one_page_never_alarms_and_what_is_frequent_needs_more() -> None:
    rare, frequent = Usual(pages=2000.0, prior=0.01), Usual(hits=400.0, pages=2000.0)
    assert scan([False] * 9 + [True], rare) is None
    assert scan([False] * 8 + [True, True], rare) is not None
    assert scan([False] * 8 + [True, True], frequent) is None
    assert scan([True] * 10, frequent) is not None


def test_too_little_is_known_for_an_alarm_at_first() -> None:
    assert alarms_at(after(LEARNED - 1), [STRUCK] * 3) is None
    assert alarms_at(after(LEARNED), [STRUCK] * 3) == 2


# What speaks for a redesign, and what does not


def test_all_pages_in_another_dress_are_noticed_within_three() -> None:
    assert alarms_at(after(60), [STRUCK] * 5) == 2


def test_each_fifth_page_in_another_dress_is_noticed_at_the_second() -> None:
    assert alarms_at(after(400), [*[GOOD] * 4, STRUCK] * 4) == 10


def test_an_editor_who_names_nobody_any_more_is_no_redesign() -> None:
    unsigned = attrs.evolve(GOOD, hits={"body": "div.isi", "byline": None})
    assert alarms_at(after(200), [unsigned] * 60) is None


def test_a_byline_that_is_missed_where_all_is_built_anew_is_one() -> None:
    moved = attrs.evolve(GOOD, hits={"body": "div.isi", "byline": None}, marks=NAMES)
    memory = after(200)
    assert alarms_at(memory, [moved] * 5) is not None
    assert memory.standing


def test_old_pages_met_in_numbers_are_none() -> None:
    old = attrs.evolve(
        GOOD, hits={"body": "td.teks", "byline": None}, marks=frozenset({"td.teks", "table.kolom", "td.kiri"})
    )
    assert alarms_at(after(200), [old] * 40) is None


def test_galleries_that_come_now_and_then_are_learned() -> None:
    gallery = attrs.evolve(GOOD, hits={"body": None, "byline": ".penulis"}, body_from="generic")
    draw, memory = Random(3), Memory()
    assert alarms_at(memory, [gallery if draw.random() < 0.05 else GOOD for _ in range(1500)]) is None
    assert memory.usual["body"].hits > 40


# After the alarm


def test_nothing_is_learned_while_an_alarm_stands_and_it_ends_with_good_pages() -> None:
    memory = after(100)
    alarms_at(memory, [STRUCK] * 5)
    learned, usual = memory.pages, dict(memory.usual)
    for _ in range(2 * WINDOW):
        memory.observe(STRUCK)
    assert (memory.pages, memory.usual, memory.share) == (learned, usual, 1.0)
    for number in range(1, 6):
        assert not memory.has_recovered(mended=False), number
        memory.observe(GOOD)
    assert memory.has_recovered(mended=False)


def test_the_fewer_pages_are_struck_the_more_good_ones_end_it() -> None:
    memory = after(400)
    alarms_at(memory, [*[GOOD] * 4, STRUCK] * 40)
    for _ in range(20):
        alarms_at(memory, [*[GOOD] * 4, STRUCK])
    assert 0.15 < memory.share < 0.25
    good = 0
    while not memory.has_recovered(mended=False):
        memory.observe(GOOD)
        good += 1
    assert good > 15


def test_what_is_remembered_survives_the_store() -> None:
    memory = after(70)
    memory.observe(STRUCK)
    again = Memory.of(memory.state)
    assert again == memory
    assert again.observe(STRUCK)


# Pages


def test_a_missing_page_and_a_gallery_by_its_address_say_nothing_of_the_dress() -> None:
    class Refusing(KontanPage):
        refuse_paths = ("/foto/",)

    assert refused(Refusing, "https://www.kontan.co.id/foto/satu-dua-tiga", "<p>Foto</p>") is None
    lost = "<html><head><title>Halaman Tidak Ditemukan</title></head><body><h1>404</h1></body></html>"
    assert refused(KontanPage, "https://www.kontan.co.id/news/panen-raya-tertunda-hujan", lost) is None
    drawn = (
        "<html><head><title>Panen Raya Tertunda Hujan - Kontan</title></head><body><div></div></body></html>"
    )
    seen = refused(KontanPage, "https://www.kontan.co.id/news/panen-raya-tertunda-hujan", drawn)
    assert seen is not None
    assert seen.refused


def test_a_gallery_by_its_declared_element_says_nothing_of_the_dress() -> None:
    class Refusing(KontanPage):
        refuse_css = (".geser",)

    shown = (
        "<html><head><title>Panen Raya Tertunda Hujan - Kontan</title></head>"
        "<body><div class='geser'></div></body></html>"
    )
    assert refused(Refusing, "https://www.kontan.co.id/news/panen-raya-tertunda-hujan", shown) is None


def refused(page_class: type[KontanPage], url: str, html: str) -> PageTraits | None:
    page = page_class(html, url)
    with pytest.raises(decay.NotAnArticle) as refusal:
        page.validate_input()
    assert refusal.value.reason in {Reason.NOT_ARTICLE, Reason.EMPTY, Reason.NOT_FOUND}
    return traits_of(page, refusal.value)


# The figures, in short


@pytest.fixture(scope="module")
def pools() -> list[decay.Pool]:
    return decay.pools((Kontan, Republika, Mercinews), per_day=8, dressed=6, seeds=2)


def test_every_kind_of_redesign_is_noticed_in_time(pools: list[decay.Pool]) -> None:
    for kind, numbers in decay.until_noticed(pools, 1.0, 60, 1).items():
        assert max(numbers) <= decay.WANTED_FULL, kind
    for kind, numbers in decay.until_noticed(pools, None, 400, 1).items():
        assert max(numbers) <= decay.WANTED_PARTIAL, kind


def test_healthy_days_stay_calm(pools: list[decay.Pool]) -> None:
    alarms, lived, why = decay.false_alarms(pools, 2, 60, 1)
    assert lived == 360
    assert alarms == 0, why
    assert CHANCE <= 1e-4


# A run's watch


def crawled(store: Engine, run: Run, data: Path, pages: list[KontanPage], ruleset: str = "a") -> PageWatch:
    """Return the watch of a run that saw these pages and wrote what it learned."""
    watch = PageWatch.open(store, "kontan", ruleset)
    for page in pages:
        watch.saw(page, None, NOON)
    watch.write(store, data, run.id, NOON)
    return watch


def pages_of(count: int, *, dressed: bool = False, inside: str = "") -> list[KontanPage]:
    """Return pages of Kontan, no two alike."""
    found = []
    for number in range(count):
        prose = "".join(
            f"<p>Gudang nomor {number} di tepi sungai itu menampung beras petani, kata pengelola ke-{part}. "
            "Letaknya dekat dermaga sehingga ongkos angkut berkurang separuh dibandingkan tahun lalu.</p>"
            for part in range(6)
        )
        head = f"<h1 class='detail-desk'>Gudang Nomor {number} Mulai Menampung Beras Petani</h1>"
        body = f"<div class='tmpt-desk-kon' itemprop='articleBody'>{prose}</div>"
        main = f"<div class='container{inside}'><div class='col-main'>{head}{body}</div></div>"
        html = f"<html><body>{main}</body></html>"
        html = DRESS.dressed(html) if dressed else html
        found.append(KontanPage(html, f"https://nasional.kontan.co.id/news/gudang-nomor-{number}"))
    return found


def standing(store: Engine) -> Alarm | None:
    with reading(store) as connection:
        return standing_alarm(connection, "kontan")


def test_runs_learn_from_each_other_and_an_alarm_outlives_its_run(
    store: Engine, run: Run, tmp_path: Path
) -> None:
    crawled(store, run, tmp_path, pages_of(12))
    crawled(store, run, tmp_path, pages_of(12))
    assert standing(store) is None
    crawled(store, run, tmp_path, pages_of(1, dressed=True))
    assert standing(store) is None
    assert crawled(store, run, tmp_path, pages_of(1, dressed=True)).standing
    alarm = standing(store)
    assert alarm is not None
    assert (tmp_path / str(alarm.evidence) / "comparison.txt").exists()
    crawled(store, run, tmp_path, pages_of(4))
    assert standing(store) is not None
    crawled(store, run, tmp_path, pages_of(1))
    assert standing(store) is None


def test_a_mended_declaration_ends_it_sooner(store: Engine, run: Run, tmp_path: Path) -> None:
    crawled(store, run, tmp_path, [*pages_of(24), *pages_of(3, dressed=True)])
    assert standing(store) is not None
    crawled(store, run, tmp_path, pages_of(2), "b")
    assert standing(store) is not None
    crawled(store, run, tmp_path, pages_of(1), "b")
    with reading(store) as connection:
        [alarm] = alarms_of(connection, "kontan")
    assert alarm.ended_why == MENDED


def test_the_alarm_stands_where_its_evidence_cannot_be_kept(store: Engine, run: Run, tmp_path: Path) -> None:
    (tmp_path / "decay").write_text("in the way", encoding="utf-8")
    crawled(store, run, tmp_path, [*pages_of(24), *pages_of(3, dressed=True)])
    alarm = standing(store)
    assert alarm is not None
    assert alarm.evidence is None


def test_the_comparison_prints_no_signs_that_steer_a_terminal(
    store: Engine, run: Run, tmp_path: Path
) -> None:
    crawled(store, run, tmp_path, pages_of(24, inside=" x\x1b[31m"))
    pages = pages_of(3, dressed=True)
    for page in pages:
        page.html = page.html.replace("css-", "\x1b]0;css-").replace("__", "\x1b[2J__")
    crawled(store, run, tmp_path, pages)
    alarm = standing(store)
    assert alarm is not None
    assert "\x1b" not in (tmp_path / str(alarm.evidence) / "comparison.txt").read_text(encoding="utf-8")
