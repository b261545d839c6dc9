"""`pantau relevance`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, refused

ON = {
    "id": "satu",
    "headline": "Putin dan Kim Jong Un bertemu di Vladivostok",
    "body": ["Presiden Rusia menjamu pemimpin Korea Utara.", "Keduanya membahas kerja sama."],
}
OFF = {"id": 2, "headline": "Harga cabai naik di Bandung", "body": "Pedagang mengeluh.\nPembeli berkurang."}


def written(path: Path, *records: object) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def test_a_line_of_json_for_each_article(run: Run, tmp_path: Path) -> None:
    result = run("relevance", written(tmp_path / "a.jsonl", ON, OFF), "--json")
    assert result.exit_code == 0
    on, off = map(json.loads, result.stdout.splitlines())
    assert set(on) == {"id", "topic", "verdict", "round_up", "score", "reason", "evidence"}
    assert (on["id"], on["verdict"], on["topic"]) == ("satu", "on", "russia-north-korea")
    assert {one["side"] for one in on["evidence"]} == {"russia", "north-korea"}
    assert set(on["evidence"][0]) == {"term", "side", "place", "text"}
    assert (off["id"], off["verdict"]) == (2, "off")
    assert on["score"] > off["score"]


def test_a_person_reads_verdict_reason_and_evidence(run: Run, tmp_path: Path) -> None:
    result = run("relevance", written(tmp_path / "a.jsonl", ON, OFF))
    assert result.stdout.startswith("on ")
    assert "Putin" in result.stdout
    assert "\noff" in result.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": 1}', "neither `headline` nor `body`"),
        ('{"id": true, "headline": "x"}', "`id`"),
        ('{"id": 1, "headline": 5}', "`headline`"),
        ('{"id": 1, "headline": "x", "body": {"a": 1}}', "`body`"),
        ('{"id": 1, "headline": "x", "body": [1]}', "`body`"),
        ("\x1b]0;judul\x07", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_judged(
    run: Run, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(ON)}\n{line}\n\n{json.dumps(OFF)}\n", encoding="utf-8")
    result = run("relevance", str(path), "--json")
    assert result.exit_code == 1
    assert [json.loads(one)["id"] for one in result.stdout.splitlines()] == ["satu", 2]
    assert result.stderr.startswith(f"pantau: {path}, line 2: ")
    assert said in result.stderr


def test_a_file_of_another_kind_is_not_complained_of_without_end(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xff\xfe\n" * 5_000)
    result = run("relevance", str(path))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 21
    assert "4980 more lines" in result.stderr


def test_standard_input_is_read_too(run: Run) -> None:
    result = run("relevance", "-", "--json", stdin=json.dumps(ON))
    assert json.loads(result.stdout)["verdict"] == "on"


def test_a_round_up_is_marked(run: Run, tmp_path: Path) -> None:
    digest = {"id": 3, "headline": "Kilas Dunia: Kim Jong Un Menanam Pohon, Jet Rusia Jatuh"}
    path = written(tmp_path / "a.jsonl", digest, ON)
    assert [
        json.loads(line)["round_up"] for line in run("relevance", path, "--json").stdout.splitlines()
    ] == [
        True,
        False,
    ]
    first = run("relevance", path).stdout.splitlines()[0]
    assert first.startswith("off 0.00 round-up  3  Kilas Dunia")


def test_evidence_is_shown_term_by_term_with_place_and_words(run: Run, tmp_path: Path) -> None:
    shown = {"id": 4, "headline": "Kim Jong-un ke Rusia", "body": ["Rusia menyambut Zelenskyy?"]}
    lines = run("relevance", written(tmp_path / "a.jsonl", shown)).stdout.splitlines()
    assert '    Kim Jong Un (north-korea): headline "kim jong-un"' in lines
    assert "    Rusia (russia): headline, passage 1" in lines
    assert '    Zelensk* (russia): passage 1 "zelenskyy"' in lines


def test_two_topics_judge_side_by_side(run: Run, tmp_path: Path) -> None:
    (tmp_path / "banjir.toml").write_text(
        '[[sides]]\nname = "hulu"\nnames = ["Hulu"]\n[[sides]]\nname = "hilir"\nnames = ["Hilir"]\n',
        encoding="utf-8",
    )
    (tmp_path / "pantau.toml").write_text(
        'topics = ["russia-north-korea", "banjir.toml"]\n', encoding="utf-8"
    )
    flood = {"id": 5, "headline": "Hulu dan Hilir Sepakati Pintu Air"}
    result = run("relevance", written(tmp_path / "a.jsonl", ON, flood), "--json")
    judged = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["id"], one["topic"], one["verdict"]) for one in judged] == [
        ("satu", "russia-north-korea", "on"),
        ("satu", "banjir", "off"),
        (5, "russia-north-korea", "off"),
        (5, "banjir", "on"),
    ]


def test_an_unknown_topic_is_refused(run: Run, tmp_path: Path) -> None:
    line = refused(run("relevance", written(tmp_path / "a.jsonl", ON), "--topic", "rusia-korut"))
    assert "rusia-korut" in line
    assert "russia-north-korea" in line


def test_a_folder_is_no_file(run: Run, tmp_path: Path) -> None:
    assert str(tmp_path) in refused(run("relevance", str(tmp_path)))
