"""The live camera: pictures of the browser's own camera come over a WebSocket, what the model saw goes back.

Nothing waits in a queue: a picture that comes while another is looked at takes the place of the one before it. Nothing
is stored (safeguard S4): a picture lives until it is answered, and what is told of it names no one.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from classroom_fer.errors import ClassroomFerError, PictureError, PolicyError
from classroom_fer.lesson.expression_groups import class_of, group_of
from classroom_fer.lesson.records import FaceSample, HeadPose
from classroom_fer.settings.rules import PoseRules
from classroom_fer.terminal import tell_bug
from classroom_fer.web.faces import FaceReader, LiveView
from classroom_fer.web.guard import POLICY_VIOLATION
from classroom_fer.web.pages import page, words
from classroom_fer.web.texts import AppWording

MAX_FRAME_BYTES = 1_000_000
"""Largest picture that is received; one of 640 x 480 has 50,000 (choice)."""
MOST_CAMERAS = 4
"""Open camera pages that are answered; they share the pictures per second (choice)."""
UNSUPPORTED, INVALID, TOO_LARGE, BROKEN, TRY_LATER = 1003, 1007, 1009, 1011, 1013
"""Close codes of a WebSocket (RFC 6455, 7.4.1; 1013: IANA's registry)."""


@dataclass(slots=True)
class Cameras:
    """Which cameras are being answered, and whose turn it is."""

    open: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """First come, first served: two open pages get every other picture each."""


@dataclass(slots=True)
class Newest:
    """A place for one picture; a newer one takes it."""

    data: bytes | None = None
    number: int = 0
    """Pictures that came so far."""
    _there: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, data: bytes) -> None:
        """Replaces what nobody has looked at yet."""
        self.data, self.number = data, self.number + 1
        self._there.set()

    async def wait(self) -> None:
        """Until there is a picture."""
        await self._there.wait()

    def take(self) -> tuple[bytes, int]:
        """The picture and its number; the place is then free."""
        assert self.data is not None
        data, self.data = self.data, None
        self._there.clear()
        return data, self.number


def live_page(request: Request) -> Response:
    """Where the camera is started and seen. PolicyError where nothing may be inferred."""
    _reader(request).check_allowed()
    return page(request, "live.html.j2")


async def live_frames(socket: WebSocket) -> None:
    """Answers the pictures of one camera until the page is left."""
    cameras: Cameras = socket.app.state.cameras
    try:
        _reader(socket).check_allowed()
    except PolicyError:
        await socket.close(POLICY_VIOLATION)
        return
    await socket.accept()
    if cameras.open >= MOST_CAMERAS:
        await _end(socket, TRY_LATER, words(socket)("app_live_many", count=MOST_CAMERAS))
        return
    cameras.open += 1
    newest = Newest()
    looking = asyncio.create_task(_look(socket, newest, cameras.turn))
    try:
        await _receive(socket, newest)
    finally:
        cameras.open -= 1
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _receive(socket: WebSocket, newest: Newest) -> None:
    """Keeps the newest picture until the other end is gone, or sends what is none."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("bytes")
        if data is None or len(data) > MAX_FRAME_BYTES:
            await socket.close(UNSUPPORTED if data is None else TOO_LARGE)
            return
        newest.put(data)


async def _look(socket: WebSocket, newest: Newest, turn: asyncio.Lock) -> None:
    """Answers the newest picture, again and again; an error is told and ends it."""
    reader, say, view = _reader(socket), words(socket), LiveView()
    try:
        while True:
            await newest.wait()
            async with turn:
                data, number = newest.take()
                picture, faces = await run_in_threadpool(reader.look, data, view)
            told = {"frame": number, "size": picture.size_px, **live_answer(faces, reader.settings.rules.pose, say)}
            await socket.send_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    except ClassroomFerError as error:
        await _end(socket, INVALID if isinstance(error, PictureError) else BROKEN, str(error), error.hint)
    except WebSocketDisconnect:
        return
    except Exception as error:  # noqa: BLE001  # as for every page: told, logged, and the app goes on
        tell_bug(error)
        await _end(socket, BROKEN, say("app_bug", kind=type(error).__name__))


async def _end(socket: WebSocket, code: int, text: str, hint: str = "") -> None:
    """Says why and closes."""
    try:
        await socket.send_text(json.dumps({"error": text, "hint": hint}))
        await socket.close(code)
    except (WebSocketDisconnect, RuntimeError):
        return  # the page was left meanwhile


def live_answer(faces: Sequence[FaceSample], rules: PoseRules, say: AppWording) -> dict[str, Any]:
    """What the page draws and says of one picture, JSON-able; places are pixels of the picture that was sent."""
    shown = [_face(face, rules, say) for face in faces]
    text = say.count("faces", len(faces)) if faces else say("app_no_face")
    return {"text": text, "faces": shown}


def _face(face: FaceSample, rules: PoseRules, say: AppWording) -> dict[str, Any]:
    group = group_of(face) if class_of(face) else None
    why = say("app_no_class", reason=say(f"abstention_{face.abstained_because or 'none'}"))
    return {
        "box": [round(side, 1) for side in face.box],
        "arrow": None if face.pose is None else arrow(face.pose),
        "group": say(f"group_{group}") if group else why,
        "direction": _direction(face.pose, rules, say),
        "judged": group is not None,
    }


def arrow(pose: HeadPose) -> tuple[float, float]:
    """Where the nose points in the picture, to the right and down, in lengths of a head's; (0, 0): at the camera.

    By yaw alone, along the line of the eyes: up and down differ between people, and a live picture knows no one's own
    zero.

    >>> arrow(HeadPose(yaw_deg=30.0, pitch_deg=12.0, roll_deg=0.0))
    (0.5, 0.0)
    """
    aside, roll = math.sin(math.radians(pose.yaw_deg)), math.radians(pose.roll_deg)
    return round(aside * math.cos(roll), 3), round(aside * math.sin(roll), 3)


def _direction(pose: HeadPose | None, rules: PoseRules, say: AppWording) -> str:
    """In words, by yaw alone."""
    if pose is None:
        return say("abstention_pose unknown")
    if abs(pose.yaw_deg) <= rules.yaw_full:
        return say("app_live_ahead")
    return say("app_live_aside", degrees=say.whole(abs(pose.yaw_deg)))


def _reader(connection: Request | WebSocket) -> FaceReader:
    reader: FaceReader = connection.app.state.faces
    return reader
