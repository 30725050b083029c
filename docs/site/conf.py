"""The documentation as a website that needs no network: ``make site``, then open build/site/index.html.

Sphinx reads the pages where they lie, so the links between them are those that a repository's own pages show, and one
that leads nowhere fails the build. What stands in the side bar is the index in docs/README.md.
"""

from __future__ import annotations

import re
from typing import Any

from classroom_fer import __version__

project = "classroom-fer"
author = "the authors of classroom-fer"
release = __version__
root_doc = "docs/README"
include_patterns = [
    "*.md",
    "docs/**.md",
    "benchmarks/README.md",
    "sample_videos/README.md",
    "training/*.md",
    "classroom_fer/faces/model/MODEL_CARD.md",
]
exclude_patterns = [".*", "build", "dist", "runs", "demo", "reports"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page may begin with a smaller heading

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
add_module_names = False
napoleon_numpy_docstring = False

smartquotes = False  # --fps is two hyphens
html_theme = "furo"
html_title = f"classroom-fer {release}"
html_extra_path = ["index.html"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

ABOUT = ("../README", "../ARCHITECTURE", "../CONTRIBUTING", "../CHANGELOG", "../sample_videos/README")
"""Pages that the index of the documents does not lead to."""
BELOW = {
    "docs/python": ("site/api",),
    "docs/notices/README": ("*", "*/*"),
}
"""Pages, or patterns of them, that stand below another in the side bar."""
_SECTION = re.compile(r"^\*\*(?P<title>.+)\*\*\n(?P<list>(?:- .+\n)+)", re.MULTILINE)
_PAGE = re.compile(r"\]\(([^)#]+)\.md\)")


def contents(index: str) -> str:
    """The side bar's parts, from the sections and links of docs/README.md."""
    sections = [(section["title"], _PAGE.findall(section["list"])) for section in _SECTION.finditer(index)]
    return "".join(toctree(pages, caption) for caption, pages in [*sections, ("The project", list(ABOUT))])


def toctree(pages: Any, caption: str = "") -> str:
    """Sphinx' directive for pages of the side bar."""
    options = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    return "\n\n" + "\n".join(["```{toctree}", *options, "", *pages, "```"]) + "\n"


def add_contents(_app: Any, page: str, source: list[str]) -> None:
    """Sphinx calls this with the text of each page before it is read."""
    if page == root_doc:
        source[0] += contents(source[0])
    if page in BELOW:
        source[0] += toctree(BELOW[page])


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("source-read", add_contents)
