"""Nobody reaches an object of another agency, person or citizen by its id: every route with an id in its path is tried.

Each route is called with real ids of the ward by somebody who has the right role, but at another agency or as another
citizen, and with a body that would do. A new route fails here until its ids and body are named below.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute

from api.callers import Role
from api.context import Access
from api.main import api_routes, declaration
from api.records.demonstration import DEPARTMENT, PEOPLE, SCHOOL, WARD
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalState
from api.rendering.typeface import MARK_FONT
from signing.identity import CertificateClass
from signing.pades import SigningRequest, drawn_signature, sign_pdf
from signing.registry_sql import RegistrySql
from signing.trust import TrustProfile
from tests.api.batch_office import BatchOffice
from tests.api.counter import PHOTO, Counter
from tests.api.office import BODY, Office, issue_certificate, official, open_office
from tests.api.slip_desk import SlipDesk
from tests.api.token_holders import completed_preparation
from tests.api.vault_story import CHILD, Story
from tests.fakes.sample_pdf import page, small
from tests.fakes.small_pki import SmallPki

OUTSIDERS: Final[dict[Role, tuple[str | None, str | None]]] = {
    Role.CITIZEN: ("auditor", None),
    Role.RECEPTION_OFFICER: ("administrator", DEPARTMENT),
    Role.APPRAISER: ("administrator", DEPARTMENT),
    Role.AUTHORISED_SIGNER: ("administrator", DEPARTMENT),
    Role.CLERK: ("administrator", DEPARTMENT),
    Role.RELYING_SYSTEM: (None, DEPARTMENT),
}
"""Who tries: the right role, nothing to do with the ward."""

NOT_OF_AN_AGENCY: Final = {
    # kept by roles of the whole province; the roles above do not open them, so any id will do
    "batch_id": "bat",
    "campaign_id": "cam",
    "device_id": "dev",
    "grant_id": "grt",
    "merger_id": "mrg",
    "plan_id": "plan",
    "reset_id": "rst",
}
DIGEST: Final = hashlib.sha256(b"one").hexdigest()
BINARY: Final = base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")


@dataclass
class Ward:
    """The ward's objects: an id for each parameter, others for single routes, and who may read what."""

    office: Office
    ids: dict[str, str]
    of_route: dict[str, str] = field(default_factory=dict)
    readers: dict[str, tuple[Role, str]] = field(default_factory=dict)

    def path(self, route: APIRoute) -> str:
        values = {name: self.id_for(route.path_format, name) for name in route.param_convertors}
        path = route.path_format.format(**values)
        if route.path_format == "/v1/number-registers/{org_code}":
            return path + "?year=2026&series=TLKS-UBND"
        return path + f"?dossier_id={self.ids['dossier_id']}" if route.path_format in NEEDS_DOSSIER else path

    def id_for(self, path: str, name: str) -> str:
        if path in self.of_route:
            return self.of_route[path]
        return f"{NOT_OF_AN_AGENCY[name]}_" + "0" * 26 if name in NOT_OF_AN_AGENCY else self.ids[name]

    def body(self, path: str) -> dict[str, object]:
        leader, seal = self.office.certificates["leader"], self.office.certificates["seal_secondary"]
        dossier = self.ids["dossier_id"]
        copy: dict[str, object] = {"form": "sao_y", "dossier_id": dossier, "certificate_id": seal}
        bodies: dict[str, dict[str, object]] = {
            "/v1/certificate-requests/{request_id}/proof": {"csr": "MIIB"},
            "/v1/certificates/{certificate_id}/suspension": {"reason": "key_in_doubt"},
            "/v1/digitisations/{digitisation_id}/acceptance": {"certificate_id": leader},
            "/v1/digitisations/{digitisation_id}/fields": {"fields": {"person_name": "Trần Minh Khôi"}},
            "/v1/digitisations/{digitisation_id}/signature-preparation": {"certificate_id": leader},
            "/v1/digitisations/{digitisation_id}/token-preparation": {"certificate_id": leader},
            "/v1/documents/{document_id}/copies": copy,
            "/v1/documents/{document_id}/copies/signature-preparation": copy,
            "/v1/documents/{document_id}/copies/token-preparation": copy,
            "/v1/documents/{document_id}/paper-conversions": {"dossier_id": dossier},
            "/v1/external-certificates/{certificate_id}/suspension": {"reason": "key_in_doubt"},
            "/v1/passkeys/{passkey_id}/registration": {"client_data_json": BINARY, "attestation_object": BINARY},
            "/v1/dossiers/{dossier_id}/receipt-slips": {"components": [{"type_code": "don", "originals": 1}]},
            "/v1/receipt-slips/{slip_id}/mark-preview": {"certificate_id": leader},
            "/v1/receipt-slips/{slip_id}/signature": {"certificate_id": leader},
            "/v1/receipt-slips/{slip_id}/signature-preparation": {"certificate_id": leader},
            "/v1/receipt-slips/{slip_id}/token-preparation": {"certificate_id": leader},
            "/v1/results/{result_id}/correction": {"act_number": "1/QD", "reason": "Nhập sai"},
            "/v1/results/{result_id}/draft": DRAFTED_ANEW,
            "/v1/results/{result_id}/mark-preview": {"certificate_id": leader},
            "/v1/results/{result_id}/recall": {"act_number": "1/QD", "reason": "Nhập sai"},
            "/v1/results/{result_id}/replacement": {
                "act_number": "1/QD",
                "reason": "Nhập sai",
                "replaced_by": self.ids["result_id"],
            },
            "/v1/results/{result_id}/sending-back": {"reason": "Nhập sai"},
            "/v1/results/{result_id}/seal": {"certificate_id": seal},
            "/v1/results/{result_id}/seal-preparation": {"certificate_id": seal},
            "/v1/results/{result_id}/signature": {"certificate_id": leader, "capacity": "kt"},
            "/v1/results/{result_id}/token-preparation": {"certificate_id": seal},
            "/v1/results/{result_id}/token-seal": {"items": [{"id": self.ids["preparation_id"], "value": "AAAA"}]},
            "/v1/results/{result_id}/voiding": {"reason": "Nhập sai"},
            "/v1/second-factors/{factor_id}/confirmation": {"code": "000000"},
            "/v1/signature-authorisations/{authorisation_id}/signatures": {"digest": DIGEST},
            "/v1/signature-preparations/{preparation_id}/completion": {"value": "AAAA"},
        }
        return bodies.get(path, {})


