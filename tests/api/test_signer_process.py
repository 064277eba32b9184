"""The signer as its own process: it alone uses keys, believes no caller, and survives what kills it."""

import base64
import hashlib
import json
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.records.demonstration import PEOPLE
from api.usecases.gather_evidence import evidence_source
from api.usecases.publish_crl import publish_crl
from api.usecases.signing_parts import credential_of
from signing.errors import AuthorisationRequired, KeyUnavailable, KeyUseRefused
from signing.key_use_sql import KEY_USES, KeyUses
from signing.keys import ALGORITHM_OF_KIND, KeyKind
from signing.pades.cms import signed_attributes
from signing.registry_sql import RegistrySql
from tests.api.office import Office
from tests.api.signer_bench import GuardedOffice, guarded_office, unb64
from tests.fakes.passkey import SoftPasskey
from vault.ledger_sql import EntryFilter, LedgerSql

ALGORITHM = ALGORITHM_OF_KIND[KeyKind.EC_P256]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedOffice]:
    with guarded_office(tmp_path_factory.mktemp("guarded")) as made:
        yield made


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def credential(office: GuardedOffice, certificate_id: str) -> Any:
    with office.installation.services.db.reading() as tx:
        return credential_of(tx, RegistrySql(tx).get(certificate_id))


