"""Log lines: one record is one line, inert, in the form that was chosen, and without a password."""

import json
import logging

import pytest

from crawler import logs
from crawler.logs import JsonLines, TextLines, as_text, without_passwords
from tests.cli.test_output import HOSTILE, assert_inert

ADDRESS = "postgresql+psycopg://pantau:rahasia/sekali@x@db.example/pantau"


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("crawler.x", logging.WARNING, __file__, 1, message, arguments, trace)
    made.created = 1772600400.25
    return made


def raised(text: str) -> Exception:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError(text)
    return caught.value


@pytest.fixture(autouse=True)
def nothing_told():
    logs.about.clear()
    yield
    logs.about.clear()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_record_is_one_inert_line_in_either_form(text: str):
    for form in (TextLines(), JsonLines()):
        line = form.format(record("judul: %s", text))
        assert len(line.splitlines()) == 1
        assert_inert(line)
    assert json.loads(JsonLines().format(record("judul: %s", text)))["message"] == f"judul: {text}"


def test_a_json_line_tells_when_who_and_what():
    logs.about.update(outlet="kontan", run=7)
    assert json.loads(JsonLines().format(record("%d pages", 3))) == {
        "at": "2026-03-04T05:00:00.250+00:00",
        "level": "WARNING",
        "logger": "crawler.x",
        "outlet": "kontan",
        "run": 7,
        "message": "3 pages",
    }


def test_a_traceback_is_a_key_in_json_and_lines_of_its_own_in_text():
    broken = record("it broke", error=raised("pesan \x1b[31m merah"))
    told = json.loads(JsonLines().format(broken))
    assert told["message"] == "it broke"
    assert told["exc"].startswith("Traceback")
    first, *rest = TextLines().format(broken).splitlines()
    assert first.endswith("[crawler.x] WARNING: it broke")
    assert rest[-1] == "RuntimeError: pesan \\x1b[31m merah"


def test_no_form_gives_a_password_away():
    for form in (TextLines(), JsonLines()):
        line = form.format(record("cannot open %s", ADDRESS, error=raised(ADDRESS)))
        assert "rahasia" not in line
        assert "pantau:***@db.example" in line


@pytest.mark.parametrize(
    "text", ["https://www.kontan.co.id:8443/a@b", "https://user@host/x", "pukul 10:30 di a@b.example", ""]
)
def test_what_is_no_password_stays(text: str):
    assert without_passwords(text) == text


def test_a_line_of_json_reads_as_text_and_others_as_they_are():
    broken = JsonLines().format(record("it broke", error=raised("pesan")))
    first, *rest = as_text(broken)
    assert first == "WARNING: it broke"
    assert rest[-1] == "RuntimeError: pesan"
    for line in ("{", "{}", '{"level": 1}', "[1]", "biasa", '{"level": "x", "message": "y", "exc": 3}'):
        assert as_text(line) == [line]


def test_the_whole_process_logs_in_the_form(capsys: pytest.CaptureFixture[str]):
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        logs.log_to_stderr("json", "WARNING")
        logging.getLogger("a.b").info("kurang penting")
        logging.getLogger("a.b").error("penting")
    finally:
        root.handlers, root.level = handlers, level
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "penting"
