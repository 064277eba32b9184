"""The ETSI validation report: the schema's shape, every reference resolved, a stranger's text never in its way."""

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyhanko.generated.etsi import ts_11910202 as bindings
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from signing.validation import POLICIES, Reason, Report, SignatureReport, Verdict, unchecked_report, verify_pdf
from signing.validation.building_blocks import Block, building_blocks
from signing.validation.etsi_report import etsi_report
from signing.validation.foreign_text import harmless
from signing.validation.indications import Indication
from signing.validation.report_names import (
    certificate_identifier,
    digest_uri,
    format_name,
    signature_identifiers,
    signature_uri,
)
from tests.fakes.stamped_pdf import document_stamped

AT = datetime(2026, 8, 5, 2, 0, tzinfo=UTC)
NS = {"v": "http://uri.etsi.org/19102/v1.4.1#", "ds": "http://www.w3.org/2000/09/xmldsig#"}
SAID = "urn:etsi:019102:"
POLICY = POLICIES["vn.tt15-2025"]


@pytest.fixture(scope="module")
def reports(pki: Any, sign: Any, sample_pdf: Any) -> dict[str, Report]:
    clean = sign(sample_pdf.small(), reason="Phê duyệt", location="Quảng Yên").pdf
    twice = sign(clean, field_name="Second").pdf
    files = {
        "valid": clean,
        "two signatures": twice,
        "altered": clean.replace(b"100 50 re f", b"100 51 re f"),
        "no time": sign(sample_pdf.small(), level="B-B").pdf,
        "no signature": sample_pdf.small(),
        "damaged": sample_pdf.small()[:200],
        "stamped": document_stamped(clean, pki),
        "stamps only": document_stamped(sample_pdf.small(), pki),
    }
    answers = {name: verify_pdf(pdf, anchors=pki.anchors(), policy=POLICY, at=pki.at) for name, pdf in files.items()}
    assert answers["valid"].verdict is Verdict.VALID
    assert answers["altered"].verdict is Verdict.INVALID
    return answers


def tree(report: Report) -> Any:
    return etree.fromstring(etsi_report(report))


def texts(root: Any, path: str) -> list[str]:
    return [str(found) for found in root.xpath(path, namespaces=NS)]


NAMES = ("valid", "two signatures", "altered", "no time", "no signature", "damaged", "stamped", "stamps only")


@pytest.mark.parametrize("name", NAMES)
def test_the_report_is_read_by_other_bindings_of_the_schema_and_written_in_the_same_order(reports: Any, name: str):
    # the bindings at hand are of V1.2.1; V1.4.1 changed the namespace and kept what we write
    document = etsi_report(reports[name], validator=b"certificate").replace(b"/v1.4.1#", b"/v1.2.1#")
    parser = XmlParser(config=ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True))
    read = parser.from_bytes(document, bindings.ValidationReport)
    assert len(read.signature_validation_report) >= 1
    again = etree.fromstring(XmlSerializer().render(read).encode())
    assert order(again) == order(etree.fromstring(document))


def order(root: Any) -> list[str]:
    """Names in document order; attributes of a signature may come in any (a choice in the schema)."""
    free = "{*}SignatureAttributes"
    return [etree.QName(e).localname for e in root.iter() if next(e.iterancestors(free), None) is None]


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_points_to_an_object_and_no_id_comes_twice(reports: Any, name: str):
    root = tree(reports[name])
    ids = texts(root, "//@id")
    assert len(set(ids)) == len(ids)
    assert {one for refs in texts(root, "//@VOReference") for one in refs.split()} <= set(ids)


def test_indication_time_chain_and_algorithm_of_a_valid_signature_are_told(reports: Any):
    report = reports["valid"]
    [signature] = [one for one in report.signatures if one.kind == "signature"]
    root = tree(report)
    assert texts(root, "//v:SignatureValidationReport/v:SignatureValidationStatus/v:MainIndication/text()") == [
        f"{SAID}mainindication:total-passed"
    ]
    assert texts(root, "//v:BestSignatureTime/v:POETime/text()") == ["2026-08-05T02:00:00Z"]
    assert texts(root, "//v:BestSignatureTime/v:POEObject/@VOReference")[0].startswith("T-")
    assert texts(root, "//v:CertificateChain/v:SigningCertificate/@VOReference") == [
        certificate_identifier(signature.chain[0])
    ]
    assert texts(root, "//v:CryptoInformation/v:Algorithm/text()") == [
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    ]
    assert texts(root, "//v:SignerInformation/v:Signer/text()") == ["Nguyễn Thị Ánh"]
    assert texts(root, "//v:Reason/v:ReasonElement/text()") == ["Phê duyệt"]
    assert texts(root, "//v:SubFilter/v:SubFilterElement/text()") == ["ETSI.CAdES.detached"]
    assert texts(root, "//v:ByteRange/text()") == [" ".join(map(str, signature.byte_range))]


