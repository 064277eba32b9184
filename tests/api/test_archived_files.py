"""Files with a document time-stamp behind their signatures, checked over HTTP."""

from typing import Any

from api.usecases.signing_parts import credential_of, evidence_source, time_stamper
from signing.pades import SigningRequest, augment_pdf, sign_pdf
from signing.registry_sql import RegistrySql
from tests.api.office import issue_certificate, official
from tests.fakes.sample_pdf import small


def test_a_time_stamp_that_ends_in_a_zero_octet_is_whole_beside_its_padding(installation: Any) -> None:
    services, at = installation.services, installation.clock.at
    certificate = issue_certificate(installation, official("leader"))
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(certificate))
    stamp, evidence = time_stamper(services, at), evidence_source(services, at)
    request = SigningRequest(credential=credential, field_name="Person")
    signed = sign_pdf(small(), request, keys=services.keys, stamp=stamp, evidence=evidence, at=at)

    def ending_in_zero(asked: bytes) -> bytes:
        answers = (stamp(asked) for _ in range(20_000))
        return next(answer for answer in answers if answer.endswith(b"\0"))  # one in 256

    archived = augment_pdf(signed.pdf, stamp=ending_in_zero, evidence=evidence, at=at)
    answer = installation.client.post(
        "/v1/verifications", files={"file": ("a.pdf", archived.pdf, "application/pdf")}
    ).json()
    assert answer["verdict"] == "valid", [one["errors"] for one in answer["signatures"]]
    assert [one["kind"] for one in answer["signatures"]] == ["signature", "timestamp"]
