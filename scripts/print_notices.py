"""Prints docs/notices as PDFs, one A4 page each: python scripts/print_notices.py [FOLDER] (default: notices-pdf)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTICES = ROOT / "docs" / "notices"
CSS = Path(__file__).with_name("notices.css")
RIGHT_TO_LEFT = {"ar"}


def sources() -> list[Path]:
    """Every notice: English beside this list's folder, translations in a folder per language."""
    return sorted(p for p in NOTICES.rglob("*.md") if p.name != "README.md")


def language(source: Path) -> str:
    return "en" if source.parent == NOTICES else source.parent.name


def html(source: Path) -> str:
    """The notice as a page; its own text may hold no HTML."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(source.read_text(encoding="utf-8"))
    lang = language(source)
    direction = "rtl" if lang in RIGHT_TO_LEFT else "ltr"
    return (
        f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8"><title>{source.stem}</title>'
        f'</head><body class="{source.stem}">{body}</body></html>'
    )


def document(source: Path) -> Any:
    """The notice laid out by WeasyPrint."""
    import weasyprint

    return weasyprint.HTML(string=html(source), base_url=str(source.parent)).render(stylesheets=[str(CSS)])


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "notices-pdf")
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources():
        out = folder / f"{source.stem}.{language(source)}.pdf"
        document(source).write_pdf(out)
        print(out)


if __name__ == "__main__":
    main()
