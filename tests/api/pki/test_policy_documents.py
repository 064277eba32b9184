"""What the hierarchy says about itself is what its certificates say: practice statement, disclosure, profiles."""

import hashlib
import html
import json
import re
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from api.records.demonstration import CENTRE, PEOPLE
from signing.identity import ProfileName
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, seal

SERVICES = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")


@pytest.fixture(scope="module")
def issued(installation: Any) -> dict[ProfileName, CertificateRecord]:
    """One certificate of every profile, issued by the service."""
    desk = Desk(installation)
    leader, stamp = desk.issue(official("chairman")), desk.issue(seal())
    citizen = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id, "evidence": ["cccd"]}
    first = desk.issue(citizen)
    narrow = {"ordinal": 2, "scope": {"places": [CENTRE]}}
    ids = [
        leader,
        stamp,
        first,
        desk.issue(official("chairman", primary_certificate_id=leader, **narrow)),
        desk.issue(seal(primary_certificate_id=stamp, **narrow)),
        desk.issue({**citizen, "primary_certificate_id": first, **narrow}),
    ]
    with installation.services.db.reading() as tx:
        registry = RegistrySql(tx)
        records = [registry.get(one) for one in ids]
        records += [registry.by_service(service)[0] for service in SERVICES]
    return {record.profile: record for record in records}


def policies(record: CertificateRecord) -> set[str]:
    certificate = x509.load_der_x509_certificate(record.der or b"")
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.CERTIFICATE_POLICIES).value
    except x509.ExtensionNotFound:
        return set()
    return {policy.policy_identifier.dotted_string for policy in found}


def profiles(installation: Any) -> dict[str, Any]:
    answer = installation.client.get("/pki/profiles.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def test_every_stated_profile_is_what_its_certificate_says(installation: Any, issued: dict[Any, Any]) -> None:
    stated = {one["name"]: one for one in profiles(installation)["profiles"]}
    assert set(stated) == {name.value for name in ProfileName} == {name.value for name in issued}
    for name, record in issued.items():
        one, certificate = stated[name.value], x509.load_der_x509_certificate(record.der)
        if name is ProfileName.ISSUING_CA:
            assert policies(record) <= set(one["policies"])
        else:
            assert policies(record) == set(one["policies"])
        rules = {rule["oid"]: rule for rule in one["extensions"]}
        present = {extension.oid.dotted_string: extension.critical for extension in certificate.extensions}
        assert set(present) <= set(rules)
        assert all(rules[dotted]["critical"] == critical for dotted, critical in present.items())
        assert {oid for oid, rule in rules.items() if rule["required"]} <= set(present)
        assert (record.not_after - record.not_before).days <= one["max_days"]
        names = {attribute.oid.dotted_string for attribute in certificate.subject}
        assert names <= {attribute["oid"] for attribute in one["attributes"]}


def test_the_page_names_every_policy_that_a_certificate_carries(installation: Any, issued: dict[Any, Any]) -> None:
    for language in ("vi", "en"):
        text = html.unescape(installation.client.get(f"/pki/cps?lang={language}").text)
        for record in issued.values():
            assert all(policy in text for policy in policies(record))
        stated = {one["name"]: one["policies"] for one in profiles(installation)["profiles"]}
        for name, oids in stated.items():
            assert re.search(rf"<td>{name}</td><td>{re.escape(', '.join(oids))}</td>", text)


def test_authorities_are_named_with_the_digest_of_what_is_served(installation: Any) -> None:
    for one in profiles(installation)["authorities"]:
        der = installation.client.get(f"/pki/{one['name']}.cer").content
        assert hashlib.sha256(der).hexdigest() == one["sha256"]
        assert one["sha256"] in installation.client.get("/pki/cps").text
        assert one["certificate"].endswith(f"/pki/{one['name']}.cer")


def test_the_disclosure_names_the_policy_and_the_accuracy_of_the_tokens(installation: Any) -> None:
    stated = profiles(installation)["timestamp"]
    for language in ("vi", "en"):
        text = installation.client.get(f"/pki/tsa-disclosure?lang={language}").text
        assert stated["policy"] in text
        assert f"{stated['accuracy_ms']} ms" in text


@pytest.mark.parametrize("path", ["/pki/cps", "/pki/tsa-disclosure"])
def test_pages_come_in_both_languages_and_need_no_script(installation: Any, path: str) -> None:
    vietnamese = installation.client.get(path)
    english = installation.client.get(path, params={"lang": "en"})
    assert (vietnamese.status_code, english.status_code) == (200, 200)
    assert '<html lang="vi">' in vietnamese.text
    assert '<html lang="en">' in english.text
    for answer in (vietnamese, english):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"<script|<style|style=|\son[a-z]+=", answer.text)
    assert "không có giá trị pháp lý" in vietnamese.text
    assert "no legal value" in english.text


def test_another_language_is_refused(installation: Any) -> None:
    assert installation.client.get("/pki/cps", params={"lang": "fr"}).status_code == 422


def test_documents_may_be_kept_and_asked_for_again(installation: Any) -> None:
    first = installation.client.get("/pki/profiles.json")
    again = installation.client.get("/pki/profiles.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in first.headers["cache-control"]


def test_the_reading_in_force_is_stated(installation: Any) -> None:
    assert profiles(installation)["secondary_reading"] == "org_seal"
    assert "con dấu thứ hai của cơ quan" in installation.client.get("/pki/cps").text


def test_no_qualified_or_legal_policy_is_claimed_in_development(installation: Any) -> None:
    stated = json.dumps(profiles(installation))
    assert "0.4.0.2042.1.1" not in stated
    assert "0.4.0.194112" not in stated
