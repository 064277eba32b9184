"""The trust folder in use: production's demands, reading again, the record and the ledger, `anso trust`, reports."""

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from api.bootstrap import build_services
from api.cli import main
from api.errors import ConfigurationInvalid
from api.records.trust_policies import TRUST_POLICIES, TrustPolicies
from api.services import Services
from api.settings import Profile, Settings
from api.trust_folder import TrustFolder, load_book
from api.usecases.record_trust_policies import record_trust_policies
from signing.pades import SigningRequest, sign_pdf
from signing.trust import Evidence, TrustProfile
from tests.api.conftest import START, Installation
from tests.fakes import sample_pdf, trust_officers
from tests.fakes.small_pki import SmallPki
from vault.ledger_sql import EntryFilter, LedgerSql

TWO = [trust_officers.Officer("an", "sub_1"), trust_officers.Officer("binh", "sub_2")]


class Folder:
    """A trust folder with two officers."""

    def __init__(self, place: Path) -> None:
        self.place = place / "trust"
        self.place.mkdir()
        self.officers = place / "officers.json"
        self.officers.write_bytes(trust_officers.officers_file(*TWO))

    def put(self, content: bytes, name: str = "official-1.json", signed_by: Any = TWO) -> str:
        (self.place / name).write_bytes(content)
        for officer in signed_by:
            (self.place / f"{name}.{officer.officer_id}.jws").write_bytes(officer.sign(content))
        return sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def outside() -> Any:
    """An authority of others whose certificates are good at the installation's time."""
    return SmallPki(at=START, label="Co yeu")


# --- what production takes -------------------------------------------------------------------------------


def test_production_takes_policies_that_two_officers_signed(folder: Folder, outside: Any) -> None:
    digest = folder.put(trust_officers.policy(trust_officers.anchor(outside.root.der)))
    book = load_book(folder.place, folder.officers, production=True)
    assert [one.policy.sha256 for one in book.policies] == [digest]
    assert [officer.officer_id for officer in book.policies[0].signed_by] == ["an", "binh"]


@pytest.mark.parametrize("production", [True, False])
@pytest.mark.parametrize("signers", [[], TWO[:1], [TWO[0], TWO[0]]])
def test_a_policy_needs_two_signatures_in_every_profile(folder: Folder, production: Any, signers: Any) -> None:
    folder.put(trust_officers.policy(), signed_by=signers)
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, folder.officers, production=production)
    assert "TRUST_POLICY_UNSIGNED" in str(caught.value.missing)


def test_production_refuses_policies_for_development(folder: Folder, outside: Any) -> None:
    folder.put(trust_officers.policy(trust_officers.anchor(outside.root.der), profile="dev"), "dev-1.json")
    assert len(load_book(folder.place, folder.officers, production=False).policies) == 1
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, folder.officers, production=True)
    assert "for development" in str(caught.value.missing)


def test_production_refuses_every_plain_root(folder: Folder, outside: Any) -> None:
    for profile in TrustProfile:
        place = folder.place / profile.value
        place.mkdir()
        (place / "root.pem").write_bytes(outside.root.certificate.public_bytes(Encoding.PEM))
        assert [a.profile for a in load_book(folder.place, production=False).plain] == [profile]
        with pytest.raises(ConfigurationInvalid):
            load_book(folder.place, production=True)
        (place / "root.pem").unlink()


@pytest.mark.parametrize("officers", [None, "missing.json", "broken.json"])
def test_policies_need_the_officers_file(folder: Folder, officers: str | None) -> None:
    folder.put(trust_officers.policy())
    (folder.place.parent / "broken.json").write_text("{}")
    path = None if officers is None else folder.place.parent / officers
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, path, production=False)
    assert "ANSO_TRUST_OFFICERS" in str(caught.value.missing)


def test_no_folder_no_roots() -> None:
    assert TrustFolder(None, production=True).book().at(START).certificates == ()


# --- reading again ---------------------------------------------------------------------------------------


def second(first: bytes, *anchors: dict[str, Any], **changes: Any) -> bytes:
    values = {"version": 2, "previous_sha256": sha256(first).hexdigest(), "valid_from": "2026-01-01T00:00:00Z"}
    return bytes(trust_officers.policy(*anchors, **{**values, **changes}))


