"""Nothing is POSIX-only: the package is imported, and a database worked in, without what Windows does not have.

Only this package is given the poorer ``os`` and refused the missing modules: what other libraries do on Windows is
their own business.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
MISSING_MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
MISSING_IN_OS = (
    "chown confstr ctermid fchdir fchmod fchown fdatasync fork forkpty getegid geteuid getgid getgroups "
    "getloadavg getpgid getpgrp getpriority getresgid getresuid getsid getuid initgroups killpg lchown lockf "
    "major makedev memfd_create minor mkfifo mknod nice openpty pathconf pipe2 posix_fadvise posix_fallocate "
    "posix_spawn pread preadv pwrite pwritev readv register_at_fork sched_getaffinity sched_setaffinity "
    "sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority setsid setuid statvfs sync sysconf "
    "tcgetpgrp ttyname uname wait wait3 wait4 waitid writev O_ACCMODE O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY "
    "O_DSYNC O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_RSYNC O_SYNC O_TMPFILE "
    "WNOHANG"
).split()
MISSING_IN_SIGNAL = (
    "SIGKILL SIGHUP SIGQUIT SIGALRM SIGUSR1 SIGUSR2 SIGCHLD SIGPIPE SIGSTOP alarm setitimer pause".split()
)

WINDOWS = f"""
import builtins, os, signal, sys, types

def poorer(module, missing):
    copy = types.ModuleType(module.__name__)
    copy.__dict__.update({{k: v for k, v in vars(module).items() if k not in missing}})
    return copy

poor = {{"os": poorer(os, {MISSING_IN_OS!r}), "signal": poorer(signal, {MISSING_IN_SIGNAL!r})}}
real_import = builtins.__import__

def windows_import(name, globals=None, locals=None, fromlist=(), level=0):
    if str((globals or {{}}).get("__name__")).startswith("classroom_fer"):
        if name.split(".")[0] in {MISSING_MODULES!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}")
        if name in poor:
            return poor[name]
    return real_import(name, globals, locals, fromlist, level)

builtins.__import__ = windows_import
sys.path.insert(0, {str(TESTS)!r})
"""

WORK = """
from contracts.store import finished
from classroom_fer.store.store import open_reader, open_store
with open_store(sys.argv[1]) as store:
    with store.exclusive():
        gone, kept = finished(store), finished(store)
        store.purge([gone.session_id])
    try:
        with store.exclusive(), open_store(sys.argv[1]) as second, second.exclusive():
            print("held twice")
    except Exception as error:
        print(error)
with open_reader(sys.argv[1]) as store:
    print([s.session_id for s in store.sessions()], store.verify_audit())
from classroom_fer.files import write_private
from pathlib import Path
for content in (b"1", b"2"):
    write_private(Path(sys.argv[1]).with_name("new") / "a.pdf", content)
"""

IMPORT = """
import importlib
for name in sys.argv[1].split():
    importlib.import_module(name)
"""


def on_windows(code: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS + code, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def module_names() -> list[str]:
    files = (ROOT / "classroom_fer").rglob("*.py")
    dotted = (file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for file in files)
    return sorted(name.removesuffix(".__init__") for name in dotted if not name.endswith("__main__"))


def test_every_module_is_imported() -> None:
    on_windows(IMPORT, " ".join(module_names()))


def test_a_database_is_made_locked_purged_and_read(tmp_path: Path) -> None:
    said = on_windows(WORK, tmp_path / "lessons.sqlite").splitlines()
    assert "in use by another run" in said[0]
    assert said[1:] == ["[2] []"]
    assert (tmp_path / "new" / "a.pdf").read_bytes() == b"2"


def test_the_stand_in_is_poorer_indeed() -> None:
    """What is asked of the stand-in here would be refused in the package."""
    asked = 'exec(compile("import os, fcntl", "x", "exec"), {"__name__": "classroom_fer.x"})'
    with pytest.raises(AssertionError, match="No module named 'fcntl'"):
        on_windows(asked)
    has = 'scope = {"__name__": "classroom_fer.x"}; exec("import os; print(hasattr(os, \'fchmod\'))", scope)'
    assert on_windows(has) == "False\n"
