"""Every reason of the answer about one certificate, in the words that a person reads: Vietnamese first, then English.

Codes are stable; where a code also stands in a document's report (``reasons``) it means the same there.
"""

from enum import StrEnum

from signing.validation.reasons import Text


class CertificateReason(StrEnum):
    """Why the answer about a certificate is what it is."""

    CERT_MALFORMED = "CERT_MALFORMED"
    CERT_CONTRADICTORY = "CERT_CONTRADICTORY"
    UNTRUSTED_ROOT = "UNTRUSTED_ROOT"
    ROOT_NOT_ACCEPTED_THEN = "ROOT_NOT_ACCEPTED_THEN"
    PURPOSE_NOT_ALLOWED = "PURPOSE_NOT_ALLOWED"
    CERT_CHAIN_BROKEN = "CERT_CHAIN_BROKEN"
    CERT_EXPIRED = "CERT_EXPIRED"
    CERT_NOT_YET_VALID = "CERT_NOT_YET_VALID"
    CERT_REVOKED = "CERT_REVOKED"
    CERT_ON_HOLD = "CERT_ON_HOLD"
    ISSUER_NOT_VALID = "ISSUER_NOT_VALID"
    ISSUER_REVOKED = "ISSUER_REVOKED"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    ALGORITHM_FORBIDDEN = "ALGORITHM_FORBIDDEN"
    CHECK_TOO_COSTLY = "CHECK_TOO_COSTLY"
    CHECK_FAILED = "CHECK_FAILED"
    PRIMARY_NOT_FOUND = "PRIMARY_NOT_FOUND"
    PRIMARY_MISMATCH = "PRIMARY_MISMATCH"
    PRIMARY_NOT_VALID = "PRIMARY_NOT_VALID"
    DEVELOPMENT_NO_LEGAL_VALUE = "DEVELOPMENT_NO_LEGAL_VALUE"
    CERT_PURPOSE = "CERT_PURPOSE"
    CERT_NOT_IN_REGISTER = "CERT_NOT_IN_REGISTER"
    CLASS_UNKNOWN = "CLASS_UNKNOWN"
    CITIZEN_SIGNATURE = "CITIZEN_SIGNATURE"
    POST_NOT_HELD = "POST_NOT_HELD"
    AGENCY_CLOSED = "AGENCY_CLOSED"
    SIGNING_RIGHT_MISSING = "SIGNING_RIGHT_MISSING"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    SCOPE_OPEN = "SCOPE_OPEN"
    HELD_LOCALLY = "HELD_LOCALLY"


