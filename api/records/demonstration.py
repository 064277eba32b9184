"""The demonstration's places, posts, people and procedures: values only. All persons and numbers are invented.

The places and the six pairs of communes are those of the source article; codes below H49 are made up. Ids
are fixed, so that a client's script can name them. Must not write anything: that is the seeding use-case.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from api.callers import Role
from api.ids import fixed_id
from api.records.employments import ANY_PROCEDURE, SigningCapacity
from api.records.organisations import OrgLevel, OrgStatus, OrgUnit
from api.records.procedures import Component, Procedure

SINCE: Final = datetime(2024, 7, 1, tzinfo=UTC)
"""Everything of the demonstration is valid from here on."""

PROVINCE: Final = "H49"
DEPARTMENT: Final = "H49.13"
TOWN: Final = "H49.61"
WARD: Final = "H49.61.07"
CENTRE: Final = "H49.61.90"
SCHOOL: Final = "H49.61.07.01"

BIRTH_EXTRACT: Final = "9.000001"
SCHOOL_ENROLMENT: Final = "9.000002"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One invented person with, for officials, the post."""

    key: str
    name: str
    date_of_birth: str
    sex: str
    personal_id: str
    guardian: str | None = None
    """Key of the parent; makes the person a minor."""
    org_code: str | None = None
    title: str | None = None
    place_code: str | None = None
    capacity: SigningCapacity | None = None

    @property
    def subject_id(self) -> str:
        """The fixed id of the person."""
        return fixed_id("sub", self.key, SINCE)

    @property
    def employment_id(self) -> str | None:
        """The fixed id of the post."""
        return None if self.title is None else fixed_id("emp", self.key, SINCE)


def _unit(code: str, name: str, level: OrgLevel, parent: str | None, successor: str | None = None) -> OrgUnit:
    return OrgUnit(
        org_code=code,
        name=name,
        level=level,
        parent_code=parent,
        valid_from=SINCE,
        # announced, without a date yet: signing goes on, new certificates do not (model §3.5)
        status=OrgStatus.ACTIVE if successor is None else OrgStatus.MERGING,
        successor_code=successor,
    )


_PLACES: Final = (
    _unit(PROVINCE, "Ủy ban nhân dân tỉnh Quảng Ninh", OrgLevel.PROVINCE, None),
    _unit(DEPARTMENT, "Sở Thông tin và Truyền thông tỉnh Quảng Ninh", OrgLevel.DEPARTMENT, PROVINCE),
    _unit(TOWN, "Ủy ban nhân dân thị xã Quảng Yên", OrgLevel.DISTRICT_HIST, PROVINCE),
    _unit(WARD, "Ủy ban nhân dân phường Yên Giang", OrgLevel.COMMUNE, TOWN),
    _unit(CENTRE, "Trung tâm Phục vụ hành chính công thị xã Quảng Yên", OrgLevel.CENTRE, TOWN),
    _unit(SCHOOL, "Trường Tiểu học Yên Giang", OrgLevel.SCHOOL, WARD),
    _unit("H49.51", "Ủy ban nhân dân huyện Ba Chẽ", OrgLevel.DISTRICT_HIST, PROVINCE),
    _unit("H49.52", "Ủy ban nhân dân thành phố Cẩm Phả", OrgLevel.DISTRICT_HIST, PROVINCE),
    _unit("H49.53", "Ủy ban nhân dân thị xã Đông Triều", OrgLevel.DISTRICT_HIST, PROVINCE),
    _unit("H49.54", "Ủy ban nhân dân thành phố Móng Cái", OrgLevel.DISTRICT_HIST, PROVINCE),
    _unit("H49.55", "Ủy ban nhân dân thành phố Hạ Long", OrgLevel.DISTRICT_HIST, PROVINCE),
)

