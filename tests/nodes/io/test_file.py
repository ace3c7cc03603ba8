"""Files and folders: picking, reading, saving, listing."""

from __future__ import annotations

import pytest

from graphflow import File, Folder, Secret
from graphflow_nodes.io.file import file_, read_text, save_file
from graphflow_nodes.io.folder import folder_
from graphflow_nodes.io.secret import secret_


def folder_of(*names: str) -> Folder:
    return Folder("photos", tuple(File.of_bytes(name, b"x" * (10 - i)) for i, name in enumerate(sorted(names))))


def names(files: list[File]) -> list[str]:
    return [file.name for file in files]


def test_file_gives_the_file_that_was_picked() -> None:
    one = File.of_bytes("a.txt", b"a")
    assert file_(file=one) is one


def test_the_node_types_have_no_underscore() -> None:
    assert (file_.type, folder_.type, secret_.type) == ("io.file", "io.folder", "io.secret")


@pytest.mark.parametrize(
    "data, encoding, text",
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"\xef\xbb\xbfhi", "utf-8", "hi"),
        (b"caf\xe9", "latin-1", "café"),
        (b"\xff\xfeh\x00", "utf-16", "h"),
        (b"", "utf-8", ""),
        (b"a\r\nb", "utf-8", "a\r\nb"),
    ],
)
def test_read_text_reads_the_encoding_that_is_told(data: bytes, encoding: str, text: str) -> None:
    assert read_text(file=File.of_bytes("a.txt", data), encoding=encoding) == text


def test_bytes_that_are_no_text_are_refused_with_their_place() -> None:
    with pytest.raises(ValueError, match=r"a\.txt is no utf-8 text: byte 2 "):
        read_text(file=File.of_bytes("a.txt", b"ab\xff"))


@pytest.mark.parametrize("encoding", ["klingon", "hex", "zlib", ""])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match="is no encoding"):
        read_text(file=File.of_bytes("a.txt", b"ab"), encoding=encoding)


def test_a_file_over_16_mib_is_not_read_as_text() -> None:
    with pytest.raises(ValueError, match="at most 16 MiB"):
        read_text(file=File.of_bytes("a.txt", b"a" * ((16 << 20) + 1)))


@pytest.mark.parametrize(
    "own, name, saved",
    [("a.png", "", "a.png"), ("deep/a.png", "", "a.png"), ("a.png", "b", "b.png"), ("a.png", "b.jpg", "b.jpg"),
     ("README", "b", "b"), (".hidden", "b", "b")],
)  # fmt: skip
def test_a_saved_file_keeps_its_ending_unless_another_is_told(own: str, name: str, saved: str) -> None:
    made = save_file(File.of_bytes(own, b"data"), name=name)
    assert (made.name, made.read()) == (saved, b"data")


def test_save_file_is_a_saving_node() -> None:
    assert save_file.spec.saves


def test_a_folder_lists_its_own_files_and_not_those_below() -> None:
    assert names(folder_(folder=folder_of("b.png", "a.png", "deep/c.png"))) == ["a.png", "b.png"]


def test_a_folder_lists_those_below_when_asked() -> None:
    files = folder_(folder=folder_of("b.png", "deep/c.png", "deep/er/d.txt"), recursive=True, pattern="*.png")
    assert names(files) == ["b.png", "deep/c.png"]


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("*", ["A.PNG", "b.jpg", "c.txt"]),
        ("*.png", ["A.PNG"]),
        ("*.png, *.JPG", ["A.PNG", "b.jpg"]),
        ("[bc].*", ["b.jpg", "c.txt"]),
        ("?.txt", ["c.txt"]),
        ("*.gif", []),
        ("", []),
    ],
)
def test_a_pattern_says_which_files(pattern: str, found: list[str]) -> None:
    assert names(folder_(folder=folder_of("A.PNG", "b.jpg", "c.txt"), pattern=pattern)) == found


def test_a_pattern_with_a_slash_is_for_the_whole_path() -> None:
    files = folder_(folder=folder_of("a/x.png", "b/x.png"), pattern="a/*", recursive=True)
    assert names(files) == ["a/x.png"]


def test_natural_order_puts_2_before_10() -> None:
    assert names(folder_(folder=folder_of("f10.png", "f2.png", "F1.png"))) == ["F1.png", "f2.png", "f10.png"]


def test_order_by_name_puts_10_before_2() -> None:
    assert names(folder_(folder=folder_of("f10.png", "f2.png"), sort="name")) == ["f10.png", "f2.png"]


def test_order_by_size_puts_the_smallest_first() -> None:
    assert names(folder_(folder=folder_of("a", "b", "c"), sort="size")) == ["c", "b", "a"]


def test_digits_of_other_scripts_and_immense_numbers_can_be_ordered() -> None:
    assert len(folder_(folder=folder_of("f²", "f٣", "f" + "9" * 5000, "9", "a"))) == 5


@pytest.mark.parametrize("limit, count", [(0, 3), (1, 1), (3, 3), (9, 3)])
def test_a_limit_cuts_the_list(limit: int, count: int) -> None:
    assert len(folder_(folder=folder_of("a", "b", "c"), limit=limit)) == count


def test_a_secret_is_passed_on_by_name() -> None:
    assert secret_(secret=Secret("hub")) == Secret("hub")
