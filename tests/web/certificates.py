"""Self-signed certificates with their keys, made by openssl for a test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

OPENSSL = shutil.which("openssl")
AUTHORITY = """[ca]
default_ca = own
[own]
database = {folder}/known
rand_serial = yes
policy = any
default_md = sha256
unique_subject = no
[any]
commonName = supplied
"""


def made(folder: Path, name: str, first: str = "2020", last: str = "2099") -> tuple[Path, Path]:
    """Certificate and key, good from the first day of one year to that of another."""
    certificate, key, request = (folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
    (folder / "known").touch()
    (folder / "authority.cnf").write_text(AUTHORITY.format(folder=folder))
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
             "/CN=127.0.0.1", "-out", request, "-keyout", key)  # fmt: skip
    days = [f"{year}0101000000Z" for year in (first, last)]
    _openssl("ca", "-batch", "-config", folder / "authority.cnf", "-selfsign", "-in", request, "-keyfile", key,
             "-startdate", days[0], "-enddate", days[1], "-notext", "-outdir", folder, "-out", certificate)  # fmt: skip
    return certificate, key


def locked(key: Path) -> Path:
    """The key behind a password."""
    path = key.with_suffix(".locked")
    _openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", path)
    return path


def _openssl(*arguments: object) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *map(str, arguments)], check=True, capture_output=True)