def test_no_certificate_leaves_as_a_whole_nor_the_number_in_its_subject(reports: Any):
    document = etsi_report(reports["valid"])
    assert b"022190000001" not in document
    root = etree.fromstring(document)
    assert not texts(root, "//v:base64")
    assert "certificate" in {kind.rpartition(":")[2] for kind in texts(root, "//v:ObjectType/text()")}


def test_an_altered_file_is_total_failed_with_its_sub_indication_and_the_blocks_that_were_not_reached_are_disabled(
    reports: Any,
):
    root = tree(reports["altered"])
    status = "//v:SignatureValidationReport/v:SignatureValidationStatus"
    assert texts(root, f"{status}/v:MainIndication/text()") == [f"{SAID}mainindication:total-failed"]
    assert texts(root, f"{status}/v:SubIndication/text()") == [f"{SAID}subindication:HASH_FAILURE"]
    constraint = "//v:ValidationConstraint[contains(v:ValidationConstraintIdentifier, 'cryptographic')]"
    assert texts(root, f"{constraint}/v:ValidationStatus/v:MainIndication/text()") == [f"{SAID}mainindication:failed"]
    assert f"{SAID}constraintStatus:disabled" in texts(root, "//v:ConstraintStatus/v:Status/text()")
    assert not texts(root, "//v:SignersDocument/v:DigestAlgAndValue")  # what was signed is not this file


def test_without_a_proven_time_the_moment_of_checking_stands_and_no_object_proves_it(reports: Any):
    root = tree(reports["no time"])
    assert texts(root, "//v:BestSignatureTime/v:POETime/text()") == texts(root, "//v:ValidationTime/text()")
    assert not texts(root, "//v:POEObject/@VOReference")


@pytest.mark.parametrize(
    ("name", "said"),
    [("no signature", "urn:anso:mainindication:no_signature"), ("damaged", f"{SAID}mainindication:indeterminate")],
)
def test_a_file_without_readable_signature_says_so_and_never_passed(reports: Any, name: str, said: str):
    root = tree(reports[name])
    assert texts(root, "//v:SignatureValidationReport//v:MainIndication/text()") == [said]


def test_a_document_time_stamp_is_an_object_with_its_own_report_by_the_digest_of_its_token(reports: Any):
    report = reports["stamped"]
    stamp = next(one for one in report.signatures if one.kind == "timestamp")
    name = dict(zip(report.signatures, signature_identifiers(report), strict=True))[stamp]
    root = tree(report)
    assert len(texts(root, "//v:SignatureValidationReport/v:SignatureIdentifier/@id")) == 1
    [found] = root.xpath(f"//v:ValidationObject[@id='{name}']", namespaces=NS)
    assert texts(found, "v:ValidationReport//v:MainIndication/text()") == [f"{SAID}mainindication:passed"]
    digest = sha256(stamp.timestamps[0].token).digest()
    assert texts(found, ".//ds:DigestValue/text()") == [b64encode(digest).decode()]
    assert cms.ContentInfo.load(stamp.timestamps[0].token, strict=True)  # no padding


def test_a_file_with_time_stamps_only_has_no_signature(reports: Any):
    root = tree(reports["stamps only"])
    assert texts(root, "//v:SignatureValidationReport//v:MainIndication/text()") == [
        "urn:anso:mainindication:no_signature"
    ]
    assert texts(root, "//v:ValidationObject/v:ValidationReport//v:MainIndication/text()") == [
        f"{SAID}mainindication:indeterminate"  # nothing in the file says that the stamper was not revoked
    ]


def test_a_signature_is_named_by_the_digest_of_what_its_value_is_over(reports: Any):
    signature = reports["valid"].signatures[0]
    [digest] = texts(tree(reports["valid"]), "//v:SignatureIdentifier/v:DigestAlgAndValue/ds:DigestValue/text()")
    key = x509.load_der_x509_certificate(signature.chain[0]).public_key()
    key.verify(signature.signature_value, b64decode(digest), ec.ECDSA(Prehashed(hashes.SHA256())))


