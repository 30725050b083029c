"""The notices fit a page, say what must be said in every language, and claim what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from classroom_fer.pictures.fetch import FetchRules
from classroom_fer.settings.config import default_config

ROOT = Path(__file__).resolve().parent.parent
DOCS, NOTICES = ROOT / "docs", ROOT / "docs" / "notices"
PRINT = runpy.run_path(str(ROOT / "scripts" / "print_notices.py"))
TRANSLATED = ("family-letter", "child-sheet", "classroom-sign")
LANGUAGES = ("de", "fr", "es", "zh", "ar")
FILES = [NOTICES / f"{kind}.md" for kind in (*TRANSLATED, "dpia")] + [
    NOTICES / language / f"{kind}.md" for language in LANGUAGES for kind in TRANSLATED
]
PX_PER_MM = 96 / 25.4  # CSS pixels

FORBIDDEN: dict[str, tuple[str, ...]] = {
    # grading, discipline, ranking, identification, diagnosis, appraisal of a teacher, alerts; children's words beside
    "en": ("grading|marks", "discipline|punishment", "ranking|better or worse", "identif|find out who", "diagnosis|ill",
           "appraisal|judge", "alert|alarm"),
    "de": ("Noten", "Strafe", "Rangliste|besser oder schlechter", "Identifizierung|wer jemand ist", "Diagnose|krank",
           "Beurteilung|beurteilen", "Alarm"),
    "fr": ("otes", "discipline|punition", "classement", "dentification|qui est quelqu", "diagnostic|malade",
           "évaluation|juger", "alerte|alarme"),
    "es": ("otas", "disciplina|castigos", "clasificaciones|mejor o peor", "dentificación|quién es alguien",
           "diagnóstico|enfermo", "evaluación|juzgar", "alerta|alarma"),
    "zh": ("评分|打分", "纪律处分|惩罚", "排名", "识别身份|谁是谁", "诊断|生病", "评价", "警报"),
    "ar": ("الدرجات|للدرجات|درجات", "العقوبات|عقاب", "الترتيب|ترتيب", "هوية|الهوية", "التشخيص|مريض", "تقييم|للحكم",
           "التنبيهات|تنبيه"),
}  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(NOTICES).as_posix()


def text_of(path: Path) -> str:
    """With lines joined: words may be wrapped."""
    return " ".join(path.read_text(encoding="utf-8").split())


def test_all_are_there_and_none_is_left_out_of_these_tests() -> None:
    assert sorted(FILES) == PRINT["sources"]()
    listed = set(re.findall(r"\]\(([^)]+\.md)\)", (NOTICES / "README.md").read_text(encoding="utf-8")))
    assert {name_of(path) for path in FILES} <= listed


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_notice_is_one_a4_page(path: Path) -> None:
    pages = PRINT["document"](path).pages
    assert len(pages) == 1
    assert (pages[0].width, pages[0].height) == pytest.approx((210 * PX_PER_MM, 297 * PX_PER_MM), abs=1)


def test_one_page_is_no_accident_of_the_layout() -> None:
    """The check above can fail: twice the letter does not fit."""
    import weasyprint

    letter = PRINT["html"](NOTICES / "family-letter.md")
    body = letter[letter.index("<h1>") : letter.index("</body>")]
    page = weasyprint.HTML(string=letter.replace(body, body * 2)).render(stylesheets=[str(PRINT["CSS"])])
    assert len(page.pages) == 2


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_notice_names_every_forbidden_use(path: Path) -> None:
    text = text_of(path)
    for words in FORBIDDEN[PRINT["language"](path)]:
        assert re.search(words, text, re.IGNORECASE), words


@pytest.mark.parametrize("path", [p for p in FILES if p.parent != NOTICES], ids=name_of)
def test_a_translation_says_that_it_is_one_and_has_the_same_parts(path: Path) -> None:
    text, english = path.read_text(encoding="utf-8"), (NOTICES / path.name).read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    assert first.startswith("> ")
    assert "Translation: have it checked" in first

    def parts(content: str) -> dict[str, int]:
        marks = {"headings": r"^# ", "bold": r"\*\*", "points": r"^- ", "boxes": "☐", "rules": r"^---$"}
        return {name: len(re.findall(mark, content, re.MULTILINE)) for name, mark in marks.items()}

    assert parts(rest) == parts(english)
    blanks = [len(re.findall(r"\[|［", content)) for content in (rest, english)]
    assert abs(blanks[0] - blanks[1]) <= 2, "word order may join or split a place to fill in"


def test_the_pages_name_every_forbidden_use() -> None:
    for page in ("privacy.md", "limits.md"):
        text = text_of(DOCS / page).casefold()
        for use in ("grading", "discipline", "ranking", "identification", "diagnosis", "appraisal of a teacher"):
            assert use in text, (page, use)
        assert "live alerts" in text


def test_privacy_names_every_safeguard() -> None:
    found = {int(n) for n in re.findall(r"\bS(\d+)\b", (DOCS / "privacy.md").read_text(encoding="utf-8"))}
    assert found == set(range(1, 15))


def test_numbers_in_the_pages_are_those_of_the_code() -> None:
    config, fetch = default_config(), FetchRules()
    rules = config.rules
    assert config.fps == 1.0, "the letters say: about once a second"
    assert rules.evidence.min_group == 5, "the letters say: from five children upwards"
    privacy, limits = text_of(DOCS / "privacy.md"), text_of(DOCS / "limits.md")
    assert f"{config.retention_days} days after the analysis" in privacy
    assert f"stretch of film ({ {120.0: 'two'}[config.chunk_s] } minutes)" in privacy
    assert f"{fetch.max_redirects} redirects, {fetch.total_s:g} seconds, {fetch.max_bytes // 1_000_000} MB" in privacy
    assert f"Below {rules.expression.min_face_px:g} px no expression is given" in limits
    assert f"below {rules.pose.min_face_px:g} px no direction" in limits
    assert f"{100 * rules.alpha_orientation:.0f} % orientation" in limits
    for kind in ("family-letter.md", "dpia.md"):
        assert str(config.retention_days) in text_of(NOTICES / kind)


def test_limits_carries_every_limit_of_the_method() -> None:
    """What every report must say (docs/limits.md)."""
    text = text_of(DOCS / "limits.md")
    for words in (
        "do not reveal feelings", "Barrett", "boredom, confusion, frustration or interest", "mostly on adults",
        "no negative expression is ever shown for one child", "Small faces are measured worse",
        "Looking at the board is not listening", "looking down is often work", "Being watched changes behaviour",
        "not validated against human observers",
    ):  # fmt: skip
        assert words in text, words


def test_faces_have_no_column_that_privacy_does_not_tell_of() -> None:
    """A new column of the face table must be told of; these words stand in privacy.md's table."""
    from classroom_fer.store import schema

    told = {
        "box": {"x1", "y1", "x2", "y2"}, "confidence": {"confidence"}, "size": {"size_px"}, "blur": {"blur"},
        "how frontal it is": {"frontal"}, "whether the picture stood still": {"held"},
        "head angles": {"yaw_deg", "pitch_deg", "roll_deg"}, "random track number": {"track_id"},
        "eight probabilities": {c.name for c in schema.face.c if c.name.startswith("p_")}
        | {c.name for c in schema.face.c if c.name.startswith("votes_")}
        | {"emotion", "emotion_confidence", "abstained_because"},
        "each face, about once a second": {"session_id", "frame_index", "face_index"},
    }  # fmt: skip
    text = text_of(DOCS / "privacy.md")
    assert all(words in text for words in told)
    assert {column.name for column in schema.face.c} == set().union(*told.values())


