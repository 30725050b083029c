"""Promises of protocols.VideoSource, checked on fakes and on the real adapter alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

from classroom_fer.lesson.protocols import VideoSource
from classroom_fer.lesson.records import Frame, Image

CLOCK_S = 1e-6
FPS = (0.7, 4.0, 60.0)
"""Below one, ordinary, and above the film's own rate."""


class VideoSourceContract:
    """Inherit it. The film lasts at least 2.5 s, and one of its frames decodes."""

    def open(self) -> VideoSource:
        """The same film, opened afresh."""
        raise NotImplementedError

    def number(self, image: Image) -> int:
        """The source frame number that stands in the picture."""
        raise NotImplementedError

    def sampled(self, fps: float) -> list[Frame]:
        source = self.open()
        try:
            return list(source.sample(0.0, source.info.duration_s, fps))
        finally:
            source.close()

    def samples(self, fps: float) -> list[Frame]:
        """One per interval, those of pictures that are shown still included."""
        return [sample for frame in self.sampled(fps) for sample in frame.samples()]

    def test_frames_come_in_order_and_once_an_interval(self) -> None:
        for fps in FPS:
            frames = self.sampled(fps)
            intervals = [math.floor((frame.time_s + CLOCK_S) * fps) for frame in frames]
            assert frames
            assert intervals == sorted(set(intervals))
            assert [f.index for f in frames] == sorted({f.index for f in frames})
            samples = [(math.floor((s.time_s + CLOCK_S) * fps), s.index, s.held) for s in self.samples(fps)]
            assert samples == sorted(set(samples))
            assert len({number for number, _, _ in samples}) == len(samples)

    def test_the_picture_is_the_one_that_the_index_names(self) -> None:
        frames = self.sampled(4.0)
        assert [self.number(frame.image) for frame in frames] == [frame.index for frame in frames]

    def test_a_sample_is_the_first_decodable_frame_of_its_interval(self) -> None:
        every = self.sampled(240.0)
        for fps in FPS:
            firsts: dict[int, int] = {}
            for frame in every:
                firsts.setdefault(math.floor((frame.time_s + CLOCK_S) * fps), frame.index)
            assert [s.index for s in self.samples(fps) if not s.held] == list(firsts.values())

    def test_a_frame_stands_for_the_intervals_in_which_none_comes(self) -> None:
        came = {frame.index: frame.time_s for frame in self.sampled(240.0)}
        for fps in FPS:
            for frame in self.samples(fps):
                if frame.held:
                    number = round(frame.time_s * fps)
                    assert frame.time_s == number / fps
                    assert frame.held == number - math.floor((came[frame.index] + CLOCK_S) * fps)
                    assert frame.index == max(i for i, time_s in came.items() if time_s <= frame.time_s + CLOCK_S)
                    assert math.floor((came.get(frame.index + 1, 1e9) + CLOCK_S) * fps) != number

    def test_an_undamaged_film_has_a_sample_of_every_interval(self) -> None:
        source = self.open()
        for fps in FPS:
            frames = source.sample(0.0, 2.5, fps)
            numbers = [math.floor((s.time_s + CLOCK_S) * fps) for frame in frames for s in frame.samples()]
            if not source.lost(0.0, 4.0):
                assert numbers == list(range(math.ceil((2.5 - CLOCK_S) * fps)))
        source.close()

    def test_pictures_are_upright_rgb_of_the_stated_size(self) -> None:
        source = self.open()
        for frame in source.sample(0.0, 2.0, 2.0):
            assert frame.image.shape == (source.info.height_px, source.info.width_px, 3)
            assert frame.image.dtype == "uint8"
            assert frame.image.flags.c_contiguous
        source.close()

    def test_a_stretch_gives_the_same_whether_read_on_or_reached_alone(self) -> None:
        edges = [0.0, 0.55, 1.0, 1.3, 2.0, self.duration_s()]
        stretches = list(itertools.pairwise(edges))
        for fps in FPS:
            source = self.open()
            reading_on = [(self.rows(source.sample(a, b, fps)), source.lost(a, b)) for a, b in stretches]
            source.close()
            for number in (3, 0, 4, 2, 1):
                source = self.open()
                a, b = stretches[number]
                assert (self.rows(source.sample(a, b, fps)), source.lost(a, b)) == reading_on[number], (fps, a)
                source.close()
            whole = self.rows(self.sampled(fps))
            assert [row for rows, _ in reading_on for row in rows] == whole

    def test_going_back_gives_the_same_again(self) -> None:
        source = self.open()
        first = self.rows(source.sample(0.5, 1.5, 4.0))
        list(source.sample(1.5, 2.5, 4.0))
        assert self.rows(source.sample(0.5, 1.5, 4.0)) == first
        source.close()

    def test_leaving_a_stretch_early_harms_nothing(self) -> None:
        source = self.open()
        next(source.sample(0.0, 2.0, 1.0))
        assert self.rows(source.sample(0.0, 2.0, 4.0)) == [
            row for row in self.rows(self.sampled(4.0)) if row[1] < 2.0 - CLOCK_S
        ]
        source.close()

    def test_an_empty_stretch_gives_nothing_and_loses_nothing(self) -> None:
        source = self.open()
        assert list(source.sample(1.0, 1.0, 1.0)) == []
        assert list(source.sample(1e5, 2e5, 1.0)) == []
        assert source.lost(1.0, 1.0) == 0
        source.close()

    def test_given_and_lost_frames_are_all_frames_declared(self) -> None:
        source = self.open()
        given = sum(1 for _ in source.sample(0.0, source.info.duration_s, 240.0))
        assert given + source.lost(0.0, source.info.duration_s) == source.info.frames_declared
        source.close()

    def test_closing_twice_is_harmless(self) -> None:
        source = self.open()
        source.close()
        source.close()

    def duration_s(self) -> float:
        source = self.open()
        source.close()
        return source.info.duration_s

    def rows(self, frames: Iterable[Frame]) -> list[tuple[int, float, int, bytes]]:
        return [(s.index, s.time_s, s.held, s.image.tobytes()) for frame in frames for s in frame.samples()]
