"""Films through PyAV (libav): exact source frames by presentation time, and an honest count of what did not decode.

The packet index says beforehand which frames a stretch wants. Frames that nothing refers to and nobody wants are never
decoded. Where a frame that should come does not, the stretch is decoded once more, whole and in one thread, to count
its losses. After a loss nothing counts until the next key frame: those pictures are predicted from damage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import VideoError
from classroom_fer.files import file_sha256
from classroom_fer.film.decoding import UPRIGHT, Decoding, Rejected, Shown, clockwise_deg, turn_of, upright
from classroom_fer.film.film_file import check_file, open_container
from classroom_fer.film.packets import PacketIndex, build_index
from classroom_fer.lesson.records import Frame, VideoInfo
from classroom_fer.lesson.sampling import SamplingPlan, frames_between, plan_sampling, times_of_missing

NO_DATE_BEFORE = 1990
"""Cameras without a clock write 1904 or 1970 as creation time."""


def open_video(path: Path, *, threads: int = 0) -> PyAVVideoSource:
    """The film at ``path``; ``threads`` decode it (0 = as libav chooses).

    Raises:
        VideoError: no such file, not readable, or not a film.
    """
    check_file(path)
    sha256 = _sha256(path)
    container, stream = open_container(path)
    with container:
        index = build_index(path, container, stream)
        rate = stream.average_rate
        codec = stream.codec_context.name
        size = stream.width, stream.height
        recorded_on = _recorded_on(container.metadata | stream.metadata)
    turn = _turn(path, index)
    width, height = size if turn[0][0] else size[::-1]
    info = VideoInfo(
        path=path,
        sha256=sha256,
        duration_s=index.duration_s,
        width_px=width,
        height_px=height,
        source_fps=float(rate) if rate else None,
        frames_declared=index.declared,
        rotation_deg=clockwise_deg(turn),
        codec=codec,
        recorded_on=recorded_on,
    )
    return PyAVVideoSource(info, index, turn, threads=threads)


class PyAVVideoSource:
    """An open film; see ``protocols.VideoSource``. Made by ``open_video``."""

    def __init__(
        self, info: VideoInfo, index: PacketIndex, turn: tuple[tuple[int, int], tuple[int, int]], *, threads: int
    ) -> None:
        self._info, self._index, self._turn, self._threads = info, index, turn, threads
        self._decoding: Decoding | None = None
        self._undecoded: set[int] = set()
        self._turn_taken = 0
        self._left_off = True
        """The last stretch was read to its end, so none of the frames to come was left out for its sake."""
        self._closed = False
        last_s = float(index.times_s[-1]) if len(index.times_s) else 0.0
        self._missing_s = times_of_missing(index.declared - len(index.pts), last_s, index.duration_s)

    @property
    def info(self) -> VideoInfo:
        """What the container says."""
        return self._info

    def __enter__(self) -> PyAVVideoSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Releases the file. Closing twice is harmless."""
        self._closed = True
        self._forget_decoder()

    def sample(self, start_s: float, end_s: float, fps: float) -> Iterator[Frame]:
        """The first decodable frame of each interval [k/fps, (k+1)/fps) that begins inside [start_s, end_s).

        Damage never raises; ``lost`` counts it. A new call ends an unfinished one.
        """
        if self._closed:
            raise VideoError(f"{self._info.path}: was closed before it was sampled", hint="open it again")
        return self._sample(plan_sampling(self._index.times_s, start_s, end_s, fps))

    def lost(self, start_s: float, end_s: float) -> int:
        """Source frames of [start_s, end_s) that did not decode, or that the header promised and the file lacks."""
        first, last = frames_between(self._index.times_s, start_s, end_s)
        absent = frames_between(self._missing_s, start_s, end_s)
        return sum(first <= position < last for position in self._undecoded) + absent[1] - absent[0]

    def _sample(self, plan: SamplingPlan) -> Iterator[Frame]:
        self._turn_taken += 1
        mine = self._turn_taken
        if plan.settled < plan.first:
            return
        given = plan.intervals[0] - 1
        for frame in self._read_whole(plan):
            if frame is None:  # something is damaged: count what, and go on with what decodes
                self._forget_decoder()
                yield from self._read_damaged(plan, given)
                return
            given = plan.interval(frame.time_s) or 0
            yield frame
            if self._turn_taken != mine or self._closed:
                return

    def _read_whole(self, plan: SamplingPlan) -> Iterator[Frame | None]:
        """The wanted frames of an undamaged stretch; None, and an end, as soon as a frame that should come does not.

        Judged from the key frame before the stretch on, by frames that are decoded wherever reading began, so that
        the verdict does not depend on how the stretch was reached.
        """
        decoding = self._decoder_for(plan.first if not plan.wanted.size else min(plan.first, int(plan.wanted[0])))
        final, wanted, needed = plan.settled, set(plan.wanted.tolist()), self._needed(plan)
        checked = max(decoding.position, self._index.key_before(plan.first) or 0) - 1
        until = int(np.flatnonzero(needed)[-1]) if needed.any() else final
        ahead: list[Shown] = []
        waiting: deque[Shown] = deque()
        self._left_off = False
        while checked < max(final, until):
            event = decoding.next(lambda position: position < final and not needed[position])
            if isinstance(event, Rejected):
                continue  # whether it matters shows in the frames
            shown = len(needed) if event is None else event.position
            if needed[checked + 1 : shown].any() or (event and shown <= final and needed[shown] and _is_bad(event)):
                yield None
                return
            if event is None:
                break
            if shown > final:
                ahead.append(event)
            elif shown in wanted:
                waiting.append(event)
            checked = max(checked, shown)
            while waiting and self._index.relied_on_after(waiting[0].position).max(initial=-1) <= checked:
                yield self._frame(waiting.popleft())
        yield from map(self._frame, waiting)
        decoding.put_back(ahead)
        self._left_off = True

    def _needed(self, plan: SamplingPlan) -> npt.NDArray[np.bool_]:
        """Which source frames have to come out for the stretch to be whole."""
        needed = ~self._index.disposable
        needed[plan.settled + 1 :] = False
        needed[plan.wanted] = True
        needed[self._index.relied_on_after(plan.settled)] = True
        return needed

    def _read_damaged(self, plan: SamplingPlan, given: float) -> Iterator[Frame]:
        """What decodes of the intervals after ``given``, every frame being tried; notes the frames that do not."""
        came = np.zeros(plan.reach + 1, bool)
        decoding = Decoding(self._info.path, self._index, threads=1)
        try:
            decoding.seek(plan.first)
            last, broken_until = decoding.position - 1, 0
            while last < plan.reach and (event := decoding.next(lambda _: False)) is not None:
                if isinstance(event, Rejected):
                    broken_until = max(broken_until, self._end_of_damage(event.order))
                    continue
                last = max(last, event.position)
                if event.frame.is_corrupt:
                    broken_until = max(broken_until, self._end_of_damage(int(self._index.order[event.position])))
                elif broken_until <= event.position <= plan.reach:
                    came[event.position] = True
                    number = plan.interval(float(self._index.times_s[event.position]))
                    if number is not None and number > given:
                        given = number
                        yield self._frame(event)
        finally:
            decoding.close()
        self._undecoded.difference_update(range(plan.first, plan.last))
        self._undecoded.update((np.flatnonzero(~came[plan.first : plan.last]) + plan.first).tolist())

    def _end_of_damage(self, order: int) -> int:
        """Position from which pictures are whole again if the packet with this coding order number is damaged."""
        at = np.flatnonzero(self._index.order == order)
        if at.size and self._index.disposable[at[0]]:
            return 0
        return self._index.key_after_order(order)

    def _decoder_for(self, position: int) -> Decoding:
        if not self._left_off:
            self._forget_decoder()
        if self._decoding is None:
            self._decoding = Decoding(self._info.path, self._index, threads=self._threads)
        if not self._decoding.can_read_on_to(position):
            self._decoding.seek(position)
        return self._decoding

    def _forget_decoder(self) -> None:
        if self._decoding is not None:
            self._decoding.close()
            self._decoding = None

    def _frame(self, shown: Shown) -> Frame:
        image = upright(shown.frame, self._turn, self._info.width_px, self._info.height_px)
        return Frame(shown.position, float(self._index.times_s[shown.position]), image)


def _is_bad(shown: Shown) -> bool:
    return bool(shown.frame.is_corrupt)


def _turn(path: Path, index: PacketIndex) -> tuple[tuple[int, int], tuple[int, int]]:
    """Read off the first frame that decodes: libav hands the display matrix out with frames only."""
    decoding = Decoding(path, index, threads=1)
    try:
        for _ in range(len(index.pts) + 1):
            event = decoding.next(lambda _: False)
            if isinstance(event, Shown):
                return turn_of(event.frame)
            if event is None:
                break
    finally:
        decoding.close()
    return UPRIGHT


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise VideoError(f"{path}: cannot be read to its end ({error})", hint="copy it to a local disk") from error


def _recorded_on(metadata: dict[str, str]) -> datetime | None:
    """The container's creation time, in UTC."""
    try:
        time = datetime.fromisoformat(metadata.get("creation_time", ""))
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time.astimezone(UTC) if time.year >= NO_DATE_BEFORE else None
