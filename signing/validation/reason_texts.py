"""Every reason of a verdict in the words that a person reads: Vietnamese first, then English; texts may be improved."""

from signing.validation.reasons import Reason, Text

TEXTS: dict[Reason, Text] = {
    Reason.NO_SIGNATURE: Text(
        "Tệp không có chữ ký số; hình ảnh con dấu hoặc chữ ký không phải là chữ ký số.",
        "The file has no digital signature; pictures of seals or signatures are not signatures.",
    ),
    Reason.DOCUMENT_DAMAGED: Text(
        "Cấu trúc tệp bị hỏng nên không thể kết luận về chữ ký.",
        "The structure of the file is damaged, so nothing can be concluded about its signatures.",
    ),
    Reason.DOCUMENT_ENCRYPTED: Text(
        "Tệp được bảo vệ bằng mật khẩu nên không kiểm tra được.",
        "The file is protected by a password and cannot be checked.",
    ),
    Reason.DOCUMENT_ALTERED: Text(
        "Nội dung tài liệu đã bị thay đổi sau khi ký.", "The document was altered after it was signed."
    ),
    Reason.CONTENT_COVERED: Text(
        "Một ô chữ ký thêm vào sau khi ký che nội dung đã ký.",
        "A signature field that was added later covers content that was signed.",
    ),
    Reason.FORM_FILLED_AFTER_SIGNING: Text(
        "Ô dữ liệu của biểu mẫu đã được điền hoặc sửa sau khi ký.",
        "Form fields were filled in or changed after the signature.",
    ),
    Reason.METADATA_CHANGED: Text(
        "Thông tin mô tả tài liệu (tên, tác giả, siêu dữ liệu) đã bị thay đổi sau khi ký.",
        "Information about the document (title, author, metadata) was changed after the signature.",
    ),
    Reason.CHANGES_UNKNOWN: Text(
        "Có phần thêm vào sau chữ ký mà không thể so sánh được.",
        "Something was added after the signature that could not be compared.",
    ),
    Reason.HIDDEN_UPDATE: Text(
        "Có dữ liệu ẩn được chèn sau phần đã ký (tấn công lưu bổ sung).",
        "Hidden data was appended behind the signed part (incremental saving attack).",
    ),
    Reason.READERS_DISAGREE: Text(
        "Các chương trình đọc PDF khác nhau sẽ hiển thị tệp này khác nhau.",
        "Different PDF readers show this file differently.",
    ),
    Reason.SIGNATURE_COVERAGE: Text(
        "Chữ ký không bao phủ trọn vẹn phiên bản tài liệu (tấn công bọc chữ ký).",
        "The signature does not cover the whole revision (signature wrapping).",
    ),
    Reason.SIGNATURE_MALFORMED: Text("Cấu trúc chữ ký số bị hỏng.", "The signature is malformed."),
    Reason.SIGNATURE_VALUE_WRONG: Text(
        "Giá trị chữ ký không khớp với khóa của chứng thư.",
        "The signature value does not belong to the key of the certificate.",
    ),
    Reason.UNSUPPORTED_SIGNATURE: Text(
        "Dạng chữ ký hoặc thuật toán này chưa được hỗ trợ.", "This kind of signature or algorithm is not supported."
    ),
    Reason.SIGNER_CERT_MISSING: Text(
        "Không có chứng thư số của người ký trong tệp.", "The signer's certificate is not in the file."
    ),
    Reason.UNTRUSTED_ROOT: Text(
        "Chứng thư không thuộc hệ thống chứng thực được tin cậy.",
        "The certificate does not lead to a trusted authority.",
    ),
    Reason.CERT_CHAIN_BROKEN: Text(
        "Đường dẫn chứng thực vi phạm quy tắc.", "The certification path breaks the rules for such paths."
    ),
    Reason.CERT_PURPOSE: Text(
        "Chứng thư không được cấp để ký tài liệu.", "The certificate was not issued for signing documents."
    ),
    Reason.CERT_EXPIRED: Text(
        "Chứng thư đã hết hạn và không có dấu thời gian chứng minh thời điểm ký.",
        "The certificate has expired and no time-stamp proves when it was used.",
    ),
    Reason.CERT_NOT_VALID_AT_SIGNING: Text(
        "Chứng thư chưa có hiệu lực hoặc đã hết hạn tại thời điểm ký.",
        "The certificate was not yet or no longer valid when it was used.",
    ),
    Reason.CERT_REVOKED: Text(
        "Chứng thư đã bị thu hồi và không có dấu thời gian chứng minh chữ ký có trước đó.",
        "The certificate is revoked and no time-stamp proves that the signature is older.",
    ),
    Reason.CERT_REVOKED_AT_SIGNING: Text(
        "Chứng thư đã bị thu hồi trước thời điểm ký.", "The certificate was revoked before it was used."
    ),
    Reason.CERT_ON_HOLD: Text(
        "Chứng thư đang hoặc đã từng bị tạm dừng; không có dấu thời gian chứng minh chữ ký nằm ngoài thời gian đó.",
        "The certificate is or was on hold and no time-stamp proves that the signature was made outside that time.",
    ),
    Reason.CERT_ON_HOLD_AT_SIGNING: Text(
        "Chứng thư đang bị tạm dừng tại thời điểm ký.", "The certificate was on hold when it was used."
    ),
    Reason.STATUS_UNKNOWN: Text(
        "Không có thông tin trạng thái thu hồi của chứng thư.", "There is no status information on the certificate."
    ),
    Reason.ALGORITHM_FORBIDDEN: Text(
        "Thuật toán hoặc độ dài khóa không được phép.", "The algorithm or key length is not allowed."
    ),
    Reason.CHECK_TOO_COSTLY: Text(
        "Việc kiểm tra tốn quá nhiều tài nguyên nên đã dừng lại.", "The check needed too much work and was stopped."
    ),
    Reason.CHECK_FAILED: Text("Không kiểm tra được chữ ký này.", "This signature could not be checked."),
    Reason.DEVELOPMENT_NO_LEGAL_VALUE: Text(
        "CHỨNG THƯ PHÁT TRIỂN - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ.", "DEVELOPMENT CERTIFICATE - NO LEGAL VALUE."
    ),
    Reason.NO_TRUSTED_TIME: Text(
        "Không có dấu thời gian tin cậy; thời điểm ký chỉ do người ký khai.",
        "There is no trusted time-stamp; the signing time is only claimed.",
    ),
    Reason.TIMESTAMP_NOT_TRUSTED: Text("Dấu thời gian không được tin cậy.", "A time-stamp is not trusted."),
    Reason.LEGACY_SCHEME: Text(
        "Lược đồ ký cũ (RSASSA-PKCS1-v1_5), chỉ còn được chấp nhận khi kiểm tra.",
        "Legacy scheme (RSASSA-PKCS1-v1_5), accepted for checking only.",
    ),
    Reason.ACTIVE_CONTENT: Text(
        "Tệp có mã lệnh hoặc hành động tự chạy; nội dung hiển thị có thể thay đổi.",
        "The file contains scripts or actions; what it shows may change.",
    ),
    Reason.SEAL_BEFORE_SIGNATURE: Text(
        "Con dấu cơ quan được đóng khi chưa có chữ ký của người có thẩm quyền.",
        "The agency's seal was set before the signature of a person.",
    ),
    Reason.SEAL_WITHOUT_SIGNATURE: Text(
        "Chỉ có con dấu của cơ quan, không có chữ ký của người có thẩm quyền (chỉ phù hợp với bản sao).",
        "There is only the agency's seal and no signature of a person (right for certified copies only).",
    ),
    Reason.SEAL_OF_OTHER_AGENCY: Text(
        "Con dấu không phải của cơ quan nơi người ký công tác.",
        "The seal does not belong to the agency of the person who signed.",
    ),
    Reason.SEAL_MISSING: Text(
        "Chưa có con dấu của cơ quan (chỉ phù hợp với bản sao do công chức ký).",
        "The agency's seal is missing (right for copies signed by an officer only).",
    ),
    Reason.CITIZEN_SIGNATURE: Text(
        "Chữ ký của công dân, không phải của người có thẩm quyền.",
        "The signature of a citizen, not of somebody with authority.",
    ),
    Reason.SIGNING_RIGHT_MISSING: Text(
        "Người ký không có thẩm quyền ký văn bản này tại thời điểm ký.",
        "The signer had no right to sign this document at that time.",
    ),
    Reason.POST_NOT_HELD: Text(
        "Người ký không giữ chức vụ ghi trên chứng thư tại thời điểm ký.",
        "The signer did not hold the post of the certificate at that time.",
    ),
    Reason.CERT_NOT_IN_REGISTER: Text(
        "Chứng thư không do hệ thống này quản lý nên chưa đối chiếu được thẩm quyền ký.",
        "The certificate is not kept in this register, so the right to sign could not be compared.",
    ),
    Reason.CLASS_UNKNOWN: Text(
        "Không xác định được loại chứng thư của người ký.", "The class of the signer's certificate is not known."
    ),
    Reason.FORGED_SIGNATURE: Text(
        "Chữ ký thiếu phần mà không có nó thì không kiểm tra được gì (tấn công giả mạo phổ quát).",
        "The signature lacks the parts without which nothing can be checked (universal signature forgery).",
    ),
    Reason.SHADOW_HIDE: Text(
        "Nội dung đã ký bị giấu đi sau khi ký (tấn công nội dung ẩn: che giấu).",
        "Content that was signed was hidden afterwards (shadow attack: hide).",
    ),
    Reason.SHADOW_REPLACE: Text(
        "Nội dung hiển thị đã bị thay bằng nội dung khác sau khi ký (tấn công nội dung ẩn: thay thế).",
        "What is shown was replaced after signing (shadow attack: replace).",
    ),
    Reason.SHADOW_HIDE_AND_REPLACE: Text(
        "Nội dung chuẩn bị sẵn trước khi ký được đưa ra thay cho nội dung đã ký (tấn công nội dung ẩn: giấu và thay).",
        "Content prepared before signing was put in place of what was signed (shadow attack: hide and replace).",
    ),
    Reason.EVIL_ANNOTATION: Text(
        "Chú thích thêm vào sau khi ký che hoặc bổ sung nội dung (tấn công chú thích độc hại).",
        "An annotation that was added later shows or covers content (evil annotation attack).",
    ),
    Reason.SNEAKY_SIGNATURE: Text(
        "Chữ ký thêm vào sau khi ký hiển thị nội dung ngoài kế hoạch (tấn công chữ ký lén lút).",
        "A signature that was added later shows content that nobody planned (sneaky signature attack).",
    ),
    Reason.FONT_OVERLAY: Text(
        "Phông chữ đã bị thay sau khi ký nên chữ hiển thị khác đi (tấn công thay phông).",
        "A font was exchanged after signing, so the text reads differently (font overlay).",
    ),
    Reason.FORM_OVERLAY: Text(
        "Phần hiển thị của ô biểu mẫu không khớp với giá trị của ô (tấn công lớp phủ biểu mẫu).",
        "What a form field shows is not its value (form overlay).",
    ),
    Reason.PAGE_LOOKS_DIFFERENT: Text(
        "Trang hiển thị hiện nay khác trang đã ký.",
        "A page looks different from the one that was signed.",
    ),
    Reason.PAGES_NOT_COMPARED: Text(
        "Chưa so sánh được hình ảnh mọi trang với bản đã ký.",
        "Not every page could be drawn and compared with the version that was signed.",
    ),
    Reason.NOT_PERMITTED_BY_SIGNER: Text(
        "Thay đổi sau khi ký không được người ký cho phép (DocMDP, FieldMDP).",
        "The signer did not permit the changes made afterwards (DocMDP, FieldMDP).",
    ),
    Reason.ANNOTATED_AFTER_SIGNING: Text(
        "Chú thích đã được thêm vào sau khi ký.",
        "Annotations were added after the signature.",
    ),
    Reason.CLOSED_DOCUMENT_CHANGED: Text(
        "Văn bản đã được khóa nhưng vẫn bị thêm nội dung ngoài kế hoạch ký.",
        "The document was closed, yet something outside its signing plan was added.",
    ),
    Reason.PRINTED_DATE_DIFFERS: Text(
        "Ngày ghi trên văn bản khác với thời điểm ký tin cậy.",
        "The date printed on the document differs from the trusted time of signing.",
    ),
    Reason.SAME_PERSON_TWICE: Text(
        "Một người vừa ký vừa đóng dấu.",
        "One person both signed and sealed.",
    ),
    Reason.ALGORITHM_UNKNOWN: Text(
        "Thuật toán của chữ ký không được nhận biết.",
        "An algorithm of the signature is not known.",
    ),
    Reason.ALGORITHM_ENDED: Text(
        "Thuật toán không còn được phép tại thời điểm có bằng chứng.",
        "The algorithm was no longer allowed at the proven time.",
    ),
    Reason.SIGNED_ATTRIBUTES_NOT_DER: Text(
        "Phần được ký của chữ ký không theo quy tắc mã hóa DER.",
        "The signed attributes are not in the distinguished encoding.",
    ),
    Reason.CONTENT_NOT_GIVEN: Text(
        "Chỉ nhận được mã băm; nội dung tệp và thay đổi sau khi ký chưa được kiểm tra.",
        "Only digests were given; the content and later changes were not checked.",
    ),
    Reason.CONTENT_MISSING: Text(
        "Không có tệp gốc mà chữ ký này ký.",
        "The file that this signature is about is missing.",
    ),
    Reason.PRINT_ONLY: Text(
        "Đây là bản in, bản chụp hoặc bản quét; bản in tự nó không có giá trị của văn bản điện tử đã ký.",
        "This is a print, a photograph or a scan; by itself it is not the signed electronic document.",
    ),
    Reason.PICTURE_OF_SEAL: Text(
        "Tệp chỉ có hình ảnh con dấu hoặc chữ ký; hình ảnh không phải là chữ ký số.",
        "The file has pictures of a seal or a signature only; pictures are not signatures.",
    ),
    Reason.SIGNATURE_FIELD_EMPTY: Text(
        "Tệp có ô chữ ký số còn trống: văn bản chưa được ký.",
        "The file has a signature field that is still empty: nobody has signed it yet.",
    ),
    Reason.PASSWORD_WRONG: Text(
        "Mật khẩu không mở được tệp.",
        "The password does not open the file.",
    ),
    Reason.CA_REVOKED: Text(
        "Chứng thư của tổ chức cấp chứng thư đã bị thu hồi.",
        "The certificate of an authority above the signer's has been revoked.",
    ),
    Reason.TIMESTAMP_ORDER: Text(
        "Các dấu thời gian mâu thuẫn nhau về thứ tự.",
        "The time-stamps contradict each other in their order.",
    ),
    Reason.CERT_NOT_BOUND: Text(
        "Chữ ký không ghi nó thuộc chứng thư nào; nếu có chứng thư khác cùng khóa thì không phân biệt được.",
        "The signature does not say to which certificate it belongs; another one of its key could not be told apart.",
    ),
    Reason.CLAIMED_TIME_DOUBTFUL: Text(
        "Thời điểm ký do người ký tự khai không khớp với dấu thời gian, với thời hạn của chứng thư hoặc với thời điểm "
        "kiểm tra.",
        "The time that the signer claims does not fit the time-stamp, the period of the certificate or the moment of "
        "checking.",
    ),
}
