"""signDoc over digests: documents stay with the client, containers come back, for files beside them and for PDFs."""

import asyncio
import base64
import hashlib
import secrets
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from api.callers import Caller, Role
from api.errors import SealNeedsDocument
from api.records.csc_activations import CscActivations
from api.records.demonstration import CENTRE, PEOPLE
from api.usecases.activated_signing import Activated, ToSign, values_over
from api.usecases.signing_parts import credential_of
from signing.keys.der import oid, tlv
from signing.pades import signed_attributes
from signing.registry_sql import RegistrySql
from tests.api.csc.conftest import Desk
from tests.api.csc.test_csc_documents import SHA256, b64, uses, verified
from tests.fakes import sample_pdf

ECDSA = "1.2.840.10045.4.3.2"
SHA384 = "2.16.840.1.101.3.4.2.2"
APPROVAL = tlv(0x30, oid("1.2.840.113549.1.9.16.6.5"))
MEDIA = tlv(0x0C, b"application/xml")


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def entry(*digests: bytes, form: str = "C", level: str = "AdES-B-B", **more: object) -> dict[str, object]:
    return {
        "hashes": [b64(one) for one in digests],
        "hashAlgorithmOID": SHA256,
        "signature_format": form,
        "conformance_level": level,
        "signAlgo": ECDSA,
        **more,
    }


def asked(desk: Desk, sad: str, *entries: dict[str, object], version: str = "v2", **more: object) -> Any:
    body = {"credentialID": desk.credential, "SAD": sad, "documentDigests": list(entries), **more}
    return desk.post(version, "signatures/signDoc", body)


def sad_for(desk: Desk, *digests: bytes) -> str:
    answer = desk.sad(*digests, version="v2")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["SAD"])


def given(answer: Any) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(one) for one in answer.json()["SignatureObject"]]


def chain_of(desk: Desk) -> list[bytes]:
    body = {"credentialID": desk.credential, "certificates": "chain"}
    listed = desk.post("v2", "credentials/info", body).json()["cert"]["certificates"]
    return [base64.b64decode(one) for one in listed]


def checked(desk: Desk, container: bytes, content: bytes) -> dict[str, Any]:
    files = {"signature": ("a.p7s", container), "file": ("a.bin", content)}
    answer = desk.office.installation.client.post("/v1/verifications", files=files).json()
    (found,) = answer["signatures"]
    return dict(found)


def openssl_accepts(desk: Desk, container: bytes, content: bytes, folder: Path) -> bool:
    root = load_der_x509_certificate(chain_of(desk)[-1]).public_bytes(Encoding.PEM)
    for name, data in (("a.p7s", container), ("a.bin", content), ("root.pem", root)):
        (folder / name).write_bytes(data)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "a.p7s", "-content", "a.bin"]
    command += ["-CAfile", "root.pem", "-purpose", "any", "-out", "out.bin"]
    # the test's clock is not the machine's
    command += ["-attime", str(int(desk.office.installation.clock.at.timestamp()))]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return said.returncode == 0 and (folder / "out.bin").read_bytes() == content


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_a_file_that_stays_with_the_client_gets_a_container_of_the_wanted_level(
    guarded: Desk, level: str, tmp_path: Path
) -> None:
    content = b"<ho-so/>" + secrets.token_bytes(8)
    (made,) = given(asked(guarded, sad_for(guarded, digest(content)), entry(digest(content), level=f"AdES-{level}")))
    found = checked(guarded, made, content)
    assert (found["intact"], found["level"]) == (True, level)
    assert openssl_accepts(guarded, made, content, tmp_path)
    signed = cms.ContentInfo.load(made)["content"]
    attributes = {one["type"].native for one in signed["signer_infos"][0]["signed_attrs"]}
    assert attributes == {"content_type", "message_digest", "signing_certificate_v2", "signing_time"}
    # RFC 5652 §5.1: answers are another format of revocation information
    assert signed["version"].native == ("v5" if level == "B-LT" else "v1")
    assert bool(signed["crls"]) is (level == "B-LT")