DRAFTED_ANEW: Final[dict[str, object]] = {
    "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
    "content": {"place": "Quảng Yên", "recipients": [], "body": BODY},
}
NEEDS_DOSSIER: Final = {
    # an official who reads a citizen's papers names the dossier for which it is done
    "/v1/citizens/{subject_id}/documents",
    "/v1/documents/{document_id}",
    "/v1/documents/{document_id}/content",
    "/v1/documents/{document_id}/signatures/{field}/revision",
    "/v1/documents/{document_id}/signatures/{field}/comparison",
}


FILES: Final = {"/v1/results/{result_id}/annexes": {"file": ("a.pdf", b"%PDF-1.7 annex", "application/pdf")}}
"""Routes that take a file instead of a body."""


def original_of(office: Office) -> str:
    """An issued original of the ward."""
    result = office.numbered()
    for answer in (office.sign(result), office.seal(result)):
        assert answer.status_code == 201, answer.text
    return str(office.send_issue(result).json()["document_id"])


def conversion_of(office: Office, original: str, dossier: str) -> str:
    """A paper that the ward made from it."""
    path = f"/v1/documents/{original}/paper-conversions"
    return str(office.send(Role.CLERK, "clerk", path, {"dossier_id": dossier}).json()["id"])


def copy_of(office: Office, original: str, dossier: str) -> str:
    """An extract of it that the ward certified."""
    seal = office.certificates["seal_secondary"]
    body = {"form": "trich_sao", "pages": [1], "dossier_id": dossier, "certificate_id": seal}
    made = office.send(Role.CLERK, "clerk", f"/v1/documents/{original}/copies", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def with_annex(office: Office) -> str:
    """A draft with a separate file beside it."""
    result = str(office.draft().json()["id"])
    headers = office.installation.headers(Role.APPRAISER, "appraiser")
    files = {"file": ("a.pdf", page(), "application/pdf")}
    added = office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers)
    assert added.status_code == 201, added.text
    return result