def hostile(text: str) -> Report:
    signature = SignatureReport(
        field=text, kind="signature", verdict=Verdict.INDETERMINATE, reason=Reason.STATUS_UNKNOWN,
        indication=Indication.INDETERMINATE, sub_indication="TRY_LATER", intact=True, common_name=text,
        organisation=text, title=text, role=text, reason_text=text, location=text, contact=text,
        sub_filter="/" + text, policy_oid=text, errors=(text,), digest_algorithm=text, signature_algorithm=text,
        signed_digest=b"x", level=text, chain=(b"not a certificate",), certificate_sha256="ab" * 32,
    )  # fmt: skip
    return Report(file_sha256="cd" * 32, file_size=1, policy_id="vn.tt15-2025", checked_at=AT, signatures=(signature,))


@pytest.mark.parametrize(
    "text",
    [
        "</Signer><MainIndication>urn:etsi:019102:mainindication:total-passed</MainIndication>",
        "]]><!--&nbsp;", "\x00\x01\x1b[31m", "\u202egnorw\u202c", "\ud800", "\ufffe\uffff", "N" * 100_000,
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    ],
)  # fmt: skip
def test_hostile_texts_neither_break_the_report_nor_change_its_answer(text: str):
    document = etsi_report(hostile(text))
    root = etree.fromstring(document)
    status = "//v:SignatureValidationReport/v:SignatureValidationStatus/v:MainIndication/text()"
    assert texts(root, status) == [f"{SAID}mainindication:indeterminate"]
    assert len(document) < 20_000
    assert "\u202e".encode() not in document


@given(st.text(max_size=400))
@settings(max_examples=50, deadline=None)
def test_any_text_gives_a_report_that_parses(text: str):
    assert etree.fromstring(etsi_report(hostile(text))).tag.endswith("ValidationReport")


@given(st.text(max_size=2000))
def test_harmless_text_is_bounded_and_of_one_line(text: str):
    shown = harmless(text, limit=50)
    assert len(shown) <= 50
    assert not set(shown) & set("\n\r\t\u202e\u2066\x00")


def test_harmless_text_keeps_vietnamese_names():
    assert harmless("Nguyễn Thị Hồng Gấm") == "Nguyễn Thị Hồng Gấm"
    assert harmless("Nguyễn") == "Nguyễn"  # NFD in, NFC out


