"""Scenario S26, signing: the authority of an imported certificate cannot be asked; `strict` refuses, `warn` warns."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from api.bootstrap import build_authenticator, build_fetcher
from api.callers import Role
from api.main import create_app
from api.settings import StatusPolicy
from api.usecases.late_timestamp import add_late_timestamp
from signing.errors import EvidenceUnavailable
from signing.keys import KeyKind
from tests.api.conftest import START, install
from tests.api.imports.outside import Outside, bring, confirm
from tests.api.office import Office, open_office
from tests.fakes.small_pki import SmallPki
from tests.servers.hostile import HostileServer, _Handler, hostile_server

pytestmark = pytest.mark.journey


@dataclass
class Ward:
    """The ward, whose leader signs with a certificate of another authority; its key is in our store."""

    office: Office
    outside: Outside
    server: HostileServer
    der: bytes

    def under(self, policy: StatusPolicy) -> Office:
        """The ward under a policy; nothing is remembered of what could not be fetched."""
        installation = self.office.installation
        services = installation.services
        settings = services.settings.model_copy(update={"status_policy": policy})
        fresh = replace(services, settings=settings, fetcher=build_fetcher(settings))
        app = create_app(fresh, build_authenticator(settings, fresh.db))
        return replace(self.office, installation=replace(installation, services=fresh, app=app))

    def publish(self) -> None:
        """The authority can be asked."""
        pki = self.outside.pki
        self.server.good |= {"/ca.crl": pki.crl(pki.root), "/ocsp": pki.ocsp(self.der)}

    def be_silent(self) -> None:
        self.server.good.clear()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    folder = tmp_path_factory.mktemp("s26")
    with hostile_server() as server:
        outside = Outside(folder / "trust", at=START)
        outside.pki = SmallPki(at=START, label="Co yeu", address=f"http://127.0.0.1:{server.port}")
        (anchor,) = (folder / "trust" / "official").iterdir()
        anchor.write_bytes(outside.pki.root.certificate.public_bytes(Encoding.PEM))
        made = install(folder / "data", trust=folder / "trust", fetch_hosts=f"127.0.0.1:{server.port}")
        office = open_office(made)
        public = load_der_public_key(made.services.keys.generate("key_s26", KeyKind.EC_P256))
        der = outside.official("leader", public_key=public)
        ward = Ward(office=office, outside=outside, server=server, der=der)
        ward.publish()
        brought = bring(made, outside.pem(der), key_id="key_s26")
        assert brought.status_code == 201, brought.text
        office.certificates["imported"] = brought.json()["id"]
        assert confirm(made, brought.json()["id"]).status_code in {200, 201}
        yield ward
        made.services.close()


@pytest.fixture
def ward(opened: Ward) -> Ward:
    opened.be_silent()
    opened.outside.pki.revoked.clear()
    return opened


def view(office: Office, result: str) -> dict[str, Any]:
    return dict(office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json())


def test_strict_refuses_before_the_key_is_touched_and_signs_when_the_status_is_known(ward: Ward) -> None:
    office = ward.under(StatusPolicy.STRICT)
    result = office.numbered()
    before = office.content(result)
    refused = office.sign(result, certificate="imported")
    assert (refused.status_code, refused.json()["code"], refused.json()["retryable"]) == (503, "STATUS_UNKNOWN", True)
    assert office.content(result) == before
    assert view(office, result)["state"] == "numbered"
    ward.publish()
    signed = ward.under(StatusPolicy.STRICT).sign(result, certificate="imported")
    assert signed.status_code == 201, signed.text
    assert (signed.json()["signature_level"], signed.json()["warnings"]) == ("B-LT", [])


def test_warn_signs_with_a_warning_and_the_evidence_follows_when_it_can_be_had(ward: Ward) -> None:
    office = ward.under(StatusPolicy.WARN)
    result = office.numbered()
    signed = office.sign(result, certificate="imported")
    assert signed.status_code == 201, signed.text
    found = signed.json()
    assert (found["signature_level"], found["warnings"]) == ("B-T", ["STATUS_UNKNOWN"])
    assert found["pending"]["reason_code"] == "EVIDENCE_UNAVAILABLE"
    # never valid without status: nobody seals it
    sealed = office.seal(result)
    assert (sealed.status_code, sealed.json()["code"]) == (409, "SEAL_BEFORE_SIGNATURE")
    before = office.content(result)
    with pytest.raises(EvidenceUnavailable):
        add_late_timestamp(office.installation.services, {"result_id": result}, lambda *_: None)
    assert office.content(result) == before
    ward.publish()
    again = ward.under(StatusPolicy.WARN)
    add_late_timestamp(again.installation.services, {"result_id": result}, lambda *_: None)
    assert again.content(result).startswith(before)
    assert again.content(result).count(b"/ETSI.RFC3161") == 0  # the signature's own time-stamp is enough
    assert (view(again, result)["signature_level"], view(again, result)["warnings"]) == ("B-LT", [])
    assert again.seal(result).status_code == 201


@pytest.mark.parametrize("policy", list(StatusPolicy))
def test_what_its_authority_has_revoked_signs_nothing_whatever_the_policy(ward: Ward, policy: StatusPolicy) -> None:
    serial = x509.load_der_x509_certificate(ward.der).serial_number
    ward.outside.pki.revoked[serial] = (START - timedelta(hours=1), x509.ReasonFlags.key_compromise)
    ward.publish()
    office = ward.under(policy)
    result = office.numbered()
    refused = office.sign(result, certificate="imported")
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_REVOKED")


def test_an_authority_that_never_answers_delays_a_signature_no_longer_than_its_budget(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Handler, "_ocsp", _Handler._silence, raising=False)
    monkeypatch.setattr(_Handler, "_ca.crl", _Handler._silence, raising=False)
    office = ward.under(StatusPolicy.WARN)
    result = office.numbered()
    begun = time.monotonic()
    signed = office.sign(result, certificate="imported")
    assert time.monotonic() - begun < 4.0  # 2 s for the status, once; the rest for a slow machine
    assert (signed.status_code, signed.json()["warnings"]) == (201, ["STATUS_UNKNOWN"])


@pytest.mark.parametrize("policy", list(StatusPolicy))
def test_our_own_certificates_need_nobody_elsewhere(ward: Ward, policy: StatusPolicy) -> None:
    office = ward.under(policy)
    signed = office.sign(office.numbered())
    assert (signed.status_code, signed.json()["signature_level"]) == (201, "B-LT")
