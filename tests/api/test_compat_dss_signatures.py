"""DSS's callers: requests in the shape of its REST service, four coherent reports, and the version that was signed."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from api.usecases.dss_report import dss_reports
from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from signing.pades import SigningRequest, detached_signature, sign_pdf
from signing.validation import POLICIES, verify_pdf
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki
from tests.fakes.stamped_pdf import document_stamped

VALIDATE = "/compat/dss/validation/validateSignature"
ORIGINALS = "/compat/dss/validation/getOriginalDocuments"


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


def body(pdf: bytes, **more: Any) -> dict[str, Any]:
    """As DSS's documentation writes a request, with everything that is optional empty."""
    return {
        "signedDocument": {"bytes": base64.b64encode(pdf).decode(), "digestAlgorithm": None, "name": "sample.pdf"},
        "originalDocuments": [], "policy": None, "cryptographicSuite": None, "validationTime": None,
        "evidenceRecords": None, "tokenExtractionStrategy": "NONE", "signatureId": None,
    } | more  # fmt: skip


def reports(installation: Any, pdf: bytes, **more: Any) -> dict[str, Any]:
    answer = installation.client.post(VALIDATE, json=body(pdf, **more))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


def only(simple: dict[str, Any]) -> dict[str, Any]:
    [entry] = simple["signatureOrTimestampOrEvidenceRecord"]
    return dict(entry["Signature"])


def test_the_answer_has_the_four_reports_of_dss(installation: Any, sealed: bytes):
    found = reports(installation, sealed)
    assert set(found) == {"DiagnosticData", "SimpleReport", "DetailedReport", "validationReportDataHandler"}


def test_a_request_with_the_document_alone_is_enough(installation: Any, sealed: bytes):
    request = {"signedDocument": {"bytes": base64.b64encode(sealed).decode()}}
    answer = installation.client.post(VALIDATE, json=request)
    assert answer.json()["SimpleReport"]["DocumentName"] is None
    assert only(answer.json()["SimpleReport"])["Indication"] == "TOTAL_PASSED"


def test_the_simple_report_tells_a_signature_in_dss_words(installation: Any, sealed: bytes):
    simple = reports(installation, sealed)["SimpleReport"]
    assert (simple["SignaturesCount"], simple["ValidSignaturesCount"]) == (1, 1)
    assert simple["DocumentName"] == "sample.pdf"
    assert simple["ValidationPolicy"]["PolicyName"] == "vn.tt15-2025"
    signature = only(simple)
    assert (signature["Indication"], signature["SubIndication"]) == ("TOTAL_PASSED", None)
    assert signature["SignatureFormat"] == "PAdES-BASELINE-LT"
    assert signature["SignatureLevel"] == {"value": "N/A", "description": "Not applicable"}
    assert signature["SignatureScope"][0]["value"].startswith("The document ByteRange : [0, ")
    assert signature["BestSignatureTime"] == "2026-11-23T02:00:00Z"
    [stamp] = signature["Timestamps"]["Timestamp"]
    assert stamp["Indication"] == "PASSED"
    assert len(signature["CertificateChain"]["Certificate"]) >= 2
    assert signature["AdESValidationDetails"]["Error"] == []


def test_the_four_reports_speak_of_the_same_things_by_the_same_ids(installation: Any, twice: bytes):
    found = reports(installation, twice)
    simple, diagnostic, detailed = (found[name] for name in ("SimpleReport", "DiagnosticData", "DetailedReport"))
    ids = [one["Signature"]["Id"] for one in simple["signatureOrTimestampOrEvidenceRecord"]]
    assert [one["Id"] for one in diagnostic["Signature"]] == ids
    assert [one["Signature"]["Id"] for one in detailed["signatureOrTimestampOrEvidenceRecord"]] == ids
    assert [one["Id"] for one in detailed["BasicBuildingBlocks"] if one["Type"] == "SIGNATURE"] == ids
    root = etree.fromstring(base64.b64decode(found["validationReportDataHandler"]))
    assert [one.get("id") for one in root.iter("{*}SignatureIdentifier")] == ids