# (parent, code that stays, its name, code that goes, its name)
_PAIRS: Final = (
    ("H49.51", "H49.51.01", "xã Lương Mông", "H49.51.02", "xã Minh Cầm"),
    ("H49.52", "H49.52.01", "xã Cộng Hòa", "H49.52.02", "xã Cẩm Hải"),
    ("H49.53", "H49.53.01", "xã Việt Dân", "H49.53.02", "xã Tân Việt"),
    ("H49.53", "H49.53.03", "phường Đức Chính", "H49.53.04", "phường Đông Triều"),
    ("H49.54", "H49.54.01", "phường Trần Phú", "H49.54.02", "phường Hòa Lạc"),
    ("H49.55", "H49.55.01", "phường Yết Kiêu", "H49.55.02", "phường Trần Hưng Đạo"),
)

ORGANISATIONS: Final = (
    *_PLACES,
    *(
        unit
        for parent, stays, stays_name, goes, goes_name in _PAIRS
        for unit in (
            _unit(stays, f"Ủy ban nhân dân {stays_name}", OrgLevel.COMMUNE, parent),
            _unit(goes, f"Ủy ban nhân dân {goes_name}", OrgLevel.COMMUNE, parent, successor=stays),
        )
    ),
)
"""Parents and successors come before those that name them."""


def _official(
    key: str,
    name: str,
    born: str,
    personal_id: str,
    *,
    org: str,
    title: str,
    place: str | None = None,
    capacity: SigningCapacity | None = None,
) -> Figure:
    return Figure(
        key=key,
        name=name,
        date_of_birth=born,
        # the fourth digit of a citizen number: 0 man, 1 woman born before 2000
        sex="male" if personal_id[3] == "0" else "female",
        personal_id=personal_id,
        org_code=org,
        title=title,
        place_code=place,
        capacity=capacity,
    )


FIGURES: Final = (
    _official(
        "chairman",
        "Đoàn Trọng Nghĩa",
        "1974-03-18",
        "022074900001",
        org=WARD,
        title="Chủ tịch",
        capacity=SigningCapacity.HEAD,
    ),
    _official(
        "leader",
        "Lương Thị Hải Yến",
        "1980-11-02",
        "022180900002",
        org=WARD,
        title="Phó Chủ tịch",
        capacity=SigningCapacity.KT,
    ),
    _official("ward_clerk", "Đinh Thị Kim Oanh", "1982-12-12", "022182900015", org=WARD, title="Văn thư"),
    _official("clerk", "Bùi Thị Minh Thu", "1988-05-21", "022188900003", org=WARD, title="Văn thư", place=CENTRE),
    _official(
        "reception_officer",
        "Phạm Đức Hưng",
        "1990-09-09",
        "022090900004",
        org=WARD,
        title="Công chức tiếp nhận hồ sơ",
        place=CENTRE,
    ),
    _official(
        "appraiser",
        "Ngô Thị Thanh Hà",
        "1985-01-30",
        "022185900005",
        org=WARD,
        title="Công chức Tư pháp - Hộ tịch",
    ),
    _official(
        "ra_officer",
        "Trịnh Hoài Nam",
        "1987-07-14",
        "022087900006",
        org=DEPARTMENT,
        title="Chuyên viên đăng ký chứng thư số",
    ),
    _official(
        "approver",
        "Đặng Thị Bích Ngọc",
        "1979-12-05",
        "022179900007",
        org=DEPARTMENT,
        title="Phó Trưởng phòng Chuyển đổi số",
    ),
    _official(
        "two_accounts",
        "Hoàng Gia Bảo",
        "1991-04-27",
        "022091900008",
        org=DEPARTMENT,
        title="Chuyên viên Phòng Chuyển đổi số",
    ),
    _official("administrator", "Lê Quốc Việt", "1983-08-08", "022083900009", org=DEPARTMENT, title="Quản trị hệ thống"),
    _official(
        "security_officer",
        "Tô Thị Lan Anh",
        "1986-02-11",
        "022186900010",
        org=DEPARTMENT,
        title="Cán bộ an toàn thông tin",
    ),
    _official("auditor", "Vương Đình Phúc", "1976-10-19", "022076900011", org=PROVINCE, title="Thanh tra viên"),
    _official(
        "school_officer",
        "Mai Thị Hồng Nhung",
        "1992-06-25",
        "022192900012",
        org=SCHOOL,
        title="Nhân viên tuyển sinh",
    ),
    Figure(
        key="mother",
        name="Nguyễn Thị Thu Trang",
        date_of_birth="1993-03-08",
        sex="female",
        personal_id="022193900013",
    ),
    Figure(
        key="child",
        name="Trần Minh Khôi",
        date_of_birth="2020-06-01",
        sex="male",
        personal_id="022220900014",
        guardian="mother",
    ),
)

