"""SiVa's callers: their requests as its public interface description writes them, its answers' fields, its refusals."""

import base64
import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from api.usecases.siva_report import Question, siva_conclusion
from signing.identity import CertificateClass
from signing.isolation import WorkersBusy
from signing.pades import SigningRequest, detached_signature, sign_pdf
from signing.validation import (
    POLICIES,
    Entitlement,
    Reason,
    Report,
    SignatureReport,
    Verdict,
    verify_pdf,
)
from signing.validation.indications import Indication
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki
from tests.fakes.stamped_pdf import document_stamped

VALIDATE = "/compat/siva/validate"
DATA_FILES = "/compat/siva/getDataFiles"


def sealed_by(installation: Any, pdf: bytes, **request: Any) -> bytes:
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    values = {"credential": credential, "field_name": "Seal", **request}
    return sign_pdf(
        pdf, SigningRequest(**values), keys=services.keys, stamp=time_stamper(services, at),
        evidence=evidence_source(services, at), at=at,
    ).pdf  # fmt: skip


@pytest.fixture(scope="module")
def sealed(installation: Any) -> bytes:
    return sealed_by(installation, sample_pdf.small(), reason="Phê duyệt", location="Quảng Yên")


@pytest.fixture(scope="module")
def twice(installation: Any, sealed: bytes) -> bytes:
    return sealed_by(installation, sealed, field_name="Second")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def send(installation: Any, pdf: bytes, **more: Any) -> Any:
    body = {"filename": "sample.pdf", "document": b64(pdf)} | more
    return installation.client.post(VALIDATE, json=body)


def conclusion(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["validationReport"]["validationConclusion"])


def refused(answer: Any, status: int = 400) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.json()) == {"requestErrors"}
    return [(one["key"], one["message"]) for one in answer.json()["requestErrors"]]


def test_the_request_with_mandatory_parameters_gets_the_simple_report_with_its_mandatory_fields(
    installation: Any, sealed: bytes
):
    answer = send(installation, sealed)
    found = conclusion(answer)
    assert set(answer.json()["validationReport"]) == {"validationConclusion"}
    assert {"policyName", "policyDescription", "policyUrl"} == set(found["policy"])
    assert (found["policy"]["policyName"], found["validationLevel"]) == ("POLv4", "ARCHIVAL_DATA")
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (1, 1)
    assert found["validationTime"] == "2026-11-23T02:00:00Z"
    assert found["validatedDocument"] == {
        "filename": "sample.pdf", "fileHash": b64(hashlib.sha256(sealed).digest()), "hashAlgo": "SHA256"
    }  # fmt: skip
    assert "signatureForm" not in found  # SiVa names containers there, and a PDF is none
    [signature] = found["signatures"]
    assert {
        "claimedSigningTime", "id", "indication", "signatureFormat", "signatureMethod", "signedBy", "info",
    } <= set(signature)  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"


def test_a_signature_is_told_in_sivas_words(installation: Any, sealed: bytes):
    [signature] = conclusion(send(installation, sealed))["signatures"]
    assert (signature["indication"], signature["signatureFormat"]) == ("TOTAL-PASSED", "PAdES_BASELINE_LT")
    assert signature["signatureLevel"] == "ADESEAL"
    assert signature["signatureMethod"].startswith("http://www.w3.org/")
    assert signature["info"]["bestSignatureTime"] == signature["info"]["timestampCreationTime"]
    assert signature["info"]["ocspResponseCreationTime"] == "2026-11-23T02:00:00Z"
    assert signature["info"]["signingReason"] == "Phê duyệt"
    assert signature["info"]["signatureProductionPlace"] == {"city": "Quảng Yên"}
    assert signature["claimedSigningTime"] == "2026-11-23T02:00:00Z"
    assert "subIndication" not in signature
    assert "errors" not in signature
    [scope] = signature["signatureScopes"]
    assert set(scope) == {"name", "scope", "content"}
    assert scope["content"].startswith("The document ByteRange : [0, ")


def test_certificates_are_the_signers_with_its_issuers_and_the_time_stampers(installation: Any, sealed: bytes):
    [signature] = conclusion(send(installation, sealed))["signatures"]
    found = {one["type"]: one for one in signature["certificates"]}
    assert set(found) == {"SIGNING", "SIGNATURE_TIMESTAMP"}
    leaf = x509.load_der_x509_certificate(base64.b64decode(found["SIGNING"]["content"]))
    issuer = x509.load_der_x509_certificate(base64.b64decode(found["SIGNING"]["issuer"]["content"]))
    leaf.verify_directly_issued_by(issuer)
    assert signature["signedBy"] == found["SIGNING"]["commonName"]