CERTIFICATE_TEXTS: dict[CertificateReason, Text] = {
    CertificateReason.CERT_MALFORMED: Text(
        "Chứng thư sai cấu trúc nên không thể tin cậy.", "The certificate is malformed and cannot be trusted."
    ),
    CertificateReason.CERT_CONTRADICTORY: Text(
        "Chứng thư tự mâu thuẫn về loại hoặc thứ tự của nó.",
        "The certificate contradicts itself about its class or its ordinal.",
    ),
    CertificateReason.UNTRUSTED_ROOT: Text(
        "Chứng thư không thuộc hệ thống chứng thực được tin cậy.",
        "The certificate does not lead to a trusted authority.",
    ),
    CertificateReason.ROOT_NOT_ACCEPTED_THEN: Text(
        "Tại thời điểm được hỏi, cơ quan chứng thực gốc chưa hoặc không còn được chấp nhận.",
        "The root was not yet or no longer accepted at the moment asked about.",
    ),
    CertificateReason.PURPOSE_NOT_ALLOWED: Text(
        "Cơ quan chứng thực gốc không được chấp nhận cho mục đích của chứng thư này.",
        "The root is not accepted for what this certificate is for.",
    ),
    CertificateReason.CERT_CHAIN_BROKEN: Text(
        "Đường dẫn chứng thực vi phạm quy tắc.", "The certification path breaks the rules for such paths."
    ),
    CertificateReason.CERT_EXPIRED: Text(
        "Chứng thư đã hết hạn tại thời điểm được hỏi.", "The certificate had expired at the moment asked about."
    ),
    CertificateReason.CERT_NOT_YET_VALID: Text(
        "Chứng thư chưa có hiệu lực tại thời điểm được hỏi.",
        "The certificate was not yet valid at the moment asked about.",
    ),
    CertificateReason.CERT_REVOKED: Text(
        "Chứng thư đã bị thu hồi tại thời điểm được hỏi.", "The certificate was revoked at the moment asked about."
    ),
    CertificateReason.CERT_ON_HOLD: Text(
        "Chứng thư đang bị tạm dừng tại thời điểm được hỏi.", "The certificate was on hold at the moment asked about."
    ),
    CertificateReason.ISSUER_NOT_VALID: Text(
        "Chứng thư của cơ quan cấp không có hiệu lực tại thời điểm được hỏi.",
        "An authority above the certificate was not valid at the moment asked about.",
    ),
    CertificateReason.ISSUER_REVOKED: Text(
        "Chứng thư của cơ quan cấp đã bị thu hồi hoặc tạm dừng.",
        "An authority above the certificate is revoked or on hold.",
    ),
    CertificateReason.STATUS_UNKNOWN: Text(
        "Không có thông tin trạng thái thu hồi của chứng thư.", "There is no status information on the certificate."
    ),
    CertificateReason.ALGORITHM_FORBIDDEN: Text(
        "Thuật toán hoặc độ dài khóa không được phép.", "The algorithm or key length is not allowed."
    ),
    CertificateReason.CHECK_TOO_COSTLY: Text(
        "Việc kiểm tra tốn quá nhiều tài nguyên nên đã dừng lại.", "The check needed too much work and was stopped."
    ),
    CertificateReason.CHECK_FAILED: Text(
        "Không kiểm tra được chứng thư này.", "This certificate could not be checked."
    ),
    CertificateReason.PRIMARY_NOT_FOUND: Text(
        "Không tìm thấy chứng thư thứ nhất mà chứng thư này gắn với.",
        "The primary certificate that this one hangs on was not found.",
    ),
    CertificateReason.PRIMARY_MISMATCH: Text(
        "Chứng thư thứ nhất không phải của cùng chủ thể, hoặc hẹp hơn chứng thư này.",
        "The primary certificate is of another holder, or narrower than this one.",
    ),
    CertificateReason.PRIMARY_NOT_VALID: Text(
        "Chứng thư thứ nhất không có hiệu lực hoặc chưa rõ hiệu lực tại thời điểm được hỏi.",
        "The primary certificate was not valid, or not known to be, at the moment asked about.",
    ),
    CertificateReason.DEVELOPMENT_NO_LEGAL_VALUE: Text(
        "CHỨNG THƯ PHÁT TRIỂN - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ.", "DEVELOPMENT CERTIFICATE - NO LEGAL VALUE."
    ),
    CertificateReason.CERT_PURPOSE: Text(
        "Chứng thư không được cấp để ký tài liệu.", "The certificate was not issued for signing documents."
    ),
    CertificateReason.CERT_NOT_IN_REGISTER: Text(
        "Chứng thư không do hệ thống này quản lý nên chưa đối chiếu được thẩm quyền ký.",
        "The certificate is not kept in this register, so the right to sign could not be compared.",
    ),
    CertificateReason.CLASS_UNKNOWN: Text(
        "Không xác định được loại chứng thư.", "The class of the certificate is not known."
    ),
    CertificateReason.CITIZEN_SIGNATURE: Text(
        "Chứng thư của công dân, không phải của người có thẩm quyền.",
        "The certificate of a citizen, not of somebody with authority.",
    ),
    CertificateReason.POST_NOT_HELD: Text(
        "Chủ thể không giữ chức vụ ghi trên chứng thư tại thời điểm được hỏi.",
        "The holder did not hold the post of the certificate at that moment.",
    ),
    CertificateReason.AGENCY_CLOSED: Text(
        "Cơ quan ghi trên chứng thư không hoạt động tại thời điểm được hỏi.",
        "The agency of the certificate did not exist at that moment.",
    ),
    CertificateReason.SIGNING_RIGHT_MISSING: Text(
        "Chủ thể không có thẩm quyền ký tại thời điểm được hỏi.", "The holder had no right to sign at that moment."
    ),
    CertificateReason.OUT_OF_SCOPE: Text(
        "Việc được hỏi nằm ngoài phạm vi sử dụng của chứng thư.",
        "The act asked about lies outside the scope of the certificate.",
    ),
    CertificateReason.HELD_LOCALLY: Text(
        "Tỉnh tạm dừng sử dụng chứng thư này tại thời điểm được hỏi; trạng thái bên ngoài không đổi.",
        "The province had put this certificate on hold locally at that moment; its status outside is unchanged.",
    ),
    CertificateReason.SCOPE_OPEN: Text(
        "Chứng thư có phạm vi sử dụng giới hạn; cần cho biết nơi, thủ tục, loại giấy tờ.",
        "The certificate has a limited scope: name the place, the procedure and the type of document.",
    ),
}