def test_several_digests_come_back_in_their_order_and_one_may_stand_without_a_list(desk: Desk) -> None:
    contents = [secrets.token_bytes(9) for _ in range(3)]
    first, second, third = map(digest, contents)
    sad = sad_for(desk, first, second, third)
    single = entry(third, form="P") | {"hashes": b64(third)}
    del single["hashAlgorithmOID"]
    made = given(asked(desk, sad, entry(second, first, signed_envelope_property="Detached"), single))
    found = [cms.ContentInfo.load(one)["content"]["signer_infos"][0]["signed_attrs"] for one in made]
    seen = [next(a["values"][0].native for a in one if a["type"].native == "message_digest") for one in found]
    assert seen == [second, first, third]
    # EN 319 142-1 §6.3: in a PDF no signing time is signed
    assert "signing_time" not in {one["type"].native for one in found[2]}


async def _opened(desk: Desk, pdf: bytes) -> tuple[Any, BytesIO]:
    """A PDF that pyHanko prepared, and left open for a container."""
    leaf, *chain = (x509.Certificate.load(der) for der in chain_of(desk))
    registry = SimpleCertificateStore()
    registry.register_multiple(chain)
    signer = ExternalSigner(signing_cert=leaf, cert_registry=registry, signature_value=96)
    meta = PdfSignatureMetadata(field_name="Hash1", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    prepared, _, output = await PdfSigner(meta, signer).async_digest_doc_for_signing(
        IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=32 * 1024
    )
    return prepared, output  # type: ignore[return-value] # a BytesIO, because none was given


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT"])
def test_a_pdf_that_another_program_prepared_takes_the_container_in(guarded: Desk, level: str, tmp_path: Path) -> None:
    prepared, output = asyncio.run(_opened(guarded, sample_pdf.small() + f"%{level}\n".encode()))
    value = prepared.document_digest
    answer = asked(guarded, sad_for(guarded, value), entry(value, form="P", level=f"AdES-{level}"))
    (made,) = given(answer)
    PdfTBSDocument.finish_signing(output, prepared, made)
    proof = answer.json().get("validationInfo")
    assert (proof is not None) == (level == "B-LT")
    if proof is not None:  # what a PDF has a place of its own for
        items = {kind: [base64.b64decode(one) for one in proof[kind]] for kind in ("ocsp", "crl", "certificates")}
        DocumentSecurityStore.add_dss(
            output,
            made.hex().encode(),
            certs=[x509.Certificate.load(one) for one in items["certificates"]],
            ocsps=_ocsps(items["ocsp"]),
            crls=_crls(items["crl"]),
        )
    (found,) = verified(guarded, output.getvalue())["signatures"]
    assert (found["intact"], found["level"]) == (True, level)
    path = tmp_path / "signed.pdf"
    path.write_bytes(output.getvalue())
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in said.stdout, said.stdout


def _ocsps(items: list[bytes]) -> list[Any]:
    from asn1crypto import ocsp  # noqa: PLC0415 - read here only

    return [ocsp.OCSPResponse.load(one) for one in items]


def _crls(items: list[bytes]) -> list[Any]:
    from asn1crypto import crl  # noqa: PLC0415 - read here only

    return [crl.CertificateList.load(one) for one in items]


def test_evidence_comes_with_the_answer_when_it_is_asked_for(desk: Desk) -> None:
    value = digest(secrets.token_bytes(9))
    answer = asked(desk, sad_for(desk, value), entry(value), returnValidationInfo=True)
    (made,) = given(answer)
    assert cms.ContentInfo.load(made)["content"]["crls"].native is None
    proof = answer.json()["validationInfo"]
    assert proof["ocsp"]
    assert proof["crl"]
    assert {b64(one) for one in chain_of(desk)} <= set(proof["certificates"])


def test_what_a_client_claims_is_signed_where_it_has_one_form_only(desk: Desk) -> None:
    value = digest(secrets.token_bytes(9))
    claims = [
        {"attribute_name": "commitment-type-indication", "attribute_value": b64(APPROVAL)},
        {"attribute_name": "mime-type", "attribute_value": b64(MEDIA)},
    ]
    (made,) = given(asked(desk, sad_for(desk, value), entry(value, signed_props=claims)))
    signed = cms.ContentInfo.load(made)["content"]["signer_infos"][0]["signed_attrs"]
    values = {one["type"].dotted: one["values"].contents for one in signed}
    assert values["1.2.840.113549.1.9.16.2.16"] == APPROVAL
    assert values["0.4.0.1733.2.1"] == MEDIA


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"signature_format": "X"}, "Invalid parameter signature_format"),
        ({"signature_format": "J"}, "Invalid parameter signature_format"),
        ({"conformance_level": "AdES-B-LTA"}, "Invalid parameter conformance_level"),
        ({"signature_format": "P", "conformance_level": "AdES-B-LTA"}, "Invalid parameter conformance_level"),
        ({"signed_envelope_property": "Attached"}, "Invalid parameter signed_envelope_property"),
        ({"signed_envelope_property": "Parallel"}, "Invalid parameter signed_envelope_property"),
        (
            {"signature_format": "P", "signed_envelope_property": "Detached"},
            "Invalid parameter signed_envelope_property",
        ),
        ({"signAlgo": "1.2.840.113549.1.1.11"}, "Invalid parameter signAlgo"),
        ({"signAlgo": "1.2.840.10045.4.3.3", "hashAlgorithmOID": SHA384}, "Invalid parameter signAlgo"),
        ({"hashAlgorithmOID": SHA384}, "String parameter hashAlgorithmOID contradicts with signAlgo parameter"),
        ({"hashAlgorithmOID": "1.3.14.3.2.26"}, "Invalid parameter hashAlgorithmOID"),
        ({"hashes": ["***"]}, "Invalid Base64 hashes string parameter"),
        ({"hashes": ["AAAA"]}, "Invalid digest value length"),
        ({"hashes": []}, "Empty hash array"),
        ({"hashes": 7}, "Missing (or invalid type) array parameter hashes"),
        (
            {"signed_props": [{"attribute_name": "signer-attributes-v2", "attribute_value": "MAA="}]},
            "Invalid parameter signed_props (signer-attributes-v2)",
        ),
        ({"signed_props": [{"attribute_name": "mime-type"}]}, "Invalid parameter signed_props (mime-type)"),
        (
            {
                "signature_format": "P",
                "signed_props": [{"attribute_name": "mime-type", "attribute_value": b64(MEDIA)}],
            },
            "Invalid parameter signed_props (mime-type)",
        ),
    ],
)
def test_what_a_digest_cannot_have_is_refused_in_the_standard_s_words(
    desk: Desk, change: dict[str, object], sentence: str
) -> None:
    value = digest(secrets.token_bytes(9))
    before = uses(desk)
    refused = asked(desk, sad_for(desk, value), entry(value) | change)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert refused.json()["error_description"] == sentence
    assert uses(desk) == before


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"documentDigests": []}, "Empty documentDigests and documents objects"),
        ({"operationMode": "A", "response_uri": "https://a.example/"}, "Invalid parameter operationMode"),
        (
            {"documents": [{"document": "", "signature_format": "P", "signAlgo": ECDSA}]},
            "Both documentDigests and documents parameters passed",
        ),
        (
            {"documentDigests": [{"hashes": [], "signAlgo": ECDSA}]},
            "Missing (or invalid type) string parameter signature_format",
        ),
    ],
)
def test_requests_that_are_none_are_refused(desk: Desk, more: dict[str, object], sentence: str) -> None:
    value = digest(secrets.token_bytes(9))
    refused = asked(desk, sad_for(desk, value), entry(value), **more)
    assert (refused.status_code, refused.json()["error_description"]) == (400, sentence)


