"""signDoc: a PDF whose digest was authorised comes back as a PAdES file of the wanted level, or nothing comes back."""

import base64
import hashlib
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.reader import PdfFileReader

from api.usecases import sign_documents, signed_uploads
from signing.errors import TimestampUnavailable
from tests.api.csc.conftest import Desk
from tests.fakes import sample_pdf

ECDSA = "1.2.840.10045.4.3.2"
SHA256 = "2.16.840.1.101.3.4.2.1"
SHA512 = "2.16.840.1.101.3.4.2.3"


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def sent(content: bytes, level: str = "AdES-B-B", **more: object) -> dict[str, object]:
    return {
        "document": b64(content),
        "signature_format": "P",
        "conformance_level": level,
        "signAlgo": ECDSA,
        "signed_envelope_property": "Revision",
        **more,
    }


def authorised(desk: Desk, *contents: bytes) -> str:
    """The SAD for these files, asked for in the names of version 2."""
    body = {
        "credentialID": desk.credential,
        "numSignatures": len(contents),
        "hashes": [b64(hashlib.sha256(one).digest()) for one in contents],
        "hashAlgorithmOID": SHA256,
        "authData": [{"id": "OTP", "value": desk.code()}] if desk.secret else [],
    }
    answer = desk.post("v2", "credentials/authorize", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["SAD"])


def signed(desk: Desk, sad: str, *documents: dict[str, object], **more: object) -> Any:
    body = {"credentialID": desk.credential, "SAD": sad, "documents": list(documents), **more}
    return desk.post("v2", "signatures/signDoc", body)


def verified(desk: Desk, content: bytes) -> dict[str, Any]:
    files = {"file": ("a.pdf", content)}
    return dict(desk.office.installation.client.post("/v1/verifications", files=files).json())


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_a_document_is_signed_at_the_wanted_level(guarded: Desk, level: str, tmp_path: Path) -> None:
    content = sample_pdf.page() + f"%{level}\n".encode()
    answer = signed(guarded, authorised(guarded, content), sent(content, f"AdES-{level}"))
    assert answer.status_code == 200, answer.text
    (made,) = (base64.b64decode(one) for one in answer.json()["DocumentWithSignature"])
    assert made.startswith(content)
    found, *stamps = verified(guarded, made)["signatures"]
    assert (found["intact"], found["level"], len(stamps)) == (True, level, int(level == "B-LTA"))
    path = tmp_path / "signed.pdf"
    path.write_bytes(made)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in said.stdout, said.stdout


def test_the_standard_s_default_is_a_certifying_signature(desk: Desk) -> None:
    content = sample_pdf.small()
    document = sent(content)
    del document["signed_envelope_property"]
    answer = signed(desk, authorised(desk, content), document)
    made = base64.b64decode(answer.json()["DocumentWithSignature"][0])
    assert b"/DocMDP" in made[len(content) :]


def test_a_document_that_was_not_authorised_is_not_signed(desk: Desk) -> None:
    sad = authorised(desk, sample_pdf.small())
    refused = signed(desk, sad, sent(sample_pdf.page()))
    assert refused.status_code == 400
    assert refused.json()["error_description"] == "documentDigests or documents are not authorized by the SAD"
    assert signed(desk, sad, sent(sample_pdf.small())).status_code == 200


def test_one_document_that_cannot_be_signed_leaves_none_signed_and_the_sad_as_it_was(desk: Desk) -> None:
    good, bad = sample_pdf.small(), b"%PDF-1.7\nnothing else"
    sad = authorised(desk, good, bad)
    before = uses(desk)
    refused = signed(desk, sad, sent(good), sent(bad))
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_request"
    assert uses(desk) == before
    assert signed(desk, sad, sent(good)).status_code == 200
    assert signed(desk, sad, sent(good)).json()["error_description"] == "Invalid parameter SAD"


def uses(desk: Desk) -> int:
    """How many signatures the chain of key uses has."""
    from signing.key_use_sql import KeyUses  # noqa: PLC0415 - read here only

    with desk.office.installation.services.db.reading() as tx:
        return int(KeyUses(tx).head().sequence)


