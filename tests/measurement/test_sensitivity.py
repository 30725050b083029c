"""Task values under all weights and alphas."""

from __future__ import annotations

from dataclasses import replace

from synthetic_class import RULES, Look, film, only

from classroom_fer.lesson.records import Lesson, Task
from classroom_fer.lesson.span import Span
from classroom_fer.measurement.sensitivity import variants
from classroom_fer.measurement.session_result import measure_lesson

TASKS = (Task("talk", 0, 120), Task("teams", 120, 240, "group"))


def lesson() -> Lesson:
    """Six pupils turned by different angles, called something else than they are classed as."""
    made = film(6, 240, lambda k, t: Look(25.0 + 2 * k))
    called = [
        replace(track, samples=tuple(replace(s, votes=only("surprise", 0.6 + 0.05 * k)) for s in track.samples))
        for k, track in enumerate(made.tracks)
    ]
    return Lesson(made.frames, called, TASKS, Span(0.0, 240.0, 1.0, 120.0))


def test_every_variant_is_what_the_lesson_measures_under_its_weights_and_alpha() -> None:
    rules = replace(RULES, alpha_orientation=0.8)
    found = variants(lesson(), rules)
    assert [(one.weight_set, one.alpha) for one in found] == [
        (name, alpha) for name in RULES.weight_sets for alpha in (0.5, 0.7, 0.8, 0.9)
    ]
    for one in found:
        other = replace(rules, weight_set=one.weight_set, alpha_orientation=one.alpha)
        assert one.tasks == measure_lesson(lesson(), other).tasks
    assert [(one.weight_set, one.alpha) for one in found if one.in_use] == [(RULES.weight_set, 0.8)]
    assert len({one.tasks[0].engagement for one in found}) == len(found)
    assert {one.tasks[1].engagement for one in found} == {None}