def test_more_digests_than_one_request_may_have_are_refused(desk: Desk) -> None:
    values = [digest(bytes([number])) for number in range(101)]
    refused = asked(desk, sad_for(desk, *values), entry(*values[:60]), entry(*values[60:]))
    assert refused.json()["error_description"] == "Invalid object parameter documentDigests"


def test_a_digest_is_signed_once_whichever_way_it_is_asked_for(desk: Desk) -> None:
    one, other = digest(secrets.token_bytes(9)), digest(secrets.token_bytes(9))
    sad = sad_for(desk, one)
    assert asked(desk, sad, entry(other)).json()["error_description"] == (
        "documentDigests or documents are not authorized by the SAD"
    )
    assert asked(desk, sad, entry(one), entry(one, form="P")).status_code == 400
    assert asked(desk, sad, entry(one)).status_code == 200
    assert asked(desk, sad, entry(one)).json()["error_description"] == "Invalid parameter SAD"
    assert desk.sign(sad, one).json()["error_description"] == "Invalid parameter SAD"


def test_a_sad_that_signed_hashes_signs_no_document_s_digest(desk: Desk) -> None:
    value = digest(secrets.token_bytes(9))
    sad = sad_for(desk, value)
    assert desk.sign(sad, value).status_code == 200
    assert asked(desk, sad, entry(value)).json()["error_description"] == "Invalid parameter SAD"


