"""An emoji is one glyph, or its reader is told that it is not."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from report import printed, samples

from classroom_fer.lesson.records import Task
from classroom_fer.settings.languages import has_emoji_font

SEQUENCES = ("👩🏽‍🏫", "👨‍👩‍👧", "🇨🇭", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👍🏿")
OTHERS = ("✔️", "↔︎", "क्षा", "می‌خواهم", "e\u0301")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
PROGRAM = """
import json, sys
from classroom_fer.report.renderer import PdfRenderer
renderer = PdfRenderer()
renderer.pdf("<p>" + "</p><p>".join(sys.argv[1:]))
print(json.dumps(renderer.not_drawn))
"""


def fonts_of(tmp_path: Path, *folders: Path) -> dict[str, str]:
    """An environment in which fontconfig knows the fonts in these folders only."""
    listed = "".join(f"<dir>{folder}</dir>" for folder in folders)
    path = tmp_path / "fonts.conf"
    path.write_text(f"<fontconfig>{listed}<cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    return os.environ | {"FONTCONFIG_FILE": str(path)}


@pytest.mark.skipif(not DEJAVU.is_dir(), reason="fonts-dejavu-core is not installed")
def test_without_a_font_of_emoji_every_sequence_is_named_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *SEQUENCES, "✔️", "↔︎", "abc"],
        env=fonts_of(tmp_path, DEJAVU),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == list(SEQUENCES)


@pytest.mark.skipif(not has_emoji_font(), reason="fonts-noto-color-emoji is not installed")
def test_with_one_every_sequence_is_a_glyph_and_nothing_is_named() -> None:
    tasks = [Task(name, 60.0 * k, 60.0 * k + 60, "board") for k, name in enumerate(SEQUENCES + OTHERS)]
    lesson = samples.lesson("emoji.mp4", tasks, [60.0] * len(tasks), pupils=12)
    renderer = printed.renderer()
    with pikepdf.open(io.BytesIO(renderer.pdf(renderer.render_html(*lesson)))) as pdf:
        assert printed.fonts_with_boxes(pdf) == []
        assert "Noto-Color-Emoji" in printed.families(pdf)
    assert renderer.not_drawn == ()


def test_a_letter_is_named_with_its_marks_and_a_character_of_no_page_is_named_alone() -> None:
    session, result = samples.no_faces()
    renderer = printed.renderer()
    renderer.pdf("<p>a\u0378\u0301b \u0378</p>")
    assert renderer.not_drawn == ("\u0378\u0301", "\u0378")
    renderer.pdf(renderer.render_html(session, result))
    assert renderer.not_drawn == ()
