"""Trust policy files: their form, two officers' signatures, their order, and which roots count when."""

import base64
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from signing.errors import (
    TrustOfficersMalformed,
    TrustPolicyChainBroken,
    TrustPolicyMalformed,
    TrustPolicyUnsigned,
)
from signing.trust import (
    PolicyFile,
    TrustAnchor,
    TrustAnchors,
    TrustProfile,
    TrustPurpose,
    open_book,
    read_officers,
    read_policy,
    sign_policy,
    signers_of,
    write_policy,
)
from signing.trust.policy import MAX_POLICY_BYTES, canonical
from tests.fakes import small_pki
from tests.fakes import trust_officers as fake

START = fake.START


@pytest.fixture(scope="module")
def root() -> bytes:
    return bytes(small_pki.SmallPki(label="Official").root.der)


@pytest.fixture(scope="module")
def other_root() -> bytes:
    return bytes(small_pki.SmallPki(label="Other").root.der)


@pytest.fixture(scope="module")
def officers() -> Any:
    return fake.three()


@pytest.fixture(scope="module")
def known(officers: Any) -> Any:
    return read_officers(fake.officers_file(*officers))


def test_a_policy_is_read_and_written_in_one_form(root: bytes) -> None:
    content = fake.policy(fake.anchor(root), fetch_hosts=["crl.example.vn"], valid_to="2027-01-01T00:00:00Z")
    read = read_policy(content)
    assert (read.policy_id, read.sha256) == ("trust.official.1", sha256(content).hexdigest())
    assert (read.valid_from, read.valid_to) == (START, datetime(2027, 1, 1, tzinfo=UTC))
    assert read.anchors[0].purposes == {TrustPurpose.DOCUMENT_SIGNING, TrustPurpose.SEAL, TrustPurpose.TIMESTAMPING}
    assert read.anchors[0].policy == read.reference
    again = write_policy(
        read.anchors, profile=read.profile, valid_from=read.valid_from, valid_to=read.valid_to,
        fetch_hosts=read.fetch_hosts,
    )  # fmt: skip
    assert again == read


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "anso-trust-policy/2"},
        {"profile": "royal"},
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"version": 2},
        {"previous_sha256": "ab"},
        {"version": 2, "previous_sha256": "XY" * 32},
        {"valid_from": "2025-01-01"},
        {"valid_from": "2025-02-30T00:00:00Z"},
        {"valid_from": 1},
        {"valid_to": "2025-01-01T00:00:00Z"},
        {"anchors": {}},
        {"anchors": [1]},
        {"anchors": [{"name": "x"}]},
        {"fetch_hosts": "x"},
        {"fetch_hosts": ["127.0.0.1"]},
        {"fetch_hosts": ["localhost"]},
        {"fetch_hosts": ["CRL.example.vn"]},
        {"fetch_hosts": ["http://crl.example.vn"]},
        {"fetch_hosts": [f"h{n}.example.vn" for n in range(101)]},
        {"extra": 1},
    ],
)
def test_other_contents_are_refused(changes: Any) -> None:
    with pytest.raises(TrustPolicyMalformed) as caught:
        read_policy(fake.policy(**changes))
    assert caught.value.code == "TRUST_POLICY_MALFORMED"


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": "***"},
        {"certificate": 1},
        {"certificate": base64.b64encode(b"\x30\x00").decode()},
        {"purposes": []},
        {"purposes": "seal"},
        {"purposes": ["theft"]},
        {"purposes": [[]]},
        {"purposes": ["citizen_signing"]},
        {"from": "never"},
        {"to": "2019-01-01T00:00:00Z"},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\u202eb"},
        {"name": "e\u0301"},
        {"name": 1},
        {"more": 1},
    ],
)
def test_other_anchors_are_refused(root: bytes, changes: Any) -> None:
    with pytest.raises(TrustPolicyMalformed):
        read_policy(fake.policy({**fake.anchor(root), **changes}))