def test_development_roots_are_said_in_the_warnings_of_the_document(installation: Any, sealed: bytes):
    found = conclusion(send(installation, sealed))
    assert any("NO LEGAL VALUE" in one["content"] for one in found["validationWarnings"])


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
def test_both_policy_names_stand_for_the_policy_in_force(installation: Any, sealed: bytes, policy: str):
    found = conclusion(send(installation, sealed, signaturePolicy=policy))
    assert found["policy"]["policyName"] == policy
    assert "vn.tt15-2025" in found["policy"]["policyDescription"]


@pytest.mark.parametrize(
    ("report", "more"),
    [
        ("Simple", set()), ("simple", set()), ("Detailed", {"validationProcess"}), ("Diagnostic", {"diagnosticData"}),
    ],
)  # fmt: skip
def test_each_type_of_report_has_its_block(installation: Any, sealed: bytes, report: str, more: set[str]):
    answer = send(installation, sealed, reportType=report, signaturePolicy="POLv3")
    assert set(answer.json()["validationReport"]) == {"validationConclusion"} | more


def test_the_detailed_block_speaks_of_the_same_signatures(installation: Any, sealed: bytes):
    report = send(installation, sealed, reportType="Detailed").json()["validationReport"]
    [told] = report["validationProcess"]["signatureOrTimestampOrEvidenceRecord"]
    assert told["Signature"]["Id"] == report["validationConclusion"]["signatures"][0]["id"]


def test_an_altered_file_is_total_failed_and_no_signature_counts(installation: Any, sealed: bytes):
    found = conclusion(send(installation, sealed.replace(b"100 50 re f", b"100 51 re f")))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (1, 0)
    [signature] = found["signatures"]
    assert (signature["indication"], signature["subIndication"]) == ("TOTAL-FAILED", "HASH_FAILURE")
    assert signature["errors"][0]["content"] == "The document was altered after it was signed."
    assert signature["signatureLevel"] == "NOT_ADES"


def test_a_file_without_signature_is_answered_with_none(installation: Any):
    found = conclusion(send(installation, sample_pdf.small()))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (0, 0)
    assert "signatures" not in found


def test_two_signatures_have_ids_of_their_own(installation: Any, twice: bytes):
    found = conclusion(send(installation, twice))
    assert found["signaturesCount"] == 2
    assert len({one["id"] for one in found["signatures"]}) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"filename": "a.pdf", "document": "***"}, [
            ("document", "Document is not encoded in a valid base64 string")]),
        ({"filename": "a.pdf"}, [("document", "Document is not encoded in a valid base64 string")]),
        ({"document": "QQ=="}, [("filename", "Invalid filename")]),
        ({"document": "QQ==", "filename": "a" * 256}, [("filename", "Invalid filename")]),
        ({"document": "QQ==", "filename": "../a.pdf"}, [("filename", "Invalid filename")]),
        ({"document": "QQ==", "filename": "a.pdf", "reportType": "X"}, [("reportType", "Invalid report type")]),
        ({"document": "QQ==", "filename": "a.pdf", "signaturePolicy": "<x>"}, [
            ("signaturePolicy", "Invalid signature policy")]),
        ({"document": "JVBERi0=", "filename": "a.pdf", "signaturePolicy": "POLv9"}, [
            ("signaturePolicy",
             "Invalid signature policy: POLv9; Available abstract policies: [POLv3, POLv4]")]),
        ({"document": "QQ==", "filename": "a.pdf"}, [
            ("document", "Document malformed or not matching documentType")]),
        ({}, [("filename", "Invalid filename"), ("document", "Document is not encoded in a valid base64 string")]),
    ],
)  # fmt: skip
def test_what_siva_refuses_is_refused_with_its_words(installation: Any, body: Any, expected: Any):
    assert refused(installation.client.post(VALIDATE, json=body)) == expected


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"", b"\xff\xfe"])
def test_a_body_that_is_no_request_is_refused_as_unreadable(installation: Any, content: bytes):
    headers = {"content-type": "application/json"}
    answer = installation.client.post(VALIDATE, content=content, headers=headers)
    assert refused(answer) == [("requestBodyNotReadable", "Request body is malformed and cannot be read")]


