import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import CertificateMalformed, NameInvalid, ScopeInvalid
from signing.identity import (
    DEFAULT_ARC,
    CertificateClass,
    Scope,
    clean_name,
    clean_org_code,
    clean_personal_id,
    decode_scope,
    decode_secondary,
    encode_scope,
    encode_secondary,
    read_certificate_facts,
)
from tests.signing.certificates.hierarchy import Samples

CODES = st.frozensets(st.sampled_from([f"c{n}" for n in range(6)]), max_size=4)
SCOPES = st.builds(lambda p, q, r: Scope.parse(places=p, procedures=q, document_types=r), CODES, CODES, CODES)


@given(SCOPES)
def test_a_scope_is_read_back_as_it_was_written(scope: Scope) -> None:
    assert decode_scope(encode_scope(scope)) == scope


@given(SCOPES, SCOPES, CODES)
def test_a_scope_within_another_allows_nothing_that_the_other_refuses(
    inner: Scope, outer: Scope, codes: frozenset[str]
) -> None:
    acts = [
        {"place": place, "procedure": procedure, "document_type": kind}
        for place in (None, *codes)
        for procedure in (None, *codes)
        for kind in (None, "c0", "c1")
    ]
    if inner.lies_within(outer):
        assert not [act for act in acts if inner.allows(**act) and not outer.allows(**act)]


@given(SCOPES, SCOPES, SCOPES)
def test_lying_within_is_an_order(a: Scope, b: Scope, c: Scope) -> None:
    assert a.lies_within(a)
    if a.lies_within(b) and b.lies_within(c):
        assert a.lies_within(c)
    if a.lies_within(b) and b.lies_within(a):
        assert a == b


@given(SCOPES)
def test_every_scope_lies_within_no_limit(scope: Scope) -> None:
    assert scope.lies_within(Scope())
    assert Scope().lies_within(scope) == scope.is_unlimited


def test_an_act_that_does_not_say_where_it_happens_is_outside_a_limit() -> None:
    scope = Scope.parse(places=["H49.61.90"])
    assert scope.allows(place="H49.61.90", procedure="9.000001")
    assert not scope.allows(place="H49.61.07")
    assert not scope.allows(procedure="9.000001")


@pytest.mark.parametrize("value", ["", " ", "a" * 65, "a b", "mã", "../x\n", "x;y"])
def test_what_is_no_code_is_no_scope(value: str) -> None:
    with pytest.raises(ScopeInvalid) as caught:
        Scope.parse(places=[value])
    assert caught.value.code == "CERT_SCOPE_INVALID"


def test_a_scope_has_an_end() -> None:
    with pytest.raises(ScopeInvalid):
        Scope.parse(procedures=[f"p{n}" for n in range(1001)])


@given(st.binary(max_size=80))
def test_any_bytes_as_scope_are_read_as_they_would_be_written_or_refused(value: bytes) -> None:
    try:
        scope = decode_scope(value)
    except CertificateMalformed:
        return
    assert encode_scope(scope) == value


@given(st.integers(min_value=2, max_value=99), st.binary(min_size=32, max_size=32))
def test_the_link_to_the_primary_is_read_back(ordinal: int, digest: bytes) -> None:
    assert decode_secondary(encode_secondary(ordinal, digest.hex())) == (ordinal, digest.hex())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x30\x00",
        encode_secondary(1, "00" * 32),
        encode_secondary(2, "00" * 31),
        encode_secondary(2, "00" * 32)[:-1],
        encode_secondary(2, "00" * 32) + b"\x00",
    ],
)
def test_a_link_that_names_no_secondary_is_malformed(value: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        decode_secondary(value)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Ánh"), "Nguyễn Thị Ánh"),
        ("  Trần   Văn Bình ", "Trần Văn Bình"),
        ("Ủy ban nhân dân phường Yên Giang", "Ủy ban nhân dân phường Yên Giang"),
    ],
)
def test_names_are_composed_and_have_single_spaces(text: str, clean: str) -> None:
    assert clean_name(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "123",
        "a" * 65,
        "a" * 5000,
        "Nguyễn\x00Ánh",
        "Nguyễn\nÁnh",
        "Nguyễn\u202eÁnh",  # right-to-left override
        "Nguyễn\u200bÁnh",  # zero width
        "Nguyễn\u00a0Ánh",  # a space that is none
        "Nguyễn\u2066Ánh",
        "Ánh\ue000",
        "Ánh\ud800",
        "Nguyễn\u200dÁnh",
        "Ánh\u0301\u0323\u0323",  # marks upon marks
        "A\u034fnh",  # combining grapheme joiner
        "Nguyễn \u0410nh",  # Cyrillic А
        "\u041d\u0433\u0443\u0435\u043d",
        "Tr\u03b1n",  # Greek alpha
        "\uff2eguyễn",  # full width
        "\u0299ình",  # small capital B
        "\U0001d400nh",  # mathematical A
        "\u00d0ào Văn Ba",  # eth, which looks like Đ
        "\u0189ào Văn Ba",  # African D, which looks like Đ
        "Tuấn \u0131",  # dotless i
        "\ufb01 Ánh",  # ligature
        "Số \u0661\u0662",  # Arabic digits
        "Ban\u2044Sở",  # a slash that is none
        "Ban \u01c3",  # a click that looks like a mark
    ],
)
def test_names_that_hide_something_are_refused(text: str) -> None:
    with pytest.raises(NameInvalid) as caught:
        clean_name(text)
    assert caught.value.code == "CERT_NAME_INVALID"


