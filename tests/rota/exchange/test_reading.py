"""Files that cannot be used as a whole: one line each, and never an accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rota.errors import InvalidInput
from rota.exchange.reading import Malformed, Record, read_records


def refusal(path: Path, **options: int) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(InvalidInput) as caught:
        list(read_records(path, **options))
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"{", "line 1, column 2"),
        (b'[\n {"model": "a",}\n]', "line 2, column 16"),
        (b'[{"model": "a"}', "expected ',' or ']' in line 1, column 16"),
        (b'[{"model": "a"},]', "column 17"),
        (b"[] x", "text after the end of the list"),
        (b'{"model": "a", "pk": 1, "fields": {}}', "not a list of records"),
        (b"12", "not a list of records"),
        (b'["a\tb"]', "not JSON"),
        (b'[{"pk": NaN}]', "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1e999]", "1e999 is out of range"),
        (b"[" + b"9" * 5000 + b"]", "a number is too long"),
        (b'[\n{"a": 1, "a": 2}]', '"a" occurs twice in one object in the record that begins in line 2'),
        (b"[" + b"[" * 200_000, "nested too deeply"),
        (b'[{"a": "caf\xe9"}]', "not UTF-8: byte 0xe9 in line 1"),
        ('[{"a": "é"}]'.encode("utf-16"), "is UTF-16"),
        ('[{"a": "é"}]'.encode("utf-32"), "is UTF-32"),
        ('[{"a": 1}]'.encode("utf-16-le"), "null byte"),
        (b'[{"a": "x\x00y"}]', "null byte in line 1"),
        (b"PK\x03\x04 not json at all", "not JSON"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.json")
    assert "is a directory" in refusal(tmp_path)


def test_a_device_is_refused_without_reading_it() -> None:
    assert "not a regular file" in refusal(Path("/dev/zero"))


def test_a_file_of_200_megabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # sparse: takes no room
    assert "has 200 MB, more than the 150 MB allowed" in refusal(path)
    assert "null byte" in refusal(path, max_megabytes=250)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(b'\xef\xbb\xbf[{"model": "Scheduling.Unit", "pk": 1, "fields": {}}]')
    (record,) = read_records(path)
    assert isinstance(record, Record)
    assert (record.model, record.pk, record.where.record) == ("scheduling.unit", 1, 1)


def test_an_empty_list_holds_no_records(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text(" [ ] \n")
    assert list(read_records(path)) == []


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ("7", "a number instead of an object"),
        ("null", "null instead of an object"),
        ('{"pk": 1, "fields": {}}', "no model name"),
        ('{"model": 5, "pk": 1, "fields": {}}', "no model name"),
        ('{"model": "a.b", "pk": 1}', "no fields"),
        ('{"model": "a.b", "pk": 1, "fields": []}', "no fields"),
        ('{"model": "a.b", "pk": [1], "fields": {}}', "primary key is a list"),
        ('{"model": "a.b", "pk": true, "fields": {}}', "primary key is true or false"),
        (json.dumps({"model": "a.b", "pk": "x" * 65, "fields": {}}), "more than 64"),
        ('{"model": "a.b", "pk": 1, "fields": {"name": "a\\u0000"}}', "null character"),
        ('{"model": "a.b", "pk": 1, "fields": {"x": [{"y": "\\ud800"}]}}', "lone surrogate"),
    ],
)
def test_an_element_that_is_no_record_is_pointed_out(
    tmp_path: Path, element: str, reason: str
) -> None:
    path = tmp_path / "mixed.json"
    path.write_text(f'[{{"model": "a.b", "pk": 3, "fields": {{}}}}, {element}]')
    good, bad = read_records(path)
    assert isinstance(good, Record)
    assert isinstance(bad, Malformed)
    assert bad.where.record == 2
    assert reason in bad.reason


def test_a_pair_of_surrogates_is_one_character(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    path.write_text('[{"model": "a.b", "pk": 1, "fields": {"name": "\\ud83d\\ude00"}}]')
    (record,) = read_records(path)
    assert isinstance(record, Record)
    assert record.fields == {"name": "😀"}
