"""A container whose only believable time is its archive time-stamp: every form of the report says so."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from api.cli.verify_text import answer_text
from api.rendering import render_report
from api.rendering.report_texts import TIME_SOURCES
from api.schemas.verifications import StampedTime
from api.ui.messages import translator
from api.ui.view import verdict_view
from api.usecases.dss_report import dss_reports
from api.usecases.siva_report import Question, siva_conclusion
from signing.validation import VN_TT15_2025, Report, Verdict, verify_detached
from signing.validation.etsi_report import etsi_report
from tests.fakes import archived_cms
from tests.fakes import cms_builder as cms
from tests.fakes.small_pki import SmallPki

CONTENT = b"contract" * 20
SOURCE = "archive_timestamp"


@pytest.fixture(scope="module")
def report() -> Report:
    pki = SmallPki()
    by = cms.signer(pki, "p256")

    def stamp(data: bytes) -> bytes:
        return cms.token(pki, data)

    archive = archived_cms.Archive(stamp=stamp, named=False, kept=False)  # no time-stamp of the signature is there
    above = (pki.ca.der, pki.root.der)
    evidence = pki.evidence((by.certificate, *above)).merged(pki.evidence((cms.clock(pki).certificate, *above)))
    found = verify_detached(
        archived_cms.archived(cms.Plan(by=by), CONTENT, stamp, archive), CONTENT, anchors=pki.anchors(),
        policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5), evidence=evidence,
    )  # fmt: skip
    assert (found.verdict, found.signatures[0].best_time_source) == (Verdict.VALID, SOURCE)
    return found


def test_the_document_has_the_shape_that_is_described(report: Report) -> None:
    found = report.document()["signatures"][0]["best_signature_time"]
    assert StampedTime.model_validate(found).source == SOURCE


def test_the_pages_the_printed_report_and_the_command_line_say_by_what_the_time_is_proved(report: Report) -> None:
    document = report.document()
    assert render_report(document, "Anso").startswith(b"%PDF-")
    assert TIME_SOURCES[SOURCE].vi in answer_text("a", document)
    view = verdict_view(document, translator("vi"), "vi")
    assert TIME_SOURCES[SOURCE].vi in dict(view.details[0].rows)["Thời điểm ký"]
    assert any(line.startswith("Có dấu thời gian: ") for line in view.checks[0].lines)


def test_the_xml_names_the_time_stamp_as_what_it_is_and_as_the_proof(report: Report) -> None:
    root = etree.fromstring(etsi_report(report))
    (stamp,) = root.iter("{*}ArchiveTimeStamp")
    assert not list(root.iter("{*}SignatureTimeStamp"))
    named = stamp.find("{*}AttributeObject").get("VOReference")
    assert [one.get("VOReference") for one in root.iter("{*}POEObject")] == [named]


def test_siva_is_told_of_an_archive_time_stamp(report: Report) -> None:
    (found,) = siva_conclusion(report, Question(filename="a.p7s"))["signatures"]
    (stamp,) = found["info"]["archiveTimestamps"]
    assert (stamp["indication"], stamp["signedTime"]) == ("PASSED", found["info"]["bestSignatureTime"])
    assert (stamp["signedBy"], stamp["country"]) == ("Test TSA", "VN")
    assert base64.b64decode(stamp["content"])
    assert {one["type"] for one in found["certificates"]} == {"SIGNING", "ARCHIVE_TIMESTAMP"}


def test_dss_is_told_of_an_archive_time_stamp(report: Report) -> None:
    found: dict[str, Any] = dss_reports(report, "a.p7s")
    (stamp,) = found["DiagnosticData"]["Timestamp"]
    assert stamp["Type"] == "ARCHIVE_TIMESTAMP"
    (signature,) = found["DiagnosticData"]["Signature"]
    assert [one["Location"] for one in signature["FoundTimestamp"]] == ["ARCHIVE_TIMESTAMP"]
