"""Reads the first bits of H.264 slices: is a packet one field of a picture, and does the stream have B pictures?

Nothing is decoded. Sources: ITU-T H.264, 7.3.2.1 (sequence parameter sets), 7.3.2.2 (picture parameter sets), 7.3.3
(slice headers), 7.4.1.2.4 (which two fields are one picture), Annex A (profiles).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SLICES, IDR, SPS, PPS = (1, 5), 5, 7, 8
"""NAL unit types, table 7-1."""
HIGH_PROFILES = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
"""Those whose parameter sets name a chroma format, 7.3.2.1.1."""
HEADER_BYTES = 32
"""Enough for the part of a slice header that is read here."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The start of a picture or field."""

    is_b: bool
    is_idr: bool
    is_reference: bool
    frame_num: int
    field: int | None
    """0 = top, 1 = bottom; None = a whole frame."""

    def completes(self, first: Slice) -> bool:
        """Whether this field and the one before it in the stream are one picture (7.4.1.2.4; as libav pairs them)."""
        return (
            None not in (self.field, first.field)
            and self.field != first.field
            and self.frame_num == first.frame_num
            and not self.is_idr
            and self.is_reference == first.is_reference
        )


@dataclass(slots=True)
class Headers:
    """Parameter sets met so far, and the slices read with them."""

    sequences: dict[int, tuple[bool, int, bool]] = field(default_factory=dict)
    """id -> frames may be coded as fields, bits of frame_num, three colour planes apart."""
    pictures: dict[int, int] = field(default_factory=dict)
    """id -> id of the sequence."""

    def learn(self, units: Iterator[bytes] | list[bytes]) -> None:
        """Takes the parameter sets among NAL ``units``; damaged ones are passed over."""
        for unit in units:
            try:
                if unit and unit[0] & 31 == SPS:
                    self._learn_sequence(_Bits(unit[1:]))
                elif unit and unit[0] & 31 == PPS:
                    bits = _Bits(unit[1 : 1 + HEADER_BYTES])
                    number = bits.ue()
                    self.pictures[number] = bits.ue()
            except ValueError:
                continue

    @property
    def has_fields(self) -> bool:
        """Whether any sequence may code frames as fields."""
        return any(fields for fields, _, _ in self.sequences.values())

    def read(self, unit: bytes) -> Slice | None:
        """The slice that ``unit`` begins (its first bytes are enough); None for others and damaged ones."""
        kind = unit[0] & 31 if unit else 0
        if kind not in SLICES:
            return None
        try:
            bits = _Bits(unit[1 : 1 + HEADER_BYTES])
            bits.ue()  # first_mb_in_slice
            slice_type = bits.ue()
            fields, size, planes = self.sequences[self.pictures[bits.ue()]]
            if planes:
                bits.take(2)
            number = bits.take(size)
            which = bits.take(1) if fields and bits.take(1) else None
        except (ValueError, KeyError):
            return None
        return Slice(slice_type % 5 == 1, kind == IDR, bool(unit[0] >> 5 & 3), number, which)

    def _learn_sequence(self, bits: _Bits) -> None:
        profile = bits.take(8)
        bits.take(16)  # constraints and level
        number = bits.ue()
        planes = False
        if profile in HIGH_PROFILES:
            planes = _skip_chroma(bits)
        size = bits.ue() + 4
        order = bits.ue()
        if order == 0:
            bits.ue()
        elif order == 1:
            bits.take(1)
            bits.ue()
            bits.ue()
            for _ in range(bits.ue()):
                bits.ue()
        bits.ue()  # reference frames
        bits.take(1)  # gaps allowed
        bits.ue()  # width
        bits.ue()  # height
        self.sequences[number] = (not bits.take(1), size, planes)


class _Bits:
    """Most significant bit first; emulation prevention bytes (7.4.1) are taken out. ValueError past the end."""

    def __init__(self, data: bytes) -> None:
        clean = data.replace(b"\0\0\3", b"\0\0")
        self._value, self._left = int.from_bytes(clean, "big"), 8 * len(clean)

    def take(self, count: int) -> int:
        """The next ``count`` bits."""
        self._left -= count
        if self._left < 0:
            raise ValueError("the data end too early")
        return self._value >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (9.1); of a signed one this is its code number, which is as long."""
        rest = self._value & (1 << self._left) - 1
        zeros = self._left - rest.bit_length()
        if not rest or zeros > 32:
            raise ValueError("no number here")
        self._left -= zeros
        return self.take(zeros + 1) - 1


def _skip_chroma(bits: _Bits) -> bool:
    """Reads what only high profiles have; True where the three colour planes are coded apart."""
    chroma = bits.ue()
    planes = bool(chroma == 3 and bits.take(1))
    bits.ue()  # bit depths
    bits.ue()
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return planes


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    """7.3.2.1.1.1."""
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            following = (last + (-(code // 2) if code % 2 == 0 else (code + 1) // 2)) % 256
        last = following or last