def test_a_root_comes_once_and_no_more_than_five_hundred(root: bytes) -> None:
    with pytest.raises(TrustPolicyMalformed):
        read_policy(fake.policy(fake.anchor(root), fake.anchor(root, "again")))
    with pytest.raises(TrustPolicyMalformed):
        read_policy(fake.policy(*[{}] * 501))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        bytes(MAX_POLICY_BYTES + 1),
        b'{"format": "anso-trust-policy/1"}',
        b'{"format":"anso-trust-policy/1","version":NaN}\n',
        b'{"format":"anso-trust-policy/1","version":-Infinity}\n',
        b'{"format":"anso-trust-policy/1","profile":"\\ud800"}\n',
    ],
)
def test_what_is_no_policy_is_refused(content: bytes) -> None:
    with pytest.raises(TrustPolicyMalformed):
        read_policy(content)


def test_only_the_canonical_form_counts(root: bytes) -> None:
    content = fake.policy(fake.anchor(root))
    said = json.loads(content)
    for other in (
        content.rstrip(b"\n"),
        json.dumps(said, indent=1).encode(),
        content.replace(b'"version":1', b'"version":1,"version":1'),
        content.replace(b'"version":1', b'"version":1.0'),
    ):
        with pytest.raises(TrustPolicyMalformed):
            read_policy(other)


def test_a_development_root_stays_in_its_profile() -> None:
    development = small_pki.SmallPki(label="Anso DEV").root.der
    for profile in ("official", "public", "specialised"):
        with pytest.raises(TrustPolicyMalformed):
            read_policy(fake.policy(fake.anchor(development), profile=profile))
    assert read_policy(fake.policy(fake.anchor(development), profile="dev")).profile is TrustProfile.DEV


# --- two officers ---------------------------------------------------------------------------------------


def test_two_persons_put_a_policy_into_force_with_each_kind_of_key(officers: Any, known: Any) -> None:
    policy = read_policy(fake.policy())
    an, binh, chi = officers
    for one, two in ((an, binh), (binh, chi), (chi, an)):
        signed = signers_of(policy, [one.sign(policy.content), two.sign(policy.content)], known)
        assert {o.officer_id for o in signed} == {one.officer_id, two.officer_id}


def test_one_person_twice_is_one(officers: Any) -> None:
    policy, an = read_policy(fake.policy()), officers[0]
    with pytest.raises(TrustPolicyUnsigned) as caught:
        signers_of(policy, [an.sign(policy.content), an.sign(policy.content)], read_officers(fake.officers_file(an)))
    assert caught.value.code == "TRUST_POLICY_UNSIGNED"
    second_key = fake.Officer("an-2", an.person)
    both = read_officers(fake.officers_file(an, second_key))
    with pytest.raises(TrustPolicyUnsigned):
        signers_of(policy, [an.sign(policy.content), second_key.sign(policy.content)], both)


def test_unsigned_and_once_signed_files_are_refused(officers: Any, known: Any) -> None:
    policy = read_policy(fake.policy())
    for signatures in ([], [officers[0].sign(policy.content)]):
        with pytest.raises(TrustPolicyUnsigned):
            signers_of(policy, signatures, known)


def test_a_signature_on_another_file_or_of_a_stranger_does_not_count(officers: Any, known: Any) -> None:
    policy, (an, binh, _) = read_policy(fake.policy()), officers
    good = an.sign(policy.content)
    other = read_policy(fake.policy(fetch_hosts=["crl.example.vn"])).content
    stranger = fake.Officer("binh", binh.person)  # the right name, another key
    head, _, value = binh.sign(policy.content).split(b".")
    embedded = binh.sign(other).replace(b"..", b"." + base64.urlsafe_b64encode(other).rstrip(b"=") + b".")
    for wrong in (
        binh.sign(other), stranger.sign(policy.content), fake.Officer("nobody", "sub_9").sign(policy.content),
        b"", b"x", b"..", b"a.b.c", head + b".." + value[:-4] + b"AAAA", embedded, b"x" * 5000,
        b"!!!.." + value, base64.urlsafe_b64encode(b"[1]") + b".." + value,
    ):  # fmt: skip
        with pytest.raises(TrustPolicyUnsigned):
            signers_of(policy, [good, wrong], known)


