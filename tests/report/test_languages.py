"""Six languages: nothing is left untranslated, everything is drawn by glyphs, and each follows its own conventions."""

from __future__ import annotations

import io
import re
import runpy
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pikepdf
import pytest
from report import printed, samples

from classroom_fer.errors import ConfigError, ReportError
from classroom_fer.lesson.records import Task
from classroom_fer.report import renderer as renderer_module
from classroom_fer.report.formatting import plain
from classroom_fer.report.isolation import names_isolated
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import TEXT, Wording
from classroom_fer.settings import languages
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.web.texts import AppWording

CATALOGUES = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "catalogues.py"))
OTHERS = [code for code in languages.LANGUAGES if code != "en"]
needs_fonts = pytest.mark.skipif(
    not all(languages.has_font(code) for code in languages.LANGUAGES),
    reason="fonts-noto-core and fonts-noto-cjk are not installed",
)
SCRIPTS = {
    "Arabic": "مهمة الكسور على الطاولة", "Persian": "می‌خواهم بخوانم", "Hebrew": "עבודה בקבוצות", "Chinese": "分数练习",
    "Traditional Chinese": "分數練習", "Japanese": "と計算ドリル", "Korean": "분수 연습", "Hindi": "नमस्ते दुनिया",
    "Thai": "การบ้าน", "Tamil": "பின்னங்கள்", "Georgian": "წილადები", "Armenian": "կոտորակներ", "Greek": "κλάσματα",
    "Russian": "дроби", "Amharic": "ክፍልፋዮች", "Vietnamese": "phân số", "Bengali": "ভগ্নাংশ", "Khmer": "ប្រភាគ",
}  # fmt: skip


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_missing_fuzzy_or_obsolete(code: str) -> None:
    assert CATALOGUES["mistakes"](code) == []


def test_a_missing_a_fuzzy_and_a_wrong_translation_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / "report.po"
    path.parent.mkdir(parents=True)
    text = languages.catalogue_file("de").read_text(encoding="utf-8")
    text = text.replace('msgstr "Grenzen"', 'msgstr ""').replace("{share} oder weniger", "{teil} oder weniger")
    text = text.replace('msgctxt "method_title"', '#, fuzzy\nmsgctxt "method_title"')
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    found = CATALOGUES["mistakes"]("de")
    assert [line.partition(":")[2].split()[0] for line in found] == ["limits_title", "share_few", "method_title"]


def test_the_catalogue_template_is_that_of_the_code() -> None:
    template = (languages.FOLDER / "report.pot").read_text(encoding="utf-8")
    assert template.count("msgctxt") == len(AppWording.texts)
    assert all(f'msgctxt "{key}"' in template for key in AppWording.texts), "run python scripts/catalogues.py"


@pytest.mark.parametrize("code", OTHERS)
def test_a_page_holds_no_english_sentence(code: str) -> None:
    """Every English text of more than two words that stands in the English page is gone from the translated one."""
    english, page = unescape(printed.page("clear_effect")), unescape(printed.page("clear_effect", code))
    there = [text for text in TEXT.values() if isinstance(text, str) and len(text.split()) > 2 and text in english]
    assert len(there) > 40
    assert [text for text in there if text in page] == []


@needs_fonts
@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_the_pdf_of_a_language_names_it_embeds_its_fonts_and_draws_no_box(code: str) -> None:
    with printed.opened("clear_effect", code) as pdf:
        assert str(pdf.Root.Lang) == code
        assert len(pdf.pages) == 3
        assert str(pdf.docinfo.Title) == Wording(code)("document_title", lesson="fractions-5b")
        assert printed.fonts_with_boxes(pdf) == []
        wanted = {"ar": "Noto-Sans-Arabic", "zh": "Noto-Sans-CJK-SC"}.get(code, "DejaVu-Sans")
        assert any(name.startswith(wanted) for name in printed.families(pdf)), printed.families(pdf)


@needs_fonts
def test_a_character_without_a_font_is_found_as_a_box() -> None:
    """The test above can fail: U+0378 is no character of any font."""
    session, result = samples.no_faces()
    session = replace(session, start=replace(session.start, video_name="a \u0378.mp4"))
    pdf = printed.renderer().pdf(printed.renderer().render_html(session, result))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert printed.fonts_with_boxes(opened)
    assert printed.renderer().not_drawn == ("\u0378",)


