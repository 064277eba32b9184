"""Evidence for programs that are not ours: writes what they need and a list of commands that check it.

pdfsig and openssl then judge signatures, status and time-stamps without a line of our code.
"""

import hashlib
import re
import secrets

from asn1crypto import algos, tsp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from story import Story

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def write_outside_checks(story: Story, pdf: bytes) -> None:
    """Write CMS, signed bytes, chain, CRL, OCSP answer and a time-stamp into ``kiem-tra-ngoai/``, and the commands."""
    folder = "kiem-tra-ngoai"
    commands = ["pdfsig ket-qua-da-dong-dau.pdf"]
    for number, match in enumerate(_RANGE.finditer(pdf), start=1):
        a, b, c, d = (int(part) for part in match.groups())
        contents = pdf[a + b : c].strip(b"<>\x00 \r\n")
        story.keep(f"{folder}/chu-ky-{number}.der", _without_padding(bytes.fromhex(contents.decode("ascii"))))
        story.keep(f"{folder}/chu-ky-{number}.bin", pdf[a : a + b] + pdf[c : c + d])
        commands.append(
            f"openssl cms -verify -binary -purpose any -inform DER -in {folder}/chu-ky-{number}.der"
            f" -content {folder}/chu-ky-{number}.bin -CAfile {folder}/root.pem -out /dev/null"
        )
    commands += _status(story, folder)
    commands += _timestamp(story, folder, pdf)
    story.keep(
        "kiem-tra-ngoai.sh",
        (
            "#!/bin/sh\n# chạy trong thư mục demo-output / run inside demo-output\nset -eu\n"
            + "\n".join(commands)
            + "\n"
        ).encode(),
    )
    story.tell("tự kiểm tra bằng công cụ ngoài (trong demo-output):")
    for command in commands:
        print(f"      {command}")


def _without_padding(der: bytes) -> bytes:
    """A DER value cut at its own length; /Contents is filled up with zeros (ISO 32000-1 §12.8.1)."""
    first = der[1]  # X.690 §8.1.3: below 0x80 the length itself, above it the number of length bytes
    extra = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + extra], "big") if extra else first
    head = 2 + extra
    return der[: head + length]


def _status(story: Story, folder: str) -> list[str]:
    """CRL and OCSP of the leader's certificate, from the same addresses that the certificate names."""
    leaf = x509.load_pem_x509_certificate((story.output / "chung-thu" / "leader.pem").read_bytes())
    issuer_name, crl_name, ocsp_name = _addresses(leaf)
    issuer = x509.load_der_x509_certificate(story.public.get(issuer_name, accept="*/*").content)
    root_name = _addresses(issuer)[0]
    root = x509.load_der_x509_certificate(story.public.get(root_name, accept="*/*").content)
    crl = x509.load_der_x509_crl(story.public.get(crl_name, accept="*/*").content)
    story.keep(f"{folder}/root.pem", root.public_bytes(Encoding.PEM))
    story.keep(f"{folder}/issuer.pem", issuer.public_bytes(Encoding.PEM))
    story.keep(f"{folder}/crl.pem", crl.public_bytes(Encoding.PEM))
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, SHA256()).build().public_bytes(Encoding.DER)
    answer = story.public.binary(ocsp_name, request, "application/ocsp-request")
    story.keep(f"{folder}/ocsp.der", answer)
    leaf_name = "chung-thu/leader.pem"
    verify = (
        f"openssl verify -crl_check -CAfile {folder}/root.pem -untrusted {folder}/issuer.pem"
        f" -CRLfile {folder}/crl.pem {leaf_name}"
    )
    ask = (
        f"openssl ocsp -respin {folder}/ocsp.der -issuer {folder}/issuer.pem -sha256 -cert {leaf_name}"
        f" -CAfile {folder}/root.pem -no_nonce"
    )
    return [verify, ask]


def _addresses(certificate: x509.Certificate) -> tuple[str, str, str]:
    """Paths of issuer certificate, CRL and OCSP responder; the host is ours, whatever name the certificate gives it."""
    by_method: dict[str, str] = {}
    aia = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    for access in aia:
        by_method[access.access_method.dotted_string] = _path(access.access_location.value)
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    crl = _path(next(name.value for point in points for name in point.full_name or ()))
    return by_method["1.3.6.1.5.5.7.48.2"], crl, by_method.get("1.3.6.1.5.5.7.48.1", "")


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _timestamp(story: Story, folder: str, pdf: bytes) -> list[str]:
    """A fresh RFC 3161 time-stamp over the sealed file."""
    query = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": hashlib.sha256(pdf).digest(),
            },
            "nonce": secrets.randbits(63),
            "cert_req": True,
        }
    )
    story.keep(
        f"{folder}/dau-thoi-gian.tsr", story.public.binary("/pki/tsa", query.dump(), "application/timestamp-query")
    )
    return [
        f"openssl ts -verify -data ket-qua-da-dong-dau.pdf -in {folder}/dau-thoi-gian.tsr -CAfile {folder}/root.pem"
    ]
