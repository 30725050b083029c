"""The settings file that ``init`` writes: commented TOML that ``config.load_config`` reads back. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.lesson.records import Declaration
from classroom_fer.settings.declaration import ARTICLE, SENTENCE, is_banned

_SETTINGS = (
    ("fps", "1.0", "samples a second of film"),
    ("min_face", "20", "longer side of the smallest face that counts, pixels"),
    ("regions", '"regions.json"', "parts of the picture in which nobody is looked for: classroom-fer regions draw"),
)
NOTES = {
    "jurisdiction": "country whose law holds (ISO 3166 code)",
    "setting": "education, workplace, laboratory or other",
    "purpose": "what this is done for; printed on every report",
    "legal_basis": "such as: consent of the legal guardians, Art. 6(1)(a) GDPR",
    "dpia": "reference of the data protection impact assessment",
}
"""What each key of the table ``[policy]`` means."""


def settings_text(declaration: Declaration, profile: str | None, retention_days: int) -> str:
    """The file. What is not declared stands there as a comment, to be filled in."""
    lines = [
        "# Settings of classroom-fer, read where a command runs in this folder (or by --config FILE).",
        "# Command-line flags beat this file. All other settings: docs/settings.md.",
        "",
        f"retention_days = {retention_days}  # then `classroom-fer purge --expired` deletes a session",
        *(f"# {name} = {value}  # {note}" for name, value, note in _SETTINGS),
        "",
        "[policy]  # printed on every report and stored with every session",
        *(_line(name, getattr(declaration, name), note) for name, note in NOTES.items()),
        "# research: numbers per face, pseudonymous, until they expire; teacher: deleted once the class values exist;",
        "# presence: nothing is inferred about anybody, faces and minutes are counted.",
        *_law(declaration),
        _line("profile", profile, "", example="research"),
    ]
    return "\n".join(lines) + "\n"


def _law(declaration: Declaration) -> list[str]:
    if not is_banned(declaration):
        return []
    words, lines = f"{ARTICLE} prohibits “{SENTENCE}”. So only presence runs here.".split(), ["#"]
    for word in words:
        if len(lines[-1]) + len(word) > 116:
            lines.append("#")
        lines[-1] += f" {word}"
    return lines


def _line(name: str, value: str | None, note: str, *, example: str = "") -> str:
    comment = f"  # {note}" if note else ""
    return f"{'# ' if value is None else ''}{name} = {toml_string(example if value is None else value)}{comment}"


_ESCAPES: Mapping[str, str] = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_string(text: str) -> str:
    """``text`` as a TOML basic string; what TOML or UTF-8 cannot hold is left out (lone surrogates) or escaped.

    >>> print(toml_string('a "b" \\\\ c'))
    "a \\"b\\" \\\\ c"
    """
    plain = text.encode("utf-8", "ignore").decode("utf-8")
    return '"' + "".join(_ESCAPES.get(c, c if c.isprintable() or c == " " else _unicode(c)) for c in plain) + '"'


def _unicode(character: str) -> str:
    return f"\\u{ord(character):04X}" if ord(character) < 0x10000 else f"\\U{ord(character):08X}"
