"""Files that other programs signed and went on writing (tests/vectors/producers): no false alarm, no missed change."""

from typing import NamedTuple

import pytest

from tests.fakes.producers import producer_files, verified_pdf


class Expected(NamedTuple):
    """What a file must give: verdict, signatures and time-stamps, worst change after the first of them, its level."""

    verdict: str
    signatures: int
    stamps: int
    changes: str
    level: str


TABLE = {
    "itext5_cms": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "itext5_cades_t": Expected("valid", 1, 0, "none", "B-T"),
    "itext5_two": Expected("valid", 2, 0, "permitted", "B-T"),
    "itext5_two_lta2": Expected("valid", 2, 2, "permitted", "B-LTA"),
    "itext5_full_lta": Expected("valid", 1, 1, "permitted", "B-LTA"),
    "itext5_cert1_lt": Expected("valid", 1, 0, "permitted", "B-B"),
    "itext5_cert1_filled_bad": Expected("invalid", 1, 0, "forbidden", "B-B"),
    "itext5_cert2_ticked": Expected("valid", 1, 0, "form_fill", "B-B"),
    "itext5_cert2_filled_signed": Expected("valid", 2, 0, "form_fill", "B-B"),
    "itext5_cert2_refilled": Expected("indeterminate", 1, 0, "form_fill", "B-B"),
    "itext5_cert2_note_bad": Expected("invalid", 1, 0, "forbidden", "B-B"),
    "itext5_cert3_note": Expected("valid", 1, 0, "annotations", "B-B"),
    "itext5_cert3_freetext_bad": Expected("invalid", 1, 0, "forbidden", "B-B"),
    "itext5_note": Expected("valid", 1, 0, "annotations", "B-T"),
    "itext5_content_bad": Expected("invalid", 1, 0, "forbidden", "B-T"),
    "itext5_form_signed_filled": Expected("valid", 1, 0, "form_fill", "B-B"),
    "pdfbox_two_lta2": Expected("valid", 2, 2, "permitted", "PKCS7-LTA"),
    "pdfbox_cert1_dts": Expected("valid", 1, 1, "permitted", "PKCS7-T"),
    "pdfbox_cert1_signed_bad": Expected("invalid", 2, 0, "forbidden", "PKCS7-B"),
    "pdfbox_cert2_filled": Expected("valid", 1, 0, "form_fill", "PKCS7-B"),
    "pdfbox_cert2_note_bad": Expected("invalid", 1, 0, "forbidden", "PKCS7-B"),
    "pdfbox_note": Expected("valid", 1, 0, "annotations", "PKCS7-B"),
    "pdfbox_over_itext_lta": Expected("valid", 1, 1, "permitted", "B-LTA"),
    "pdfbox_over_itext_full_signed": Expected("valid", 2, 1, "permitted", "B-LTA"),
    "podofo_signed": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "fpdf_signed": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "signpdf_pdfkit_two": Expected("valid", 2, 0, "permitted", "PKCS7-B"),
    "signpdf_pdflib": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "itext2_x509": Expected("invalid", 1, 0, "none", "X509-RSA-SHA1"),
    "itext2_x509_then_sha1": Expected("invalid", 2, 0, "permitted", "X509-RSA-SHA1"),
    "itext2_verisign": Expected("invalid", 1, 0, "none", "PKCS7-B"),
    "itext5_radio": Expected("valid", 1, 0, "form_fill", "B-B"),
    "itext5_list": Expected("indeterminate", 1, 0, "form_fill", "B-B"),
    "itext5_multiline": Expected("valid", 1, 0, "form_fill", "B-B"),
    "itext5_encrypted_dts": Expected("valid", 1, 1, "permitted", "B-T"),
    "itext5_ecdsa": Expected("valid", 1, 0, "none", "B-B"),
    "itext5_ripemd160": Expected("invalid", 1, 0, "none", "B-B"),
    "itext5_link": Expected("valid", 1, 0, "annotations", "B-B"),
    "itext5_highlight": Expected("valid", 1, 0, "annotations", "B-B"),
    "itext5_popup": Expected("valid", 1, 0, "annotations", "B-B"),
    "itext5_pdf20_lt": Expected("valid", 1, 0, "permitted", "B-B"),
    "itext5_dts_alone": Expected("no_signature", 0, 1, "none", "None"),
    "pdfbox_encrypted_aes128": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "pdfbox_encrypted_rc4_filled": Expected("valid", 1, 0, "form_fill", "PKCS7-B"),
    "pdfbox_radio": Expected("valid", 1, 0, "form_fill", "BES"),
    "pdfbox_comb": Expected("valid", 1, 0, "form_fill", "BES"),
    "pdfbox_dts_certificate_in_dss": Expected("valid", 1, 1, "permitted", "PKCS7-LT"),
    "pdfbox_ocsp_lt": Expected("valid", 1, 0, "permitted", "BES"),
    "pdfbox_over_linearised": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "pdfbox_over_hybrid_two": Expected("valid", 2, 0, "permitted", "PKCS7-B"),
    "pdfbox_over_cr_two": Expected("valid", 2, 0, "permitted", "PKCS7-B"),
    "pdfbox_templates_two": Expected("valid", 2, 0, "permitted", "PKCS7-B"),
    "pdfbox_plain_ecdsa": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "openssl_pss": Expected("valid", 1, 0, "none", "PKCS7-B"),
    "openssl_ecdsa521": Expected("valid", 1, 0, "none", "BES"),
    "openssl_dts_alone": Expected("no_signature", 0, 1, "none", "None"),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_file_of_another_producer_gets_the_answer_it_deserves(name: str) -> None:
    files = producer_files()
    report, expected = verified_pdf(files, files[f"{name}.pdf"]), TABLE[name]
    first = report.signatures[0]
    found = Expected(
        report.verdict.value,
        sum(s.kind == "signature" for s in report.signatures),
        sum(s.kind == "timestamp" for s in report.signatures),
        first.changes_after.value,
        str(first.level),
    )
    assert found == expected, [(s.field, s.reason, s.changes, s.errors) for s in report.signatures]
    assert all(s.intact for s in report.signatures), "every one of them is what its program signed"


def test_every_file_of_the_archive_is_judged() -> None:
    assert {name.removesuffix(".pdf") for name in producer_files() if name.endswith(".pdf")} == set(TABLE)
