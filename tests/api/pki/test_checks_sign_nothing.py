"""Checking a file signs nothing, and a withdrawal is seen by the very next check, before a list names it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.usecases.gather_evidence import gather_evidence
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.signing_parts import credential_of, evidence_source, time_stamper
from api.usecases.verify_document import verify_file
from signing.errors import KeyNotFound
from signing.pades import SigningRequest, sign_pdf
from signing.registry import CertificateStatus, RevocationReason
from signing.registry_sql import ListName, ListsSql, RegistrySql
from signing.validation import Report
from tests.api.pki.watched import ENDED, ON_HOLD, Watched
from tests.fakes import sample_pdf

ACTIVE = CertificateStatus.ACTIVE


class NoKeys:
    """A store whose keys are all away."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object, **__: object) -> None:
            raise KeyNotFound(name)

        return refuse


def signed(watched: Watched, *, stamped: bool = True, evidence: bool = True) -> bytes:
    services, at = watched.services, watched.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(watched.certificate_id))
    return sign_pdf(
        sample_pdf.small(),
        SigningRequest(credential=credential, field_name="Person"),
        keys=services.keys,
        stamp=time_stamper(services, at) if stamped else None,
        evidence=evidence_source(services, at) if evidence else None,
        at=at,
    ).pdf


def checked(watched: Watched, pdf: bytes) -> Report:
    """The report of a service that cannot sign anything."""
    return verify_file(pdf, replace(watched.services, keys=NoKeys()), watched.at)


def numbers(watched: Watched) -> list[int]:
    with watched.services.db.reading() as tx:
        return sorted(head.number for head in ListsSql(tx).heads().values())


def outcome(report: Report) -> tuple[str, str | None]:
    (signature,) = report.signatures
    return report.verdict.value, signature.reason.value if signature.reason else None


def test_a_check_publishes_nothing_however_old_or_wrong_the_lists_are(watched: Watched) -> None:
    pdf = signed(watched, stamped=False, evidence=False)
    before = numbers(watched)
    watched.installation.clock.forward(days=3)  # a day old, and in time
    assert outcome(checked(watched, pdf)) == ("valid", None)
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    assert outcome(checked(watched, pdf)) == ("indeterminate", "CERT_REVOKED")
    watched.installation.clock.forward(days=5)  # out of time
    assert outcome(checked(watched, pdf)) == ("indeterminate", "CERT_REVOKED")
    assert numbers(watched) == before


def test_without_a_list_in_time_the_status_is_not_known(watched: Watched) -> None:
    pdf = signed(watched, stamped=False, evidence=False)
    watched.installation.clock.forward(days=8)
    assert outcome(checked(watched, pdf)) == ("indeterminate", "STATUS_UNKNOWN")


@pytest.mark.parametrize(
    ("after", "reason", "expected"),
    [
        (ENDED, RevocationReason.KEY_COMPROMISE, "REVOKED"),
        (ON_HOLD, RevocationReason.HOLD, "ON_HOLD"),
    ],
)
def test_a_withdrawal_is_seen_at_once_and_what_was_signed_before_stays_good(
    watched: Watched, after: CertificateStatus, reason: RevocationReason, expected: str
) -> None:
    earlier, bare = signed(watched), signed(watched, stamped=False, evidence=False)
    watched.installation.clock.forward(minutes=1)
    watched.change(after, reason)
    assert outcome(checked(watched, earlier)) == ("valid", None)
    assert outcome(checked(watched, bare)) == ("indeterminate", f"CERT_{expected}")
    watched.installation.clock.forward(seconds=1)
    stolen = signed(watched, evidence=False)
    assert outcome(checked(watched, stolen)) == ("invalid", f"CERT_{expected}_AT_SIGNING")
    known = [outcome(checked(watched, pdf)) for pdf in (earlier, bare, stolen)]
    publish_due_lists(watched.services, watched.at)  # nothing becomes different when the list is there
    assert [outcome(checked(watched, pdf)) for pdf in (earlier, bare, stolen)] == known


def test_a_list_that_still_names_a_released_certificate_condemns_nothing(watched: Watched) -> None:
    watched.change(ON_HOLD, RevocationReason.HOLD)
    publish_due_lists(watched.services, watched.at)
    assert watched.record.serial in watched.listed("personal")
    watched.installation.clock.forward(hours=1)
    watched.change(ACTIVE, None)
    watched.installation.clock.forward(seconds=5)
    assert watched.record.serial in watched.listed("personal")  # nobody has published yet
    assert outcome(checked(watched, signed(watched))) == ("valid", None)
    bare = signed(watched, evidence=False)
    assert outcome(checked(watched, bare)) == ("indeterminate", "STATUS_UNKNOWN")  # never "on hold"
    publish_due_lists(watched.services, watched.at)
    assert outcome(checked(watched, bare)) == ("valid", None)


def test_another_certificates_hold_and_release_take_no_list_away(watched: Watched, others: dict[str, str]) -> None:
    other = Watched(watched.installation, others["leader"])
    other.change(ON_HOLD, RevocationReason.HOLD)
    watched.installation.clock.forward(minutes=1)
    other.change(ACTIVE, None)  # the published list never knew of it
    assert outcome(checked(watched, signed(watched, evidence=False))) == ("valid", None)


def test_signing_takes_the_list_that_is_true_and_else_the_answer_alone(watched: Watched) -> None:
    before = numbers(watched)
    evidence = gather_evidence((watched.record.der or b"",), watched.services, watched.at)
    assert (len(evidence.crls), len(evidence.ocsps)) == (2, 1)
    with watched.services.db.transaction() as tx:
        ListsSql(tx).mark(ListName(issuer="personal", shard=watched.record.crl_shard))
    evidence = gather_evidence((watched.record.der or b"",), watched.services, watched.at)
    assert (len(evidence.crls), len(evidence.ocsps)) == (1, 1)
    watched.installation.clock.forward(days=3)
    assert outcome(checked(watched, signed(watched))) == ("valid", None)
    assert numbers(watched) == before  # nobody published, not even the root after a day


def test_signing_without_a_root_list_in_time_publishes_one(watched: Watched) -> None:
    before = numbers(watched)
    watched.installation.clock.forward(days=8)
    evidence = gather_evidence((watched.record.der or b"",), watched.services, watched.at)
    assert (len(evidence.crls), len(evidence.ocsps)) == (1, 1)
    assert sum(numbers(watched)) == sum(before) + 1


def test_the_lists_of_a_check_are_never_from_the_future(watched: Watched) -> None:
    pdf = signed(watched, stamped=False, evidence=False)
    watched.installation.clock.at -= timedelta(minutes=1)
    publish_due_lists(watched.services, watched.at + timedelta(hours=1), everything=True)
    assert outcome(checked(watched, pdf))[0] != "valid"