@given(st.text(max_size=100))
def test_cleaning_a_clean_name_changes_nothing(text: str) -> None:
    try:
        name = clean_name(text)
    except NameInvalid:
        return
    assert clean_name(name) == name
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize("text", ["022090000001", "001185123456", "096204999999", "155090000001"])
def test_personal_numbers_begin_with_a_place_code(text: str) -> None:
    assert clean_personal_id(text) == text


@pytest.mark.parametrize("text", ["", "12345678901", "0220900000011", "000090000001", "100090000001", "02209O000001"])
def test_personal_numbers_with_impossible_parts_are_refused(text: str) -> None:
    with pytest.raises(NameInvalid):
        clean_personal_id(text)


@pytest.mark.parametrize("text", ["022490000001", "022985000001"])
def test_personal_numbers_of_centuries_to_come_are_refused(text: str) -> None:
    with pytest.raises(NameInvalid):
        clean_personal_id(text)


@pytest.mark.parametrize(
    ("text", "birth_year", "sex", "fits"),
    [
        ("022185000001", 1985, "female", True),
        ("022085000001", 1985, "male", True),
        ("022300000001", 2000, "female", True),
        ("022299000001", 2099, "male", True),
        ("022185000001", None, "female", True),
        ("022185000001", 1985, None, True),
        ("022185000001", 1985, "khác", True),
        ("022185000001", 1986, "female", False),
        ("022185000001", 2085, "female", False),
        ("022385000001", 1985, "female", False),
        ("022185000001", 1985, "male", False),
        ("022200000001", 2000, "female", False),
    ],
)
def test_a_personal_number_agrees_with_what_the_record_knows(
    text: str,
    birth_year: int | None,
    sex: str | None,
    fits: bool,  # noqa: FBT001 - a column of the table
) -> None:
    if fits:
        assert clean_personal_id(text, birth_year=birth_year, sex=sex) == text
        return
    with pytest.raises(NameInvalid):
        clean_personal_id(text, birth_year=birth_year, sex=sex)


@pytest.mark.parametrize("text", ["Đào Thị Đậu", "Søren Þór", "Łukasz", "O’Brien", "Lý–Trần", "Sở Y tế (cũ)"])
def test_foreign_latin_names_and_usual_signs_are_names(text: str) -> None:
    assert clean_name(text) == text


@pytest.mark.parametrize("text", ["", "h49", "H49 61", "H" * 36, "-H49", "H49\n"])
def test_agency_codes_have_their_form(text: str) -> None:
    with pytest.raises(NameInvalid):
        clean_org_code(text)


def test_every_class_has_two_policies_of_its_own() -> None:
    policies = {
        DEFAULT_ARC.policy(kind, secondary=secondary) for kind in CertificateClass for secondary in (False, True)
    }
    assert len(policies) == 8
    others = {DEFAULT_ARC.development_policy, DEFAULT_ARC.authority_policy, DEFAULT_ARC.timestamp_policy}
    assert not policies & others


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"%PDF-1.7", b"\x30" * 70_000])
def test_what_is_no_certificate_gives_no_facts(data: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        read_certificate_facts(data)


def test_facts_of_an_officials_certificate(samples: Samples) -> None:
    record = samples.records["personal"]
    facts = read_certificate_facts(record.der)
    assert (facts.certificate_class, facts.ordinal) == (CertificateClass.PERSONAL, 1)
    assert (facts.surname, facts.given_name, facts.common_name) == ("Nguyễn", "Thị Ánh", "Nguyễn Thị Ánh")
    assert (facts.title, facts.organisation_id) == ("Phó Chủ tịch", "GO:VN-H49.61.07")
    assert facts.scope is None
    assert facts.primary_sha256 is None
    assert facts.sha256 == record.sha256


def test_facts_of_a_second_seal_name_ordinal_scope_and_primary(samples: Samples) -> None:
    facts = read_certificate_facts(samples.records["org_seal_secondary"].der)
    assert (facts.certificate_class, facts.ordinal) == (CertificateClass.ORG_SEAL, 2)
    assert facts.primary_sha256 == samples.records["org_seal"].sha256
    assert facts.scope == Scope.parse(places=["H49.61.90"])


@pytest.mark.parametrize("kind", ["ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "tsa"])
def test_certificates_of_the_hierarchy_are_of_no_holders_class(samples: Samples, kind: str) -> None:
    facts = read_certificate_facts(samples.records[kind].der)
    assert (facts.certificate_class, facts.ordinal) == (None, None)
