"""A program that has printed ends well, however long Pango's threads still look through the fonts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# FcFontSetSort whose thread goes on until the process ends, which then waits 1 s for it: Python has unloaded its
# libraries by then, so that without the remedy this ends by SIGSEGV however fast the machine is
SLOW_FONTS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
typedef void *(*Sort)(void *, void **, int, void *, int, void **, int *);
static volatile int sorting, ending;
void *FcFontSetSort(void *config, void **sets, int count, void *pattern, int trim, void **charset, int *result) {
    Sort sort = (Sort)dlsym(dlopen("libfontconfig.so.1", RTLD_NOW), "FcFontSetSort");
    void *answer = sort(config, sets, count, pattern, trim, charset, result);
    sorting = 1;
    for (int tenths = 0; !ending && tenths < 600; tenths++) usleep(100000);
    return answer;
}
__attribute__((destructor)) static void end(void) { ending = 1; if (sorting) usleep(1000000); }
"""
PROGRAM = """
from classroom_fer.report.renderer import PdfRenderer
print(len(PdfRenderer().pdf("<p>abc</p>")) > 0)
"""


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler")
def test_a_program_that_printed_ends_well_while_fonts_are_still_looked_up(tmp_path: Path) -> None:
    source, library = tmp_path / "slow.c", tmp_path / "slow.so"
    source.write_text(SLOW_FONTS)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | {"LD_PRELOAD": str(library)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "True\n")
