"""How the refusals in the life of a certificate look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

CERTIFICATE_LIFE_ROWS: Final[Rows] = {
    e.CertRenewalTooEarly: Row(409, "Chưa đến thời hạn gia hạn chứng thư", "It is too early to renew the certificate"),
    e.CertHasSuccessor: Row(409, "Đã có chứng thư khác thay thế", "Another certificate has taken its place"),
    e.CertReleaseNeedsApproval: Row(
        409, "Khôi phục hiệu lực cần người thứ hai phê duyệt", "A release needs the approval of a second person"
    ),
    e.CertProofMissing: Row(
        409, "Chưa có bằng chứng sở hữu khóa trên thiết bị", "The possession of the device's key has not been proved"
    ),
    e.CertKeyInUse: Row(
        409, "Khóa công khai đã dùng cho chứng thư khác", "The public key is in use for another certificate"
    ),
    e.CertificateSuperseded: Row(409, "Chứng thư đã được thay thế", "The certificate has been superseded"),
    e.CertificateKeyOnToken: Row(
        409,
        "Khóa nằm trên thiết bị của chủ chứng thư, hãy ký tại thiết bị đó",
        "The key is on the holder's own device: sign there",
    ),
}