def test_every_id_that_the_diagnostic_data_names_stands_in_it(installation: Any, twice: bytes):
    data = reports(installation, twice)["DiagnosticData"]
    certificates = {one["Id"] for one in data["Certificate"]}
    stamps = {one["Id"] for one in data["Timestamp"]}
    evidence = {one["Id"] for one in data["Revocation"]}
    signed = {one["Id"] for one in data["SignerData"]}
    for one in data["Signature"]:
        assert {one["SigningCertificate"]["Certificate"], *one["CertificateChain"]} <= certificates
        assert {c["Certificate"] for c in one["FoundCertificates"]["RelatedCertificate"]} <= certificates
        assert {stamp["Timestamp"] for stamp in one["FoundTimestamp"]} <= stamps
        assert {r["Revocation"] for r in one["FoundRevocations"]["RelatedRevocation"]} <= evidence
        assert {scope["SignerData"] for scope in one["SignatureScope"]} <= signed
    for stamp in data["Timestamp"]:
        assert set(stamp["CertificateChain"]) <= certificates
    # a list that lies in the file and was at hand here too is one thing with one id
    for kind in ("Signature", "Certificate", "Revocation", "Timestamp", "SignerData"):
        found = [one["Id"] for one in data[kind]]
        assert len(set(found)) == len(found), kind


def test_a_development_root_is_warned_of_at_every_signature(installation: Any, twice: bytes):
    for entry in reports(installation, twice)["SimpleReport"]["signatureOrTimestampOrEvidenceRecord"]:
        warnings = entry["Signature"]["AdESValidationDetails"]["Warning"]
        assert [one["Key"] for one in warnings][:1] == ["DEVELOPMENT_NO_LEGAL_VALUE"]


def test_the_diagnostic_data_shows_dictionary_value_and_digest(installation: Any, sealed: bytes):
    [one] = reports(installation, sealed)["DiagnosticData"]["Signature"]
    dictionary = one["PDFRevision"]["PDFSignatureDictionary"]
    assert (dictionary["SubFilter"], dictionary["Reason"]) == ("ETSI.CAdES.detached", "Phê duyệt")
    assert dictionary["SignatureByteRange"]["valid"] is True
    assert one["PDFRevision"]["SignatureField"] == [{"name": "Seal"}]
    assert one["BasicSignature"]["SignatureIntact"] is True
    assert one["DigestMatcher"][0]["DigestMethod"] == "SHA256"
    assert base64.b64decode(one["SignatureValue"])
    assert one["PDFRevision"]["ModificationDetection"]["ObjectModifications"].keys() == {"ExtensionChanges"}


def test_the_holders_number_and_whole_certificates_stay_here(installation: Any, sealed: bytes):
    found = reports(installation, sealed)
    assert all(one["Base64Encoded"] is None for one in found["DiagnosticData"]["Certificate"])
    assert all(one["SubjectSerialNumber"] is None for one in found["DiagnosticData"]["Certificate"])


def test_an_altered_file_is_total_failed_in_every_report(installation: Any, sealed: bytes):
    found = reports(installation, sealed.replace(b"100 50 re f", b"100 51 re f"))
    signature = only(found["SimpleReport"])
    assert (signature["Indication"], signature["SubIndication"]) == ("TOTAL_FAILED", "HASH_FAILURE")
    assert signature["AdESValidationDetails"]["Error"][0]["Key"] == "DOCUMENT_ALTERED"
    assert found["SimpleReport"]["ValidSignaturesCount"] == 0
    [block] = found["DetailedReport"]["BasicBuildingBlocks"]
    assert block["CV"]["Conclusion"]["Indication"] == "FAILED"
    assert block["XCV"] is None
    assert found["DiagnosticData"]["Signature"][0]["DigestMatcher"][0]["DataIntact"] is False
    assert b"total-failed" in base64.b64decode(found["validationReportDataHandler"])


def test_a_file_without_signature_has_reports_without_any(installation: Any):
    found = reports(installation, sample_pdf.small())
    assert found["SimpleReport"]["SignaturesCount"] == 0
    assert found["SimpleReport"]["signatureOrTimestampOrEvidenceRecord"] == []
    assert found["DiagnosticData"]["Signature"] == []