@pytest.mark.parametrize(
    ("level", "sub_filter", "name"),
    [
        ("B-LT", "/ETSI.CAdES.detached", "PAdES-BASELINE-LT"),
        ("B-LTA", "/ETSI.CAdES.detached", "PAdES-BASELINE-LTA"),
        ("B-B", "", "CAdES-BASELINE-B"),
        ("CAdES-B-T", "", "CAdES-BASELINE-T"),
        ("PKCS7-T", "/adbe.pkcs7.detached", "PKCS7-T"),
        ("BES", "/ETSI.CAdES.detached", "PAdES-BES"),
        ("EPES", "/ETSI.CAdES.detached", "PAdES-EPES"),
        ("LTV", "/ETSI.CAdES.detached", "PAdES-LTV"),
        (None, "/adbe.x509.rsa_sha1", "PDF-NOT-ETSI"),
        (None, "", "CMS-NOT-ETSI"),
    ],
)
def test_levels_are_named_as_dss_names_them(reports: Any, level: str | None, sub_filter: str, name: str):
    signature = replace(reports["valid"].signatures[0], level=level, sub_filter=sub_filter)
    assert format_name(signature) == name


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("RSA_SHA1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("RSA_SHA256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("RSASSA_PSS_SHA512", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"),
        ("ECDSA_SHA384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
        ("ECDSA_SHA3_256", "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-256"),
        ("EDDSA_ED25519", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
        ("what <ever>", "urn:anso:algorithm:whatever"),
    ],
)
def test_signature_algorithms_have_the_uris_of_rfc_9231(name: str, uri: str):
    assert signature_uri(name) == uri


def test_digest_algorithms_have_the_uris_of_rfc_9231():
    assert digest_uri("SHA256") == "http://www.w3.org/2001/04/xmlenc#sha256"
    assert digest_uri("SHA3-256") == "http://www.w3.org/2007/05/xmldsig-more#sha3-256"
    assert digest_uri("<x>") == "urn:anso:algorithm:x"


def test_identifiers_are_the_same_every_time_and_differ_within_a_file(reports: Any):
    twice = reports["two signatures"]
    names = signature_identifiers(twice)
    assert names == signature_identifiers(twice)
    assert len(set(names)) == len(twice.signatures)
    same_field = replace(twice, signatures=(twice.signatures[0],) * 3)
    assert len(set(signature_identifiers(same_field))) == 3


def test_a_valid_signature_has_passed_every_block_and_a_broken_one_names_where(reports: Any):
    valid, altered = (reports[name].signatures[0] for name in ("valid", "altered"))
    assert {answer.indication for answer in building_blocks(valid).values()} == {"PASSED"}
    assert set(building_blocks(valid)) == set(Block)
    blocks = building_blocks(altered)
    assert (blocks[Block.INTEGRITY].indication, blocks[Block.INTEGRITY].sub_indication) == ("FAILED", "HASH_FAILURE")
    assert Block.CHAIN not in blocks


def test_a_broken_value_beside_another_reason_is_not_hidden(reports: Any):
    odd = replace(
        reports["altered"].signatures[0], sub_indication="NO_CERTIFICATE_CHAIN_FOUND",
        indication=Indication.INDETERMINATE,
    )  # fmt: skip
    assert building_blocks(odd)[Block.INTEGRITY].indication == "FAILED"
    assert building_blocks(odd)[Block.CHAIN].indication == "INDETERMINATE"


def test_a_check_that_broke_off_has_an_etsi_report_too():
    report = unchecked_report(b"x", policy=POLICY, at=AT, fault=Reason.CHECK_TOO_COSTLY)
    assert "CHECK_TOO_COSTLY" in texts(tree(report), "//v:ReportData/v:Value/text()")[0]


@pytest.mark.parametrize("name", ["valid", "altered", "no time"])
def test_every_report_has_the_seven_things_that_the_circular_asks_for(reports: Any, name: str):
    for signature in reports[name].document()["signatures"]:
        minimum = signature["legal_minimum"]
        assert set(minimum) == {
            "issuer", "signer", "certificate_managing_unit", "signing_time", "integrity", "validity_at_signing_time",
            "certificate_period",
        }  # fmt: skip
        assert minimum["signer"] == "Nguyễn Thị Ánh"
        assert minimum["certificate_managing_unit"] == "Anso test"  # no register knows it: who issued it


def said_of(root: Any) -> list[dict[str, str]]:
    """Per signature: what stands under names of ours."""
    return [
        {kind.removeprefix("urn:anso:report:"): value for kind, value in zip(
            texts(one, ".//v:ReportData/v:Type/text()"), texts(one, ".//v:ReportData/v:Value/text()"), strict=True
        )}
        for one in root.xpath("v:SignatureValidationReport", namespaces=NS)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["valid", "two signatures", "altered", "no time"])
def test_the_xml_says_the_seven_things_too_in_the_same_words(reports: Any, name: str):
    found = said_of(tree(reports[name]))
    for said, signature in zip(found, reports[name].document()["signatures"], strict=True):
        minimum = signature["legal_minimum"]
        for plain in ("issuer", "signer", "certificate_managing_unit", "integrity", "validity_at_signing_time"):
            assert said[f"legal_minimum:{plain}"] == minimum[plain]
        time, period = minimum["signing_time"], minimum["certificate_period"]
        assert said["legal_minimum:signing_time"] == f"{time['at']} ({time['source']})"
        assert said["legal_minimum:certificate_period"] == f"{period['not_before']}/{period['not_after']}"


def test_the_xml_says_the_three_answers_and_that_a_development_root_has_no_legal_value(reports: Any):
    report = reports["valid"]  # the tests' infrastructure stands under a development root
    (said,) = said_of(tree(report))
    assert said["reason"].startswith("DEVELOPMENT_NO_LEGAL_VALUE: ")
    assert (said["verdict"], said["acceptance"]) == ("valid", report.acceptance)
    assert said["entitlement"] == " ".join((report.entitlement.status, *report.entitlement.reasons))
    assert said["document_state"] == report.document_state


def test_evidence_that_the_file_and_the_caller_both_have_is_one_object(reports: Any):
    report = reports["valid"]
    one = report.signatures[0]
    again = replace(one.evidence[0], source="given")
    both = replace(report, signatures=(replace(one, evidence=(*one.evidence, again)),))
    path = "//v:RelatedValidationObject/@VOReference"
    assert texts(tree(both), path) == texts(tree(report), path)
    assert len(set(texts(tree(report), path))) == len(texts(tree(report), path)) > 0


def test_the_legal_minimum_says_what_was_found_and_no_more(reports: Any):
    valid, altered, plain = (
        reports[name].document()["signatures"][0]["legal_minimum"] for name in ("valid", "altered", "no time")
    )
    assert (valid["integrity"], valid["validity_at_signing_time"]) == ("intact", "valid")
    assert (altered["integrity"], altered["validity_at_signing_time"]) == ("broken", "unknown")
    assert valid["signing_time"]["source"] == "signature_timestamp"
    assert plain["signing_time"]["source"] == "claimed"
