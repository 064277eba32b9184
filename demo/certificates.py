"""Chapter 1: two people behind every certificate."""

from story import Story


def tell(story: Story) -> None:
    """Issue a leader's and a reception officer's certificate, the ward's seal, and its second seal at the centre."""
    story.chapter(
        1, "Cấp chứng thư: người đăng ký, người duyệt khác, CA phát hành / Certificates: requested, approved, issued"
    )
    ward = story.seed("organisations", "ward")
    centre = story.seed("organisations", "centre")
    leader = _issue(story, "leader", {"certificate_class": "personal", "ordinal": 1, **_official(story, "leader")})
    reception = _issue(
        story, "reception", {"certificate_class": "personal", "ordinal": 1, **_official(story, "reception_officer")}
    )
    seal = {"certificate_class": "org_seal", "org_code": ward, "subject_id": story.seed("people", "ward_clerk")}
    primary = _issue(story, "seal_primary", {**seal, "ordinal": 1})
    secondary = {**seal, "subject_id": story.seed("people", "clerk"), "ordinal": 2, "primary_certificate_id": primary}
    secondary["scope"] = {
        "places": [centre],
        "procedures": [story.seed("procedures", "birth_extract")],
        "document_types": [],
    }
    _issue(story, "seal_secondary", secondary)
    _refuse_self_approval(story)
    story.table.append(("1", "cấp chứng thư", "cá nhân ×2, con dấu chính, con dấu thứ hai; tự duyệt bị từ chối (I4)"))
    story.facts |= {"leader_certificate": leader, "reception_certificate": reception}


def _official(story: Story, who: str) -> dict[str, object]:
    return {
        "subject_id": story.seed("people", who),
        "org_code": story.seed("employment_orgs", who),
        "employment_id": story.seed("employments", who),
    }


def _request(story: Story, body: dict[str, object], *, account: str | None = None) -> str:
    officer = story.acting("ra_officer", person=account)
    everything = {
        "type": "new",
        "scope": {"places": [], "procedures": [], "document_types": []},
        "evidence": ["quyet-dinh-bo-nhiem", "can-cuoc-da-doi-chieu"],
    } | body
    return str(officer.post("/v1/certificate-requests", everything)["id"])


def _issue(story: Story, name: str, body: dict[str, object]) -> str:
    request = _request(story, body)
    issued = story.acting("approver").post(f"/v1/certificate-requests/{request}/approval")
    certificate = str(issued["certificate_id"])
    story.facts[name] = certificate
    reader = story.acting("approver")
    facts = reader.get(f"/v1/certificates/{certificate}").json()
    pem = reader.get(f"/v1/certificates/{certificate}", accept="application/x-pem-file").content
    story.keep(f"chung-thu/{name}.pem", pem)
    kind = f"{facts['certificate_class']}, số thứ tự {facts['ordinal']}"
    story.tell(f"{facts['subject']['common_name']} · {kind} → chung-thu/{name}.pem")
    return certificate


def _refuse_self_approval(story: Story) -> None:
    """One person with two accounts may not be both hands (I4)."""
    twin = story.seed("people", "two_accounts")
    body = {"certificate_class": "personal", "ordinal": 1, **_official(story, "appraiser")}
    request = _request(story, body, account=twin)
    story.acting("approver", person=twin).post(
        f"/v1/certificate-requests/{request}/approval", expect=409, code="CERT_SELF_APPROVAL"
    )
    story.tell("cùng một người với hai tài khoản vừa đăng ký vừa duyệt → 409 CERT_SELF_APPROVAL")