@pytest.mark.parametrize(("level", "code"), [("B-T", "TIMESTAMP_UNAVAILABLE"), ("B-LT", "EVIDENCE_UNAVAILABLE")])
def test_a_level_that_cannot_be_reached_now_gives_no_lower_one(
    desk: Desk, level: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = sample_pdf.small() + f"%{level} later\n".encode()
    sad = authorised(desk, content)

    def silent(*_: object, **__: object) -> Any:
        def stamp(_: bytes) -> bytes:
            raise TimestampUnavailable("silent")

        return stamp

    monkeypatch.setattr(sign_documents, "time_stamper", silent)
    monkeypatch.setattr(signed_uploads, "time_stamper", silent)
    refused = signed(desk, sad, sent(content, f"AdES-{level}"))
    assert (refused.status_code, refused.json()["code"]) == (503, code)
    monkeypatch.undo()
    assert signed(desk, sad, sent(content, f"AdES-{level}")).status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"signature_format": "X"}, "Invalid parameter signature_format"),
        ({"conformance_level": "AdES-B-Z"}, "Invalid parameter conformance_level"),
        ({"signed_envelope_property": "Detached"}, "Invalid parameter signed_envelope_property"),
        ({"signAlgo": "1.2.840.113549.1.1.11"}, "Invalid parameter signAlgo"),
        ({"signAlgo": "1.2.840.10045.4.3.3"}, "Invalid parameter signAlgo"),
        ({"document": "***"}, "Invalid Base64 documents string parameter"),
        ({"signed_props": [{"attribute_name": "Reason"}]}, "Invalid parameter signed_props (Reason)"),
        (
            {"signed_props": [{"attribute_name": name, "attribute_value": "QQ=="} for name in ("Name", "Location")]},
            "Invalid parameter signed_props (Name)",
        ),
        (
            {"signed_props": [{"attribute_name": "Reason", "attribute_value": value} for value in ("QQ==", "QQ==")]},
            "Invalid parameter signed_props (Reason)",
        ),
        (
            {"signed_props": [{"attribute_name": "Reason", "attribute_value": "*"}]},
            "Invalid parameter signed_props (Reason)",
        ),
    ],
)
def test_what_pades_has_not_is_refused_in_the_standard_s_words(
    desk: Desk, change: dict[str, object], sentence: str
) -> None:
    content = sample_pdf.small()
    refused = signed(desk, authorised(desk, content), sent(content, **change))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert refused.json()["error_description"] == sentence


def test_reason_and_place_stand_in_the_signature(desk: Desk) -> None:
    content = sample_pdf.small() + b"%reason\n"
    said = {"Reason": "Phê duyệt", "Location": "Quảng Yên"}
    listed = [{"attribute_name": name, "attribute_value": b64(text.encode())} for name, text in said.items()]
    answer = signed(desk, authorised(desk, content), sent(content, signed_props=listed))
    made = PdfFileReader(BytesIO(base64.b64decode(answer.json()["DocumentWithSignature"][0])))
    entries = made.embedded_signatures[0].sig_object
    assert (entries["/Reason"], entries["/Location"]) == ("Phê duyệt", "Quảng Yên")


def _stamps(certificate: x509.Certificate) -> bool:
    found = [one.value for one in certificate.extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
    return any(ExtendedKeyUsageOID.TIME_STAMPING in one for one in found)


def test_the_evidence_that_a_file_does_not_have_comes_beside_it_when_it_is_asked_for(desk: Desk) -> None:
    content = sample_pdf.small() + b"%info\n"
    document = sent(content, "AdES-B-T")
    answer = signed(desk, authorised(desk, content), document, returnValidationInfo=True)
    proof = answer.json()["validationInfo"]
    assert proof["ocsp"]
    assert proof["crl"]
    # the time-stamp authority's certificate is not the signer's
    uses = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in proof["certificates"]]
    assert any(_stamps(one) for one in uses)
    whole = sample_pdf.small() + b"%whole\n"
    answer = signed(desk, authorised(desk, whole), sent(whole, "AdES-B-LT"), returnValidationInfo=True)
    assert answer.json()["validationInfo"] == {"ocsp": [], "crl": [], "certificates": []}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"documents": []}, "Empty documentDigests and documents objects"),
        ({"operationMode": "A"}, "Invalid parameter operationMode"),
        ({"documents": [1]}, "Missing (or invalid type) array parameter documents"),
    ],
)
def test_requests_without_files_of_ours_are_refused(desk: Desk, more: dict[str, object], sentence: str) -> None:
    content = sample_pdf.small()
    refused = signed(desk, authorised(desk, content), sent(content), **more)
    assert (refused.status_code, refused.json()["error_description"]) == (400, sentence)


@pytest.mark.parametrize(("oid", "name"), [(SHA256, "sha256"), (SHA512, "sha512")])
@pytest.mark.parametrize("nonce", [None, "1234567890123", "c0ffee"])
def test_a_hash_is_time_stamped(desk: Desk, oid: str, name: str, nonce: str | None) -> None:
    digest = hashlib.new(name, b"x").digest()
    body = {"hash": b64(digest), "hashAlgo": oid} | ({} if nonce is None else {"nonce": nonce})
    answer = desk.post("v1", "signatures/timestamp", body)
    assert answer.status_code == 200, answer.text
    token = cms.ContentInfo.load(base64.b64decode(answer.json()["timestamp"]))
    info: tsp.TSTInfo = token["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == digest
    if nonce is not None:
        assert info["nonce"].native == (int(nonce) if nonce.isdecimal() else int(nonce, 16))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"hash": "AAAA", "hashAlgo": SHA256}, "Invalid digest value length"),
        ({"hash": "AAAA", "hashAlgo": "1.3.14.3.2.26"}, "Invalid parameter hashAlgo"),
        ({"hash": "AAAA"}, "Missing (or invalid type) string parameter hashAlgo"),
        ({"hash": "*", "hashAlgo": SHA256}, "Invalid Base64 hash string parameter"),
        ({"hashAlgo": SHA256}, "Missing (or invalid type) array parameter hash"),
    ],
)
def test_what_cannot_be_time_stamped_is_refused(desk: Desk, body: dict[str, object], sentence: str) -> None:
    refused = desk.post("v2", "signatures/timestamp", body)
    assert (refused.status_code, refused.json()["error_description"]) == (400, sentence)
