"""Status evidence for signatures: about our own certificates without a network, about others' from listed hosts.

For each chain: an OCSP answer of this moment for the end certificate where its authority answers OCSP, and the root's
list for the authority. The list that names the end certificate goes with them only while it tells the truth: one that
is not replaced yet may still name what was released. Knows no document. Signs: not to be called inside a transaction.
"""

from collections.abc import Callable
from datetime import datetime

from api.services import Services
from api.usecases.external_evidence import external_evidence
from api.usecases.publish_crl import publish_crl
from api.usecases.read_crl import published_list
from api.usecases.sign_status import current_responder, sign_status
from signing.ca import authority_of, chain_of
from signing.errors import CertificateNotUsable, EvidenceUnavailable
from signing.identity import load_certificate
from signing.profiles import AuthorityName
from signing.registry import CertificateRecord
from signing.registry_sql import ListName, RegistrySql
from signing.revocation import build_ocsp_request
from signing.trust import Evidence

EvidenceSource = Callable[[tuple[bytes, ...]], Evidence]
"""Takes certificates (DER) as ``sign_pdf`` hands them over, full chains one after the other."""


def evidence_source(services: Services, at: datetime) -> EvidenceSource:
    """What ``sign_pdf(…, evidence=…)`` takes, for one moment."""
    return lambda certificates: gather_evidence(certificates, services, at)


def gather_evidence(certificates: tuple[bytes, ...], services: Services, at: datetime) -> Evidence:
    """Evidence about certificates, with those of their chains.

    Raises:
        EvidenceUnavailable: an authority cannot answer now, or one that is not ours gave nothing that proves the chain.
    """
    found: dict[bytes, None] = dict.fromkeys(certificates)
    ocsps: list[bytes] = []
    lists: dict[bytes, None] = {}
    roots = _roots(services)
    foreign: list[bytes] = []
    for certificate in certificates:
        if certificate in roots:
            continue
        record = _issued_by(certificate, services)
        if record is None:
            foreign.append(certificate)
            continue
        issuer = record.issuer
        with services.db.reading() as tx:
            found |= dict.fromkeys(chain_of(issuer, RegistrySql(tx)))
        if issuer != AuthorityName.ROOT:
            # the list that the certificate points to: the full one may have megabytes
            own = published_list(ListName(issuer=issuer, shard=record.crl_shard), services, at)
            lists |= {} if own is None else {own.der: None}
            ocsps.append(_answer(AuthorityName(issuer), record.serial, services, at))
        lists |= {_root_list(services, at): None}
    ours = Evidence(certificates=tuple(found), ocsps=tuple(ocsps), crls=tuple(lists))
    return ours.merged(external_evidence(tuple(foreign), services, at)) if foreign else ours


def _root_list(services: Services, at: datetime) -> bytes:
    """The root's key rests in a safe: its list is signed anew only when there is none that can be believed."""
    name = ListName(issuer=AuthorityName.ROOT.value)
    found = published_list(name, services, at) or publish_crl(name.issuer, services, at)
    return found.der


def _roots(services: Services) -> frozenset[bytes]:
    with services.db.reading() as tx:
        return frozenset({authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate})


def _issued_by(certificate: bytes, services: Services) -> CertificateRecord | None:
    serial = load_certificate(certificate).serial_number
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        for name in AuthorityName:
            record = registry.by_serial(name.value, serial)
            if record is not None and record.der == certificate:
                return record
    return None


def _answer(name: AuthorityName, serial: int, services: Services, at: datetime) -> bytes:
    try:
        responder = current_responder(name, services, at)
    except CertificateNotUsable as err:
        message = "the OCSP signer has run out"
        raise EvidenceUnavailable(message) from err
    request = build_ocsp_request((serial,), responder.authority)
    return sign_status(request, name, responder, services, at).der