def detached(header: dict[str, Any], content: bytes, key: Any) -> bytes:
    registry = jws.JWSRegistry(algorithms=list(jws.JWSRegistry.algorithms))
    head, _, value = jws.serialize_compact(header, content, key, registry=registry).split(".")
    return f"{head}..{value}".encode()


def test_weak_schemes_and_other_headers_do_not_count(officers: Any, known: Any) -> None:
    policy, (an, _, chi) = read_policy(fake.policy()), officers
    rsa_key = RSAKey.import_key(chi.pem())
    spki = chi.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    good = an.sign(policy.content)
    forged = [
        detached({"alg": "RS256", "kid": "chi"}, policy.content, rsa_key),
        detached({"alg": "PS256", "kid": "chi", "typ": "x"}, policy.content, rsa_key),
        base64.urlsafe_b64encode(b'{"alg":"none","kid":"chi"}').rstrip(b"=") + b"..",
        base64.urlsafe_b64encode(b'{"alg":"PS256","kid":["chi"]}').rstrip(b"=") + b"..AAAA",
    ]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"chi"}').rstrip(b"=")  # the public key as a shared secret
    said = head + b"." + base64.urlsafe_b64encode(policy.content).rstrip(b"=")
    value = base64.urlsafe_b64encode(hmac.digest(spki, said, "sha256")).rstrip(b"=")
    forged.append(head + b".." + value)
    for wrong in forged:
        with pytest.raises(TrustPolicyUnsigned):
            signers_of(policy, [good, wrong], known)
    assert (
        len(signers_of(policy, [good, detached({"alg": "PS256", "kid": "chi"}, policy.content, rsa_key)], known)) == 2
    )
    assert isinstance(ECKey.import_key(an.pem()), ECKey)


def test_who_is_not_in_office_when_a_file_comes_into_force_does_not_count(officers: Any) -> None:
    policy, an = read_policy(fake.policy()), officers[0]
    for changes in ({"ended": "2025-01-01T00:00:00+00:00"}, {"begun": "2025-01-02T00:00:00+00:00"}):
        gone = fake.Officer("duc", "sub_4", **changes)
        with pytest.raises(TrustPolicyUnsigned):
            signers_of(
                policy,
                [an.sign(policy.content), gone.sign(policy.content)],
                read_officers(fake.officers_file(an, gone)),
            )


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_of_file_or_signature_never_counts(data: st.DataObject) -> None:
    one, two = fake.Officer("an", "sub_1"), fake.Officer("binh", "sub_2")
    known = read_officers(fake.officers_file(one, two))
    policy = read_policy(fake.policy())
    signatures = [one.sign(policy.content).strip(), two.sign(policy.content).strip()]
    at = data.draw(st.integers(0, len(signatures[1]) - 1))
    letter = data.draw(st.integers(0, 255))
    broken = signatures[1][:at] + bytes([letter]) + signatures[1][at + 1 :]
    if broken != signatures[1] and broken.strip() != signatures[1]:
        head, _, value = broken.partition(b"..")
        if _same_value(value, signatures[1].partition(b"..")[2]) and head == signatures[1].partition(b"..")[0]:
            return  # the last letter of base64url has bits that mean nothing
        with pytest.raises(TrustPolicyUnsigned):
            signers_of(policy, [signatures[0], broken], known)
    with pytest.raises(TrustPolicyUnsigned):
        signers_of(replace(policy, content=policy.content + b" "), signatures, known)