@needs_fonts
def test_task_names_of_many_scripts_are_drawn_by_glyphs() -> None:
    tasks = [Task(name, 60.0 * k, 60.0 * k + 60, "board") for k, name in enumerate(SCRIPTS.values())]
    lesson = samples.lesson("scripts.mp4", tasks, [60.0] * len(tasks), pupils=12)
    page = printed.renderer().render_html(*lesson)
    assert all(plain(name) in page for name in SCRIPTS.values())
    with pikepdf.open(io.BytesIO(printed.renderer().pdf(page))) as pdf:
        assert printed.fonts_with_boxes(pdf) == []


@needs_fonts
def test_arabic_letters_are_joined_and_reach_the_text_layer() -> None:
    """WeasyPrint shapes HTML text, and SVG text it does not; so no Arabic word may stand in an SVG."""
    text = printed.words_of(printed.printed("clear_effect", "ar"))
    words = re.findall("[\u0600-\u06ff]{4,}", text)
    assert len(words) > 150
    assert "<text" not in printed.page("clear_effect", "ar"), "SVG text is never shaped"


def test_arabic_pages_run_from_the_right() -> None:
    page = printed.page("clear_effect", "ar")
    assert '<html lang="ar" dir="rtl">' in page and "matrix(-1 0 0 1" in page
    assert "@bottom-right { direction: rtl; content:" in page
    assert '<html lang="en" dir="ltr">' in printed.page("clear_effect")


def test_names_keep_their_own_direction_in_either_page() -> None:
    marked = str(names_isolated("in \u2068Fractions?\u2069 & \u2068كسور\u2069"))
    assert marked == 'in <bdi class="name" dir="ltr">Fractions?</bdi> &amp; <bdi class="name" dir="rtl">كسور</bdi>'


@pytest.mark.parametrize(
    ("code", "number", "share", "day", "minutes", "faces"),
    [
        ("en", "12,250", "71 %", "18 November 2026", "45 min", "5 faces"),
        ("de", "12.250", "71 %", "18. November 2026", "45 Min.", "5 Gesichter"),
        ("fr", "12 250", "71 %", "18 novembre 2026", "45 min", "5 visages"),
        ("es", "12.250", "71 %", "18 de noviembre de 2026", "45 min", "5 caras"),
        ("zh", "12,250", "71%", "2026年11月18日", "45 分钟", "5 张人脸"),
        ("ar", "12,250", "71%", "18 نوفمبر 2026", "45 دقيقة", "5 وجوه"),
    ],
)
def test_numbers_dates_and_plurals_follow_the_language(
    code: str, number: str, share: str, day: str, minutes: str, faces: str
) -> None:
    say = Wording(code)
    told = (say.whole(12250), say.share(0.71), say.day(date(2026, 11, 18)), say.minutes(2700), say.count("faces", 5))
    assert [re.sub("[\u00a0\u202f\u200e]", " ", text) for text in told] == [number, share, day, minutes, faces]


def test_arabic_has_its_six_plurals_and_signs_stay_on_the_left() -> None:
    say = Wording("ar")
    assert [say.count("faces", n) for n in (1, 2, 5, 18, 100)] == [
        "وجه واحد (1)", "وجهان (2)", "5 وجوه", "18 وجهًا", "100 وجه",
    ]  # fmt: skip
    assert say.change(9.2) == "\u200e+9" and say.whole(-11.2) == "\u200e−11"


@pytest.mark.parametrize("code", languages.LANGUAGES)
@pytest.mark.parametrize("name", ["partly_lost", "too_few", "no_faces", "twelve_tasks", "presence", "checked"])
def test_every_sample_can_be_said_in_every_language(code: str, name: str) -> None:
    view = report_view(*samples.SAMPLES[name](), Wording(code), appendix=True)
    assert view.lang == code and len(view.limits) == 7


def test_an_unknown_language_is_told_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'xx'") as caught:
        PdfRenderer(ReportStyle(lang="xx"))
    assert "ar (العربية)" in caught.value.hint


def test_a_missing_font_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer_module, "has_font", lambda _: False)
    with pytest.raises(ReportError, match="no font for 中文") as caught:
        PdfRenderer(ReportStyle(lang="zh"))
    assert caught.value.hint == "apt-get install fonts-noto-cjk"
