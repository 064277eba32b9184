"""Chapter 5: the citizen consents once, another dossier reuses the stored result, and the rate counts it."""

from datetime import UTC, datetime, timedelta

from story import Story


def tell(story: Story) -> None:
    """One consent, one reuse, one more in the rate; the spent consent is refused."""
    story.chapter(5, "Dùng lại giấy tờ với sự đồng ý / Reuse with consent")
    mother = story.acting("citizen", person=story.seed("people", "mother"))
    reception = story.acting("reception_officer", person=story.seed("people", "school_officer"))
    reader = story.acting("auditor")
    school = _school_dossier(story)
    before = _rate(story)
    listed = mother.get(f"/v1/citizens/{story.seed('people', 'child')}/documents").json()["items"]
    grades = {item["grade"] for item in listed}
    story.insist(
        f"the vault holds an original and an officer's copy: {listed}", {"a_original", "c_officer_copy"} <= grades
    )
    story.tell(f"kho của công dân có {len(listed)} giấy tờ, mức {', '.join(sorted(grades))}")
    consent = mother.post(
        "/v1/consents",
        {
            "document_ids": [story.facts["document"]],
            "receiver_dossier_id": school,
            "purpose": "school_enrolment",
            "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
            "single_use": True,
        },
    )
    story.tell("người mẹ đồng ý cho hồ sơ nhập học dùng trích lục, một lần, trong một ngày")
    body = {
        "consent_id": consent["id"],
        "document_id": story.facts["document"],
        "dossier_id": school,
        "component_type": "giay_khai_sinh",
    }
    event = reception.post("/v1/reuse-events", body)
    story.insist(f"accepted and counted: {event}", event["outcome"] == "accepted" and event["counted"] is True)
    after = _rate(story)
    story.insist("the rate counts one dossier more", after["numerator"] == before["numerator"] + 1)
    story.tell(f"hồ sơ nhập học dùng lại trích lục; tỷ lệ tái sử dụng: {after['rate']} %")
    reception.post("/v1/reuse-events", body, expect=409, code="REUSE_REFUSED_CONSENT")
    story.tell("dùng lại lần hai bằng sự đồng ý đã hết lượt → 409 REUSE_REFUSED_CONSENT")
    log = reader.get("/v1/audit-events", limit="5").json()["items"]
    story.insist("the audit record tells about it", log)
    story.table.append(("5", "dùng lại giấy tờ", f"một lần, có đồng ý; tỷ lệ {after['rate']} %; lần hai bị từ chối"))


def _school_dossier(story: Story) -> str:
    """The second dossier: the school asks for a birth certificate or an extract."""
    officer = story.acting("reception_officer", person=story.seed("people", "school_officer"))
    body = {
        "procedure_code": story.seed("procedures", "school_enrolment"),
        "applicant_subject_id": story.seed("people", "mother"),
        "org_code": story.seed("organisations", "school"),
        "channel": "counter",
    }
    dossier = officer.post("/v1/dossiers", body)
    story.tell(f"nhà trường tiếp nhận hồ sơ nhập học {dossier['code']}")
    return str(dossier["id"])


def _rate(story: Story) -> dict[str, int]:
    answer = story.acting("auditor").get("/v1/kpi/reuse").json()
    return answer["official"]
