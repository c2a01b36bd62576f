"""Damage to input files, the same for the same seed: bytes, structure, types, hostile values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import yaml

HOSTILE = (
    "", "~", "null", "no", "NaN", ".nan", "inf", "-.inf", "1e308", "-1e308", "1e309", "-0",
    "1e-320",
    "9" * 400, "9" * 5000, "0x1F", "010", "1_000", "1,5", "50%", "١٢", "１２", "½", "22:30",
    "2030-01-01", "<script>", "=HYPERLINK(1)", "../../etc/passwd", "/dev/zero", "a" * 10_000,
    "\u202e", "\0", "\x1b[31m", "\ufeff", "'", '"', "{", "}", "[", "]", ":", "- ", "? ", "&a ",
    "*a", "!!int ", "<<: ", "\t", "\r", "\n", ",", ";", "---\n", "#", "|", ">", "%", "@", "`",
    "1 MW**9", "9**9**9 MW", "true", "-1", "0", "2.5", "1e3", "data", "C:\\x",
)  # fmt: skip
NUMBERS = (0, -0.0, -1, 1, 2, 0.5, 1.5, 1e308, -1e308, 1e-320, 2**63, -(2**70), 8760, 8761, 24, 100)
DEEP = 60


def of_bytes(raw: bytes, rng: np.random.Generator) -> bytes:
    """One to four places of a file flipped, cut, doubled, moved or filled with hostile text."""
    for _ in range(rng.integers(1, 5)):
        start = int(rng.integers(0, len(raw) + 1))
        end = min(len(raw), start + int(rng.choice([0, 1, 3, 20, 400])))
        piece = raw[start:end]
        other = int(rng.integers(0, len(raw) + 1))
        match int(rng.integers(0, 7)):
            case 0:
                word = str(rng.choice(HOSTILE)).encode("utf-8", "surrogatepass")
                raw = raw[:start] + word + raw[end:]
            case 1:
                raw = raw[:start] + rng.bytes(max(1, len(piece))) + raw[end:]
            case 2:
                raw = raw[:start] + raw[end:]
            case 3:
                raw = raw[:start] + piece * int(rng.choice([2, 3, 50])) + raw[end:]
            case 4:
                raw = (
                    raw[:start] + raw[end:] if other == start else raw[:other] + piece + raw[other:]
                )
            case 5 if rng.random() < 0.1:
                raw = raw[:start]
            case _:
                bits = bytearray(piece)
                for place in range(len(bits)):
                    bits[place] ^= 1 << int(rng.integers(0, 8))
                raw = raw[:start] + bytes(bits) + raw[end:]
    return raw


def of_tree(tree: Any, rng: np.random.Generator) -> Any:
    """One to three values of a tree deleted, renamed, moved or changed into another kind."""
    for _ in range(rng.integers(1, 4)):
        places = list(_places(tree))
        if not places:
            return tree
        parent, key = places[int(rng.integers(0, len(places)))]
        other, there = places[int(rng.integers(0, len(places)))]
        value = parent[key]
        match int(rng.integers(0, 6)):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[str(rng.choice([f"{key}x", str(key)[:-1], *HOSTILE[:20]]))] = parent.pop(key)
            case 2:
                other[there] = json.loads(json.dumps(value, default=str))
            case 3:
                parent[key] = _another(value, rng)
            case 4:
                parent[key] = NUMBERS[int(rng.integers(0, len(NUMBERS)))]
            case _:
                parent[key] = str(rng.choice(HOSTILE))
    return tree


def of_yaml(raw: bytes, rng: np.random.Generator) -> bytes:
    """A YAML file whose tree was damaged."""
    tree = of_tree(yaml.load(raw.decode(), yaml.BaseLoader), rng)
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=1000).encode()


def of_json(raw: bytes, rng: np.random.Generator) -> bytes:
    """A JSON file whose tree was damaged."""
    return json.dumps(of_tree(json.loads(raw), rng), ensure_ascii=True).encode()


def of_rows(raw: bytes, rng: np.random.Generator) -> bytes:
    """A table with fields, rows or columns changed, lost, doubled or moved."""
    rows = [row.split(",") for row in raw.decode().split("\n")]
    for _ in range(rng.integers(1, 4)):
        at = 0 if rng.random() < 0.2 else int(rng.integers(0, len(rows)))
        place = int(rng.integers(0, len(rows[at])))
        match int(rng.integers(0, 7)):
            case 0:
                rows[at][place] = str(rng.choice(HOSTILE))
            case 1:
                rows[at][place] = repr(NUMBERS[int(rng.integers(0, len(NUMBERS)))])
            case 2:
                del rows[at]
            case 3:
                copies = int(rng.choice([1, 2, 24, 8760]))
                rows[at:at] = [list(rows[at]) for _ in range(copies)]  # each its own
            case 4:
                other = int(rng.integers(0, len(rows)))
                rows[at], rows[other] = rows[other], rows[at]
            case 5:
                for row in rows:
                    if len(row) > place:
                        row[place] = row[place] * 2 if rng.random() < 0.5 else row[0]
            case _:
                for row in rows:
                    del row[place : place + 1]
        rows = rows or [[""]]
        rows = [row or [""] for row in rows]
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")


def _places(tree: Any) -> Any:
    """Every (container, key) of a tree."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            yield one, key
            if isinstance(one[key], (dict, list)) and one[key]:
                waiting.append(one[key])


def _another(value: Any, rng: np.random.Generator) -> Any:
    """The value as another kind of thing."""
    deep: Any = value
    for _ in range(DEEP):
        deep = [deep]
    kinds: list[Callable[[], Any]] = [
        lambda: [value],
        lambda: {"value": value},
        lambda: {"value": value, "source": "x"},
        lambda: None,
        lambda: [],
        lambda: {},
        lambda: [value] * (2 if isinstance(value, (dict, list)) else 3000),  # no bomb of our own
        lambda: deep,
        lambda: str(value),
        lambda: list(value) if isinstance(value, dict) else {str(value)[:20]: value},
    ]
    return kinds[int(rng.integers(0, len(kinds)))]()