def _same_value(one: bytes, other: bytes) -> bool:
    try:
        return base64.urlsafe_b64decode(one + b"==") == base64.urlsafe_b64decode(other + b"==")
    except ValueError:
        return False


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "x"},
        {"officers": {}},
        {"officers": [{}]},
        {"officers": [1]},
        {"officers": [{}] * 101},
    ],
)
def test_what_is_no_list_of_officers_is_refused(changes: Any) -> None:
    said = {"format": "anso-trust-officers/1", "officers": [], **changes}
    with pytest.raises(TrustOfficersMalformed) as caught:
        read_officers(json.dumps(said).encode())
    assert caught.value.code == "TRUST_OFFICERS_MALFORMED"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "An Nguyễn"},
        {"person": ""},
        {"name": 1},
        {"from": "2020-01-01T00:00:00"},
        {"from": "x"},
        {"to": "2020-01-01T00:00:00"},
        {"key": "x"},
        {"key": 1},
    ],
)
def test_an_officer_is_complete_or_refused(changes: Any) -> None:
    entry = fake.Officer("an", "sub_1").entry() | changes
    with pytest.raises(TrustOfficersMalformed):
        read_officers(json.dumps({"format": "anso-trust-officers/1", "officers": [entry]}).encode())


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, bytes(2 * 1024 * 1024)])
def test_other_bytes_are_no_list_of_officers(content: bytes) -> None:
    with pytest.raises(TrustOfficersMalformed):
        read_officers(content)


def test_an_id_and_a_key_come_once(officers: Any) -> None:
    an = officers[0]
    for twin in (fake.Officer("an", "sub_8"), fake.Officer("an-2", "sub_8", an.key)):
        with pytest.raises(TrustOfficersMalformed):
            read_officers(fake.officers_file(an, twin))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505 - refused is what is tested
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_only_strong_ecdsa_and_rsa_keys_are_pinned_and_sign(key: Any) -> None:
    with pytest.raises(TrustOfficersMalformed):
        read_officers(fake.officers_file(fake.Officer("an", "sub_1", key)))
    with pytest.raises(TrustOfficersMalformed):
        sign_policy(b"{}", "an", key)


def test_an_officers_id_has_a_plain_form() -> None:
    with pytest.raises(TrustPolicyMalformed):
        sign_policy(b"{}", "An Nguyễn", ec.generate_private_key(ec.SECP256R1()))


def test_an_officer_may_be_pinned_by_a_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, START, START + timedelta(days=1))
        .sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    )  # fmt: skip
    officer = fake.Officer("an", "sub_1", key)
    said = {"format": "anso-trust-officers/1", "officers": [officer.entry() | {"key": certificate}]}
    assert (
        read_officers(json.dumps(said).encode())[0].public_key
        == read_officers(fake.officers_file(officer))[0].public_key
    )


# --- the book -------------------------------------------------------------------------------------------


def signed(content: bytes, officers: Any) -> PolicyFile:
    return PolicyFile(name="x.json", content=content, signatures=tuple(o.sign(content) for o in officers[:2]))


def chain_of(*contents: dict[str, Any]) -> list[bytes]:
    """Policies one after the other, each naming the one before."""
    made: list[bytes] = []
    for number, changes in enumerate(contents, start=1):
        previous = sha256(made[-1]).hexdigest() if made else None
        anchors = changes.pop("anchors", [])
        made.append(fake.policy(*anchors, version=number, previous_sha256=previous, **changes))
    return made


def test_the_file_in_force_when_we_judge_decides(officers: Any, known: Any, root: bytes, other_root: bytes) -> None:
    first = {"anchors": [fake.anchor(root)], "valid_from": "2025-01-01T00:00:00Z"}
    second = {
        "anchors": [fake.anchor(root, to="2026-03-01T00:00:00Z"), fake.anchor(other_root)],
        "valid_from": "2026-01-01T00:00:00Z", "fetch_hosts": ["crl.example.vn"],
    }  # fmt: skip
    book = open_book([signed(c, officers) for c in reversed(chain_of(first, second))], known)
    assert len(book.at(START - timedelta(seconds=1))) == 0
    old, new = book.at(START), book.at(datetime(2026, 6, 1, tzinfo=UTC))
    assert [p.policy_id for p in (*old.policies, *new.policies)] == ["trust.official.1", "trust.official.2"]
    assert new.fetch_hosts == {"crl.example.vn"}
    signing, then = TrustPurpose.DOCUMENT_SIGNING, datetime(2025, 6, 1, tzinfo=UTC)
    assert old.serving(signing, datetime(2026, 6, 1, tzinfo=UTC)).certificates == (root,)
    assert new.serving(signing, then).certificates == (root, other_root)
    assert new.serving(signing, datetime(2026, 6, 1, tzinfo=UTC)).certificates == (other_root,)