def test_a_changed_folder_is_read_again_and_a_bad_one_changes_nothing(folder: Folder, outside: Any) -> None:
    anchor = trust_officers.anchor(outside.root.der)
    first = trust_officers.policy(anchor)
    folder.put(first)
    trust = TrustFolder(folder.place, folder.officers, production=True)
    one = trust.book()
    assert trust.book() is one
    content = second(first, anchor)
    folder.put(content, "official-2.json", signed_by=TWO[:1])  # the second officer has not signed yet
    assert trust.book() is one
    (folder.place / "official-2.json.binh.jws").write_bytes(TWO[1].sign(content))
    assert [p.policy.version for p in trust.book().policies] == [1, 2]
    two = trust.book()
    for path in folder.place.glob("official-2.json*"):
        path.unlink()
    assert trust.book() is two  # what was in force stays in force


@pytest.mark.parametrize("name", ["official-2.json", "official-1.json.zoe.jws", "official/root.pem"])
def test_what_cannot_be_read_is_refused_like_what_is_wrong(folder: Folder, outside: Any, name: str) -> None:
    folder.put(trust_officers.policy(trust_officers.anchor(outside.root.der)))
    trust = TrustFolder(folder.place, folder.officers, production=False)
    one = trust.book()
    (folder.place / name).mkdir(parents=True)  # a folder where a file is expected
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, folder.officers, production=False)
    assert "ANSO_TRUST" in str(caught.value.missing)
    (folder.place / "more.json").write_bytes(b"{}")  # something that is seen to have changed
    assert trust.book() is one


def test_a_file_larger_than_any_or_a_crowd_of_signatures_is_refused(folder: Folder, outside: Any) -> None:
    content = trust_officers.policy(trust_officers.anchor(outside.root.der))
    folder.put(content)
    for number in range(100):
        (folder.place / f"official-1.json.x{number}.jws").write_bytes(b"a..b")
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, folder.officers, production=True)
    assert "signatures" in str(caught.value.missing)
    for number in range(100):
        (folder.place / f"official-1.json.x{number}.jws").unlink()
    with (folder.place / "official-1.json").open("r+b") as file:
        file.truncate(1 << 40)  # a hole: no machine reads it whole
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(folder.place, folder.officers, production=True)
    assert "TRUST_POLICY_MALFORMED" in str(caught.value.missing)


# --- the record and the ledger ---------------------------------------------------------------------------


@dataclass
class House:
    """The installation with another trust folder."""

    services: Services
    client: Any
    clock: Any
    begun: int
    """Ledger entries before."""


@pytest.fixture
def living_in(installation: Installation) -> Any:
    """Puts a trust folder into the installation for one test; what was recorded of it goes again."""
    usual, at = installation.services, installation.clock.at

    def move(folder: Folder) -> House:
        trust = TrustFolder(folder.place, folder.officers, production=False)
        services = replace(usual, verifier=replace(usual.verifier, trust=trust))
        installation.app.state.services = services
        with services.db.reading() as tx:
            begun = LedgerSql(tx).head().sequence
        return House(services=services, client=installation.client, clock=installation.clock, begun=begun)

    yield move
    installation.app.state.services, installation.clock.at = usual, at
    with usual.db.transaction() as tx:
        tx.execute(TRUST_POLICIES.delete())


@pytest.fixture
def house(living_in: Any, folder: Folder, outside: Any) -> House:
    folder.put(trust_officers.policy(trust_officers.anchor(outside.root.der, name="Ban Cơ yếu")))
    return living_in(folder)


def events(house: House) -> list[Any]:
    with house.services.db.reading() as tx:
        wanted = EntryFilter(action="put_trust_policy_into_force")
        return [e.event for e in LedgerSql(tx).entries(wanted, limit=10) if e.sequence > house.begun]


def test_a_policy_is_recorded_once_with_its_bytes_and_told_to_the_ledger(house: House, folder: Folder) -> None:
    services, at = house.services, house.clock.at
    assert record_trust_policies(services, at) == ("trust.official.1",)
    assert record_trust_policies(services, at) == ()
    with services.db.reading() as tx:
        (kept,) = TrustPolicies(tx).all()
    assert kept.content == (folder.place / "official-1.json").read_bytes()
    assert (kept.signed_by, kept.loaded_at, kept.valid_to) == (("an", "binh"), at, None)
    (event,) = events(house)
    assert event.object_id == "trust.official.1"
    assert dict(event.details)["sha256"] == kept.sha256


