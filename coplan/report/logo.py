"""Whether an SVG file is a plain picture: shapes and colours, and nothing that acts.

A page and a PDF hold the file as a picture, in which nothing runs; what could act or reach out is
refused all the same, since the file goes to people who will open it in other programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset({
    "svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "style", "path", "rect",
    "circle", "ellipse", "line", "polyline", "polygon", "linearGradient", "radialGradient",
    "stop", "clipPath", "mask",
})  # fmt: skip
EDITORS = (
    "http://www.inkscape.org/", "http://sodipodi.sourceforge.net/", "http://purl.org/dc/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/", "http://www.bohemiancoding.com/sketch/",
)
"""Namespaces in which drawing programs keep their notes; nothing of them is drawn."""
REFERENCE = re.compile(r"url\s*\(\s*(?P<to>[^)]*)\)", re.IGNORECASE)
MOST_DRAWN, DEEPEST = 20_000, 60
"""Shapes once every reference is followed, and how deep they may stand in one another."""


class _Element:
    def __init__(self, name: str, marks: dict[str, str]):
        self.name, self.marks = name, marks
        self.children: list[_Element] = []
        self.refers: list[str] = []


def refuse_active(content: bytes) -> None:
    """Raise ValueError (a sentence) unless these bytes are an SVG picture that cannot act."""
    root = _parsed(content)
    if root.name != f"{SVG} svg":
        raise ValueError("this is no SVG picture")
    _refuse_flood(root)


def _parsed(content: bytes) -> _Element:
    parser = expat.ParserCreate(namespace_separator=" ")
    stack = [_Element("", {})]

    def start(name: str, marks: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise ValueError(f"the SVG is nested deeper than {DEEPEST} levels")
        element = _Element(name, marks)
        _refuse_element(name)
        for key, value in marks.items():
            element.refers += _looked_at(key, value)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        if stack[-1].name == f"{SVG} style":
            stack[-1].marks["style"] = stack[-1].marks.get("style", "") + data

    def refuse(what: str):
        def act(*_: object) -> None:
            raise ValueError(f"the SVG holds {what}, which a logo may not; remove it")

        return act

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse("a DOCTYPE")
    parser.EntityDeclHandler = refuse("an entity")
    parser.ProcessingInstructionHandler = refuse("a processing instruction")
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ValueError(f"this is no well-formed SVG: {error}") from error
    for element in _all(stack[0]):
        if element.name == f"{SVG} style":
            element.refers += _looked_at("style", element.marks.get("style", ""))
    return stack[0].children[0]


def _refuse_element(name: str) -> None:
    space, _, local = name.rpartition(" ")
    if space == SVG:
        if local == "text":
            raise ValueError("the SVG holds text, which looks different on other machines; turn "
                             "it into paths")  # fmt: skip
        if local not in SHAPES:
            raise ValueError(f"the SVG holds <{local}>; a logo is made of shapes and "
                             "gradients only")  # fmt: skip
    elif not space.startswith(EDITORS):
        raise ValueError(f"the SVG holds <{local}> of another language than SVG")


def _looked_at(key: str, value: str) -> list[str]:
    """Ids that an attribute refers to; ValueError where it acts or reaches out of the file."""
    local = key.rpartition(" ")[2].lower()
    if local.startswith("on"):
        raise ValueError(f"the SVG holds the attribute {local}, which acts")
    if local in ("href", "src"):
        if not value.strip().startswith("#"):
            raise ValueError("the SVG refers to something outside itself")
        return [value.strip()[1:]]
    if local == "base":
        raise ValueError("the SVG holds the attribute xml:base, which turns its references round")
    if local == "style" and ("@" in value or "\\" in value):
        raise ValueError("the style of the SVG holds an @-rule or a backslash")
    found = []
    for match in REFERENCE.finditer(value):
        to = match["to"].strip(" \t\r\n'\"")
        if not to.startswith("#"):
            raise ValueError("the SVG refers to something outside itself")
        found.append(to[1:])
    return found


def _refuse_flood(root: _Element) -> None:
    """ValueError where references to references draw more than a picture needs, or for ever."""
    by_id = {e.marks["id"]: e for e in _all(root) if "id" in e.marks}
    counts: dict[int, int] = {}
    open_now: set[int] = set()

    def drawn(element: _Element) -> int:
        key = id(element)
        if key in open_now:
            raise ValueError("the SVG refers to itself in a circle")
        if key not in counts:
            open_now.add(key)
            parts = [*element.children,
                     *(by_id[name] for name in element.refers if name in by_id)]  # fmt: skip
            counts[key] = 1 + sum(map(drawn, parts))
            open_now.remove(key)
        return counts[key]

    try:
        count = drawn(root)
    except RecursionError:  # a chain of references longer than any picture has
        count = MOST_DRAWN + 1
    if count > MOST_DRAWN:
        raise ValueError(f"the SVG draws more than {MOST_DRAWN} shapes")


def _all(element: _Element) -> Iterator[_Element]:
    yield element
    for child in element.children:
        yield from _all(child)
