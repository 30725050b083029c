"""The certificate and key that encrypt the connection: tried out before anything is served."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from classroom_fer.errors import ConfigError, WebError

NOT_YET_VALID, EXPIRED = 9, 10
"""``X509_V_ERR_CERT_NOT_YET_VALID`` and ``..._HAS_EXPIRED`` of OpenSSL."""
AGAIN = "have a new one made for the name of this machine"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two files in PEM format that fit each other today."""

    certificate: Path
    """The certificate, and those of its issuers after it."""
    key: Path

    def __post_init__(self) -> None:
        """WebError, saying which file is wrong and what to do."""
        _try_out(_loaded(self), self.certificate)


def certificate_of(certificate: Path | None, key: Path | None) -> Certificate | None:
    """Both or neither.

    Raises:
        ConfigError: one without the other.
        WebError: a file is missing or damaged, they do not fit each other, or it is not the certificate's time.
    """
    if certificate is not None and key is not None:
        return Certificate(certificate, key)
    if certificate is None and key is None:
        return None
    missing = "--key" if key is None else "--certificate"
    raise ConfigError(f"{missing} is missing", hint="TLS needs both: --certificate FILE --key FILE")


def _loaded(files: Certificate) -> ssl.SSLContext:
    """The server's side."""
    for option, path in (("--certificate", files.certificate), ("--key", files.key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise WebError(f"{option} {path}: {error.strerror}", hint="name a file in PEM format") from error

    def no_password() -> str:
        raise WebError(
            f"--key {files.key}: is locked with a password", hint=f"unlock a copy: openssl pkey -in {files.key}"
        )

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        server.load_cert_chain(files.certificate, files.key, password=no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            message = f"--key {files.key}: is not the key of {files.certificate}"
            raise WebError(message, hint="name the key that the certificate was made with") from error
        message = f"--certificate {files.certificate}, --key {files.key}: not a certificate and a key in PEM format"
        raise WebError(message, hint="look: they begin with -----BEGIN CERTIFICATE----- and -----BEGIN") from error
    return server


def _try_out(server: ssl.SSLContext, path: Path) -> None:
    """A handshake in memory with someone who trusts this very certificate: what then fails is its time or its kind."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(path)
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    try:
        for _ in range(3):
            for end in ends:
                _step(end)
    except ssl.SSLCertVerificationError as error:
        what = {EXPIRED: "has expired", NOT_YET_VALID: "is not valid yet (is this machine's clock right?)"}
        told = what.get(error.verify_code, f"browsers would refuse it ({error.verify_message})")
        raise WebError(f"--certificate {path}: {told}", hint=AGAIN) from error
    except ssl.SSLError as error:
        raise WebError(f"--certificate {path}: cannot be used ({error.reason})", hint=AGAIN) from error


def _step(end: ssl.SSLObject) -> None:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return  # it is the other one's turn
