"""Chapter 4, second half: the agency certifies the copy, and makes a paper of the issued original."""

from urllib.parse import urlsplit

from story import Story


def tell(story: Story) -> None:
    """Seal a true copy of the digitised paper, refuse one of the electronic original, convert that to paper."""
    clerk = story.acting("clerk", org=story.seed("organisations", "ward"))
    dossier = story.facts["dossier"]
    wanted = {"form": "sao_y", "dossier_id": dossier, "certificate_id": story.facts["seal_secondary"]}
    clerk.post(f"/v1/documents/{story.facts['document']}/copies", wanted, expect=409, code="COPY_FORM")
    story.tell("sao y điện tử từ bản gốc điện tử → 409 COPY_FORM: bản gốc được gửi nguyên tệp hoặc chuyển sang giấy")
    copy = clerk.post(f"/v1/documents/{story.facts['copy']}/copies", wanted)
    sealed = clerk.get(
        f"/v1/documents/{copy['document_id']}/content", accept="application/pdf", role="signed", dossier_id=dossier
    ).content
    story.keep("ban-sao-y.pdf", sealed)
    report = story.public.upload("/v1/verifications", "ban-sao-y.pdf", sealed, {}, expect=200)
    story.insist(
        "a copy under the seal alone is entitled",
        (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled"),
    )
    story.tell(f"văn thư sao y số {copy['number']} bằng con dấu cơ quan (dấu E), mức tin cậy B → ban-sao-y.pdf")
    paper = clerk.post(f"/v1/documents/{story.facts['document']}/paper-conversions", {"dossier_id": dossier})
    pages = clerk.get(f"/v1/paper-conversions/{paper['id']}/content", accept="application/pdf").content
    story.keep("ban-chuyen-sang-giay.pdf", pages)
    landing = story.public.get(urlsplit(paper["verification_url"]).path, accept="text/html").text
    story.insist("the code says that the paper is a conversion", paper["number"] in landing)
    story.tell(f"chuyển bản gốc sang giấy số {paper['number']}, mã QR cho biết đây là bản chuyển đổi")
    story.table.append(("4", "sao y và chuyển sang giấy", "ban-sao-y.pdf (mức B), ban-chuyen-sang-giay.pdf (để in)"))