def test_a_file_that_has_run_out_brings_no_older_one_back(officers: Any, known: Any, root: bytes) -> None:
    files = chain_of(
        {"anchors": [fake.anchor(root)]},
        {"anchors": [fake.anchor(root)], "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-02-01T00:00:00Z"},
    )
    book = open_book([signed(c, officers) for c in files], known)
    assert len(book.at(datetime(2026, 1, 15, tzinfo=UTC))) == 1
    assert len(book.at(datetime(2026, 2, 1, tzinfo=UTC))) == 0


def test_a_version_must_follow_on_the_one_before(officers: Any, known: Any, root: bytes, other_root: bytes) -> None:
    good = chain_of(
        {"anchors": [fake.anchor(root)]}, {"anchors": [fake.anchor(root)], "valid_from": "2026-01-01T00:00:00Z"}
    )
    digest = sha256(good[0]).hexdigest()
    second = {"version": 2, "previous_sha256": digest, "valid_from": "2026-01-01T00:00:00Z"}
    wrong = {
        "missing": [good[1]],
        "doubled": [good[0], good[0]],
        "other predecessor": [
            good[0], fake.policy(fake.anchor(root), **{**second, "previous_sha256": "ab" * 32}),
        ],
        "no later": [good[0], fake.policy(fake.anchor(root), **{**second, "valid_from": "2025-01-01T00:00:00Z"})],
        "drops a root": [good[0], fake.policy(fake.anchor(other_root), **second)],
    }  # fmt: skip
    for name, files in wrong.items():
        with pytest.raises(TrustPolicyChainBroken) as caught:
            open_book([signed(c, officers) for c in files], known)
        assert caught.value.code == "TRUST_POLICY_CHAIN", name
    assert len(open_book([signed(c, officers) for c in good], known).policies) == 2


def test_profiles_have_chains_of_their_own_and_plain_roots_stand_behind(
    officers: Any, known: Any, root: bytes, other_root: bytes
) -> None:
    files = [fake.policy(fake.anchor(root)), fake.policy(fake.anchor(other_root), profile="specialised")]
    plain = TrustAnchors((TrustAnchor(profile=TrustProfile.PUBLIC, certificate=root, name="plain"),))
    anchors = open_book([signed(c, officers) for c in files], known, plain).at(START)
    assert [a.profile.value for a in anchors] == ["official", "specialised", "public"]
    for profile in TrustProfile:
        assert {a.profile for a in anchors.only(profile)} <= {profile}
        assert {p.profile for p in anchors.only(profile).policies} <= {profile}
    assert [a.policy is None for a in anchors] == [False, False, True]


@pytest.mark.parametrize(
    ("profile", "purpose", "serves"),
    [
        (TrustProfile.OFFICIAL, TrustPurpose.CITIZEN_SIGNING, False),
        (TrustProfile.SPECIALISED, TrustPurpose.CITIZEN_SIGNING, False),
        (TrustProfile.PUBLIC, TrustPurpose.CITIZEN_SIGNING, True),
        (TrustProfile.DEV, TrustPurpose.CITIZEN_SIGNING, True),
        (TrustProfile.OFFICIAL, TrustPurpose.SEAL, True),
    ],
)
def test_a_profile_bounds_what_its_roots_may_be_used_for(
    profile: TrustProfile, purpose: TrustPurpose, serves: Any
) -> None:
    every = TrustAnchor(profile=profile, certificate=b"x", name="x")
    assert every.serves(purpose, START) is serves
    claimed = replace(every, purposes=frozenset({purpose}))  # whoever made the anchor: the profile bounds it
    assert claimed.serves(purpose, START) is serves
    stamps = replace(every, purposes=frozenset({TrustPurpose.TIMESTAMPING}))
    assert not stamps.serves(TrustPurpose.DOCUMENT_SIGNING, START)
    assert stamps.serves(TrustPurpose.TIMESTAMPING, START)


def test_the_canonical_form_of_the_same_content_is_the_same() -> None:
    assert canonical({"b": 1, "a": "ữ"}) == '{"a":"ữ","b":1}\n'.encode()
