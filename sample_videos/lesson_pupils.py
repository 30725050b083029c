"""One pupil in time: the written states become smooth motion, and the drawn heads are kept for the next time."""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np
from lesson_heads import Look, render_head
from lesson_photos import EYES_AT, PX_PER_CM, Head
from lesson_room import Bytes, as_bytes, draw_body, put
from lesson_schedule import BEARINGS, CHANGE_S, LEAVE_S, Interval, Seat, intervals, turn

FAR_TURN = 4  # steps of a change, CHANGE_S long (choice: smooth enough, and a head is drawn less often)
SINK_CM = 12.0  # a pupil who leaves ducks below the desk while fading


class Pupil:
    """Draws one seat at any time of the lesson."""

    def __init__(self, seat: Seat, head: Head) -> None:
        self.seat = seat
        self.head = tinted(head, seat)
        self.ahead_deg = BEARINGS[seat.person].ahead_deg
        self.states = intervals(seat.seat)
        self.body = draw_body(seat, self.head.skin)
        self.drawn: dict[Look, Bytes] = {}

    def draw(self, canvas: Bytes, time_s: float) -> None:
        """Draws body and head, if the pupil is there."""
        seat = self.seat
        k = seat.px_per_cm
        here = self.presence(time_s)
        if here <= 0:
            return
        # whole pixels: a head that is only moved costs the encoder next to nothing
        sway_x, sway_y, breath = (round(cm * k) for cm in motion(seat.seat, time_s))
        sink = round((1 - here) * SINK_CM * k)
        look = self.look(time_s)
        nod = round(0.01 * (look.pitch_deg - self.ahead_deg) * k)
        strength = min(1.0, 1.6 * here)
        left = seat.x_px + round(0.4 * sway_x) - self.body.shape[1] // 2
        put(canvas, self.body, (left, seat.y_px + sink + breath), strength)
        head = self.sprite(look)
        above = round(EYES_AT[1] / PX_PER_CM * k) - nod - sway_y - sink
        put(canvas, head, (seat.x_px + sway_x - head.shape[1] // 2, seat.y_px - above), strength)

    def sprite(self, look: Look) -> Bytes:
        """The head with this look; drawn once, then remembered."""
        if look not in self.drawn:
            mirrored = self.seat.mirror
            turned = dataclasses.replace(look, yaw_deg=-look.yaw_deg) if mirrored else look
            image = render_head(self.head, turned, self.seat.px_per_cm)
            image = image[:, ::-1] if mirrored else image
            size = (round(image.shape[1] * self.seat.stretch), image.shape[0])
            self.drawn[look] = as_bytes(cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_LINEAR))
        return self.drawn[look]

    def presence(self, time_s: float) -> float:
        """1 = sits there, 0 = away; LEAVE_S from the start of an interval to change."""
        now, before = self.around(time_s)
        share = ease((time_s - now.start_s) / LEAVE_S)
        return (1 - share) * float(before.present) + share * float(now.present)

    def look(self, time_s: float) -> Look:
        """The look at this time, in steps of 1 / FAR_TURN of a change, so that pictures repeat."""
        now, before = self.around(time_s)
        share = round(ease((time_s - now.start_s) / CHANGE_S) * FAR_TURN) / FAR_TURN
        a, b = self.goal(before if before.present else now), self.goal(now if now.present else before)
        mixed = (round(p + (q - p) * share, 3) for p, q in zip(a, b, strict=True))
        return Look(*mixed)

    def goal(self, state: Interval) -> tuple[float, float, float, float]:
        """The fields of the ``Look`` that a state leads to."""
        assert state.facing is not None, "of a pupil who is there"
        yaw, pitch = turn(self.seat, state.facing)
        return yaw, self.ahead_deg + pitch, float(state.expression == "smiling"), float(state.expression == "surprised")

    def around(self, time_s: float) -> tuple[Interval, Interval]:
        """The state at this time and the one before it (itself for the first)."""
        index = max(i for i, state in enumerate(self.states) if state.start_s <= time_s)
        return self.states[index], self.states[max(index - 1, 0)]


def ease(share: float) -> float:
    """0 to 1 with a soft start and end."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def motion(seat: int, time_s: float) -> tuple[float, float, float]:
    """Sway of the head to the side and up, and breathing, in cm; each seat has its own rhythm (choice)."""
    phase = seat * 2.4
    x = 0.5 * math.sin(time_s * 2 * math.pi / (13.0 + seat % 4) + phase)
    x += 0.15 * math.sin(time_s * 2 * math.pi / (6.1 + 0.3 * (seat % 3)) + 1.7 * phase)
    y = 0.2 * math.sin(time_s * 2 * math.pi / (11.0 + seat % 3) + 0.6 * phase)
    return x, y, 0.12 * math.sin(time_s * 2 * math.pi / (3.6 + 0.1 * seat) + phase)


def tinted(head: Head, seat: Seat) -> Head:
    """The head in the seat's tones."""
    skin = np.array(seat.tint, np.float32) * seat.brightness
    hair = np.array(seat.hair, np.float32) * seat.brightness
    gains = skin * (1 - head.hair[..., None]) + hair * head.hair[..., None]
    return dataclasses.replace(
        head,
        colour=np.clip(head.colour * gains, 0, 255),
        calm=np.clip(head.calm * gains, 0, 255),
        skin=np.clip(head.skin * skin, 0, 255),
    )
