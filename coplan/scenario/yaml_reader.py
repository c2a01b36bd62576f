"""Strict YAML: every value is read as text and remembers its file, line and column.

Usual YAML loaders guess types (`no` becomes False, `22:30` becomes 1350, `NO` as a key becomes
False) and expand aliases without end. Here nothing is guessed: the field that takes the value
decides its type. Anchors, aliases, tags, merge keys and duplicate keys are refused.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from coplan.errors import InputError, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_PROBLEMS = 50
NULLS = frozenset({"", "~", "null", "Null", "NULL"})

# libyaml is about eight times faster; the Python parser yields the same events where it is absent
_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands; `line` and `column` count from one, None outside a file."""

    file: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML file with its place; `content` is None, text, a list or a dict of Nodes."""

    content: Any
    place: Place = field(default=Place(), compare=False)
    key_place: Place | None = field(default=None, compare=False)
    quoted: bool = field(default=False, compare=False)

    @property
    def is_mapping(self) -> bool:
        """True for a mapping."""
        return isinstance(self.content, dict)

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None where this is no mapping or has no such key."""
        return self.content.get(key) if isinstance(self.content, dict) else None

    def with_content(self, content: Any) -> Node:
        """The same place with another content."""
        return replace(self, content=content)


def plain(node: Node) -> Any:
    """Dicts, lists, text and None without places."""
    if isinstance(node.content, dict):
        return {key: plain(value) for key, value in node.content.items()}
    if isinstance(node.content, list):
        return [plain(value) for value in node.content]
    return node.content


