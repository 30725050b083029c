"""Certificates: what fits is taken, whatever else is told before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest
from web.certificates import OPENSSL, locked, made

from classroom_fer.errors import ConfigError, WebError
from classroom_fer.web.certificate import Certificate, certificate_of

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl on this machine")
Pairs = dict[str, tuple[Path, Path]]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    folder = tmp_path_factory.mktemp("certificates")
    years = {"good": ("2020", "2099"), "old": ("2020", "2021"), "early": ("2098", "2099")}
    return {name: made(folder, name, *of) for name, of in years.items()}


def test_a_pair_that_fits_is_taken_and_no_pair_is_no_tls(pairs: Pairs) -> None:
    assert certificate_of(*pairs["good"]) == Certificate(*pairs["good"])
    assert certificate_of(None, None) is None


@pytest.mark.parametrize("given", [0, 1])
def test_one_without_the_other_is_named(pairs: Pairs, given: int) -> None:
    files = [path if at == given else None for at, path in enumerate(pairs["good"])]
    with pytest.raises(ConfigError, match=("--key is missing", "--certificate is missing")[given]):
        certificate_of(*files)


@pytest.mark.parametrize(("name", "said"), [("old", "has expired"), ("early", "is not valid yet")])
def test_it_has_to_be_the_certificates_time(pairs: Pairs, name: str, said: str) -> None:
    with pytest.raises(WebError, match=said) as told:
        certificate_of(*pairs[name])
    assert str(pairs[name][0]) in str(told.value)


def test_the_key_of_another_certificate_is_told(pairs: Pairs) -> None:
    with pytest.raises(WebError, match="is not the key of"):
        certificate_of(pairs["good"][0], pairs["old"][1])


def test_files_that_are_missing_or_of_another_kind_are_told(
    pairs: Pairs, tmp_path: Path
) -> None:  # fmt: skip
    certificate, key = pairs["good"]
    with pytest.raises(WebError, match=r"--key .*No such file"):
        certificate_of(certificate, tmp_path / "no.key")
    with pytest.raises(WebError, match=r"--certificate .*directory"):
        certificate_of(tmp_path, key)
    with pytest.raises(WebError, match="not a certificate and a key"):
        certificate_of(key, key)
    with pytest.raises(WebError, match="locked with a password"):
        certificate_of(certificate, locked(key))
