"""What observers are asked of a clip, and which answers there are: one list for every form of sheet and its reader."""

from __future__ import annotations

from dataclasses import dataclass

CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Answer:
    """A code, when to give it, and an example."""

    code: str
    means: str
    example: str


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is coded. Without ``answers`` it is a number."""

    key: str
    asks: str
    answers: tuple[Answer, ...] = ()
    ordered: bool = False
    """Whether neighbouring answers are a smaller disagreement than distant ones; they stand in their order then."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that may be written, "cannot tell" last."""
        return (*(answer.code for answer in self.answers), CANNOT_TELL)


PRESENT = Question(
    "present",
    "Is a pupil at the place for most of the 10 s?",
    (
        Answer("yes", "Somebody is there for more than 5 s, also where you see only part of them.",
               "A pupil bends down to a bag for 3 s and comes up again."),
        Answer("no", "The place is empty, or what is there is no pupil. Leave all other questions of the clip open.",
               "An empty chair; a poster with a face; the teacher walks by."),
    ),
)  # fmt: skip
ON_TASK = Question(
    "on_task",
    "Does the pupil do what the task asks for, for most of the 10 s?",
    (
        Answer("yes", "What you see fits the task that stands beside the clip. Judge what is done, not how it looks.",
               "Task 'Fractions at desks': writes, then looks up and thinks. Task 'Explaining': looks at the board, or "
               "writes into a book."),
        Answer("no", "Something else, for more than 5 s.",
               "Task 'Explaining': turns round and talks to the pupil behind. Task 'Fractions at desks': plays with a "
               "phone."),
    ),
)  # fmt: skip
FACING = Question(
    "facing",
    "Where is the face turned, from its usual direction when this pupil looks to the front? Sideways only.",
    (
        Answer("front", "To the front, by the eye up to 20 degrees beside it.",
               "Both eyes are as visible as when the pupil looks at the board."),
        Answer("partly", "Turned, but not away: 20 to 45 degrees.",
               "Looks at a neighbour's book; one cheek is hidden."),
        Answer("away", "More than 45 degrees.", "A profile; the back of the head; talks to the pupil behind."),
    ),
    ordered=True,
)  # fmt: skip
HEAD_DOWN = Question(
    "head_down",
    "Is the head lowered for most of the 10 s?",
    (
        Answer("yes", "The face points to the desk or to the lap.", "Writes; reads a book that lies on the desk."),
        Answer("no", "Level, or raised.", "Looks at the board, or at a neighbour."),
    ),
)  # fmt: skip
EXPRESSION = Question(
    "expression",
    "How does the face look for most of the time in which you see it? Not what the pupil may feel.",
    (
        Answer("neutral", "No expression that you could name.", "A calm face; also a tired one."),
        Answer("smiling", "The corners of the mouth are up.", "Smiles or laughs."),
        Answer("surprised", "Brows up and eyes wide, the mouth may be open.", "A balloon bursts."),
        Answer("other", "Any other expression.", "A frown; a wrinkled nose; a yawn."),
    ),
)
PUPILS = Question(
    "pupils",
    "How many pupils are in the whole picture in this clip, also those of whom you see little? A number. "
    "In a quiet lesson it is that of the clip before.",
)

QUESTIONS: tuple[Question, ...] = (PRESENT, ON_TASK, FACING, HEAD_DOWN, EXPRESSION, PUPILS)
"""In the order in which they are asked."""
ABOUT_THE_PUPIL = (ON_TASK, FACING, HEAD_DOWN, EXPRESSION)
"""Open where nobody is at the place."""
LARGEST_CLASS = 500
"""More pupils than this in one picture are a slip of the keyboard (choice)."""


def instructions(clips: int, seconds: float) -> str:
    """What two observers read before they begin, as Markdown."""
    parts = [
        f"""# Coding {clips} clips of {seconds:g} s

This is **research material about single pupils**: keep it where the films are, give it to nobody, delete it with them.

You code what can be seen at one place of the picture for {seconds:g} s. Two observers code the same clips, each alone:
do not talk about clips before both are done. Nothing on the sheet comes from the program's judgement; its numbers
would spoil yours. If you code together for training, use other clips for it.

1. Go to the film and the time of the clip. Look at the place: "row 2 from the camera, place 3 of 5 from the left",
   which lies so many per cent of the picture's width from the left and of its height from the top.
2. Watch the clip as often as you need. Code what holds for **most of the time** (more than half of it).
3. Answer every question with one of its codes, spelled as here. `{CANNOT_TELL}` is a good answer where you cannot:
   hidden, blurred, too small. Do not guess. An empty answer means that you did not get to it; it is counted as missing.
"""
    ]
    for question in QUESTIONS:
        parts.append(f"## {question.key}\n\n{question.asks}\n")
        if question.answers:
            parts.append("| code | when | example |\n|---|---|---|\n")
            parts[-1] += "".join(f"| `{a.code}` | {a.means} | {a.example} |\n" for a in question.answers)
            parts[-1] += f"| `{CANNOT_TELL}` | You cannot see it well enough. | A raised arm hides the face. |\n"
        else:
            parts.append(f"A whole number, or `{CANNOT_TELL}`.\n")
    return "\n".join(parts)