def test_another_media_type_is_refused_with_sivas_words(installation: Any):
    answer = installation.client.post(VALIDATE, content=b"x", headers={"content-type": "text/plain"})
    assert refused(answer, 415)[0][0] == "contentTypeNotSupported"


def test_a_damaged_and_a_locked_file_are_malformed_documents(installation: Any):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sample_pdf.small())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chủ", user="khóa"))
    for pdf in (sample_pdf.small()[:200], out.getvalue()):
        assert refused(send(installation, pdf)) == [("document", "Document malformed or not matching documentType")]


def test_a_body_beyond_the_limit_is_refused_in_sivas_shape(fresh_install: Any):
    small = fresh_install(max_verify_mb=1)
    answer = send(small, b"%PDF-1.7" + b"\0" * (4 * 1024 * 1024))
    assert refused(answer) == [("request", "Request body length is beyond request size limit")]


class Busy:
    """Workers that are all taken."""

    def call(self, *_: object, **__: object) -> None:
        raise WorkersBusy("x")


def test_too_many_checks_at_once_are_told_to_come_back(installation: Any, sealed: bytes):
    usual = installation.services
    installation.app.state.services = replace(usual, workers=Busy())
    try:
        answer = send(installation, sealed + b"\n% another file")
    finally:
        installation.app.state.services = usual
    assert refused(answer, 503)[0][0] == "request"
    assert int(answer.headers["retry-after"]) > 0


def test_the_data_files_of_a_pdf_are_the_versions_that_its_signatures_cover(
    installation: Any, sealed: bytes, twice: bytes
):
    body = {"filename": "sample.pdf", "document": b64(twice)}
    files = installation.client.post(DATA_FILES, json=body).json()["dataFiles"]
    assert [(one["fileName"], one["mimeType"]) for one in files] == [
        ("sample-1.pdf", "application/pdf"), ("sample-2.pdf", "application/pdf")
    ]  # fmt: skip
    contents = [base64.b64decode(one["base64"]) for one in files]
    assert [len(content) for content in contents] == [one["size"] for one in files]
    assert all(twice.startswith(content) for content in contents)
    assert sealed.startswith(contents[0])
    assert conclusion(send(installation, contents[0]))["signatures"][0]["indication"] in {
        "TOTAL-PASSED", "INDETERMINATE"
    }  # fmt: skip


def test_a_container_of_another_kind_has_no_data_files_here(installation: Any):
    body = {"filename": "sample.ddoc", "document": b64(b"<?xml version='1.0'?><SignedDoc/>")}
    assert refused(installation.client.post(DATA_FILES, json=body)) == [
        ("documentType", "Invalid document type. Can only return data files for DDOC type containers.")
    ]