def test_the_first_question_records_what_the_start_did_not(house: House, outside: Any) -> None:
    leaf = outside.credential().certificate
    house.client.post("/v1/certificate-validations", files={"file": leaf})
    house.client.post("/v1/certificate-validations", files={"file": leaf})
    assert len(events(house)) == 1


def test_who_records_second_records_nothing(house: House) -> None:
    services, at = house.services, house.clock.at
    record_trust_policies(services, at)
    with services.db.transaction() as tx:
        (kept,) = TrustPolicies(tx).all()
        assert TrustPolicies(tx).add(kept) is False


def test_production_does_not_go_on_when_history_was_changed(house: House, tmp_path: Path, outside: Any) -> None:
    record_trust_policies(house.services, house.clock.at)
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other")
    settings = house.services.settings
    anchor = trust_officers.anchor(outside.root.der, name="another name")
    for content in (None, trust_officers.policy(anchor)):
        if content is not None:
            other.put(content)
        trust = TrustFolder(other.place, other.officers, production=False)
        services = replace(house.services, verifier=replace(house.services.verifier, trust=trust))
        assert record_trust_policies(services, house.clock.at) == ()  # embedded: only warned
        strict = replace(services, settings=settings.model_copy(update={"profile": Profile.PRODUCTION}))
        with pytest.raises(ConfigurationInvalid) as caught:
            record_trust_policies(strict, house.clock.at)
        assert "trust.official.1" in str(caught.value.missing)


# --- reports ---------------------------------------------------------------------------------------------


def signed_outside(outside: Any, at: datetime) -> bytes:
    credential = outside.credential()
    request = SigningRequest(credential=credential, field_name="Person")
    outside.evidence_at = at
    return sign_pdf(
        sample_pdf.small(), request, keys=outside.keys, stamp=outside.stamp, evidence=outside.evidence, at=at
    ).pdf


def test_the_policy_stands_in_every_report(house: House, folder: Folder, outside: Any) -> None:
    digest = sha256((folder.place / "official-1.json").read_bytes()).hexdigest()
    named = {
        "id": "trust.official.1", "profile": "official", "valid_from": "2025-01-01T00:00:00Z", "sha256": digest,
    }  # fmt: skip
    report = house.client.post("/v1/verifications", files={"file": signed_outside(outside, START)}).json()
    assert report["verdict"] == "valid", report
    assert report["signatures"][0]["trust"] == {"profile": "official", "anchor": "Ban Cơ yếu", "policy": named}
    assert report["trust_policies"] == [named]
    body = {"file": outside.credential().certificate, "others": outside.ca.der}
    answer = house.client.post("/v1/certificate-validations", files=body).json()
    assert answer["trust"]["policy"] == named
    assert answer["trust_policies"] == [named]
    assert (answer["verdict"], answer["reason_codes"]) == ("indeterminate", ["STATUS_UNKNOWN"])


