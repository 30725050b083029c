"""The live camera: the newest picture is answered, nothing waits, nothing is kept, and what is wrong is said."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fakes import FakeClassifier, FakeDetector
from still_pictures import encoded
from web.asgi import PATIENCE_S, Socket
from web.conftest import Site

from classroom_fer.lesson.records import FaceQuality, FaceSample, HeadPose
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import Config, default_config
from classroom_fer.web.app import build_live_app
from classroom_fer.web.faces import LIVE_PIXELS
from classroom_fer.web.live import MAX_FRAME_BYTES, MOST_CAMERAS, Newest, live_answer
from classroom_fer.web.texts import AppWording

PICTURE = encoded(np.zeros((240, 320, 3), np.uint8), "JPEG")
HAPPY = (0.02, 0.97, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0)
POSE = default_config().rules.pose
FACE = FaceSample(0, 0, 0.0, (20.0, 10.0, 60.0, 60.0), 0.99, FaceQuality(50.0, 10.0), HeadPose(30.0, 0, 0), HAPPY, None)


class Gated(FakeDetector):
    """Looks when it is let; says what it was shown."""

    def __init__(self) -> None:
        super().__init__(seats=2)
        self.let, self.began = threading.Event(), threading.Event()
        self.let.set()

    def detect(self, images: Any) -> Any:
        self.began.set()
        assert self.let.wait(PATIENCE_S)
        return super().detect(images)


@pytest.fixture
def detector() -> Gated:
    return Gated()


@pytest.fixture
def camera(site: Site, site_of: Callable[..., Site], detector: Gated) -> Callable[..., Socket]:
    one = site_of(site.db)
    one.app.state.faces._parts = Parts(detector, FakeClassifier())

    def opened(app: Any = one.app, **headers: str) -> Socket:
        cookie = f"{one.access.cookie}={one.access.cookie_value}"
        return Socket(app, "/live/frames?lang=de", {"cookie": cookie} | headers)

    return opened


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, PATIENCE_S))


def answer(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message["text"])
    return found


def test_a_picture_is_answered_with_boxes_arrows_and_words_in_the_pages_language(camera: Callable[..., Socket]) -> None:
    async def test() -> None:
        async with camera() as socket:
            assert (await socket.told())["type"] == "websocket.accept"
            socket.send(PICTURE)
            told = answer(await socket.told())
            assert (told["frame"], told["size"], told["text"]) == (1, [320, 240], "2 Gesichter")
            face = told["faces"][0]
            assert face["box"] == [0.0, 100.0, 40.0, 140.0]
            assert face["group"] == "neutral wirkend"
            assert face["direction"] == "zur Kamera gewandt"
            assert face["judged"]
            assert len(face["arrow"]) == 2

    run(test())


def test_of_pictures_that_come_too_fast_only_the_newest_is_looked_at(
    camera: Callable[..., Socket], detector: Gated
) -> None:
    async def test() -> None:
        async with camera() as socket:
            await socket.told()
            detector.let.clear()
            socket.send(PICTURE)
            await asyncio.to_thread(detector.began.wait, PATIENCE_S)
            for _ in range(50):
                socket.send(PICTURE)
            await socket.taken()
            detector.let.set()
            assert answer(await socket.told())["frame"] == 1
            assert answer(await socket.told())["frame"] == 51
            assert len(detector.batches) == 2
            assert socket.back.empty()

    run(test())


def test_a_newer_picture_takes_the_place_of_the_one_before() -> None:
    async def test() -> None:
        place = Newest()
        place.put(b"old")
        place.put(b"new")
        await place.wait()
        assert place.take() == (b"new", 2)
        assert place.data is None

    run(test())


@pytest.mark.parametrize(("data", "said"), [
    (b"not a picture", "is not a picture"),
    (PICTURE[:700], "damaged, cut off"),
    (encoded(np.zeros((4, 4, 3), np.uint8), "PNG"), "damaged or cut off near its beginning"),
    (encoded(np.zeros((1, LIVE_PIXELS + 1, 3), np.uint8)[:, :65_500].repeat(40, 0), "JPEG"), "too large (65500x40"),
])  # fmt: skip
def test_what_is_no_jpeg_of_a_camera_is_told_and_ends_it(
    camera: Callable[..., Socket], detector: Gated, data: bytes, said: str
) -> None:
    async def test() -> None:
        async with camera() as socket:
            await socket.told()
            socket.send(data)
            assert said in answer(await socket.told())["error"]
            assert (await socket.told())["code"] == 1007

    run(test())
    assert detector.batches == []


@pytest.mark.parametrize(("data", "code"), [(b"\0" * (MAX_FRAME_BYTES + 1), 1009), ("words", 1003)])
def test_what_is_too_large_or_no_picture_at_all_closes(
    camera: Callable[..., Socket], data: bytes | str, code: int
) -> None:  # fmt: skip
    async def test() -> None:
        async with camera() as socket:
            await socket.told()
            socket.send(data)
            assert await socket.told() == {"type": "websocket.close", "code": code, "reason": ""}

    run(test())


def test_a_bug_is_told_without_its_trace_and_ends_this_camera_alone(
    camera: Callable[..., Socket], detector: Gated, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    async def test() -> None:
        monkeypatch.setattr(detector, "search", lambda: 1 / 0)
        async with camera() as socket:
            await socket.told()
            socket.send(PICTURE)
            assert answer(await socket.told())["error"].startswith("Das ist ein Fehler in classroom-fer (ZeroDivision")
            assert (await socket.told())["code"] == 1011
        monkeypatch.undo()
        async with camera() as socket:
            await socket.told()
            socket.send(PICTURE)
            assert answer(await socket.told())["frame"] == 1

    run(test())


def test_two_open_pages_are_answered_in_turn_and_a_fifth_is_told(
    camera: Callable[..., Socket], detector: Gated
) -> None:  # fmt: skip
    async def test() -> None:
        async with camera() as one, camera() as other:
            await one.told(), await other.told()
            for _ in range(3):
                one.send(PICTURE), other.send(PICTURE)
                assert answer(await one.told())["faces"] and answer(await other.told())["faces"]
            async with camera() as third, camera() as fourth, camera() as fifth:
                for socket in (third, fourth, fifth):
                    assert (await socket.told())["type"] == "websocket.accept"
                assert answer(await fifth.told())["error"].startswith(f"Es werden schon {MOST_CAMERAS} Kameras")
                assert (await fifth.told())["code"] == 1013
        async with camera() as again:  # closed pages free their place
            await again.told()
            again.send(PICTURE)
            assert answer(await again.told())["frame"] == 1

    run(test())


def test_a_page_that_is_left_while_its_picture_is_looked_at_leaves_nothing_behind(
    camera: Callable[..., Socket], detector: Gated
) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        async with camera() as socket:
            await socket.told()
            detector.let.clear()
            socket.send(PICTURE)
            await asyncio.to_thread(detector.began.wait, PATIENCE_S)
            threading.Timer(0.05, detector.let.set).start()
        assert asyncio.all_tasks() == before

    run(test())


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"cookie": ""}, {"host": "evil.example:8501"}])
def test_only_our_own_page_with_its_token_opens_a_camera(
    camera: Callable[..., Socket], headers: dict[str, str]
) -> None:  # fmt: skip
    async def test() -> None:
        async with camera(**headers) as socket:
            assert await socket.told() == {"type": "websocket.close", "code": 1008}

    run(test())


def forbidding() -> Config:
    return replace(default_config(), profile="presence")


def test_a_declaration_that_forbids_inference_closes_page_and_socket(
    site: Site, site_of: Callable[..., Site], camera: Callable[..., Socket]
) -> None:
    forbidden = site_of(site.db, site.numbers, forbidding())
    assert forbidden.get("/live").status == 403

    async def test() -> None:
        async with camera(forbidden.app) as socket:
            assert (await socket.told())["type"] == "websocket.close"

    run(test())


def test_the_page_says_what_it_is_for_and_starts_nothing_by_itself(site: Site) -> None:
    page = site.get("/live").text
    assert "not on a class, and on nobody who has not agreed" in page
    assert "nothing is stored" in page
    assert "autoplay" not in page


def test_alone_there_is_the_camera_and_nothing_else(site: Site) -> None:
    one = Site(build_live_app(default_config(), site.access), site.access, site.db, {})
    page = one.get("/").text
    assert 'id="start"' in page
    assert "/lessons" not in page and "/picture" not in page
    assert one.get("/picture").status == 404
    assert one.get("/lessons/1").status == 404
    assert "All lessons" not in one.get("/nothing").text


def test_the_answer_names_a_group_or_says_why_not_and_reads_yaw_only() -> None:
    small = replace(FACE, emotion=None, abstained_because="too small", pose=None)
    ahead = replace(FACE, pose=HeadPose(-POSE.yaw_full, 40.0, 90.0))
    told = live_answer([FACE, small, ahead], POSE, AppWording())
    assert told["text"] == "3 faces"
    assert [(face["group"], face["direction"], face["judged"]) for face in told["faces"]] == [
        ("smiling", "30° to the side", True),
        ("No class: too small", "direction unknown", False),
        ("smiling", "towards the camera", True),
    ]
    assert [face["arrow"] for face in told["faces"]] == [(0.5, 0.0), None, (-0.0, -0.342)]
    assert live_answer([], POSE, AppWording())["text"] == "No face was found"