def annex_of(office: Office, result: str) -> str:
    """The annex of that draft."""
    return str(office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/annexes").json()[0]["id"])


def results_of(office: Office) -> dict[str, str]:
    """A result for each step, waiting for it."""

    def drafted() -> str:
        return str(office.draft().json()["id"])

    def appraised() -> str:
        result = drafted()
        assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
        return result

    def signed() -> str:
        result = office.numbered()
        assert office.sign(result).status_code == 201
        return result

    sealed = signed()
    assert office.seal(sealed).status_code == 201
    waiting = {
        "appraisal": drafted(),
        "number": appraised(),
        "signature": office.numbered(),
        "seal": signed(),
        "seal-preparation": signed(),
        "annexes": with_annex(office),
        "issue": sealed,
        "voiding": office.numbered(),
    }
    return {f"/v1/results/{{result_id}}/{step}": result for step, result in waiting.items()}


def signed_file() -> bytes:
    """A file with a signature in the field ``Step1``."""
    pki = SmallPki()
    request = SigningRequest(credential=pki.credential(), field_name="Step1")
    return sign_pdf(small(), request, keys=pki.keys, stamp=None, evidence=None, at=pki.at).pdf


def external_of(office: Office) -> str:
    """A certificate of another authority that the leader uses."""
    services, at = office.installation.services, office.installation.clock.at
    certificate_id = "cert_" + "0" * 25 + "1"
    with services.db.transaction() as tx:
        own = RegistrySql(tx).get(office.certificates["leader"])
        assert own.der is not None
        certificate = ExternalCertificate(
            certificate_id=certificate_id,
            der=own.der,
            chain=(),
            sha256="ab" * 32,
            spki_sha256="cd" * 32,
            issuer="CN=CA",
            serial="1",
            profile=TrustProfile.OFFICIAL,
            certificate_class=CertificateClass.PERSONAL,
            subject_id=own.subject_id,
            org_code=own.org_code,
            employment_id=own.employment_id,
            common_name=own.common_name,
            organisation=own.organisation,
            title=own.title,
            key_id=None,
            not_before=at,
            not_after=at + timedelta(days=365),
            state=ExternalState.ACTIVE,
            state_since=at,
            evidence="CV 1/2026",
            imported_by="acc_" + "0" * 26,
            importer_subject_id=PEOPLE["ra_officer"].subject_id,
            imported_at=at,
        )
        ExternalCertificates(tx).add(certificate)
    return certificate_id


def picture_of_leader(installation: Any) -> str:
    """The registered picture of the leader's signature."""
    answer = installation.client.post(
        "/v1/mark-pictures",
        data={"kind": "signature", "subject_id": PEOPLE["leader"].subject_id, "evidence": "1/BB"},
        files={"picture": ("chu-ky.png", drawn_signature("Nguyễn Thị Ánh", MARK_FONT.read_bytes()))},
        headers=installation.headers(Role.RA_OFFICER, "ra_officer"),
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def ward(installation: Any) -> Ward:
    office, leader = open_office(installation), (Role.AUTHORISED_SIGNER, "leader")
    office.certificates["officer"] = issue_certificate(installation, official("reception_officer"))
    story = Story(installation.services, installation.clock.at)
    counter = Counter(installation, office.certificates["officer"], reading=None)  # type: ignore[arg-type] # not read
    upload = counter.upload(PHOTO.read_bytes()).json()
    document, to_school = story.deposit(content=signed_file()).document_id, story.dossier()
    given = {"document_ids": [document], "receiver_dossier_id": to_school, "purpose": "school_enrolment"}
    asked = official("ward_clerk") | {"type": "new", "evidence": ["QĐ 1/2026"], "key_device": "token"}
    opened = {"certificate_id": office.certificates["leader"], "digests": [DIGEST]}
    results, dossier, original = results_of(office), counter.dossier(), original_of(office)
    ids = {
        "document_id": str(document),
        "certificate_id": office.certificates["leader"],
        "request_id": office.send(Role.RA_OFFICER, "ra_officer", "/v1/certificate-requests", asked).json()["id"],
        "subject_id": CHILD,
        "org_code": WARD,
        "consent_id": office.send(Role.CITIZEN, "mother", "/v1/consents", given).json()["id"],
        "digitisation_id": upload["id"],
        "job_id": upload["job_id"],
        "page": "1",
        "annex_id": annex_of(office, results["/v1/results/{result_id}/annexes"]),
        "conversion_id": conversion_of(office, original, dossier),
        "copy_id": copy_of(office, original, dossier),
        "field": "Step1",
        "dossier_id": dossier,
        "slip_id": SlipDesk(installation, office.certificates["officer"]).signed()["id"],
        "result_id": results["/v1/results/{result_id}/seal"],
        "preparation_id": completed_preparation(installation, small()),
        "picture_id": picture_of_leader(installation),
        "passkey_id": office.send(*leader, "/v1/passkeys", {"label": "khóa"}).json()["id"],
        "factor_id": office.send(Role.CLERK, "clerk", "/v1/second-factors").json()["id"],
        "authorisation_id": office.send(*leader, "/v1/signature-authorisations", opened).json()["id"],
    }
    external = external_of(office)
    batch = BatchOffice(office=office).opened([office.numbered()]).json()["id"]
    of_batch = {
        f"/v1/signature-batches/{{batch_id}}{step}": batch
        for step in ("", "/items", "/events", "/challenge", "/authorization", "/retry", "/cancellation")
    }
    of_external = {
        f"/v1/external-certificates/{{certificate_id}}{step}": external
        for step in ("", "/suspension", "/confirmation", "/rejection")
    }
    officer = (Role.RECEPTION_OFFICER, "reception_officer")
    readers = {
        "/v1/annexes/{annex_id}/content": (Role.CLERK, "clerk"),
        "/v1/certificate-requests/{request_id}": (Role.CLERK, "ward_clerk"),
        "/v1/certificates/{certificate_id}": leader,
        "/v1/certified-copies/{copy_id}": (Role.CLERK, "clerk"),
        "/v1/citizens/{subject_id}/access-log": (Role.CITIZEN, "mother"),
        "/v1/citizens/{subject_id}/consents": (Role.CITIZEN, "mother"),
        "/v1/citizens/{subject_id}/documents": (Role.CITIZEN, "mother"),
        "/v1/digitisations/{digitisation_id}": officer,
        "/v1/documents/{document_id}": (Role.CITIZEN, "mother"),
        "/v1/documents/{document_id}/content": (Role.CITIZEN, "mother"),
        "/v1/documents/{document_id}/signatures/{field}/comparison": (Role.CITIZEN, "mother"),
        "/v1/documents/{document_id}/signatures/{field}/revision": (Role.CITIZEN, "mother"),
        "/v1/dossiers/{dossier_id}": officer,
        "/v1/dossiers/{dossier_id}/receipt-slips": officer,
        "/v1/external-certificates/{certificate_id}": leader,
        "/v1/jobs/{job_id}": officer,
        "/v1/mark-pictures/{picture_id}": leader,
        "/v1/mark-pictures/{picture_id}/content": leader,
        "/v1/number-registers/{org_code}": (Role.CLERK, "clerk"),
        "/v1/paper-conversions/{conversion_id}/content": (Role.CLERK, "clerk"),
        "/v1/receipt-slips/{slip_id}": officer,
        "/v1/receipt-slips/{slip_id}/content": (Role.CITIZEN, "mother"),
        "/v1/results/{result_id}": (Role.CLERK, "clerk"),
        "/v1/results/{result_id}/annexes": (Role.CLERK, "clerk"),
        "/v1/results/{result_id}/content": (Role.CLERK, "clerk"),
        "/v1/signature-authorisations/{authorisation_id}": leader,
        "/v1/signature-batches/{batch_id}": leader,
        "/v1/signature-batches/{batch_id}/items": leader,
        "/v1/signature-preparations/{preparation_id}": (Role.CITIZEN, "mother"),
        "/v1/signature-preparations/{preparation_id}/file": (Role.CITIZEN, "mother"),
    }
    return Ward(office=office, ids=ids, of_route=results | of_external | of_batch, readers=readers)


def routes_with_ids(installation: Any) -> list[tuple[str, APIRoute, Access]]:
    """Every route with login and something in its path; routes without login are listed elsewhere, with the reason."""
    found = []
    for route in api_routes(installation.app):
        declared = declaration(route)
        if route.param_convertors and isinstance(declared, Access):
            found += [(method, route, declared) for method in sorted(route.methods or ())]
    return found


def call(ward: Ward, method: str, route: APIRoute, who: tuple[Role, str | None, str | None]) -> Any:
    installation = ward.office.installation
    headers = installation.headers(*who)
    files = FILES.get(route.path_format)
    if method == "POST" and files is not None:
        return installation.client.post(ward.path(route), files=files, headers=headers)
    body = None if method in {"GET", "DELETE"} else ward.body(route.path_format)
    return installation.client.request(method, ward.path(route), json=body, headers=headers)


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_id_of_another_agency_or_citizen_opens_anything(ward: Ward, role: Role) -> None:
    figure, org = OUTSIDERS[role]
    let_in = []
    tried = [one for one in routes_with_ids(ward.office.installation) if role in one[2].roles]
    for method, route, _declared in tried:
        answer = call(ward, method, route, (role, figure, org))
        if answer.status_code not in {403, 404}:
            let_in.append((method, route.path_format, answer.status_code, answer.text[:120]))
    assert let_in == []
    assert len(tried) >= 3, "the role has routes with ids"


@pytest.mark.parametrize("role", OUTSIDERS)
def test_routes_of_other_roles_stay_shut(ward: Ward, role: Role) -> None:
    figure, org = OUTSIDERS[role]
    for method, route, declared in routes_with_ids(ward.office.installation):
        if role in declared.roles or "{day}" in route.path_format:
            continue
        answer = call(ward, method, route, (role, figure, org))
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING"), (method, route.path_format)


def test_the_same_ids_open_for_who_has_a_right_to_them(ward: Ward) -> None:
    """Without this the refusals above would say nothing: the ids are real and the paths are right."""
    readable = {
        route.path_format: route
        for method, route, declared in routes_with_ids(ward.office.installation)
        if method == "GET" and set(declared.roles) & set(OUTSIDERS) and not route.path_format.endswith("/events")
    }
    without_file = {"/v1/digitisations/{digitisation_id}/pages/{page}"}  # of a paper that is not read yet
    assert set(readable) - without_file == set(ward.readers)
    for path, (role, figure) in ward.readers.items():
        answer = call(ward, "GET", readable[path], (role, figure, None))
        assert answer.status_code == 200, (path, answer.text)


def test_the_school_below_the_ward_is_another_agency_too(ward: Ward) -> None:
    """A post in a unit below opens nothing of the unit above."""
    let_in = []
    for method, route, declared in routes_with_ids(ward.office.installation):
        if Role.RECEPTION_OFFICER not in declared.roles:
            continue
        answer = call(ward, method, route, (Role.RECEPTION_OFFICER, "school_officer", SCHOOL))
        if answer.status_code not in {403, 404}:
            let_in.append((method, route.path_format, answer.status_code))
    assert let_in == []