def test_a_root_that_was_ended_keeps_what_was_signed_before(living_in: Any, folder: Folder, outside: Any) -> None:
    stamps = SmallPki(at=START, label="Dau thoi gian")
    credential = outside.credential()
    tsa = stamps._tsa[0].public_bytes(Encoding.DER)

    def evidence(_: object) -> Evidence:
        return Evidence(
            certificates=(outside.ca.der, stamps.ca.der),
            ocsps=(outside.ocsp(credential.certificate), stamps.ocsp(tsa)),
            crls=(outside.crl(outside.root), stamps.crl(stamps.root)),
        )

    request = SigningRequest(credential=credential, field_name="Person")
    old = sign_pdf(sample_pdf.small(), request, keys=outside.keys, stamp=stamps.stamp, evidence=evidence, at=START).pdf
    tsa_root = trust_officers.anchor(stamps.root.der, name="TSA", purposes=["timestamping"])
    first = trust_officers.policy(trust_officers.anchor(outside.root.der), tsa_root)
    folder.put(first)
    house = living_in(folder)
    house.clock.forward(minutes=10)
    body, leaf = {"file": ("a.pdf", old)}, {"file": credential.certificate, "others": outside.ca.der}
    assert house.client.post("/v1/verifications", files=body).json()["verdict"] == "valid"

    def next_file(name: str, before: bytes, version: int, ended: datetime, **more: str) -> bytes:
        root = trust_officers.anchor(outside.root.der, to=f"{ended:%Y-%m-%dT%H:%M:%SZ}")
        content = second(
            before, root, {**tsa_root, **more}, version=version, valid_from=f"2026-01-0{version}T00:00:00Z"
        )
        folder.put(content, name)
        return content

    ended = START + timedelta(minutes=5)
    newer = next_file("official-2.json", first, 2, ended)
    report = house.client.post("/v1/verifications", files=body).json()
    assert (report["verdict"], report["trust_policies"][0]["id"]) == ("valid", "trust.official.2")
    said = house.client.post("/v1/certificate-validations", files=leaf, data={"at": START.isoformat()}).json()
    assert (said["then"]["reason_code"], said["now"]["reason_code"]) == ("STATUS_UNKNOWN", "ROOT_NOT_ACCEPTED_THEN")

    # a time-stamp whose own root was ended proves nothing any more: nobody knows when the signature was made
    newest = next_file("official-3.json", newer, 3, ended, to=f"{ended:%Y-%m-%dT%H:%M:%SZ}")
    assert house.client.post("/v1/verifications", files=body).json()["reason_codes"][0] == "UNTRUSTED_ROOT"
    # a correction reaches back: the key of the root was lost before the signature
    lost = START - timedelta(days=1)
    next_file("official-4.json", newest, 4, lost)
    report = house.client.post("/v1/verifications", files=body).json()
    assert (report["verdict"], report["reason_codes"][0]) == ("invalid", "UNTRUSTED_ROOT")


def test_a_root_serves_only_what_its_policy_allows(living_in: Any, folder: Folder, outside: Any) -> None:
    folder.put(trust_officers.policy(trust_officers.anchor(outside.root.der, purposes=["seal", "timestamping"])))
    house = living_in(folder)
    seal = {"file": outside.seal(ordinal=1).certificate, "others": outside.ca.der}
    person = {"file": outside.credential().certificate, "others": outside.ca.der}
    said = [house.client.post("/v1/certificate-validations", files=one).json() for one in (seal, person)]
    assert [one["reason_codes"] for one in said] == [["STATUS_UNKNOWN"], ["PURPOSE_NOT_ALLOWED"]]
    report = house.client.post("/v1/verifications", files={"file": signed_outside(outside, START)}).json()
    assert report["reason_codes"][0] == "UNTRUSTED_ROOT"


def test_services_do_not_start_with_a_bad_folder(tmp_path: Path, folder: Folder) -> None:
    folder.put(b"{}")
    with pytest.raises(ConfigurationInvalid):
        build_services(Settings(data=tmp_path / "data", trust=folder.place, trust_officers=folder.officers))


# --- anso trust ------------------------------------------------------------------------------------------