def commands_and_options() -> tuple[set[str], set[str]]:
    """Every command as it is typed ("tasks check"), and every long option of any of them."""
    import typer

    from classroom_fer.cli import app
    from classroom_fer.commands.lazy_group import LazyCommand

    names: set[str] = set()
    options: set[str] = set()

    def walk(command: Any, words: tuple[str, ...]) -> None:
        if isinstance(command, LazyCommand):
            command = command.load(words[-1])
        options.update(name for option in command.params for name in option.opts if name.startswith("--"))
        for name, inner in getattr(command, "commands", {}).items():
            names.add(" ".join((*words, name)))
            walk(inner, (*words, name))

    walk(typer.main.get_command(app), ())
    return names, options


@pytest.mark.parametrize("page", ["privacy.md", "limits.md", "notices/dpia.md", "notices/README.md"])
def test_every_command_and_option_that_the_pages_promise_exists(page: str) -> None:
    names, options = commands_and_options()
    groups = {name.split()[0] for name in names if " " in name}
    alone = names - groups
    code = " ; ".join(re.findall(r"`([^`]+)`", text_of(DOCS / page)))
    for words in re.findall(r"classroom-fer ([a-z]+(?: [a-z]+)?)", code):
        assert words in names - groups or words.split()[0] in alone, words
    for words in re.findall(r"(?:^|; )((?:purge|audit|regions|init|analyze|predict)(?: [a-z]+)?)", code):
        assert words in names - groups or words.split()[0] in alone, words
    for option in re.findall(r"--[a-z][a-z-]*", code):
        assert option in options, option
