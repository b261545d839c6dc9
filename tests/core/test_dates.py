"""Printed times: a table of our own, the shared table where it is there, and properties over all forms."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import MONTHS, WIB, WIT, WITA, find_instant, isoformat, parse_instant, parse_iso
from crawler.items import Instant

OWN = Path(__file__).parent / "data" / "dates.tsv"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "dates.tsv"
ZONES = {"WIB": WIB, "WITA": WITA, "WIT": WIT}
NOW = datetime(2025, 1, 1, 1, 15, 40, tzinfo=WIB)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def described(instant: Instant | None) -> str:
    return isoformat(instant) if instant else "none"


@pytest.mark.parametrize("row", rows(OWN), ids=lambda row: row["printed"])
def test_own_table(row):
    now = datetime.fromisoformat(row["now"]) if row["now"] else None
    instant = parse_instant(row["printed"], now=now)
    assert described(instant) == row["instant"]
    assert instant is None or instant.zone_assumed == (row["assumed"] == "y")


def test_own_table_covers_what_it_should():
    table = rows(OWN)
    assert len(table) >= 150
    assert sum(row["instant"] == "none" for row in table) >= 60


@pytest.mark.skipif(not SHARED.exists(), reason="the shared table of printed times is not here")
def test_shared_table():
    wrong = []
    for row in rows(SHARED):
        now = datetime.fromisoformat(row["fetched_at"]) if row["fetched_at"] else None
        instant = parse_instant(row["printed"], now=now)
        same_zone = instant is None or instant.zone_assumed == (row["assumed"] == "y")
        same_precision = instant is None or row["precision"] in {instant.precision, "relative"}
        if described(instant) != row["iso"] or not same_zone or not same_precision:
            wrong.append((row["printed"], row["iso"], described(instant)))
    assert wrong == []


FORMS = (
    "{weekday}, {day} {month} {year} {hour:02}:{minute:02} {zone}",
    "{weekday} {day:02} {month} {year}  {hour:02}.{minute:02} {zone}",
    "{weekday}, {day} {month} {year} | {hour:02}:{minute:02} {zone}",
    "{weekday}, {day} {month} {year} / {hour:02}:{minute:02} {zone}",
    "{weekday}, {day} {month} {year} – {hour:02}:{minute:02} {zone}",
    "Tayang: {day} {month} {year}, {hour:02}.{minute:02} {zone}",
    "Raras Wening, Jurnalis-{weekday}, {day} {month} {year} |{hour:02}:{minute:02} {zone}",
    "{month} {day}, {year} {hour:02}:{minute:02} {zone}",
    "{weekday}, {day:02}/{number:02}/{year} {hour:02}:{minute:02} {zone}",
    "{day}-{number}-{year} {hour:02}.{minute:02} ({zone})",
    "{weekday} {day:02}.{number:02}.{year}, {hour:02}.{minute:02} {zone}",
    "{year}-{number:02}-{day:02} {hour:02}:{minute:02} {zone}",
    "{hour:02}:{minute:02} {zone}, {weekday} {day} {month} {year}",
)
WEEKDAYS = (
    ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    ("SENIN", "SELASA", "RABU", "KAMIS", "JUM’AT", "SABTU", "AHAD"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31))  # noqa: DTZ001 - the zone is drawn apart


@given(moments, st.sampled_from(FORMS), st.sampled_from(sorted(ZONES)), st.sampled_from(WEEKDAYS), st.data())
def test_what_is_printed_is_read_back(moment, form, zone, weekdays, data):
    spellings = [name for name, number in MONTHS.items() if number == moment.month]
    month = data.draw(
        st.sampled_from(spellings).flatmap(lambda m: st.sampled_from([m, m.title(), m.upper()]))
    )
    printed = form.format(
        weekday=weekdays[moment.weekday()],
        month=month,
        number=moment.month,
        day=moment.day,
        year=moment.year,
        hour=moment.hour,
        minute=moment.minute,
        zone=zone,
    )
    at = moment.replace(second=0, microsecond=0, tzinfo=ZONES[zone])
    assert parse_instant(printed) == Instant(at, "minute")
    without_zone = parse_instant(printed.replace(f"({zone})", "").replace(zone, ""), zone=WIT)
    assert without_zone is None or without_zone.zone_assumed
    assert without_zone is None or without_zone.at == at.replace(tzinfo=WIT)


@given(
    moments,
    st.sampled_from(FORMS[:3]),
    st.sampled_from(("Agustinus", "Febuarius", "Mart", "Desembris", "Syawal")),
)
def test_an_unknown_month_is_no_date(moment, form, month):
    printed = form.format(
        weekday="Senin", month=month, day=moment.day, year=moment.year, hour=8, minute=5, zone="WIB", number=1
    )
    assert parse_instant(printed) is None


@given(st.text(max_size=300), st.sampled_from([WIB, WITA, WIT, UTC]))
def test_no_text_raises_and_nothing_is_naive(text, zone):
    for instant in (parse_instant(text, zone=zone, now=NOW), parse_iso(text, zone)):
        assert instant is None or instant.at.utcoffset() is not None


PARTS = (
    "3",
    "31",
    "Mei",
    "2024",
    "lalu",
    "jam",
    "Senin",
    ",",
    "/",
    "-",
    ".",
    ":",
    " ",
    "WIB",
    "(",
    ")",
    "10",
    "\u200b",
)


@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_shuffled_parts_of_dates_never_raise(parts):
    text = "".join(parts)
    found = find_instant(text, now=NOW)
    if found:
        instant, start, end = found
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert instant.at.utcoffset() is not None


def test_the_weekday_never_moves_the_date():
    assert described(parse_instant("Minggu, 9 Maret 2022 04:05 WIB")) == "2022-03-09T04:05+07:00"


def test_the_outlet_s_zone_holds_where_none_is_printed():
    instant = parse_instant("9 Maret 2022 04:05", zone=WITA)
    assert described(instant) == "2022-03-09T04:05+08:00"
    assert instant.zone_assumed
    assert instant.utc == datetime(2022, 3, 8, 20, 5, tzinfo=UTC)


def test_relative_phrases_need_the_time_of_the_fetch():
    assert parse_instant("2 jam lalu") is None
    with pytest.raises(ValueError, match="aware"):
        parse_instant("2 jam lalu", now=datetime(2025, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_relative_days_are_counted_in_the_zone_of_the_outlet():
    late_in_utc = datetime(2024, 12, 31, 17, 30, tzinfo=UTC)
    assert described(parse_instant("Kemarin", zone=WIB, now=late_in_utc)) == "2024-12-31"
    assert described(parse_instant("Kemarin", zone=UTC, now=late_in_utc)) == "2024-12-30"


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("Sekar Ayu, Jurnalis-Senin, 4 Agustus 2025 |19:39 WIB", "Senin, 4 Agustus 2025 |19:39 WIB"),
        ("Bima S - Samudra.id 26 Mei 2023  |  06:25 WIB", "26 Mei 2023  |  06:25 WIB"),
        ("Bima Sena • 13 September 2023 12:18", "13 September 2023 12:18"),
        ("SABTU, 20 OKTOBER 2018 | 06:39 WIB | LAPORAN: SEKAR AYU", "SABTU, 20 OKTOBER 2018 | 06:39 WIB"),
        ("  Jumat   24 Jul 2026\u00a0 16:32 WIB ", "Jumat   24 Jul 2026\u00a0 16:32 WIB"),
        ("Kabar (Rabu, 9 Maret 2022 04:05 WIB)", "Rabu, 9 Maret 2022 04:05 WIB"),
        ("AMBON, 9 Maret 2022 – Kapal itu karam di laut", "9 Maret 2022"),
    ],
)
def test_find_gives_the_span_of_the_printed_time(line, printed):
    _, start, end = find_instant(line)
    assert line[start:end] == printed


@pytest.mark.parametrize(
    "line",
    [
        "Kapal itu karam di Selat Sunda pada Rabu, 9 Maret 2022 pukul 04.05 WIB.",
        "Nakhoda, Rabu (9/3/2022), bilang muatan terlalu berat untuk ombak musim barat.",
        "Nelayan menarik jaring, 9 Maret 2022. Foto: Sekar",
        "Berlayar tiap pukul 10.00, 12.00 dan 14.00 mulai 9 Maret 2022 10.00 dari dermaga",
        "Muatan " * 80 + "9 Maret 2022 04:05 WIB",
        "© 2022 Samudra",
    ],
)
def test_find_leaves_sentences_alone(line):
    assert find_instant(line) is None


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2026-03-26 12:14:10", "2026-03-26T12:14:10+08:00"),
        ("2026-03-26T12:14:10Z", "2026-03-26T12:14:10+00:00"),
        ("2026-03-26T12:14:10.123456+07:00", "2026-03-26T12:14:10+07:00"),
        ("2026-03-26T12:14:10+0700", "2026-03-26T12:14:10+07:00"),
        ("2026-03-26T12:14:10 +07:00", "2026-03-26T12:14:10+07:00"),
        ("2026-03-26T12:14+07", "2026-03-26T12:14+07:00"),
        ("2026/03/26 12:14:10", "2026-03-26T12:14:10+08:00"),
        ("2026-03-26T00:14:10-05:30", "2026-03-26T00:14:10-05:30"),
        (" 2026-03-26 ", "2026-03-26"),
        ("2026-02-30T10:00:00Z", "none"),
        ("2026-03-26T24:14:10Z", "none"),
        ("2026-03-26T12:14:10+19:00", "none"),
        ("2026-03-26T12:14:10+07:77", "none"),
        ("0000-00-00 00:00:00", "none"),
        ("-0001-11-30T00:00:00+07:07", "none"),
        ("1970-01-01T00:00:00Z", "none"),
        ("2099-01-01T00:00:00Z", "none"),
        ("26-03-2026", "none"),
        ("2026-03", "none"),
        ("2026-W13-4", "none"),
        ("20260326", "none"),
        ("1774501200", "none"),
        ("", "none"),
    ],
)
def test_metadata_values(value, iso):
    assert described(parse_iso(value, WITA)) == iso


@given(moments, st.integers(-14 * 4, 14 * 4))
def test_iso_round_trip(moment, quarters):
    at = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    instant = parse_iso(at.isoformat())
    assert instant == Instant(at, "second")
    assert isoformat(instant) == at.isoformat()


@given(st.dates(date(1990, 1, 1), date(2089, 12, 31)))
def test_a_day_stays_a_day(day):
    instant = parse_instant(day.strftime("%d/%m/%Y"))
    assert instant.precision == "day"
    assert isoformat(instant) == day.isoformat()


@pytest.mark.parametrize(
    "unit", ["1 ", "9", "/", "jam ", "(", "Senin, ", "12/12/", " " * 50 + "2", "Mei ", "a|", "Rp 1."]
)
def test_hostile_megabytes_do_not_hang(unit):
    assert find_instant(unit * 1_000_000, now=NOW) is None
    assert parse_instant(unit * 1_000_000, now=NOW) is None
    assert parse_iso(unit * 1_000_000) is None
