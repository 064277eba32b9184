"""OCSP answers as the outside gets them: what is kept, what is signed ahead, and how soon a change is seen."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.bootstrap import build_services
from api.settings import Settings
from api.usecases import presign_answers as presigning
from api.usecases import sign_status as signing_status
from api.usecases.answer_ocsp import SPARE, answer_ocsp
from api.usecases.presign_answers import HOT, presign_answers
from api.usecases.sign_status import ANSWER_LIFE, FINAL_LIFE
from signing.errors import CertificateNotUsable
from signing.keys.der import integer, oid, tlv
from signing.registry import CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import RegistrySql
from signing.registry_sql.tables import CERTIFICATES
from signing.revocation import build_ocsp_request, parse_ocsp_request
from tests.api.pki.watched import ENDED, ON_HOLD, SHA1, Watched
from tests.fakes.failing_keys import FailingKeys

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def date_of(answer: Any, header: str) -> datetime:
    return parsedate_to_datetime(answer.headers[header])


def test_an_answer_without_a_nonce_is_kept_and_given_again_until_shortly_before_its_end(watched: Watched) -> None:
    first = watched.get()
    watched.installation.clock.forward(minutes=50)
    assert watched.get().content == first.content
    assert watched.client.post("/pki/ocsp/personal", content=watched.request()).content == first.content
    watched.installation.clock.at += timedelta(minutes=10) - SPARE
    renewed = watched.get()
    assert renewed.content != first.content
    got = ocsp.load_der_ocsp_response(renewed.content)
    assert (got.this_update_utc, got.next_update_utc) == (watched.at, watched.at + ANSWER_LIFE)


def test_an_answer_with_a_nonce_is_signed_anew_and_kept_by_nobody(watched: Watched) -> None:
    kept_answer = watched.get().content
    answer = watched.client.post("/pki/ocsp/personal", content=watched.request(nonce=b"n" * 128))
    assert answer.headers["cache-control"] == "no-store"
    got = ocsp.load_der_ocsp_response(answer.content)
    assert got.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 128
    assert watched.get().content == kept_answer


@pytest.mark.parametrize("digest", [SHA1, hashes.SHA256(), hashes.SHA384()])
def test_every_spelling_of_a_question_has_its_own_answer(watched: Watched, digest: hashes.HashAlgorithm) -> None:
    for _ in range(2):
        got = watched.post(watched.request(digest=digest))
        assert (got.hash_algorithm.name, got.certificate_status) == (digest.name, GOOD)


def test_a_hold_a_release_and_a_revocation_are_answered_at_once_by_every_process(watched: Watched) -> None:
    """Two processes on one database: each has its own services, neither keeps anything to itself."""
    other = build_services(Settings(data=watched.services.settings.data), clock=watched.installation.clock)

    def answers() -> list[tuple[Any, Any]]:
        found = []
        for services in (watched.services, other):
            got = ocsp.load_der_ocsp_response(answer_ocsp("personal", watched.request(), services, watched.at).der)
            found.append((got.certificate_status, got.revocation_reason))
        return found

    assert answers() == [(GOOD, None)] * 2
    watched.change(ON_HOLD, RevocationReason.HOLD)
    assert answers() == [(REVOKED, x509.ReasonFlags.certificate_hold)] * 2
    watched.change(CertificateStatus.ACTIVE, None)
    assert answers() == [(GOOD, None)] * 2
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    assert answers() == [(REVOKED, x509.ReasonFlags.key_compromise)] * 2
    other.close()


def test_an_answer_that_was_being_signed_during_a_revocation_is_not_kept(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = signing_status.build_ocsp_response

    def slow(*given: Any, **more: Any) -> bytes:
        der = real(*given, **more)
        if watched.read().status is CertificateStatus.ACTIVE:
            watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
        return der

    monkeypatch.setattr(signing_status, "build_ocsp_response", slow)
    assert watched.post().certificate_status is GOOD  # asked before the revocation: true when it was asked
    assert watched.post().certificate_status is REVOKED


def test_headers_of_a_get_let_a_cache_show_an_answer_for_five_seconds(watched: Watched) -> None:
    answer = watched.get()
    assert answer.headers["content-type"] == "application/ocsp-response"
    assert answer.headers["cache-control"] == "public, max-age=5, no-transform, must-revalidate"
    assert date_of(answer, "expires") == watched.at + timedelta(seconds=5)
    assert date_of(answer, "last-modified") == watched.at.replace(microsecond=0)
    assert watched.get(headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    head = watched.client.head(watched.address())
    assert (head.status_code, head.headers["etag"]) == (200, answer.headers["etag"])
    post = watched.client.post("/pki/ocsp/personal", content=watched.request())
    assert post.headers["cache-control"] == "no-store"


def test_what_was_never_issued_is_unknown_and_fills_no_table(watched: Watched) -> None:
    authority = watched.issuer.public_bytes(Encoding.DER)
    for serial in range(2, 6):
        one = build_ocsp_request((serial,), authority).certificates[0].encoded
        got = watched.post(tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, one)))))
        assert got.certificate_status is UNKNOWN
        assert watched.kept(one) is None


def test_no_cache_keeps_that_something_is_unknown(watched: Watched) -> None:
    asked = build_ocsp_request((7,), watched.issuer.public_bytes(Encoding.DER)).certificates[0].encoded
    request = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, asked))))
    answer = watched.client.get(f"/pki/ocsp/personal/{quote(base64.b64encode(request).decode(), safe='')}")
    assert ocsp.load_der_ocsp_response(answer.content).certificate_status is UNKNOWN
    assert answer.headers["cache-control"] == "no-store"


def test_while_the_signers_key_is_away_the_answer_is_try_later_and_then_the_truth(watched: Watched) -> None:
    watched.change(ON_HOLD, RevocationReason.HOLD)
    away = replace(watched.services, keys=FailingKeys(watched.services.keys, lambda _key_id: True))
    request = watched.request()
    for _ in range(2):
        answer = answer_ocsp("personal", request, away, watched.at)
        assert ocsp.load_der_ocsp_response(answer.der).response_status is ocsp.OCSPResponseStatus.TRY_LATER
        assert answer.next_update is None
    assert watched.post().certificate_status is REVOKED
    assert ocsp.load_der_ocsp_response(answer_ocsp("personal", request, away, watched.at).der).certificate_status is (
        REVOKED  # a kept answer needs no key
    )


def test_a_strangers_question_with_a_serial_of_ours_fills_no_table(watched: Watched) -> None:
    own = parse_ocsp_request(watched.request()).certificates[0]
    stranger = own.encoded.replace(own.name_hash, b"x" * len(own.name_hash))
    got = watched.post(tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, stranger)))))
    assert got.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert watched.kept(stranger) is None


def test_what_is_recorded_but_not_signed_yet_is_unknown(watched: Watched) -> None:
    with watched.services.db.transaction() as tx:
        columns = CERTIFICATES.c
        recorded = columns.certificate_id == watched.certificate_id
        tx.execute(CERTIFICATES.update().where(recorded).values(status=CertificateStatus.RECORDED.value))
    assert watched.post().certificate_status is UNKNOWN
    assert watched.kept() is None


def test_what_a_withdrawn_signer_signed_is_given_to_nobody(watched: Watched) -> None:
    watched.get()
    assert watched.kept() is not None
    with watched.services.db.transaction() as tx:
        signer = RegistrySql(tx).by_service("ocsp:personal")[0]
        step = StatusChange(
            certificate_id=signer.certificate_id, before=signer.status, after=ENDED, at=watched.at, actor="acc_test",
            reason=RevocationReason.KEY_COMPROMISE,
        )  # fmt: skip
        RegistrySql(tx).change_status(step)
    assert watched.kept() is None
    answer = watched.post()
    assert answer.certificates[0].serial_number != signer.serial


def test_a_revoked_certificate_is_answered_for_longer_because_it_stays_so(watched: Watched) -> None:
    watched.change(ENDED, RevocationReason.CESSATION)
    got = watched.post()
    assert got.next_update_utc == watched.at + FINAL_LIFE
    watched.installation.clock.forward(hours=20)
    assert watched.post().this_update_utc == watched.at - timedelta(hours=20)


def test_no_answer_outlives_the_certificate_of_its_signer(watched: Watched) -> None:
    watched.change(ENDED, RevocationReason.CESSATION)
    with watched.services.db.reading() as tx:
        signer = RegistrySql(tx).by_service("ocsp:personal")[0]
    watched.installation.clock.at = signer.not_after - timedelta(hours=2)
    got = watched.post()
    assert got.next_update_utc == signer.not_after


def test_an_expired_certificate_is_still_answered_for_and_the_answer_says_how_far_back(watched: Watched) -> None:
    watched.installation.clock.at = watched.record.not_after + timedelta(days=1)
    got = watched.post()
    assert got.certificate_status is GOOD
    (single,) = got.single_extensions
    assert single.oid.dotted_string == "1.3.6.1.5.5.7.48.1.6"


def asked(watched: Watched, *serials: int, more: bytes = b"") -> bytes:
    authority = watched.issuer.public_bytes(Encoding.DER)
    one = (tlv(0x30, each.encoded) for each in build_ocsp_request(serials, authority).certificates)
    return tlv(0x30, tlv(0x30, tlv(0x30, *one), more))


def test_several_questions_in_one_request_are_answered_and_not_kept(watched: Watched) -> None:
    request = asked(watched, watched.record.serial, 5)
    answer = watched.client.post("/pki/ocsp/personal", content=request).content
    states = [one.certificate_status for one in ocsp.load_der_ocsp_response(answer).responses]
    assert states == [GOOD, UNKNOWN]
    assert watched.kept() is None


def null_with_content(watched: Watched) -> bytes:
    """The question in one of the spellings of which there is no end: each would be signed and kept."""
    own = parse_ocsp_request(watched.request()).certificates[0]
    algorithm = tlv(0x30, oid("1.3.14.3.2.26"), tlv(0x05, b"any"))
    one = tlv(0x30, algorithm, tlv(0x04, own.name_hash), tlv(0x04, own.key_hash), integer(own.serial))
    return tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, one))))


def test_protocol_errors_have_the_protocols_words(watched: Watched) -> None:
    critical = tlv(0xA2, tlv(0x30, tlv(0x30, oid("1.2.3.4"), b"\x01\x01\xff", tlv(0x04, b"x"))))
    stranger = tlv(
        0x30, tlv(0x30, oid("2.16.840.1.101.3.4.2.1")), tlv(0x04, b"x" * 32), tlv(0x04, b"y" * 32), integer(5)
    )
    foreign = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, stranger))))
    md5 = foreign.replace(oid("2.16.840.1.101.3.4.2.1"), oid("2.16.840.1.101.3.4.9.9"))
    good = watched.request()
    for request, error in (
        (asked(watched, 5, more=critical), "MALFORMED_REQUEST"),
        (asked(watched, *range(1, 18)), "MALFORMED_REQUEST"),
        (watched.request(nonce=b"n" * 129), "MALFORMED_REQUEST"),
        (good[:-1], "MALFORMED_REQUEST"),
        (good + b"\x00", "MALFORMED_REQUEST"),
        (null_with_content(watched), "MALFORMED_REQUEST"),
        (foreign, "UNAUTHORIZED"),
        (md5, "UNAUTHORIZED"),
    ):
        assert watched.post(request).response_status.name == error


def test_answers_about_what_was_withdrawn_are_signed_before_anybody_asks(watched: Watched) -> None:
    assert presign_answers(watched.services, watched.at) == 0
    watched.change(ON_HOLD, RevocationReason.HOLD)
    assert presign_answers(watched.services, watched.at) == 2
    assert presign_answers(watched.services, watched.at) == 0  # done twice, nothing the second time
    signed_at = watched.at
    watched.installation.clock.forward(minutes=20)
    for digest in (SHA1, hashes.SHA256()):
        got = watched.post(watched.request(digest=digest))
        assert (got.certificate_status, got.this_update_utc) == (REVOKED, signed_at)


def test_answers_that_are_asked_for_often_are_renewed_and_others_are_dropped(watched: Watched) -> None:
    first = watched.get().content
    watched.installation.clock.at += ANSWER_LIFE - 2 * SPARE
    assert presign_answers(watched.services, watched.at) == 1
    renewed_at = watched.at
    watched.installation.clock.forward(minutes=1)
    again = watched.get().content
    assert again != first
    assert ocsp.load_der_ocsp_response(again).this_update_utc == renewed_at
    watched.installation.clock.at += HOT + timedelta(hours=1)
    assert presign_answers(watched.services, watched.at) == 0
    assert watched.kept() is None


def test_answers_about_what_is_withdrawn_are_renewed_though_nobody_asks(watched: Watched) -> None:
    watched.change(ENDED, RevocationReason.CESSATION)
    assert presign_answers(watched.services, watched.at) == 2
    for _ in range(3):
        watched.installation.clock.forward(days=1)
        assert presign_answers(watched.services, watched.at) == 2


def test_the_last_question_is_remembered_without_a_write_for_each(watched: Watched) -> None:
    watched.get()

    def asked_at() -> datetime:
        found = watched.kept()
        assert found is not None
        return found.asked_at

    begun = asked_at()
    watched.installation.clock.forward(minutes=9)
    watched.get()
    assert asked_at() == begun
    watched.installation.clock.forward(minutes=2)
    watched.get()
    assert asked_at() == watched.at


def test_where_the_signer_cannot_be_renewed_nothing_is_signed_and_the_list_round_goes_on(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise CertificateNotUsable("run out")

    monkeypatch.setattr(presigning, "current_responder", none)
    watched.change(ENDED, RevocationReason.CESSATION)
    assert presign_answers(watched.services, watched.at) == 0
