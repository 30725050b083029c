"""How far a page sticks out of a narrow window."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from chromium import PROGRAM, chromium

needs_browser = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")
WIDTH_PX = 500


def overhang_px(page: Path) -> int:
    """Pixels that one must scroll to the right to see the whole page in a window of WIDTH_PX."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, chromium(Path(profile)) as browser:
        browser.do("Emulation.setDeviceMetricsOverride", width=WIDTH_PX, height=900, deviceScaleFactor=1, mobile=False)
        browser.do("Page.navigate", url=page.as_uri())
        browser.until("location.protocol === 'file:' && document.readyState === 'complete'")
        found: int = browser.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found