def test_versions_that_do_not_fit_into_one_answer_are_refused(
    installation: Any, twice: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.usecases.answer_siva._MAX_FILES_BYTES", 1000)
    body = {"filename": "sample.pdf", "document": b64(twice)}
    assert refused(installation.client.post(DATA_FILES, json=body)) == [
        ("document", "Document does not meet the requirements")
    ]


def test_a_strangers_file_name_comes_back_as_json_and_nothing_else(installation: Any, sealed: bytes):
    name = "a';alert(1)&amp;\u202egpj.pdf"
    found = conclusion(send(installation, sealed, filename=name))
    assert found["validatedDocument"]["filename"] == name
    assert json.dumps(found)


HASHCODE = "/compat/siva/validateHashcode"
CONTENT = "Hợp đồng".encode()


@pytest.fixture(scope="module")
def beside(installation: Any) -> bytes:
    """A CMS signature that stands beside a file."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    return detached_signature(credential, hashlib.sha256(CONTENT).digest(), services.keys, at=at)


def hashed(signature: bytes, *files: dict[str, str], **more: Any) -> dict[str, Any]:
    one: dict[str, Any] = {"signature": b64(signature)}
    return {"signatureFiles": [one | ({"datafiles": list(files)} if files else {})]} | more


def data_file(content: bytes = CONTENT, **changes: str) -> dict[str, str]:
    return {"filename": "hop-dong.pdf", "hashAlgo": "SHA256", "hash": b64(hashlib.sha256(content).digest())} | changes


def test_a_signature_with_the_right_digest_is_at_best_indeterminate_for_nobody_saw_the_file(
    installation: Any, beside: bytes
):
    request = hashed(beside, data_file(), reportType="Simple", signaturePolicy="POLv4")
    found = conclusion(installation.client.post(HASHCODE, json=request))
    assert "validatedDocument" not in found
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (1, 0)
    [signature] = found["signatures"]
    assert signature["indication"] == "INDETERMINATE"
    assert signature["signatureFormat"] == "CAdES_BASELINE_B"
    assert signature["signatureScopes"] == [
        {"scope": "FULL", "name": "hop-dong.pdf", "content": "Full document", "hashAlgo": "SHA256",
         "hash": data_file()["hash"]}
    ]  # fmt: skip


def test_a_signature_of_something_else_is_total_failed(installation: Any, beside: bytes):
    request = hashed(beside, data_file(b"other"))
    [signature] = conclusion(installation.client.post(HASHCODE, json=request))["signatures"]
    assert (signature["indication"], signature["subIndication"]) == ("TOTAL-FAILED", "HASH_FAILURE")


def test_signatures_without_data_files_are_answered_each_by_itself(installation: Any, beside: bytes):
    request = {"signatureFiles": [{"signature": b64(beside)}, {"signature": b64(beside), "datafiles": [data_file()]}]}
    found = conclusion(installation.client.post(HASHCODE, json=request))
    assert found["signaturesCount"] == 2
    assert len({one["id"] for one in found["signatures"]}) == 2
    assert {one["indication"] for one in found["signatures"]} == {"INDETERMINATE"}
    assert [len(one.get("signatureScopes", [])) for one in found["signatures"]] == [0, 1]


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        (hashed(b"<?xml version='1.0'?><Signature/>", data_file()), (
            "signatureFiles.signature", "Signature file malformed")),
        (hashed(b"0", data_file(), data_file()), (
            "signatureFiles.datafiles", "A CMS signature covers one data file")),
        (hashed(b"0", data_file(hashAlgo="CRC32")), ("signatureFiles.datafiles.hashAlgo", "Invalid hash algorithm")),
        ({"signatureFiles": [{"signature": "***"}]}, (
            "signatureFiles.signature", "Signature file is not valid base64 encoded string")),
        ({"signatureFiles": []}, ("signatureFiles", "Invalid SignatureFiles format")),
        ({}, ("signatureFiles", "Invalid SignatureFiles format")),
        (hashed(b"0", data_file(hash="***")), (
            "signatureFiles.datafiles.hash", "Document is not encoded in a valid base64 string")),
    ],
)  # fmt: skip
def test_what_siva_refuses_of_hash_codes_is_refused_with_its_words(installation: Any, request_body: Any, expected: Any):
    assert refused(installation.client.post(HASHCODE, json=request_body)) == [expected]


def test_bytes_that_are_no_signature_are_an_answer_and_no_pass(installation: Any):
    [signature] = conclusion(installation.client.post(HASHCODE, json=hashed(b"0\x03abc", data_file())))["signatures"]
    assert signature["indication"] != "TOTAL-PASSED"


@pytest.fixture(scope="module")
def stamped() -> dict[str, Report]:
    """Files with document time-stamps, judged under their own root."""
    pki = SmallPki()
    signed = sign_pdf(
        sample_pdf.small(), SigningRequest(credential=pki.credential(), field_name="S"), keys=pki.keys,
        stamp=pki.stamp, evidence=pki.evidence, at=pki.at,
    ).pdf  # fmt: skip
    files = {"archived": document_stamped(signed, pki), "alone": document_stamped(sample_pdf.small(), pki)}
    policy = POLICIES["vn.tt15-2025"]
    return {name: verify_pdf(pdf, anchors=pki.anchors(), policy=policy, at=pki.at) for name, pdf in files.items()}


def test_a_document_time_stamp_on_a_signature_is_its_archive_time_stamp(stamped: dict[str, Report]):
    found = siva_conclusion(stamped["archived"], Question(filename="a.pdf"))
    assert "timeStampTokens" not in found
    [signature] = found["signatures"]
    [archive] = signature["info"]["archiveTimestamps"]
    assert set(archive) >= {"signedTime", "indication", "signedBy", "country", "content"}
    assert (archive["indication"], archive["country"]) == ("PASSED", "VN")
    assert cms.ContentInfo.load(base64.b64decode(archive["content"]), strict=True)
    assert signature["signatureLevel"] == "ADESIG"


def test_time_stamps_of_a_file_without_signature_are_tokens_and_never_passed_when_open(stamped: dict[str, Report]):
    found = siva_conclusion(stamped["alone"], Question(filename="a.pdf"))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (0, 0)
    [token] = found["timeStampTokens"]
    assert token["indication"] == "TOTAL-FAILED"  # SiVa has no word between passed and failed
    assert token["error"]
    assert token["timestampLevel"] == "TSA"


def test_what_is_known_of_the_document_and_of_the_right_to_sign_is_warned_of(stamped: dict[str, Report]):
    report = stamped["archived"].with_document_status(state="revoked", vault_match="identical")
    report = report.with_entitlement(Entitlement(status="unknown", reasons=("SEAL_MISSING",)))
    told = [one["content"] for one in siva_conclusion(report, Question(filename="a.pdf"))["validationWarnings"]]
    assert "The document is known here as: revoked." in told
    assert any(text.startswith("Right to sign: ") for text in told)


@pytest.mark.parametrize(
    ("kind", "indication", "level"),
    [
        (CertificateClass.PERSONAL, Indication.PASSED, "ADESIG"),
        (CertificateClass.CITIZEN, Indication.INDETERMINATE, "INDETERMINATE_ADESIG"),
        (CertificateClass.ORG_SEAL, Indication.PASSED, "ADESEAL"),
        (None, Indication.INDETERMINATE, "INDETERMINATE_ADES"),
        (None, Indication.FAILED, "NOT_ADES"),
    ],
)
def test_legal_levels_are_plain_ades_for_qualification_is_not_known_here(
    stamped: dict[str, Report], kind: Any, indication: Any, level: str
):
    report = stamped["archived"]
    changed = replace(report.signatures[0], certificate_class=kind, indication=indication, role="Chủ tịch")
    found = siva_conclusion(replace(report, signatures=(changed,)), Question(filename="a.pdf"))
    assert found["signatures"][0]["signatureLevel"] == level
    assert found["signatures"][0]["info"]["signerRole"] == [{"claimedRole": "Chủ tịch"}]


def test_a_signature_of_which_nothing_could_be_read_still_has_its_mandatory_fields():
    broken = SignatureReport(
        field="S", kind="signature", verdict=Verdict.INVALID, reason=Reason.SIGNATURE_MALFORMED,
        indication=Indication.FAILED, sub_indication="FORMAT_FAILURE", intact=None,
    )  # fmt: skip
    report = Report(
        file_sha256="ab" * 32, file_size=1, policy_id="p", checked_at=datetime(2026, 11, 23, tzinfo=UTC),
        signatures=(broken,),
    )  # fmt: skip
    [signature] = siva_conclusion(report, Question(filename="a.pdf"))["signatures"]
    assert signature["claimedSigningTime"] == signature["signedBy"] == signature["info"]["bestSignatureTime"] == ""
    assert "certificates" not in signature


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["QQ==", "JVBERi0xLjc=", "POLv3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("filename", "document", "signaturePolicy", "reportType", "signatureFiles", "signature", "datafiles", "hash")


@given(body=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=5), address=st.sampled_from(
    [VALIDATE, DATA_FILES, HASHCODE]
))  # fmt: skip
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered_or_refused_in_sivas_shape(installation: Any, body: Any, address: str):
    answer = installation.client.post(address, json=body)
    assert answer.status_code in {200, 400}
    assert set(answer.json()) <= {"validationReport", "dataFiles", "requestErrors"}


def test_certificates_are_left_out_where_they_would_make_the_answer_many_times_the_file(stamped: dict[str, Report]):
    report = stamped["archived"]
    fat = replace(report.signatures[0], chain=(report.signatures[0].chain[0], b"\x30" + b"\0" * 100_000))
    few = siva_conclusion(replace(report, signatures=(fat,)), Question(filename="a.pdf"))
    assert few["signatures"][0]["certificates"]
    many = siva_conclusion(replace(report, signatures=(fat,) * 200), Question(filename="a.pdf"))
    assert "certificates" not in many["signatures"][0]
    assert len(json.dumps(many)) < 1_000_000