PEOPLE: Final = {figure.key: figure for figure in FIGURES}

SIGNING_BASIS: Final = "Quyết định phân công nhiệm vụ (dữ liệu minh họa)"
SIGNS: Final = ANY_PROCEDURE

PROCEDURES: Final = (
    Procedure(
        procedure_code=BIRTH_EXTRACT,
        version=1,
        name="Cấp bản sao trích lục khai sinh",
        valid_from=SINCE,
        deadline_days=3,
        components=(
            Component(type_code="don", name="Tờ khai cấp bản sao trích lục", accepted_grade="C"),
            Component(type_code="giay_khai_sinh", name="Giấy khai sinh", mandatory=False, accepted_grade="C"),
            Component(type_code="cccd", name="Căn cước công dân", mandatory=False, accepted_grade="C"),
            Component(type_code="quyet_dinh", name="Quyết định kèm theo", mandatory=False, accepted_grade="C"),
        ),
        result_types=("trich_luc_khai_sinh",),
    ),
    Procedure(
        procedure_code=SCHOOL_ENROLMENT,
        version=1,
        name="Tuyển sinh vào lớp 1",
        valid_from=SINCE,
        deadline_days=5,
        components=(
            Component(
                type_code="giay_khai_sinh",
                name="Giấy khai sinh hoặc trích lục khai sinh",
                substitute_result_codes=("trich_luc_khai_sinh",),
            ),
            Component(type_code="don", name="Đơn xin học", accepted_grade="C"),
        ),
        result_types=("thong_bao_nhap_hoc",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An account of the demonstration: a person (or a system of an agency) in one role."""

    role: Role
    figure: str | None
    org_code: str | None


SEATS: Final = (
    # the first seat of a role is its default
    Seat(role=Role.CITIZEN, figure="mother", org_code=None),
    Seat(role=Role.CITIZEN, figure="child", org_code=None),
    Seat(role=Role.RECEPTION_OFFICER, figure="reception_officer", org_code=WARD),
    Seat(role=Role.RECEPTION_OFFICER, figure="school_officer", org_code=SCHOOL),
    Seat(role=Role.APPRAISER, figure="appraiser", org_code=WARD),
    Seat(role=Role.AUTHORISED_SIGNER, figure="leader", org_code=WARD),
    Seat(role=Role.AUTHORISED_SIGNER, figure="chairman", org_code=WARD),
    # the centre's clerk keeps the ward's secondary seal, the ward's own clerk the primary one
    Seat(role=Role.CLERK, figure="clerk", org_code=CENTRE),
    Seat(role=Role.CLERK, figure="ward_clerk", org_code=WARD),
    Seat(role=Role.RA_OFFICER, figure="ra_officer", org_code=DEPARTMENT),
    Seat(role=Role.APPROVER, figure="approver", org_code=DEPARTMENT),
    # one person with two accounts: two-person rules must still refuse (I4)
    Seat(role=Role.RA_OFFICER, figure="two_accounts", org_code=DEPARTMENT),
    Seat(role=Role.APPROVER, figure="two_accounts", org_code=DEPARTMENT),
    Seat(role=Role.ADMINISTRATOR, figure="administrator", org_code=DEPARTMENT),
    Seat(role=Role.SECURITY_OFFICER, figure="security_officer", org_code=DEPARTMENT),
    Seat(role=Role.AUDITOR, figure="auditor", org_code=PROVINCE),
    Seat(role=Role.RELYING_SYSTEM, figure=None, org_code=SCHOOL),
)
