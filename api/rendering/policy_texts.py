"""The sentences of the practice statement and of the time-stamp disclosure, in Vietnamese and English.

Knows words only: numbers, identifiers and periods come from the statement's data (``{…}``). The outline of the practice
statement is that of RFC 3647, of the disclosure that of EN 319 421 annex B.
"""

from typing import Final

Text = tuple[str, str]
"""Vietnamese, English."""

DEVELOPMENT: Final[Text] = (
    "HỆ THỐNG PHÁT TRIỂN – chứng thư ở đây không có giá trị pháp lý.",
    "DEVELOPMENT – certificates made here have no legal value.",
)
CPS_TITLE: Final[Text] = (
    "Quy chế chứng thực và chính sách chứng thư",
    "Certification practice statement and certificate policies",
)
TSA_TITLE: Final[Text] = ("Công bố về dịch vụ cấp dấu thời gian", "Time-stamping disclosure statement")

CPS_SECTIONS: Final[tuple[tuple[Text, Text], ...]] = (
    (
        ("1. Giới thiệu", "1. Introduction"),
        (
            (
                "Hệ thống cấp chứng thư chữ ký số cá nhân, con dấu cơ quan, công dân và dịch vụ của tỉnh; chứng thư"
                " thứ hai do một CA riêng cấp, với khóa và chính sách riêng. Mọi định danh đối tượng (OID) nằm dưới"
                " nhánh {arc}."
            ),
            (
                "The system issues certificates for officials, agency seals, citizens and services of the province;"
                " second certificates come from an authority of their own, with its own key and policies. All "
                "object identifiers stand under the arc {arc}."
            ),
        ),
    ),
    (
        ("2. Công bố", "2. Publication"),
        (
            (
                "Chứng thư CA, danh sách thu hồi và trả lời OCSP được công bố tại {published}, không cần đăng nhập."
                " Việc thu hồi thấy được qua OCSP trong 5 giây và trong danh sách trong 60 giây."
            ),
            (
                "Certificates of the authorities, revocation lists and OCSP answers are published at {published} "
                "without login. A revocation is seen through OCSP within 5 seconds and in the list within 60."
            ),
        ),
    ),
    (
        ("3. Định danh và xác thực", "3. Identification and authentication"),
        (
            (
                "Tên, chức danh và số định danh lấy từ hồ sơ đăng ký, không lấy từ yêu cầu chứng thư (CSR). Cán bộ "
                "đăng ký kiểm tra căn cứ; khóa ngoài hệ thống phải được chứng minh quyền giữ bằng một thử thách "
                "dùng một lần."
            ),
            (
                "Names, titles and numbers come from the registration record, never from the certification request."
                " The registration officer checks the evidence; a key outside the system is proved with a challenge"
                " used once."
            ),
        ),
    ),
    (
        ("4. Vòng đời chứng thư", "4. Certificate life cycle"),
        (
            (
                "Người đăng ký, người duyệt và chủ thể là ba người khác nhau. Chứng thư được kiểm tra trước khi ký "
                "và được ghi sổ trước khi tồn tại. Chứng thư có thể tạm dừng; khoảng thời gian tạm dừng được giữ "
                "mãi. Thu hồi là vĩnh viễn."
            ),
            (
                "Registrar, approver and subject are three different people. A certificate is linted before it is "
                "signed and recorded before it exists. It can be suspended; the interval is kept for ever. "
                "Revocation is final."
            ),
        ),
    ),
    (
        ("5. Kiểm soát vận hành", "5. Operational controls"),
        (
            (
                "CA gốc được giữ ngoại tuyến và chỉ dùng trong nghi lễ khóa có người chứng kiến. Mọi lần dùng khóa "
                "và mọi quyết định được ghi vào chuỗi băm, không sửa được mà không bị phát hiện."
            ),
            (
                "The root is kept offline and used only in witnessed key ceremonies. Every use of a key and every "
                "decision is entered in a hash chain that cannot be changed unnoticed."
            ),
        ),
    ),
    (
        ("6. Kiểm soát kỹ thuật", "6. Technical controls"),
        (
            (
                "Khóa của CA, dấu thời gian, OCSP và con dấu nằm trong thiết bị HSM; khóa của người dùng được bọc "
                "ngoài thiết bị và chỉ mở trong thiết bị khi ký. Thuật toán ký theo Thông tư 15/2025/TT-BKHCN: "
                "ECDSA hoặc RSASSA-PSS."
            ),
            (
                "Keys of authorities, time-stamps, OCSP and seals live in an HSM; holders' keys are wrapped outside"
                " it and opened only inside it to sign. Algorithms follow Circular 15/2025/TT-BKHCN: ECDSA or "
                "RSASSA-PSS."
            ),
        ),
    ),
    (
        ("7. Chứng thư thứ hai", "7. Second certificates"),
        (
            (
                "Chứng thư thứ hai có khóa riêng, không dài hạn hơn và không rộng hơn chứng thư thứ nhất, mang "
                "SHA-256 của chứng thư thứ nhất trong phần mở rộng {link}. Cách hiểu đang áp dụng: {reading}."
            ),
            (
                "A second certificate has its own key, lives no longer and reaches no wider than the first, whose "
                "SHA-256 it carries in the extension {link}. Reading in force: {reading}."
            ),
        ),
    ),
)
DEVELOPMENT_KEYS: Final[Text] = (
    "Trong hệ thống phát triển này khóa được giữ bằng phần mềm, không có thiết bị HSM và không có nghi lễ khóa.",
    "In this development hierarchy keys are kept by software: there is no HSM and there was no ceremony.",
)
READINGS: Final[dict[str, Text]] = {
    "org_seal": (
        "con dấu thứ hai của cơ quan, dùng tại trung tâm phục vụ hành chính công",
        "the agency's second seal, used at the service centre",
    ),
    "person": (
        "chứng thư thứ hai của chính cán bộ, dùng để ký tại trung tâm phục vụ hành chính công",
        "the official's own second certificate, for signing at the service centre",
    ),
}
TSA_SECTIONS: Final[tuple[tuple[Text, Text], ...]] = (
    (
        ("Chính sách", "Policy"),
        (
            "Dấu thời gian theo RFC 3161, chính sách {policy}.",
            "Time-stamps of RFC 3161 under the policy {policy}.",
        ),
    ),
    (
        ("Độ chính xác", "Accuracy"),
        (
            ("Sai lệch tối đa {accuracy} so với UTC. Khi đồng hồ không đáng tin hoặc lệch quá mức, dịch vụ ngừng cấp."),
            "At most {accuracy} from UTC. When the clock is not trusted or off by more, nothing is stamped.",
        ),
    ),
    (
        ("Thuật toán", "Algorithms"),
        (
            "Giá trị băm nhận: SHA-256, SHA-384, SHA-512, SHA-3. SHA-1 và MD5 bị từ chối.",
            "Digests taken: SHA-256, SHA-384, SHA-512, SHA-3. SHA-1 and MD5 are refused.",
        ),
    ),
    (
        ("Kiểm tra", "How to verify"),
        (
            (
                "Kiểm tra chữ ký của dấu bằng chứng thư đơn vị cấp dấu do CA gốc cấp, và trạng thái của chứng thư "
                "đó trong danh sách của CA gốc. Khóa ký dùng một năm, chứng thư sống lâu hơn để dấu còn kiểm tra "
                "được."
            ),
            (
                "Verify the token under the unit's certificate, which the root issued, and its status in the root's"
                " list. The key signs for one year; its certificate lives longer so that tokens can still be "
                "checked."
            ),
        ),
    ),
    (
        ("Giới hạn", "Limits"),
        (
            "Thời điểm là lúc dịch vụ nhận yêu cầu; dấu không nói ai đã gửi và nội dung là gì.",
            "The time is when the request arrived; a token says nothing about who sent it or what the data is.",
        ),
    ),
    (
        ("Lưu giữ", "Records"),
        (
            "Số sê-ri tăng dần và không dùng lại; mỗi lần ký được ghi vào chuỗi băm.",
            "Serial numbers rise and are never used again; every signature is entered in the hash chain.",
        ),
    ),
)
COLUMNS: Final[tuple[Text, ...]] = (
    ("Loại", "Kind"),
    ("Chính sách (OID)", "Policies (OID)"),
    ("Cấp bởi", "Issued by"),
    ("Khóa", "Keys"),
    ("Mục đích", "Key usage"),
    ("Tối đa", "Longest life"),
)
AUTHORITIES: Final[Text] = ("Các CA", "Authorities")
PROFILES_TITLE: Final[Text] = ("Các loại chứng thư", "Certificate profiles")
DAYS: Final[Text] = ("ngày", "days")
MACHINE: Final[Text] = ("Bản cho máy (JSON)", "For machines (JSON)")
OTHER_LANGUAGE: Final[Text] = ("English", "Tiếng Việt")
