"""Reproducers: whatever is no longer what was written is refused, with place and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from sim.fates import Fate
from sim.outcomes import InputError
from sim.reproducer import Decision, Reproducer, decode, digests, encode, first_difference, read, write
from sim.trace import Trace

ONE_LINE = re.compile(r"file\.json:\d+:\d+: [^\n]+; [^\n]+\Z")


def reproducer(**changes: object) -> Reproducer:
    """A small one."""
    made = Reproducer(
        format=2, code="0.1", scenario={"scenario": "a/b"}, design="reference", defect="", repaired=True,
        most_events=200_000,
        schedule=[Decision("when.1 vm.stop web1", Fate("lost", how="cut"))], missed=[],
        fingerprint="00ff", findings=["leftover-tap/tap/x/y"], digests="abcd",
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def trace(*words: str) -> Trace:
    """A trace with an event a word."""
    made = Trace()
    for time, word in enumerate(words):
        made.add(time, time - 1, "note", "world", word)
    return made


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "one.json", reproducer())
    assert read(path) == reproducer()
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]


def test_a_changed_byte_is_refused_at_every_position() -> None:
    data = encode(reproducer())
    for position in range(len(data)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(data)
            changed[position] ^= flip
            with pytest.raises(InputError) as error:
                decode(bytes(changed), "file.json")
            assert ONE_LINE.match(str(error.value)), str(error.value)


def test_a_file_cut_at_any_length_is_refused() -> None:
    data = encode(reproducer())
    for length in range(len(data)):
        with pytest.raises(InputError) as error:
            decode(data[:length], "file.json")
        assert ONE_LINE.match(str(error.value)), str(error.value)


def test_anything_behind_the_end_is_refused() -> None:
    for more in (b"\n", b" ", b"{}"):
        with pytest.raises(InputError):
            decode(encode(reproducer()) + more, "file.json")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "file.json:1:1: cut off here"),
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00", "file.json:1:1: binary or not UTF-8"),
        (b"[" * 100_000, "file.json:1:1: nested too deep"),
        (b"[1]", "not a reproducer"),
        (b'{"format": 1}', "its format is 1, and only 2 is known"),
        (b'{"format": "1"}', "its format is '1', and only 2 is known"),
        (b" " * (17 << 20), "larger than 16 MiB"),
    ],
)
def test_what_is_no_reproducer_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as error:
        decode(data, "file.json")
    assert says in str(error.value)
    assert ";" in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path)


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(one.name for one in folder.iterdir())


def test_the_same_run_takes_its_own_place_again(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write(path, reproducer())
    assert write(path, reproducer(code="0.2")) == path
    assert read(path).code == "0.2"
    assert names(tmp_path) == ["one.json"]


def test_a_run_of_another_history_takes_its_place_and_one_generation_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    every = [reproducer(findings=[f"lost/tap/x/{number}"]) for number in range(4)]
    for one in every:
        assert write(path, one) == path
    assert names(tmp_path) == ["one.before.json", "one.json"]
    assert read(path) == every[3]
    assert read(tmp_path / "one.before.json") == every[2]


def test_one_of_another_scenario_or_other_terms_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    every = [reproducer(), reproducer(scenario={"scenario": "a/c"}), reproducer(repaired=False)]
    assert [write(path, one).name for one in every] == ["one.json", "one.2.json", "one.3.json"]
    assert [read(tmp_path / name) for name in ("one.json", "one.2.json", "one.3.json")] == every


def test_what_is_no_reproducer_is_never_touched(tmp_path: Path) -> None:
    for name in ("one.json", "one.before.json"):
        (tmp_path / name).write_text("notes of mine")
    for findings in (["a/b/c/d"], ["a/b/c/e"], ["a/b/c/d"]):
        assert write(tmp_path / "one.json", reproducer(findings=findings)).name == "one.2.json"
    for name in ("one.json", "one.before.json"):
        assert (tmp_path / name).read_text() == "notes of mine"
    assert names(tmp_path) == ["one.2.before.json", "one.2.json", "one.before.json", "one.json"]


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "file" / "one.json", reproducer())


@pytest.mark.parametrize(
    ("recorded", "played", "differs"),
    [
        ("abc", "abc", None),
        ("abc", "abd", 2),
        ("abc", "xbc", 0),
        ("abc", "ab", 2),
        ("ab", "abc", 2),
        ("", "a", 0),
    ],
)
def test_the_first_event_that_differs_is_found(recorded: str, played: str, differs: int | None) -> None:
    assert first_difference(digests(trace(*recorded).events), trace(*played)) == differs
