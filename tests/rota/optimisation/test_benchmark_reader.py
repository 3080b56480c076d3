"""The reader of published files: what it reads and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.errors import InvalidInput
from rota.optimisation.arrays import compile_problem
from rota.optimisation.benchmark import parse_benchmark, read_benchmark, write_roster
from rota.optimisation.checks import check_problem
from rota.optimisation.problem import OFF
from tests.rota.optimisation.builders import TEXT


def test_everything_in_the_file_is_read() -> None:
    problem = parse_benchmark(TEXT)
    ann, bob = problem.people
    assert (problem.days, [duty.code for duty in problem.duties]) == (7, ["E", "L"])
    assert problem.duties[1].not_next_day == {0}
    assert (ann.min_minutes, ann.max_minutes, ann.max_run, ann.min_run) == (960, 2400, 5, 2)
    assert (ann.min_days_off, ann.max_weekends, ann.days_off) == (2, 1, {3})
    assert bob.maximum == {0: 7}, "a maximum of 0 means that she cannot do it"
    assert [request.wanted for request in problem.requests] == [True, False]
    assert problem.demands[2].required == 2
    assert problem.weekends == ({5, 6},)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("7\n", "seven\n", 3, "not a whole number"),
        ("7\n", "7\n8\n", 4, "given twice"),
        ("7\n", "-7\n", 3, "negative"),
        ("0,E,1,100", "0,E,99999999999999999999,100", 23, "larger than"),
        ("0,E,1,100", "0,E,1_0,100", 23, "not a whole number"),
        ("0,E,1,100", "0,E,\u0661,100", 23, "not a whole number"),
        ("0,E,1,100", "0,E,-0001,100", 23, "negative"),
        ("Ann,0,E,2", "Ann,0,E,2\nAnn,0,E,3", 18, "given twice"),
        ("L,480,E", "L,480", 7, "expected 3 fields"),
        ("L,480,E", "L,480,X", 7, "unknown shift 'X'"),
        ("L,480,E", "E,480,", 7, "given twice"),
        ("L,480,E", "L,4800,E", 7, "1 to 1440 minutes"),
        ("Bob,E=7", "Ann,E=7", 11, "given twice"),
        ("Bob,E=7", "Bob,E", 11, "shift=number"),
        ("2400,480", "240,480", 11, "above MaxTotalMinutes"),
        ("5,1,1,1", "1,2,1,1", 11, "above the maximum"),
        ("Ann,3", "Eve,3", 14, "unknown employee 'Eve'"),
        ("Ann,3", "Ann,7", 14, "outside the horizon"),
        ("Ann,0,E,2", "Ann,0,Z,2", 17, "unknown shift 'Z'"),
        ("0,L,1,100,1", "0,E,1,100,1", 24, "given twice"),
        ("SECTION_DAYS_OFF", "SECTION_HOLIDAYS", 13, "unknown section"),
        ("# a comment", "hello", 1, "not a roster file"),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(old: str, new: str, line: int, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_benchmark(TEXT.replace(old, new, 1), "x.txt")
    assert f"x.txt, line {line}:" in refused.value.message
    assert reason in refused.value.message


@given(
    at=st.integers(0, len(TEXT)),
    cut=st.integers(0, 12),
    put=st.one_of(
        st.text("SECTION_0123456789,|=#-\n \x00é", max_size=6),
        st.sampled_from(("\n", "9" * 5000, "1e9", "-1", "SECTION_COVER\n", ",", "E=7|E=1")),
    ),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_wrong_is_refused_with_a_line_or_read(at: int, cut: int, put: str) -> None:
    """A damaged file is a problem that can be compiled, or a refusal that names a line."""
    text = TEXT[:at] + put + TEXT[at + cut :]
    try:
        problem = parse_benchmark(text, "x.txt")
        check_problem(problem)
    except InvalidInput as refused:
        assert "x.txt, line " in refused.message or "as given" in refused.message
        return
    compile_problem(problem)


@pytest.mark.parametrize("mark", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_of_other_systems_are_read(
    tmp_path: Path, mark: str
) -> None:
    file = tmp_path / "windows.txt"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", mark).encode())
    read = read_benchmark(file)
    assert (read.people, read.demands) == (
        parse_benchmark(TEXT).people,
        parse_benchmark(TEXT).demands,
    )


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file_is_said_to_be_empty(text: str) -> None:
    with pytest.raises(InvalidInput, match="line 1: the file is empty"):
        parse_benchmark(text)


@pytest.mark.parametrize(
    ("gone", "until", "line", "reason"),
    [
        ("SECTION_STAFF", "SECTION_DAYS_OFF", 10, "'Ann' is named before SECTION_STAFF"),
        ("SECTION_SHIFTS", "SECTION_STAFF", 6, "'E' is named before SECTION_SHIFTS"),
        ("0,E,1,100,1", "nothing else", 23, "SECTION_COVER is empty"),
    ],
)
def test_a_part_that_is_cut_out_is_named_where_it_is_missed(
    gone: str, until: str, line: int, reason: str
) -> None:
    head, _, rest = TEXT.partition(gone)
    kept = rest[rest.index(until) :] if until in rest else ""
    with pytest.raises(InvalidInput, match=f"line {line}: .*{reason}"):
        parse_benchmark(head + kept + "\n")


def test_much_rubbish_is_refused_at_its_first_line(tmp_path: Path) -> None:
    file = tmp_path / "rubbish.txt"
    file.write_bytes(b"SECTION_HORIZON\n" + b"9" * 10_000_000)
    with pytest.raises(InvalidInput, match="line 2: the horizon is larger than"):
        read_benchmark(file)
    file.write_bytes(b"lorem ipsum dolor\n" * 500_000)
    with pytest.raises(InvalidInput, match="line 1: text before the first SECTION_ line"):
        read_benchmark(file)


def test_a_missing_section_is_named() -> None:
    with pytest.raises(InvalidInput, match="SECTION_COVER"):
        parse_benchmark(TEXT[: TEXT.index("SECTION_COVER")])


def test_what_is_no_text_or_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"SECTION_HORIZON\n\xff\xfe")
    with pytest.raises(InvalidInput, match=r"line 2: this is not UTF-8"):
        read_benchmark(binary)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_benchmark(tmp_path / "absent.txt")


def test_a_roster_is_written_as_rows_of_employee_day_and_shift(tmp_path: Path) -> None:
    problem = parse_benchmark(TEXT)
    out = tmp_path / "roster.csv"
    write_roster(problem, ((0, 1, OFF, OFF, OFF, OFF, OFF), (OFF, 0, *[OFF] * 5)), out)
    assert out.read_text().split() == ["employee,day,shift", "Ann,0,E", "Ann,1,L", "Bob,1,E"]
