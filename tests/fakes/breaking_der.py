"""Breaks what lies inside PDF files in DER, and keeps its length: containers, certificates, lists, answers.

The file around it stays formally right, so that what reads the structure hands the damage on to what reads DER.
"""

import random
import re

_CONTAINER = re.compile(rb"<(30[89][0-9A-Fa-f]{400,})>")
_STORED = re.compile(rb"stream\r?\n(?=0[\x81-\x83])")
_TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x17, 0x18, 0x1E, 0x30, 0x31, 0x80, 0xA0, 0xA1, 0xA3)
_OCTETS = (0x00, 0x01, 0x7F, 0x80, 0x81, 0x84, 0xFF)
_MAX_ELEMENTS = 4_000

Span = tuple[int, int, int]
"""Where an element's tag stands, where its content begins and where that ends."""


def broken_inside(rng: random.Random, data: bytes) -> bytes:
    """The same with one container or one thing that lies in a stream changed; unchanged if there is none."""
    hexed, stored = list(_CONTAINER.finditer(data)), list(_STORED.finditer(data))
    if not hexed and not stored:
        return data
    one = rng.choice((*hexed, *stored))
    if one.re is _CONTAINER:
        digits = one[1]
        whole = bytes.fromhex(digits[: len(digits) & ~1].decode())
        changed = broken_der(rng, whole).hex().upper().encode()
        return data[: one.start(1)] + changed + data[one.start(1) + len(changed) :]
    end = data.find(b"endstream", one.end())
    return data[: one.end()] + broken_der(rng, data[one.end() : end]) + data[end:]


def broken_der(rng: random.Random, der: bytes) -> bytes:
    """The same number of octets with one to three changes that keep most of the structure."""
    value = bytearray(der)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _change(rng, value)
    return bytes(value)


def _change(rng: random.Random, value: bytearray) -> None:
    spans = elements(value)
    if not spans:
        return
    tag, start, end = rng.choice(spans)
    other = rng.choice(spans)
    match rng.randrange(7):
        case 0:
            value[tag] = rng.choice(_TAGS)
        case 1:
            value[tag + 1] = rng.choice((*_OCTETS, value[tag + 1] ^ 1))
        case 2 if start < end:
            value[rng.randrange(start, end)] ^= 1 << rng.randrange(8)
        case 3 if start < end:
            value[rng.randrange(start, end)] = rng.choice(_OCTETS)
        case 4:
            fitting = [one for one in spans if one[2] - one[0] == end - tag]
            other = rng.choice(fitting)
            value[tag:end], value[other[0] : other[2]] = value[other[0] : other[2]], value[tag:end]
        case 5:
            value[start:end] = bytes(end - start)
        case _:
            octets = value[other[1] : other[2]][: end - start]
            value[start : start + len(octets)] = octets


def elements(der: bytes | bytearray) -> list[Span]:
    """The elements of DER, as far as it can be read; what is inside an OCTET STRING too where it looks like DER."""
    found: list[Span] = []
    todo = [(0, len(der))]
    while todo and len(found) < _MAX_ELEMENTS:
        at, end = todo.pop()
        while at + 2 <= end:
            length, start = der[at + 1], at + 2
            if length & 0x80:
                start += length & 0x7F
                length = int.from_bytes(der[at + 2 : start], "big")
            if start + length > end or not length:
                break
            found.append((at, start, start + length))
            if der[at] & 0x20 or (der[at] == 0x04 and der[start] == 0x30):
                todo.append((start, start + length))
            at = start + length
    return found