def shown_path(path: Path) -> str:
    """The path as a message shows it: relative to the current folder where it lies inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError):
        return str(path)


def read_yaml(path: Path) -> Node:
    """Read one YAML file that holds a mapping; raises InputError with every problem of the file."""
    name = shown_path(path)
    node = parse_yaml(_text_of(path, name), name)
    if not node.is_mapping:
        raise InputError(
            Problem("the file must hold keys and values such as `id: my_scenario`", name, 1)
        )
    return node


def parse_yaml(text: str, file: str = "") -> Node:
    """Parse one YAML document; raises InputError with every problem that was found."""
    _refuse_control_characters(text, file)
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(error, text, file))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        builder.problems.append(Problem(f"this is not valid YAML: {error}", file))
    except _Enough:
        pass
    if builder.problems:
        raise InputError(builder.problems)
    if builder.root is None:
        raise InputError(Problem("the file is empty", file))
    return builder.root


def write_yaml(node: Node) -> str:
    """YAML text that `parse_yaml` reads back as an equal Node."""
    text: str = yaml.serialize(
        _to_yaml(node), Dumper=yaml.BaseDumper, allow_unicode=True, width=100, line_break="\n"
    )
    return text


def walk(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple, Node]]:
    """Every node below and including `node`, with its path of keys and positions."""
    yield path, node
    if isinstance(node.content, dict):
        for key, value in node.content.items():
            yield from walk(value, (*path, key))
    elif isinstance(node.content, list):
        for position, value in enumerate(node.content):
            yield from walk(value, (*path, position))


def read_regular_file(path: Path, limit_bytes: int) -> bytes:
    """The bytes of a regular file; raises ValueError (a sentence) for anything else.

    A FIFO or device is refused before it is opened, since opening one may wait for ever.
    """
    refuse_irregular(path)
    try:
        if path.stat().st_size > limit_bytes:
            raise ValueError(f"the file is larger than {limit_bytes / 2**20:g} MiB")
        with path.open("rb") as stream:
            return stream.read(limit_bytes)
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from error


def refuse_irregular(path: Path) -> None:
    """Raise ValueError (a sentence) unless `path` is an existing regular file."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ValueError("there is no such file") from error
    except (OSError, ValueError) as error:  # too long a name, a NUL in it, no permission
        raise ValueError(f"the file cannot be read: {error}") from error
    if stat.S_ISDIR(mode):
        raise ValueError("this is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise ValueError("this is a device or pipe, not a regular file")


def _text_of(path: Path, name: str) -> str:
    try:
        raw = read_regular_file(path, MAX_BYTES)
    except ValueError as error:
        raise InputError(Problem(str(error), name)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "the file is not UTF-8 text; save it with UTF-8 encoding"
        raise InputError(Problem(message, name, line)) from error


def _is_forbidden(character: str) -> bool:
    """Characters that no report format can carry: control, half surrogates, non-characters."""
    if character in "\n\t\r":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE


def _forbidden(text: str) -> str | None:
    if text.isprintable():
        return None
    return next((character for character in text if _is_forbidden(character)), None)


def _refuse_control_characters(text: str, file: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        found = _forbidden(line)
        if found:
            message = f"the character U+{ord(found):04X} is not allowed in a text file"
            raise InputError(Problem(message, file, number))


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    reason = ", ".join(part for part in (error.problem, error.context) if part) or "unreadable"
    if mark is None:
        return Problem(f"this is not valid YAML: {reason}", file)
    lines = text.split("\n")
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    if "cannot start any token" in reason and rest:
        reason = (
            "a tab stands where spaces belong"
            if rest[0] == "\t"
            else f"a value that starts with {rest[0]} must stand in quotes"
        )
    elif error.context_mark is not None and error.context_mark.line < mark.line:
        reason += f" that begins in line {error.context_mark.line + 1}"
    elif "mapping values are not allowed" in reason:
        reason = "a colon stands where none is expected; put text with a colon in quotes"
    return Problem(f"this is not valid YAML: {reason}", file, mark.line + 1)


def _to_yaml(node: Node) -> yaml.Node:
    if isinstance(node.content, dict):
        pairs = [
            (
                yaml.ScalarNode("tag:yaml.org,2002:str", key, style=_style(key, False)),
                _to_yaml(value),
            )
            for key, value in node.content.items()
        ]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)
    if isinstance(node.content, list):
        items = [_to_yaml(value) for value in node.content]
        flow = all(isinstance(item, yaml.ScalarNode) for item in items)
        return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=flow)
    if node.content is None:
        return yaml.ScalarNode("tag:yaml.org,2002:str", "null")
    style = _style(node.content, node.quoted)
    return yaml.ScalarNode("tag:yaml.org,2002:str", node.content, style=style)


def _style(text: str, quoted: bool) -> str | None:
    return '"' if quoted or text in NULLS or text == "<<" else None


class _Enough(Exception):
    """Stops reading: what follows is not worth looking at."""


class _Builder:
    """Turns parser events into Nodes without recursion, so that deep nesting costs nothing."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.count = 0
        self.documents = 0
        self.stack: list[_Open] = []

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, "aliases (*) are not allowed; write the value out")
            self._add(event, None)
        elif isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._check_node(event)
            if len(self.stack) >= MAX_DEPTH:
                self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
            content: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append(_Open(event, content))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            closed = self.stack.pop()
            self._add(closed.event, closed.content)

    def _start_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, "one file holds one document; remove the second `---`")
        if event.tags:
            self._stop(event, "tag directives are not allowed")

    def _check_node(self, event: Any) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES} values in one file")
        if event.anchor:
            self._refuse(event, "anchors (&) are not allowed; write the value out")
        if event.tag:
            self._refuse(event, "tags (!) are not allowed; write the plain value")

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        found = _forbidden(text)
        if found:
            self._refuse(event, f"the character U+{ord(found):04X} is not allowed in a value")
        quoted = bool(event.style)
        self._add(event, None if not quoted and text in NULLS else text, quoted)

    def _add(self, event: Any, content: Any, quoted: bool = False) -> None:
        place = self._place(event)
        if not self.stack:
            self.root = Node(content, place, None, quoted)
            return
        parent = self.stack[-1]
        if isinstance(parent.content, list):
            parent.content.append(Node(content, place, place, quoted))
        elif not parent.has_key:
            parent.key = self._key(event, content, quoted, parent)
            parent.key_place = place
            parent.has_key = True
        else:
            parent.has_key = False
            if parent.key is not None:
                parent.content[parent.key] = Node(content, place, parent.key_place, quoted)

    def _key(self, event: Any, content: Any, quoted: bool, parent: _Open) -> str | None:
        if not isinstance(content, str) or not content:
            self._refuse(event, "a key must be text")
            return None
        if content == "<<" and not quoted:
            self._refuse(event, "merge keys (<<) are not allowed; write the values out")
            return None
        if content in parent.content:
            first = parent.content[content].key_place.line
            self._refuse(event, f"this key stands twice, first in line {first}", content)
            return None
        return content

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _refuse(self, event: Any, message: str, last: str = "") -> None:
        names = [opened.key for opened in self.stack if opened.has_key and opened.key]
        key = ".".join([*names, last] if last else names)
        self.problems.append(Problem(message, self.file, event.start_mark.line + 1, key))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Enough

    def _stop(self, event: Any, message: str) -> None:
        self._refuse(event, message)
        raise _Enough


@dataclass
class _Open:
    """A mapping or list that is still being read."""

    event: Any
    content: Any
    has_key: bool = False
    key: str | None = None
    key_place: Place | None = None
