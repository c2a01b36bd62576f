"""Strict YAML: what is written is what is read, and what could mislead is refused."""

import contextlib
import os
import socket
import sys
import time

import pydantic
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.elements.card import Entry
from coplan.errors import InputError
from coplan.scenario import yaml_reader
from coplan.scenario.yaml_reader import Node, parse_yaml, plain, read_yaml, write_yaml
from coplan.units import quantity


@pytest.mark.parametrize(
    "text",
    [
        "no", "on", "yes", "off", "y", "NO", "True", "1e3", "22:30", "08:00", "12:30:45", "010",
        "0o17", "0x1F", "1_000", "2030-01-01", ".nan", ".inf", "-.inf", "1.", "+1", "1,5", "=",
        "0.10", "2027.0", "nan", "None",
    ],
)  # fmt: skip
def test_a_plain_value_and_a_key_are_kept_as_written(text):
    assert plain(parse_yaml(f"key: {text}\n")) == {"key": text}
    assert plain(parse_yaml(f"{text}: x\n")) == {text: "x"}


class Fields(Entry):
    """One field of each usual type."""

    text: str = ""
    whole: int = 0
    number: quantity("MW") = 0.0
    flag: bool = False


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("text", "no", "no"), ("text", "NO", "NO"), ("text", "1e3", "1e3"),
        ("text", "22:30", "22:30"), ("text", "2030-01-01", "2030-01-01"), ("text", "010", "010"),
        ("flag", "no", False), ("flag", "on", True), ("flag", "true", True),
        ("flag", "22:30", None),
        ("number", "1e3", 1000.0), ("number", "010", 10.0), ("number", "no", None),
        ("number", "22:30", None), ("number", ".nan", None), ("number", ".inf", None),
        ("number", "2030-01-01", None), ("number", "1,5", None), ("number", "0x1F", None),
        ("whole", "010", 10), ("whole", "1e3", None), ("whole", "22:30", None),
        ("whole", "no", None), ("whole", "1.5", None), ("whole", "9" * 5000, None),
    ],
)  # fmt: skip
def test_the_type_of_the_field_decides_what_a_value_means_or_refuses_it(key, text, value):
    content = plain(parse_yaml(f"{key}: {text}\n"))
    if value is None:
        with pytest.raises(pydantic.ValidationError):
            Fields.model_validate(content)
    else:
        assert getattr(Fields.model_validate(content), key) == value


def test_only_an_unquoted_null_is_nothing():
    node = parse_yaml("a: ~\nb: null\nc:\nd: '~'\ne: \"null\"\nf: ''\n")
    assert plain(node) == {"a": None, "b": None, "c": None, "d": "~", "e": "null", "f": ""}


def test_every_key_and_value_knows_its_line_and_column():
    node = parse_yaml("a: 1\nb:\n  - x\n  - c:   7\n", "f.yaml")
    value = node.get("b").content[1].get("c")
    assert (value.place.file, value.place.line, value.place.column) == ("f.yaml", 4, 10)
    assert (value.key_place.line, value.key_place.column) == (4, 5)
    assert node.get("b").key_place.line == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchors"),
        ("a: 1\nb: *x\n", 2, "aliases"),
        ("a: &x 1\nb: *x\n", 2, "aliases"),
        ("a: !!int 1\n", 1, "tags"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, "tag directives"),
        ("<<: {a: 1}\n", 1, "merge keys"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("? [a]\n: 1\n", 1, "a key must be text"),
        ("~: 1\n", 1, "a key must be text"),
        ("a: 1\n---\nb: 2\n", 2, "one document"),
        ("a:\n\t- 1\n", 2, "a tab"),
        ("a: b: c\n", 1, "colon"),
        ("a: @b\n", 1, "quotes"),
        ("a: [1\n", 2, "not valid YAML"),
        ('a: "\\0"\n', 1, "U+0000"),
        ('a: "\\e[31m"\n', 1, "U+001B"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("", None, "empty"),
        ("# only a comment\n", None, "empty"),
    ],
)
@pytest.mark.parametrize("parser", ["CBaseLoader", "BaseLoader"])
def test_what_could_mislead_is_refused_with_its_line(text, line, words, parser, monkeypatch):
    monkeypatch.setattr(yaml_reader, "_PARSER", getattr(yaml, parser, yaml.BaseLoader))
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "f.yaml")
    assert any(
        words in problem.message and line == problem.line and problem.file == "f.yaml"
        for problem in caught.value.problems
    ), str(caught.value)


def test_all_duplicate_keys_are_told_at_once_with_their_keys():
    with pytest.raises(InputError) as caught:
        parse_yaml("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n", "f.yaml")
    assert [(p.line, p.key) for p in caught.value.problems] == [(2, "a"), (5, "b.c")]


BOMBS = {
    "aliases": "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(200)),
    "lists": "[" * 100_000,
    "blocks": "- " * 5_000,
    "mappings": "{a: " * 3_000,
    "keys": "? " * 50_000,
    "values": "a: [" + "1," * 210_000 + "]",
    "twins": "{" + "a: 1, " * 100_000 + "}",
    "tags": "!" * 1_000_000,
    "anchors": "&a " * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name):
    start = time.perf_counter()
    with pytest.raises(InputError) as caught:
        parse_yaml(BOMBS[name], "f.yaml")
    assert time.perf_counter() - start < 20
    assert len(caught.value.problems) <= 50


def test_a_byte_order_mark_is_tolerated(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfid: x\r\nb: 1\r\n")
    assert plain(read_yaml(tmp_path / "a.yaml")) == {"id": "x", "b": "1"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: 1\nb: \xff\xfe\n", "UTF-8"),
        ("a: 1\n".encode("utf-16"), "UTF-8"),
        (b"a: " + b"x" * (1 << 20), "larger than 1 MiB"),
        (b"- a\n", "keys and values"),
        (b"just text\n", "keys and values"),
        (b"", "empty"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, words):
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_yaml(tmp_path / "a.yaml")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO and no /dev")
def test_pipes_devices_sockets_and_folders_are_refused_without_waiting(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name in ("pipe", "link", "socket", "/dev/zero", ".", "none", "a/b", "x\0", "n" * 5000):
            with pytest.raises(InputError):
                read_yaml(tmp_path / name)


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=20)
keys = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20)
trees = st.recursive(
    st.none() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


def as_node(value):
    """The tree of Nodes of a plain value."""
    if isinstance(value, dict):
        return Node({key: as_node(one) for key, one in value.items()})
    if isinstance(value, list):
        return Node([as_node(one) for one in value])
    return Node(value)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, trees, max_size=4))
def test_what_is_written_is_read_back(tree):
    assert plain(parse_yaml(write_yaml(as_node(tree)))) == tree


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(InputError):
        parse_yaml(text, "f.yaml")