def test_a_holder_authorises_exactly_what_is_signed_and_openssl_accepts_the_signature(
    office: GuardedOffice, tmp_path: Path
) -> None:
    content = "Nội dung được duyệt".encode()
    digest = hashlib.sha256(content).hexdigest()
    signed = office.sign(office.authorised([digest]), digest)
    assert signed.status_code == 201, signed.text
    der = base64.b64decode(signed.json()["cms"])
    (tmp_path / "s.der").write_bytes(der)
    (tmp_path / "c.txt").write_bytes(content)
    services = office.installation.services
    with services.db.reading() as tx:
        root = RegistrySql(tx).by_service("ca:root")[0].der
    (tmp_path / "root.der").write_bytes(root or b"")
    convert = ["openssl", "x509", "-inform", "DER", "-in", "root.der", "-out", "root.pem"]
    subprocess.run(convert, cwd=tmp_path, check=True)
    command = [
        *("openssl", "cms", "-verify", "-inform", "DER", "-in", "s.der", "-content", "c.txt", "-binary"),
        *("-CAfile", "root.pem", "-purpose", "any", "-cades", "-out", "o.txt"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "successful" in done.stderr, done.stderr
    assert (tmp_path / "o.txt").read_bytes() == content


def test_a_lost_answer_is_given_again_and_never_signed_twice(office: GuardedOffice) -> None:
    digest = digest_of("lost answer")
    authorisation = office.authorised([digest])
    first, second = (office.sign(authorisation, digest).json()["cms"] for _ in range(2))
    assert first == second
    services = office.installation.services
    with services.db.reading() as tx:
        uses = tx.execute(sa.select(KEY_USES).where(KEY_USES.c.kind == "document")).all()
        assert KeyUses(tx).check().is_whole
    key = credential(office, office.certificates["leader"]).key_id
    keys = [row for row in uses if row.key_id == key]
    assert len({row.data_sha256 for row in keys}) == len(keys)


def test_a_compromised_service_cannot_swap_the_digest(office: GuardedOffice) -> None:
    one = credential(office, office.certificates["leader"])
    authorisation = office.authorised([digest_of("what the leader saw")])
    keys = office.installation.services.desk.keys_for(authorisation)
    swapped = signed_attributes(one, bytes.fromhex(digest_of("what the thief wants")))
    with pytest.raises(Exception, match="list") as caught:
        keys.sign(one.key_id, swapped, one.algorithm)
    assert caught.value.code == "AUTHORISATION_FOREIGN"  # type: ignore[attr-defined] # every error of ours has one
    with pytest.raises(AuthorisationRequired):
        office.installation.services.keys.sign(one.key_id, swapped, one.algorithm)


def test_a_compromised_service_cannot_register_a_passkey_for_somebody_else(office: GuardedOffice) -> None:
    desk, thief = office.installation.services.desk, SoftPasskey()
    person = PEOPLE["leader"].subject_id
    started = desk.start_passkey(person, "của tôi")
    desk.register_passkey(started.passkey_id, person, *thief.register(started.challenge))
    with pytest.raises(Exception, match="officer") as caught:
        desk.confirm_passkey(started.passkey_id, "sub_accomplice", None)
    assert caught.value.code == "PASSKEY_REFUSED"  # type: ignore[attr-defined] # every error of ours has one
    opened = office.open([digest_of("theft")]).json()
    with pytest.raises(Exception, match="in force") as caught:
        desk.confirm(opened["id"], person, thief.answer(unb64(opened["challenge"])))
    assert caught.value.code == "PASSKEY_UNKNOWN"  # type: ignore[attr-defined] # as above
    desk.remove_passkey(started.passkey_id)


def test_another_persons_passkey_a_code_or_a_login_alone_confirm_nothing(office: GuardedOffice) -> None:
    opened = office.open([digest_of("foreign")]).json()
    foreign = office.confirm(opened, passkey="chairman")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "AUTHORISATION_FOREIGN")
    path = f"/v1/signature-authorisations/{opened['id']}/confirmation"
    for body in ({}, {"code": "123456"}):
        refused = office.send(Role.AUTHORISED_SIGNER, "leader", path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_WRONG")
    unsigned = office.sign(opened["id"], digest_of("foreign"))
    assert (unsigned.status_code, unsigned.json()["code"]) == (403, "AUTHORISATION_REQUIRED")


def test_keys_of_the_services_sign_only_what_they_are_for(office: GuardedOffice) -> None:
    services = office.installation.services
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {name: registry.by_service(name)[0] for name in ("ca:personal", "ca:secondary", "ocsp:personal", "tsa")}
    tbs = found["tsa"].tbs
    attributes = signed_attributes(credential(office, office.certificates["leader"]), bytes(32))
    for name, record in found.items():
        for data in (b"anything", attributes, tbs, services.keys.public_key(record.key_id)):
            with pytest.raises(KeyUseRefused) as caught:
                services.keys.sign(record.key_id, data, ALGORITHM)
            assert caught.value.code == "KEY_USE_REFUSED", name
    with pytest.raises(KeyUseRefused):
        services.keys.destroy(found["ca:personal"].key_id)


def test_ocsp_crl_and_time_stamps_are_made_through_the_signer(office: GuardedOffice) -> None:
    office.tick()
    services, at = office.installation.services, office.installation.clock.at
    one = credential(office, office.certificates["leader"])
    found = evidence_source(services, at)((one.certificate, *one.chain))
    assert found.ocsps
    assert found.crls
    assert publish_crl("root", services, at).der
    with services.db.reading() as tx:
        kinds = {row.kind for row in tx.execute(sa.select(KEY_USES.c.kind).distinct())}
        assert {"certificate", "crl", "ocsp"} <= kinds
        assert KeyUses(tx).check().is_whole


def test_of_two_who_sign_one_digest_at_the_same_time_one_wins(office: GuardedOffice) -> None:
    one = credential(office, office.certificates["leader"])
    digest = digest_of("race")
    authorisation = office.authorised([digest])
    keys = office.installation.services.desk.keys_for(authorisation)
    outcomes: list[str] = []

    def attempt(number: int) -> None:
        # different attributes over the same digest: these are two signatures, not one asked for twice
        data = signed_attributes(one, bytes.fromhex(digest), datetime(2026, 1, 1 + number, tzinfo=UTC))
        try:
            keys.sign(one.key_id, data, one.algorithm)
            outcomes.append("signed")
        except Exception as err:  # noqa: BLE001 - its code is what the test looks at
            outcomes.append(getattr(err, "code", repr(err)))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AUTHORISATION_REPLAYED"] * 5 + ["signed"]


def test_a_digest_stays_used_when_the_signer_is_killed_and_comes_back(office: GuardedOffice) -> None:
    used, free = digest_of("used"), digest_of("free")
    authorisation = office.authorised([used, free])
    first = office.sign(authorisation, used).json()["cms"]
    office.signer.stop(signal.SIGKILL)
    away = office.sign(authorisation, free)
    assert (away.status_code, away.json()["code"]) == (503, "KEY_UNAVAILABLE")
    with pytest.raises(KeyUnavailable):
        office.installation.services.keys.public_key("any")
    ready = office.installation.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["signer"]) == (200, False)
    office.signer.start()
    assert office.sign(authorisation, used).json()["cms"] == first
    assert office.sign(authorisation, free).status_code == 201
    one = credential(office, office.certificates["leader"])
    keys = office.installation.services.desk.keys_for(authorisation)
    with pytest.raises(Exception, match="again") as caught:
        keys.sign(one.key_id, signed_attributes(one, bytes.fromhex(used)), one.algorithm)
    assert caught.value.code == "AUTHORISATION_REPLAYED"  # type: ignore[attr-defined] # as above


def test_the_socket_and_the_books_are_for_one_account_and_the_process_ends_cleanly(office: GuardedOffice) -> None:
    path = office.signer.settings.signer_socket
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((office.signer.settings.data / "signer" / "signer.sqlite3").stat().st_mode) == 0o600
    assert path.stat().st_uid == os.getuid()
    assert office.signer.stop() == 0
    assert not path.exists()
    office.signer.start()


def test_the_signer_writes_no_secret_and_the_services_hold_none(office: GuardedOffice) -> None:
    listed = office.signer.operator("passkeys")
    people = {one["person"] for one in listed}
    assert PEOPLE["leader"].subject_id in people
    assert all(set(one) == {"id", "person", "label", "state", "officer", "fingerprint"} for one in listed)
    assert "Software" not in repr(office.installation.services.keys)
    assert json.dumps(listed)


def test_results_are_not_signed_without_an_authorisation_of_the_exact_file(office: GuardedOffice) -> None:
    """The results' own flow authorises the exact file later; until then the signer refuses, and nothing is written."""
    ward = Office(installation=office.installation, certificates=office.certificates)
    office.tick()
    result = ward.numbered()
    refused = ward.sign(result)
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_REQUIRED")


def test_keys_that_were_certified_elsewhere_are_adopted_by_the_operator(office: GuardedOffice) -> None:
    services = office.installation.services
    adopted = office.signer.operator("adopt")["adopted"]
    with services.db.reading() as tx:
        assert RegistrySql(tx).by_service("ca:root")[0].key_id in adopted
    key = credential(office, office.certificates["leader"]).key_id
    assert office.signer.operator("release-holder", key) == {"key": key}
    for action, object_id in (("adopt_keys", "operator"), ("release_key_holder", key)):
        assert [one[0] for one in told_of(office, action)] == [object_id]


def test_who_was_admitted_as_an_officer_stands_in_the_ledger(office: GuardedOffice) -> None:
    officers = [one for one in office.installation.services.desk.passkeys(None) if one.is_officer]
    assert officers
    assert told_of(office, "admit_officer") == [(one.passkey_id, {"holder": one.person}) for one in officers]


def told_of(office: GuardedOffice, action: str) -> list[tuple[str | None, dict[str, str]]]:
    with office.installation.services.db.reading() as tx:
        entries = list(LedgerSql(tx).entries(EntryFilter(action=action), limit=10))
    assert {one.event.account_id for one in entries} == {"operator"}
    return [(one.event.object_id, dict(one.event.details)) for one in entries]
