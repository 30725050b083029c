"""Films through PyAV (libav): exact source frames by presentation time, and an honest count of what did not decode.

The picture index says beforehand which frames a stretch wants. Frames that nothing refers to and nobody wants are never
decoded. Where a frame that should come does not, the stretch is decoded once more, whole and in one thread, to count
its losses. After a loss nothing counts until the next key frame: those pictures are predicted from damage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import VideoError
from classroom_fer.files import file_sha256
from classroom_fer.film.container import CONVERT
from classroom_fer.film.decoding import Decoding, Rejected, Shown
from classroom_fer.film.film_file import check_file
from classroom_fer.film.picture_index import PictureIndex, index_film
from classroom_fer.film.upright import Standing, Turn, clockwise_deg, turn_of, upright
from classroom_fer.lesson.intervals import interval_number
from classroom_fer.lesson.records import Frame, VideoInfo
from classroom_fer.lesson.sampling import SamplingPlan, frames_between, plan_sampling

NO_DATE_BEFORE = 1990
"""Cameras without a clock write 1904 or 1970 as creation time."""


def open_video(path: Path, *, threads: int = 0) -> PyAVVideoSource:
    """The film at ``path``; ``threads`` decode it (0 = as libav chooses).

    Raises:
        VideoError: no such file, not readable, or not a film of which a picture can be shown.
    """
    check_file(path)
    stamp = FileStamp.of(path)
    sha256 = _sha256(path)
    facts, index = index_film(path)
    standing = Standing(_turn(path, index), (facts.width_px, facts.height_px), facts.pixel_aspect)
    width, height = standing.size_px
    info = VideoInfo(
        path=path,
        sha256=sha256,
        duration_s=index.duration_s,
        width_px=width,
        height_px=height,
        source_fps=facts.average_rate,
        frames_declared=index.declared,
        rotation_deg=clockwise_deg(standing.turn),
        codec=facts.codec,
        recorded_on=_recorded_on(facts.metadata),
        repairs=index.repairs,
    )
    return PyAVVideoSource(info, index, Opened(stamp, standing), threads=threads)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells a file that was written to from one that was not, without reading it."""

    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> FileStamp | None:
        """The file's; None if it is not there, or cannot be asked."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Opened:
    """How the film was found."""

    stamp: FileStamp | None
    standing: Standing


class PyAVVideoSource:
    """An open film; see ``protocols.VideoSource``. Made by ``open_video``."""

    def __init__(self, info: VideoInfo, index: PictureIndex, opened: Opened, *, threads: int) -> None:
        self._info, self._index, self._threads = info, index, threads
        self._stamp, self._standing = opened.stamp, opened.standing
        self._decoding: Decoding | None = None
        self._undecoded: set[int] = set()
        self._turn_taken = 0
        self._left_off = True
        """The last stretch was read to its end, so none of the frames to come was left out for its sake."""
        self._closed = False

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

        A frame is given once; ``Frame.still_s`` names the intervals after it in which none comes and it is shown still.
        Damage never raises; ``lost`` counts it. A new call ends an unfinished one.

        Raises:
            VideoError: after the last frame, if the file was written to, or is gone, since it was opened.
        """
        if self._closed:
            raise VideoError(f"{self._info.path}: was closed before it was sampled", hint="open it again")
        plan = plan_sampling(self._index.times_s, self._index.ends_s, start_s, end_s, fps)
        return self._if_unchanged(self._sample(plan))

    def _if_unchanged(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """What is read of a file that is being written to looks like damage, and is another film."""
        yield from frames
        if not self._closed and FileStamp.of(self._info.path) != self._stamp:
            raise VideoError(
                f"{self._info.path}: was changed, or taken away, while it was being read",
                hint="analyze it again when it is there and complete; what was finished is kept",
            )

    def lost(self, start_s: float, end_s: float) -> int:
        """Source frames of [start_s, end_s) that did not decode, or that are missing from the file."""
        first, last = frames_between(self._index.times_s, start_s, end_s)
        absent = frames_between(self._index.missing_s, start_s, end_s)
        return sum(first <= position < last for position in self._undecoded) + absent[1] - absent[0]

    def _sample(self, plan: SamplingPlan) -> Iterator[Frame]:
        self._turn_taken += 1
        mine = self._turn_taken
        if plan.settled < plan.begin:
            return
        given = plan.intervals[0] - 1
        for shown in self._read_whole(plan):
            if shown is None:  # something is damaged: count what, and go on with what decodes
                self._forget_decoder()
                yield from self._wanted(self._read_damaged(plan), plan, given)
                return
            for frame in self._wanted([shown], plan, given):
                given = plan.last_number(frame)
                yield frame
                if self._turn_taken != mine or self._closed:
                    return

    def _read_whole(self, plan: SamplingPlan) -> Iterator[Shown | None]:
        """The wanted frames of an undamaged stretch; None, and an end, as soon as a frame that should come does not.

        Judged from the key frame before the stretch on, by frames that are decoded wherever reading began, so that
        the verdict does not depend on how the stretch was reached.
        """
        decoding = self._decoder_for(plan.begin)
        final, wanted, needed = plan.settled, set(plan.wanted.tolist()), self._needed(plan)
        checked = max(decoding.position, self._index.key_before(plan.begin) or 0) - 1
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
            if shown >= final:
                ahead.append(event)  # the last one may be shown still in the next stretch
            if shown in wanted:
                waiting.append(event)
            checked = max(checked, shown)
            while waiting and self._index.relied_on_after(waiting[0].position).max(initial=-1) <= checked:
                yield waiting.popleft()
        yield from waiting
        decoding.put_back(ahead)
        self._left_off = True

    def _needed(self, plan: SamplingPlan) -> npt.NDArray[np.bool_]:
        """Which source frames have to come out for the stretch to be whole."""
        needed = ~self._index.disposable
        needed[plan.settled + 1 :] = False
        needed[plan.wanted] = True
        needed[self._index.relied_on_after(plan.settled)] = True
        return needed

    def _read_damaged(self, plan: SamplingPlan) -> Iterator[Shown]:
        """What decodes of the stretch, every frame being tried; notes the frames that do not."""
        came = np.zeros(plan.reach + 1, bool)
        decoding = Decoding(self._info.path, self._index, threads=1)
        try:
            decoding.seek(plan.begin)
            last, broken_until = decoding.position - 1, 0
            while last < plan.reach and (event := decoding.next(lambda _: False)) is not None:
                if isinstance(event, Rejected):
                    broken_until = max(broken_until, self._end_of_damage(event.order))
                    continue
                if event.position <= last:
                    continue  # out of its turn, after later ones: where packets are missing
                last = event.position
                if event.frame.is_corrupt:
                    broken_until = max(broken_until, self._end_of_damage(int(self._index.order[event.position])))
                elif broken_until <= event.position <= plan.reach:
                    came[event.position] = True
                    yield event
        finally:
            decoding.close()
        self._undecoded.difference_update(range(plan.first, plan.last))
        self._undecoded.update((np.flatnonzero(~came[plan.first : plan.last]) + plan.first).tolist())

    def _end_of_damage(self, order: int) -> int:
        """Position from which pictures are whole again if the packet with this coding order number is damaged."""
        position = self._index.position_of_packet(order)
        if position is not None and self._index.disposable[position]:
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

    def _wanted(self, pictures: Iterable[Shown], plan: SamplingPlan, given: float) -> Iterator[Frame]:
        """What becomes a sample of the intervals after ``given``: a picture that comes first in its interval, and one
        that is shown still in intervals in which none comes."""
        for shown in pictures:
            time_s = float(self._index.times_s[shown.position])
            came, still = interval_number(time_s, plan.fps), plan.held.get(shown.position, ())
            numbers = [k for k in (plan.interval(time_s), *still) if k is not None and k > given]
            if not numbers:
                continue
            first, *later = numbers
            yield Frame(
                shown.position,
                time_s if first == came else first / plan.fps,
                upright(shown.frame, self._standing),
                first - came,
                tuple(k / plan.fps for k in later),
            )
            given = numbers[-1]


def _is_bad(shown: Shown) -> bool:
    return bool(shown.frame.is_corrupt)


def _turn(path: Path, index: PictureIndex) -> Turn:
    """Read off the first frame that decodes: libav hands the display matrix out with frames only.

    Raises:
        VideoError: none does.
    """
    decoding = Decoding(path, index, threads=1)
    try:
        while (event := decoding.next(lambda _: False)) is not None:
            if isinstance(event, Shown):
                return turn_of(event.frame)
    finally:
        decoding.close()
    raise VideoError(f"{path}: no picture of it can be decoded", hint=CONVERT)


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
