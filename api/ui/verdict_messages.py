"""The words of a verdict: one sentence, the four checks, what to do next, technical details; Vietnamese, English.

What the printed report says in the same words is taken from there.
"""

from typing import Final

from api.rendering.report_texts import (
    ANSWERS,
    CHANGES,
    ENTITLEMENT,
    MORE_FIELDS,
    NEXT,
    OTHER_STATE,
    SECTIONS,
    SENTENCES,
    STATES,
    WORDS,
)

VERDICT_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # --- verdict -----------------------------------------------------------------------------------
    "verdict.valid.word": WORDS["valid"],
    "verdict.invalid.word": WORDS["invalid"],
    "verdict.indeterminate.word": WORDS["indeterminate"],
    "verdict.no_signature.word": WORDS["no_signature"],
    "verdict.valid": (
        "Tệp có {count} chữ ký số hợp lệ và không bị sửa đổi sau khi ký.",
        "The file has {count} valid digital signature(s) and was not changed after signing.",
    ),
    "verdict.altered": (
        "Nội dung tệp đã bị sửa đổi sau khi ký. Đừng dùng tệp này.",
        "The content was changed after signing. Do not use this file.",
    ),
    "verdict.invalid": SENTENCES["invalid"],
    "verdict.indeterminate": (
        "Chữ ký số có thể đúng, nhưng còn điều chưa kiểm tra được nên chưa thể kết luận.",
        "The digital signature may be good, but something could not be checked, so there is no conclusion yet.",
    ),
    "verdict.withdrawn.word": WORDS["withdrawn"],
    "verdict.withdrawn": SENTENCES["withdrawn"],
    "verdict.not_entitled.word": WORDS["not_entitled"],
    "verdict.not_entitled": SENTENCES["not_entitled"],
    "verdict.unreadable": (
        "Không mở được tệp để kiểm tra, nên chưa biết chữ ký thế nào.",
        "The file could not be opened for checking, so nothing is known about its signatures.",
    ),
    "verdict.no_signature": (
        "Tệp này không có chữ ký số nào.",
        "This file has no digital signature.",
    ),
    "verdict.print_only": (
        "Đây là bản in, ảnh chụp hoặc bản quét, không có chữ ký số. Bản in tự nó không có giá trị pháp lý.",
        "This is a print, a photograph or a scan without a digital signature. A print has no legal value of its own.",
    ),
    "verdict.picture_of_seal": (
        "Tệp chỉ có hình con dấu hoặc chữ ký. Hình ảnh không phải là chữ ký số.",
        "The file has only pictures of a seal or signature. Pictures are not signatures.",
    ),
    "verdict.field_empty": (
        "Tệp có ô chữ ký số nhưng chưa ai ký.",
        "The file has a field for a digital signature, but nobody has signed it.",
    ),
    "trial.tag": ("CHỮ KÝ THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "TEST SIGNATURE – NO LEGAL VALUE"),
    "trial.text": (
        "Chữ ký đúng về kỹ thuật nhưng dùng chứng thư thử nghiệm của môi trường phát triển.",
        "The signature is technically good but was made with a test certificate of the development environment.",
    ),
    "reasons": SECTIONS["reasons"],
    "reasons.notes": ("Lưu ý", "Please note"),
    # --- four checks -------------------------------------------------------------------------------
    "checks.title": SECTIONS["checks"],
    "check.integrity": ("Nội dung không bị thay đổi", "Content unchanged"),
    "check.integrity.yes": (
        "Không có gì bị sửa sau khi ký.",
        "Nothing was changed after signing.",
    ),
    "check.integrity.added": (
        "Nội dung đã ký còn nguyên; sau đó có điền biểu mẫu hoặc ghi chú thêm.",
        "The signed content is intact; a form was filled in or notes were added later.",
    ),
    "check.integrity.no": (
        "Nội dung hiện nay khác nội dung đã được ký.",
        "The content differs from what was signed.",
    ),
    "check.integrity.open": CHANGES["unknown"],
    "check.signer": ("Người ký có thẩm quyền", "Signer entitled"),
    "check.signer.unknown_name": ("Người ký không rõ tên", "Signer without a name"),
    "check.signer.personal": ("chứng thư số cá nhân", "personal certificate"),
    "check.signer.org_seal": ("con dấu của cơ quan", "agency seal"),
    "check.signer.citizen": ("chứng thư số của công dân", "citizen's certificate"),
    "check.signer.service": ("chứng thư của hệ thống", "certificate of a service"),
    "check.signer.other": ("chứng thư không rõ loại", "certificate of unknown kind"),
    "check.signer.ordinal": ("chứng thư thứ {ordinal}", "certificate no. {ordinal}"),
    "check.signer.untrusted": (
        "Chưa chắc đúng người này: chứng thư không do nơi cấp được tin cậy cấp.",
        "It is not certain that this is the person: the certificate does not come from a trusted issuer.",
    ),
    "check.signer.not_entitled": ENTITLEMENT["not_entitled"],
    "check.signer.entitlement_open": (
        "Tư cách là như chứng thư ghi; thẩm quyền ký văn bản này chưa được đối chiếu.",
        "The capacity is as the certificate states; the right to sign this very document was not compared.",
    ),
    "check.then": ("Chữ ký hợp lệ lúc ký", "Signature good when it was made"),
    "check.then.yes": (
        "Chữ ký đúng; chứng thư còn hạn và không bị thu hồi tại thời điểm ký.",
        "The signature is right; its certificate was within its period and not revoked at that time.",
    ),
    "check.then.revoked": (
        "Chứng thư đã bị thu hồi hoặc tạm dừng trước khi ký.",
        "The certificate was revoked or suspended before signing.",
    ),
    "check.then.expired": (
        "Chứng thư ngoài thời hạn hiệu lực khi ký.",
        "The certificate was outside its period of validity when signing.",
    ),
    "check.then.failed": (
        "Chữ ký không hợp lệ; lý do ghi ở trên.",
        "The signature is not valid; the reason is given above.",
    ),
    "check.then.unproven": (
        "Chứng thư nay đã hết hạn hoặc bị thu hồi; chưa chứng minh được chữ ký có trước đó.",
        "The certificate is expired or revoked by now; it is not proven that the signature is older.",
    ),
    "check.then.open": (
        "Chưa đủ căn cứ để kết luận; lý do ghi ở trên.",
        "There is not enough to conclude; the reason is given above.",
    ),
    "check.time.yes": ("Có dấu thời gian: {at}.", "Time-stamped: {at}."),
    "check.time.claimed": (
        "Chỉ có giờ do máy người ký tự khai ({at}), không có dấu thời gian.",
        "Only the time claimed by the signer's device ({at}), no time-stamp.",
    ),
    "check.time.none": ("Không có dấu thời gian.", "No time-stamp."),
    "answer.yes": ANSWERS["yes"],
    "answer.no": ANSWERS["no"],
    "answer.open": ANSWERS["open"],
    # --- state of the document ---------------------------------------------------------------------
    "document.title": ("Văn bản đang có hiệu lực", "Document in force now"),
    "document.unknown": STATES["unknown"],
    "document.active": STATES["active"],
    "document.expired": STATES["expired"],
    "document.revoked": STATES["revoked"],
    "document.superseded": STATES["superseded"],
    "document.recalled": STATES["recalled"],
    "document.voided": STATES["voided"],
    "document.not_issued": STATES["not_issued"],
    "document.other": OTHER_STATE,
    # --- next steps --------------------------------------------------------------------------------
    "next.title": SECTIONS["next"],
    "next.valid": NEXT["valid"],
    "next.trial": NEXT["trial"],
    "next.ask": NEXT["ask"],
    "next.withdrawn": NEXT["withdrawn"],
    "next.not_entitled": NEXT["not_entitled"],
    "next.altered": NEXT["altered"],
    "next.invalid": (
        "Liên hệ cơ quan ban hành và cho họ xem kết quả kiểm tra này.",
        "Contact the issuing agency and show them this result.",
    ),
    "next.try_later": (
        "Thử lại sau: thông tin thu hồi của nơi cấp chứng thư tạm thời chưa có.",
        "Try again later: the issuer's revocation information is not available at the moment.",
    ),
    "next.untrusted": (
        "Hỏi cơ quan ban hành xem họ dùng chứng thư của nơi cấp nào; hệ thống này chưa tin cậy nơi cấp đó.",
        "Ask the issuing agency whose certificates they use; this service does not trust that issuer.",
    ),
    "next.indeterminate": (
        "Chưa nên dựa vào tệp này cho việc quan trọng. Hãy hỏi cơ quan ban hành.",
        "Do not rely on this file for important matters yet. Ask the issuing agency.",
    ),
    "next.unreadable": (
        "Xin lại tệp PDF gốc, không bị hỏng và không đặt mật khẩu, rồi kiểm tra lại.",
        "Ask for the original PDF, undamaged and without a password, and check again.",
    ),
    "next.no_signature": NEXT["no_signature"],
    "next.print_only": (
        "Quét mã QR in trên văn bản (nếu có) và xin tệp PDF đã ký số từ cơ quan ban hành.",
        "Scan the QR code on the page, if there is one, and ask the issuing agency for the signed PDF file.",
    ),
    "next.picture_of_seal": (
        "Đừng tin con dấu trong hình. Hãy xin tệp PDF đã ký số từ cơ quan ban hành.",
        "Do not trust the seal in the picture. Ask the issuing agency for the signed PDF file.",
    ),
    "next.field_empty": (
        "Đây là bản chưa ký. Hãy chờ hoặc xin bản đã ký số từ cơ quan ban hành.",
        "This copy is not signed yet. Wait for the signed one, or ask the issuing agency for it.",
    ),
    # --- details -----------------------------------------------------------------------------------
    "details.open": ("Chi tiết kỹ thuật", "Technical details"),
    "details.signature": ("Chữ ký {number}", "Signature {number}"),
    "details.timestamp": SECTIONS["timestamp"],
    "details.signer": ("Người ký theo chứng thư", "Signer as the certificate names it"),
    "details.field": ("Trường chữ ký", "Signature field"),
    "details.indication": ("Kết luận ETSI", "ETSI indication"),
    "details.level": ("Mức PAdES", "PAdES level"),
    "details.rule": MORE_FIELDS["policy"],
    "details.serial": MORE_FIELDS["serial"],
    "details.anchor": ("Nơi cấp gốc được tin cậy", "Trust anchor"),
    "details.claimed": ("Giờ tự khai", "Claimed time"),
    "details.changes": MORE_FIELDS["changes"],
    "details.warnings": ("Lưu ý", "Warnings"),
    "details.codes": ("Mã lý do", "Reason codes"),
    "details.policy": ("Chính sách kiểm tra", "Policy"),
    "details.size": ("Dung lượng", "Size"),
    "details.bytes": ("{size} byte", "{size} bytes"),
}
