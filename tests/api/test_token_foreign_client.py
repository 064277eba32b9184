"""Another program signs through our two steps: pyHanko's PKCS#11 signer with a key in SoftHSM; three verify the file.

The raw value comes from pyHanko, the file from our service; pyHanko's own validator with a strict reader, poppler and
OpenSSL say that it is good.
"""

import asyncio
import base64
import io
import subprocess
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from api.callers import Role
from api.records.demonstration import PEOPLE
from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from tests.api.token_holders import Holder, holder_of
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def root(installation: Any) -> bytes:
    with installation.services.db.reading() as tx:
        return authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate


@pytest.fixture(scope="module")
def signed(citizen: Holder) -> bytes:
    """A document that pyHanko's signer signed through our API."""
    (prepared,) = citizen.prepared(sample_pdf.page())
    attributes, token = base64.b64decode(prepared["to_be_signed"]), citizen.token
    session = open_pkcs11_session(
        str(token.library), token_criteria=TokenCriteria(label=token.label), user_pin=token.pin
    )
    try:
        signer = PKCS11Signer(
            session,
            key_id=b"\x01",
            use_raw_mechanism=True,  # SoftHSM hashes nothing for ECDSA
            signing_cert=asn1_x509.Certificate.load(token.certificate),
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": prepared["mechanism"]["algorithm"]}),
        )
        value = asyncio.run(signer.async_sign_raw(attributes, prepared["mechanism"]["digest_algorithm"]))
    finally:
        session.close()
    done = citizen.complete(prepared, value)
    assert done.status_code == 201, done.text
    return bytes(citizen.fetch(done.json()["file"]).content)


def test_pyhankos_own_validator_accepts_the_file(signed: bytes, root: bytes, installation: Any) -> None:
    reader = PdfFileReader(io.BytesIO(signed), strict=True)
    (embedded,) = reader.embedded_regular_signatures
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root)],
        moment=installation.clock.at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = validate_pdf_signature(embedded, context)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage.name in {"ENTIRE_FILE", "ENTIRE_REVISION"}


def test_poppler_says_that_the_signature_is_valid(signed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60, check=False)
    assert "Signature is Valid" in said.stdout


def test_openssl_verifies_the_container_over_the_byte_range(signed: bytes, root: bytes, tmp_path: Path) -> None:
    reader = PdfFileReader(io.BytesIO(signed), strict=True)
    value = reader.embedded_regular_signatures[0].sig_object
    start, first, second, length = (int(one) for one in value["/ByteRange"])
    (tmp_path / "content").write_bytes(signed[start : start + first] + signed[second : second + length])
    (tmp_path / "cms").write_bytes(bytes(value.raw_get("/Contents")))
    (tmp_path / "root.pem").write_bytes(_pem(root))
    command = ["openssl", "cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in", "cms"]
    more = ["-content", "content", "-CAfile", "root.pem", "-no_check_time", "-out", "verified"]
    done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def _pem(der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n".encode()