def test_a_sad_is_given_back_when_the_level_cannot_be_reached_now(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.usecases import sign_document_digests  # noqa: PLC0415 - patched here only
    from signing.trust import Evidence  # noqa: PLC0415 - as above

    value = digest(secrets.token_bytes(9))
    sad = sad_for(desk, value)
    monkeypatch.setattr(sign_document_digests, "evidence_source", lambda *_: lambda _chain: Evidence())
    refused = asked(desk, sad, entry(value, level="AdES-B-LT"))
    assert (refused.status_code, refused.json()["code"]) == (503, "EVIDENCE_UNAVAILABLE")
    monkeypatch.undo()
    assert asked(desk, sad, entry(value, level="AdES-B-LT")).status_code == 200


def test_a_seal_is_set_on_no_digest_even_behind_another_s_sad(clerk: Desk) -> None:
    """The last guard: should a credential of a seal ever get as far as the key."""
    services, at = clerk.office.installation.services, clerk.office.installation.clock.at
    value, seal_id = digest(secrets.token_bytes(9)), clerk.office.certificates["seal_secondary"]
    sad = sad_for(clerk, value)
    with services.db.reading() as tx:
        activation = CscActivations(tx).find(hashlib.sha256(sad.encode()).hexdigest())
        seal = credential_of(tx, RegistrySql(tx).get(seal_id))
    assert activation is not None
    agreed = Activated(credential=seal, activation=replace(activation, certificate_id=seal_id))
    wanted = [ToSign(digest=value, attributes=signed_attributes(seal, value))]
    caller = Caller(
        account_id=activation.account_id, subject_id=PEOPLE["clerk"].subject_id, role=Role.CLERK, org_code=CENTRE
    )
    before = uses(clerk)
    with pytest.raises(SealNeedsDocument):
        values_over(agreed, wanted, services, caller, at, documents_checked=False)
    assert uses(clerk) == before


def test_version_1_names_no_method_that_its_standard_does_not_have(desk: Desk) -> None:
    client = desk.office.installation.client
    told = {version: client.post(f"/csc/{version}/info", json={}).json() for version in ("v1", "v2")}
    assert "signatures/signDoc" not in told["v1"]["methods"]
    assert set(told["v2"]["methods"]) - set(told["v1"]["methods"]) == {"signatures/signDoc"}
    assert told["v2"]["signature_formats"] == {
        "formats": ["C", "P"],
        "envelope_properties": [["Detached"], ["Certification", "Revision"]],
    }
    assert told["v2"]["conformance_levels"][-1] == "AdES-B-LTA"
    assert told["v2"]["validationInfo"] is True