@pytest.fixture
def anso(capfd: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code, mask = 0, os.umask(0o022)
        try:
            main(["trust", *map(str, words)])
        except SystemExit as end:
            code = int(end.code or 0)
        os.umask(mask)
        shown = capfd.readouterr()
        return code, shown.out, shown.err

    return run


def test_two_officers_put_a_file_into_force_and_end_a_root_with_the_next(
    anso: Any, folder: Folder, outside: Any
) -> None:
    pem = folder.place.parent / "root.pem"
    pem.write_bytes(outside.root.certificate.public_bytes(Encoding.PEM))
    keys = []
    for officer in TWO:
        keys.append(folder.place.parent / f"{officer.officer_id}.key")
        keys[-1].write_bytes(officer.pem())
    first, nxt = folder.place / "official-1.json", folder.place / "official-2.json"
    words = ("--profile", "official", "--from", "2025-01-01T00:00:00Z", "--since", "2020-01-01T00:00:00Z")
    code, out, err = anso("draft", "--out", first, *words, "--root", pem, "--host", "crl.example.vn")
    assert (code, "trust.official.1" in out) == (0, True), err
    assert anso("check", folder.place, "--officers", folder.officers)[0] == 9
    for officer, key in zip(TWO, keys, strict=True):
        code, out, err = anso("sign", first, "--key", key, "--officer", officer.officer_id)
        assert code == 0, err
        assert "Co yeu Root" in out
    code, out, _ = anso("check", folder.place, "--officers", folder.officers)
    assert (code, "đủ chữ ký / signed by an, binh" in out) == (0, True)
    root = sha256(outside.root.der).hexdigest()
    end = f"{root}=2026-06-01T00:00:00Z"
    words = ("--profile", "official", "--from", "2026-06-01T00:00:00Z", "--previous", first, "--end", end)
    assert anso("draft", "--out", nxt, *words)[0] == 0
    for officer, key in zip(TWO, keys, strict=True):
        assert anso("sign", nxt, "--key", key, "--officer", officer.officer_id, "-o", "json")[0] == 0
    code, out, _ = anso(
        "show", folder.place, "--officers", folder.officers, "--at", "2026-07-01T00:00:00Z", "-o", "json"
    )
    (said,) = json.loads(out)
    assert (code, said["id"], said["signed_by"]) == (0, "trust.official.2", ["an", "binh"])
    assert said["anchors"][0]["to"] == "2026-06-01T00:00:00+00:00"
    assert said["fetch_hosts"] == ["crl.example.vn"]
    code, out, _ = anso("show", folder.place, "--officers", folder.officers, "--at", "2025-07-01T00:00:00Z")
    assert "trust.official.1" in out
    code, out, _ = anso("show", folder.place, "--officers", folder.officers, "--at", "2024-07-01T00:00:00Z")
    assert "không có chính sách nào" in out
    code, out, _ = anso("check", folder.place, "--officers", folder.officers, "-o", "jsonl")
    assert [json.loads(line)["version"] for line in out.splitlines()] == [1, 2]


def test_a_protected_key_asks_for_its_passphrase(anso: Any, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put(trust_officers.policy(), signed_by=[])
    key = folder.place.parent / "an.key"
    protected = BestAvailableEncryption(b"secret")
    key.write_bytes(TWO[0].key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protected))
    words = ("sign", folder.place / "official-1.json", "--key", key, "--officer", "an")
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "wrong")
    code, _, err = anso(*words)
    assert code == 7
    assert "wrong" not in err
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "secret")
    assert anso(*words)[0] == 0


def test_what_cannot_be_drafted_or_signed_is_told_apart(anso: Any, folder: Folder, outside: Any) -> None:
    out = folder.place / "x.json"
    draft = ("draft", "--out", out, "--profile", "official")
    begin = ("--from", "2025-01-01T00:00:00Z")
    for words, code in (
        ((*draft, "--from", "soon"), 2),
        ((*draft, "--from", "2025-01-01T00:00:00"), 2),
        ((*draft, *begin, "--root", out), 10),
        ((*draft, *begin, "--to", "2024-01-01T00:00:00Z"), 2),
        ((*draft, *begin, "--host", "127.0.0.1"), 2),
        (("sign", out, "--key", out, "--officer", "an"), 10),
    ):
        assert anso(*words)[0] == code, words
    folder.put(trust_officers.policy(), signed_by=[])
    file = folder.place / "official-1.json"
    assert anso(*draft, *begin, "--root", file)[0] == 10
    assert anso(*draft, *begin, "--previous", file, "--end", "ab=2026-01-01T00:00:00Z")[0] == 2
    assert anso(*draft, *begin, "--previous", file)[0] == 2  # begins no later
    key = folder.place.parent / "k.pem"
    key.write_text("x")
    assert anso("sign", file, "--key", key, "--officer", "an")[0] == 7
    key.write_bytes(TWO[0].pem())
    assert anso("sign", file, "--key", key, "--officer", "An")[0] == 9
    file.write_text("{}")
    assert anso("sign", file, "--key", key, "--officer", "an")[0] == 9


def test_check_warns_of_roots_that_nobody_signed_for(anso: Any, folder: Folder, outside: Any) -> None:
    (folder.place / "public").mkdir()
    (folder.place / "public" / "root.cer").write_bytes(outside.root.der)
    code, out, _ = anso("check", folder.place)
    assert (code, "CẢNH BÁO / WARNING: 1" in out) == (0, True)
    assert datetime.now(UTC) > START - timedelta(days=365)
