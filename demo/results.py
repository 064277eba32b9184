"""Chapter 2: number first, then the leader's signature, then the agency's seal at the centre."""

import receipt
from story import Story


def tell(story: Story) -> None:
    """Draft, appraise, number, sign and seal a birth extract; every revision stays a prefix of the next."""
    story.chapter(2, "Ký và đóng dấu trích lục khai sinh / Number, signature, seal")
    ward, centre = story.seed("organisations", "ward"), story.seed("organisations", "centre")
    reception = story.acting("reception_officer")
    dossier = reception.post(
        "/v1/dossiers",
        {
            "procedure_code": story.seed("procedures", "birth_extract"),
            "applicant_subject_id": story.seed("people", "mother"),
            "org_code": ward,
            "channel": "counter",
        },
    )
    story.tell(f"tiếp nhận hồ sơ {dossier['code']}")
    receipt.give(story, dossier)
    appraiser = story.acting("appraiser", org=ward)
    result = appraiser.post("/v1/results", _draft(story, str(dossier["id"]), ward))["id"]
    story.acting("appraiser", org=ward).post(f"/v1/results/{result}/appraisal")
    numbered = story.acting("clerk", org=centre).post(f"/v1/results/{result}/number")
    story.tell(f"giữ số {numbered['document_number']}, mã tra cứu và mã QR đã in trên trang")
    unsigned = story.keep(
        "ket-qua-chua-ky.pdf", appraiser.get(f"/v1/results/{result}/content", accept="application/pdf").content
    )

    leader, clerk = story.acting("authorised_signer", org=ward), story.acting("clerk", org=centre)
    seal = {"certificate_id": story.facts["seal_secondary"]}
    clerk.post(f"/v1/results/{result}/seal", seal, expect=409, code="SEAL_BEFORE_SIGNATURE")
    story.tell("đóng dấu khi chưa có chữ ký của lãnh đạo → 409 SEAL_BEFORE_SIGNATURE")
    leader.post(f"/v1/results/{result}/signature", {"certificate_id": story.facts["leader"], "capacity": "kt"})
    signed = leader.get(f"/v1/results/{result}/content", accept="application/pdf").content
    story.keep("ket-qua-da-ky.pdf", signed)
    story.tell("lãnh đạo ký (dấu A) → ket-qua-da-ky.pdf")
    sealed_record = clerk.post(f"/v1/results/{result}/seal", seal)
    sealed = clerk.get(f"/v1/results/{result}/content", accept="application/pdf").content
    path = story.keep("ket-qua-da-dong-dau.pdf", sealed)
    story.insist("the unsigned page is a prefix of the signed file", signed.startswith(unsigned.read_bytes()))
    story.insist("the signed file is a prefix of the sealed file", sealed.startswith(signed))
    story.tell(f"văn thư đóng dấu bằng chứng thư thứ hai (dấu B), {sealed_record['signature_level']} → {path.name}")
    issued = clerk.post(f"/v1/results/{result}/issue")
    story.tell("phát hành: bản gốc điện tử vào kho của công dân, mức tin cậy A")
    page = story.public.get(f"/v/{numbered['verification_code']}", accept="text/html").text
    story.insist(
        "the QR page shows the number and no full name",
        numbered["document_number"] in page and _child(story) not in page,
    )
    story.tell(f"mã QR mở trang tra cứu /v/{numbered['verification_code'][:6]}…: họ tên được che")
    story.facts |= {"result": str(result), "dossier": str(dossier["id"]), "document": str(issued["document_id"])}
    story.table.append(
        ("2", "ký và đóng dấu trích lục", f"{path.name} (PAdES {sealed_record['signature_level']}, 2 chữ ký)")
    )


def _child(story: Story) -> str:
    return story.seed("names", "child")


def _draft(story: Story, dossier: str, ward: str) -> dict[str, object]:
    return {
        "dossier_id": dossier,
        "result_type": "trich_luc_khai_sinh",
        "org_code": ward,
        "owner_subject_id": story.seed("people", "child"),
        "signer": {"employment_id": story.seed("employments", "leader"), "capacity": "kt"},
        "content": {
            "place": "Quảng Yên",
            "recipients": ["Như trên", "Lưu: VT"],
            "body": {
                "full_name": _child(story),
                "gender": "Nam",
                "date_of_birth": "2020-06-01",
                "ethnicity": "Kinh",
                "nationality": "Việt Nam",
                "place_of_birth": "Bệnh viện Sản Nhi tỉnh Quảng Ninh",
                "native_place": "Phường Yên Giang, thị xã Quảng Yên, tỉnh Quảng Ninh",
                "mother": {
                    "full_name": story.seed("names", "mother"),
                    "year_of_birth": "1993",
                    "ethnicity": "Kinh",
                    "nationality": "Việt Nam",
                    "residence": "Số 12, phố Đình Cốc, phường Yên Giang, thị xã Quảng Yên",
                },
                "father": {
                    "full_name": "Trần Quang Huy",
                    "year_of_birth": "1991",
                    "ethnicity": "Kinh",
                    "nationality": "Việt Nam",
                    "residence": "Số 12, phố Đình Cốc, phường Yên Giang, thị xã Quảng Yên",
                },
                "registered_at": "Ủy ban nhân dân phường Yên Giang, thị xã Quảng Yên",
                "registered_number": "57/2020",
                "registered_on": "2020-06-17",
            },
        },
    }