def test_an_earlier_moment_of_validation_is_honoured_and_a_later_one_refused(installation: Any, sealed: bytes):
    before = installation.clock.at - timedelta(days=400)
    found = reports(installation, sealed, validationTime=before.isoformat())
    assert found["SimpleReport"]["ValidationTime"].startswith(before.date().isoformat())
    assert only(found["SimpleReport"])["Indication"] != "TOTAL_PASSED"
    now = reports(installation, sealed, validationTime=int(installation.clock.at.timestamp() * 1000))
    assert only(now["SimpleReport"])["Indication"] == "TOTAL_PASSED"
    later = body(sealed, validationTime=(installation.clock.at + timedelta(days=1)).isoformat())
    answer = installation.client.post(VALIDATE, json=later)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"policy": {"bytes": "QQ=="}}, "INPUT_INVALID"),
        ({"cryptographicSuite": {"bytes": "QQ=="}}, "INPUT_INVALID"),
        ({"evidenceRecords": [{"bytes": "QQ=="}]}, "INPUT_INVALID"),
        ({"signedDocument": {"bytes": "***"}}, "INPUT_INVALID"),
        ({"signedDocument": None}, "INPUT_INVALID"),
        ({"validationTime": "soon"}, "INPUT_INVALID"),
        ({"signedDocument": {"bytes": base64.b64encode(b"hello").decode()}}, "FILE_NOT_PDF"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_type_title_and_status(
    installation: Any, sealed: bytes, changes: Any, code: str
):
    answer = installation.client.post(VALIDATE, json=body(sealed, **changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert {"type", "title", "status"} <= set(answer.json())


@pytest.mark.parametrize("address", [VALIDATE, ORIGINALS])
def test_another_media_type_is_refused(installation: Any, address: str):
    answer = installation.client.post(address, content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_the_original_is_the_version_of_the_first_signature_or_of_the_one_named(
    installation: Any, sealed: bytes, twice: bytes
):
    ids = [one["Id"] for one in reports(installation, twice)["DiagnosticData"]["Signature"]]
    [first] = installation.client.post(ORIGINALS, json=body(twice)).json()
    [named] = installation.client.post(ORIGINALS, json=body(twice, signatureId=ids[1])).json()
    contents = [base64.b64decode(one["bytes"]) for one in (first, named)]
    assert sealed.startswith(contents[0])
    assert twice.startswith(contents[1])
    assert len(contents[0]) < len(sealed) < len(contents[1])
    assert (first["name"], first["digestAlgorithm"]) == ("sample.pdf", None)


def test_there_is_no_original_of_a_signature_that_the_file_does_not_have(installation: Any, sealed: bytes):
    answer = installation.client.post(ORIGINALS, json=body(sealed, signatureId="S-0"))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert installation.client.post(ORIGINALS, json=body(sample_pdf.small())).json() == []


CONTENT = "Hợp đồng".encode()


@pytest.fixture(scope="module")
def beside(installation: Any) -> bytes:
    """A CMS signature that stands beside a file."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    return detached_signature(credential, hashlib.sha256(CONTENT).digest(), services.keys, at=at)


def remote(content: bytes, **more: Any) -> dict[str, Any]:
    return {"bytes": base64.b64encode(content).decode(), "digestAlgorithm": None, "name": "hop-dong.txt"} | more


def test_a_signature_beside_its_file_is_validated_as_cades(installation: Any, beside: bytes):
    found = reports(installation, beside, originalDocuments=[remote(CONTENT)])
    signature = only(found["SimpleReport"])
    assert (signature["Indication"], signature["SignatureFormat"]) == ("TOTAL_PASSED", "CAdES-BASELINE-B")
    assert signature["SignatureScope"] == [{"value": "Full document", "name": "Full document", "scope": "FULL"}]
    assert found["DiagnosticData"]["Signature"][0]["PDFRevision"] is None


def test_a_signature_beside_another_file_is_total_failed(installation: Any, beside: bytes):
    signature = only(reports(installation, beside, originalDocuments=[remote(b"other")])["SimpleReport"])
    assert (signature["Indication"], signature["SubIndication"]) == ("TOTAL_FAILED", "HASH_FAILURE")


def test_of_a_file_that_is_only_known_by_digest_the_answer_is_at_best_indeterminate(installation: Any, beside: bytes):
    digest = remote(hashlib.sha256(CONTENT).digest(), digestAlgorithm="SHA256")
    signature = only(reports(installation, beside, originalDocuments=[digest])["SimpleReport"])
    assert signature["Indication"] == "INDETERMINATE"
    other = remote(hashlib.sha512(CONTENT).digest(), digestAlgorithm="SHA512")
    assert (
        only(reports(installation, beside, originalDocuments=[other])["SimpleReport"])["Indication"] != "TOTAL_PASSED"
    )


def test_a_signature_without_its_file_has_not_passed(installation: Any, beside: bytes):
    assert only(reports(installation, beside)["SimpleReport"])["Indication"] != "TOTAL_PASSED"


def test_a_cms_signature_beside_two_files_is_refused(installation: Any, beside: bytes):
    request = body(beside, originalDocuments=[remote(CONTENT), remote(b"other")])
    answer = installation.client.post(VALIDATE, json=request)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_the_original_of_a_signature_beside_a_file_is_that_file(installation: Any, beside: bytes):
    request = body(beside, originalDocuments=[remote(CONTENT)])
    assert installation.client.post(ORIGINALS, json=request).json() == [remote(CONTENT)]


def test_document_time_stamps_belong_to_the_signature_under_them_or_stand_alone():
    pki = SmallPki()
    policy = POLICIES["vn.tt15-2025"]
    signed = sign_pdf(
        sample_pdf.small(), SigningRequest(credential=pki.credential(), field_name="S"), keys=pki.keys,
        stamp=pki.stamp, evidence=pki.evidence, at=pki.at,
    ).pdf  # fmt: skip
    archived, alone = (
        dss_reports(verify_pdf(document_stamped(pdf, pki), anchors=pki.anchors(), policy=policy, at=pki.at), None)
        for pdf in (signed, sample_pdf.small())
    )
    stamps = only(archived["SimpleReport"])["Timestamps"]["Timestamp"]
    assert {stamp["Id"] for stamp in stamps} == {stamp["Id"] for stamp in archived["DiagnosticData"]["Timestamp"]}
    assert {stamp["Type"] for stamp in archived["DiagnosticData"]["Timestamp"]} == {
        "SIGNATURE_TIMESTAMP", "DOCUMENT_TIMESTAMP"
    }  # fmt: skip
    types = [block["Type"] for block in archived["DetailedReport"]["BasicBuildingBlocks"]]
    assert sorted(types) == ["SIGNATURE", "TIMESTAMP"]
    assert alone["SimpleReport"]["SignaturesCount"] == 0
    [entry] = alone["SimpleReport"]["signatureOrTimestampOrEvidenceRecord"]
    assert entry["Timestamp"]["Indication"] == "INDETERMINATE"
    [told] = alone["DetailedReport"]["signatureOrTimestampOrEvidenceRecord"]
    assert told["Timestamp"]["Id"] == entry["Timestamp"]["Id"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["QQ==", "MAA=", "NONE"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
DOCUMENT = st.fixed_dictionaries(
    {"bytes": st.sampled_from(["MAA=", "JVBERi0xLjc=", "***", "QQ=="])},
    optional={"name": st.text(max_size=9), "digestAlgorithm": st.text(max_size=9) | st.none()},
)
FIELDS = (
    "originalDocuments", "policy", "validationTime", "evidenceRecords", "tokenExtractionStrategy", "signatureId"
)  # fmt: skip


@given(
    document=DOCUMENT | ANYTHING, originals=st.lists(DOCUMENT, max_size=2) | st.none(),
    more=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=2), address=st.sampled_from([VALIDATE, ORIGINALS]),
)  # fmt: skip
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered_or_refused(
    installation: Any, document: Any, originals: Any, more: Any, address: str
):
    request = {"signedDocument": document, "originalDocuments": originals} | more
    assert installation.client.post(address, json=request).status_code in {200, 404, 422}
