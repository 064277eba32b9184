"""How refusals around external providers of remote signatures look from outside."""

from typing import Final

from api import errors as a
from api.problems.row import Row, Rows
from signing import errors as e

REMOTE_SIGNER_ROWS: Final[Rows] = {
    a.RemoteProviderUnknown: Row(
        404,
        "Nhà cung cấp ký số từ xa này chưa được cấu hình; quản trị viên bổ sung ANSO_CSC_PROVIDERS",
        "This provider of remote signatures is not configured; an operator adds it to ANSO_CSC_PROVIDERS",
    ),
    a.RemoteCredentialMissing: Row(
        409,
        "Khóa của chứng thư này không ở nhà cung cấp nào đã ghi nhận; dùng thiết bị ký, hoặc đề nghị RA ghi nhận",
        "The key of this certificate is at no recorded provider: use the token, or have an RA officer record it",
    ),
    e.RemoteSignerError: Row(
        503,
        "Nhà cung cấp ký số từ xa không ký: hãy thử lại, hoặc hỏi nhà cung cấp",
        "The remote signing provider did not sign: try again, or ask the provider",
    ),
    e.RemoteSignerUnavailable: Row(
        503,
        "Nhà cung cấp ký số từ xa không trả lời; chưa ký gì, hãy thử lại",
        "The remote signing provider does not answer; nothing was signed, try again",
    ),
    e.RemoteSignerRefused: Row(
        409,
        "Nhà cung cấp ký số từ xa từ chối; kiểm tra mã xác nhận và chứng thư tại nhà cung cấp",
        "The remote signing provider refuses: check the code and the credential there",
    ),
    e.RemoteHolderAway: Row(
        504,
        "Chưa được xác nhận trên thiết bị của người ký; mở ứng dụng của nhà cung cấp rồi thử lại",
        "The signer did not confirm in time: open the provider's app and try again",
    ),
    e.RemoteCredentialChanged: Row(
        409,
        "Chứng thư tại nhà cung cấp khác với chứng thư đã đăng ký, hoặc đã bị khóa; nhập chứng thư mới",
        "The provider's certificate is not the registered one, or is disabled: import the new certificate",
    ),
    e.RemoteBatchTooLarge: Row(
        409,
        "Nhiều văn bản hơn mức nhà cung cấp ký trong một lần; hãy chia lô",
        "More documents than the provider signs at once: send fewer",
    ),
}
