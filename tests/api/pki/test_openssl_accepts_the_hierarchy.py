"""openssl as an outside client of the running service: what it says is what we say."""

import asyncio
import hashlib
import subprocess
import urllib.parse
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import load_der_ocsp_response
from pyhanko.sign.timestamps import HTTPTimeStamper

from api.usecases.publish_due_lists import publish_due_lists
from signing.identity import DEFAULT_ARC, CertificateClass
from signing.revocation import shard_in
from tests.api.pki.conftest import LiveService
from tests.api.pki.desk import official

pytestmark = pytest.mark.service


def openssl(live: LiveService, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        ["openssl", *arguments], cwd=live.folder, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def ocsp(live: LiveService, name: str, *more: str, ca: str = "personal") -> str:
    return openssl(
        live,
        "ocsp",
        "-issuer",
        f"{ca}.pem",
        *more,
        "-cert",
        f"{name}.pem",
        "-url",
        f"{live.url}/pki/ocsp/{ca}",
        "-CAfile",
        "root.pem",
    )


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_a_good_certificate_is_good_with_a_nonce(live: LiveService, digest: str) -> None:
    said = ocsp(live, "np-leader", digest)
    assert "Response verify OK" in said
    assert "np-leader.pem: good" in said
    assert "WARNING" not in said


def test_a_good_secondary_is_good_at_its_own_authority(live: LiveService) -> None:
    assert "seclp-centre.pem: good" in ocsp(live, "seclp-centre", ca="secondary")


def test_a_revoked_certificate_is_revoked_with_its_reason(live: LiveService) -> None:
    said = ocsp(live, "np-revoked")
    assert "np-revoked.pem: revoked" in said
    assert "Reason: keyCompromise" in said


def test_a_suspended_certificate_is_on_hold(live: LiveService) -> None:
    assert "Reason: certificateHold" in ocsp(live, "np-held", "-no_nonce")


def test_a_serial_that_was_never_issued_is_unknown(live: LiveService) -> None:
    said = openssl(
        live,
        "ocsp",
        "-issuer",
        "personal.pem",
        "-serial",
        "0x1234",
        "-url",
        f"{live.url}/pki/ocsp/personal",
        "-CAfile",
        "root.pem",
        "-no_nonce",
    )
    assert "0x1234: unknown" in said


def test_the_same_answer_comes_by_get(live: LiveService) -> None:
    openssl(live, "ocsp", "-issuer", "personal.pem", "-cert", "np-leader.pem", "-no_nonce", "-reqout", "request.der")
    request = b64encode((live.folder / "request.der").read_bytes()).decode()
    response = httpx2.get(f"{live.url}/pki/ocsp/personal/{urllib.parse.quote(request, safe='')}")
    assert response.headers["content-type"] == "application/ocsp-response"
    assert "max-age" in response.headers["cache-control"]
    (live.folder / "answer.der").write_bytes(response.content)
    said = openssl(
        live,
        "ocsp",
        "-respin",
        "answer.der",
        "-issuer",
        "personal.pem",
        "-cert",
        "np-leader.pem",
        "-CAfile",
        "root.pem",
        "-no_nonce",
    )
    assert "np-leader.pem: good" in said


def test_two_certificates_in_one_request_are_both_answered(live: LiveService) -> None:
    said = ocsp(live, "np-leader", "-cert", "np-revoked.pem")
    assert "np-leader.pem: good" in said
    assert "np-revoked.pem: revoked" in said


def test_a_strangers_certificate_is_not_answered_for(live: LiveService) -> None:
    said = openssl(
        live,
        "ocsp",
        "-issuer",
        "secondary.pem",
        "-cert",
        "seclp-centre.pem",
        "-url",
        f"{live.url}/pki/ocsp/personal",
        "-CAfile",
        "root.pem",
        code=1,
    )
    assert "unauthorized" in said


@pytest.mark.parametrize(
    ("kind", "name"), [("arl", "root"), ("crl", "personal"), ("crl", "secondary"), ("crl", "personal-3")]
)
def test_every_list_verifies(live: LiveService, kind: str, name: str) -> None:
    said = openssl(
        live,
        "crl",
        "-inform",
        "DER",
        "-in",
        f"{kind}-{name}.crl",
        "-CAfile",
        f"{name.partition('-')[0]}.pem",
        "-noout",
        "-lastupdate",
        "-nextupdate",
        "-crlnumber",
    )
    assert "verify OK" in said


VERIFY = ("verify", "-CAfile", "root.pem", "-untrusted", "chain.txt", "-x509_strict")
CHECKS = ("-crl_check_all", "-extended_crl", "-policy_check")
LISTS = ("full.txt", "shards.txt", "lists.txt")


@pytest.mark.parametrize("lists", LISTS)
@pytest.mark.parametrize(
    "name", ["np-leader", "lp-seal", "seclp-centre", "sec-np-leader", "sec-np-citizen", "np-citizen", "tsa"]
)
def test_every_good_certificate_verifies_with_the_full_lists_and_with_the_shards(
    live: LiveService, name: str, lists: str
) -> None:
    keep_tsa(live)
    assert f"{name}.pem: OK" in openssl(live, *VERIFY, "-CRLfile", lists, *CHECKS, f"{name}.pem")
    assert f"{name}.pem: OK" in openssl(live, *VERIFY, "-CRLfile", lists, *CHECKS, "-use_deltas", f"{name}.pem")
    assert f"{name}.pem: OK" in openssl(live, *VERIFY, "-CRLfile", lists, "-crl_check", f"{name}.pem")


@pytest.mark.parametrize("lists", LISTS)
@pytest.mark.parametrize("name", ["np-revoked", "np-held"])
def test_what_is_revoked_or_on_hold_fails_with_the_lists(live: LiveService, name: str, lists: str) -> None:
    said = openssl(live, *VERIFY, "-CRLfile", lists, *CHECKS, f"{name}.pem", code=2)
    assert "certificate revoked" in said


def test_another_shard_cannot_be_shown_in_the_place_of_the_certificates_own(live: LiveService) -> None:
    """What a shard leaves out must not make a revoked certificate look good."""
    pem = (live.folder / "np-revoked.pem").read_bytes()
    own = shard_in(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    assert own is not None
    other = live.fetch_list(f"personal/{(own + 1) % live.services.settings.crl_shards}", "other")
    (live.folder / "other.txt").write_bytes(live.fetch_list("root", "arl-root") + other)
    said = openssl(live, *VERIFY, "-CRLfile", "other.txt", *CHECKS, "np-revoked.pem", code=2)
    assert "different CRL scope" in said or "unable to get certificate CRL" in said


def test_a_delta_brings_an_older_list_up_to_date_and_lets_go_what_was_released(live: LiveService) -> None:
    """`-use_deltas` with the list of before and the delta of now."""
    for name, figure in (("np-late", "reception_officer"), ("np-back", "auditor")):
        if name not in live.ids:
            live.issue(name, official(figure))
    live.change("np-back", "suspension", {"reason": "key_in_doubt"})
    publish_due_lists(live.services, datetime.now(UTC))
    before = live.fetch_list("root", "arl-root") + live.fetch_list("personal", "base")
    live.change("np-late", "revocation", {"reason": "key_compromise"})
    live.release("np-back")
    publish_due_lists(live.services, datetime.now(UTC))
    (live.folder / "before.txt").write_bytes(before)
    (live.folder / "after.txt").write_bytes(before + live.fetch_list("personal-delta", "delta"))
    late, back = "np-late.pem", "np-back.pem"
    assert "OK" in openssl(live, *VERIFY, "-CRLfile", "before.txt", *CHECKS, late)
    assert "certificate revoked" in openssl(live, *VERIFY, "-CRLfile", "before.txt", *CHECKS, back, code=2)
    deltas = ("-CRLfile", "after.txt", *CHECKS, "-use_deltas")
    assert "certificate revoked" in openssl(live, *VERIFY, *deltas, late, code=2)
    assert "OK" in openssl(live, *VERIFY, *deltas, back)


@pytest.mark.parametrize(
    ("kind", "primary", "secondary"),
    [
        (CertificateClass.ORG_SEAL, "lp-seal", "seclp-centre"),
        (CertificateClass.PERSONAL, "np-leader", "sec-np-leader"),
        (CertificateClass.CITIZEN, "np-citizen", "sec-np-citizen"),
    ],
)
def test_a_secondary_is_told_from_its_primary_by_policy_alone(
    live: LiveService, kind: CertificateClass, primary: str, secondary: str
) -> None:
    policy = ("-policy", DEFAULT_ARC.policy(kind, secondary=True), "-explicit_policy")
    assert f"{secondary}.pem: OK" in openssl(live, *VERIFY, *policy, f"{secondary}.pem")
    assert "no explicit policy" in openssl(live, *VERIFY, *policy, f"{primary}.pem", code=2)
    policy = ("-policy", DEFAULT_ARC.policy(kind, secondary=False), "-explicit_policy")
    assert f"{primary}.pem: OK" in openssl(live, *VERIFY, *policy, f"{primary}.pem")
    assert "no explicit policy" in openssl(live, *VERIFY, *policy, f"{secondary}.pem", code=2)


def test_openssl_follows_the_list_pointer_itself(live: LiveService) -> None:
    # the pointer names pki.example.vn; the proxy setting brings the client to us without touching a resolver
    done = subprocess.run(
        ["openssl", *VERIFY, "-crl_download", "-crl_check", "np-leader.pem"],
        cwd=live.folder,
        env={"http_proxy": live.url, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "np-leader.pem: OK" in done.stdout, done.stdout + done.stderr


def keep_tsa(live: LiveService) -> None:
    """The time-stamp unit's certificate, as a token brings it along."""
    if (live.folder / "tsa.pem").exists():
        return
    stamp(live)
    openssl(live, "pkcs7", "-inform", "DER", "-in", "token.der", "-print_certs", "-out", "brought.txt")
    brought = x509.load_pem_x509_certificates((live.folder / "brought.txt").read_bytes())
    live.keep("tsa", brought[0].public_bytes(Encoding.DER))  # alone and without the text that openssl adds


def stamp(live: LiveService) -> None:
    (live.folder / "f").write_text("văn bản", encoding="utf-8")
    openssl(live, "ts", "-query", "-data", "f", "-sha256", "-cert", "-out", "q.tsq")
    response = httpx2.post(
        f"{live.url}/pki/tsa",
        content=(live.folder / "q.tsq").read_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
    )
    assert response.headers["content-type"] == "application/timestamp-reply"
    (live.folder / "r.tsr").write_bytes(response.content)
    openssl(live, "ts", "-reply", "-in", "r.tsr", "-token_out", "-out", "token.der")


def test_time_stamps_verify_by_query_and_by_data(live: LiveService) -> None:
    stamp(live)
    for what in (("-queryfile", "q.tsq"), ("-data", "f")):
        assert "Verification: OK" in openssl(live, "ts", "-verify", *what, "-in", "r.tsr", "-CAfile", "root.pem")
    (live.folder / "g").write_text("văn bản khác", encoding="utf-8")
    said = openssl(live, "ts", "-verify", "-data", "g", "-in", "r.tsr", "-CAfile", "root.pem", code=1)
    assert "message imprint mismatch" in said


def test_machines_of_the_hierarchy_serve_their_purpose(live: LiveService) -> None:
    keep_tsa(live)
    assert "OK" in openssl(live, "verify", "-CAfile", "root.pem", "-purpose", "timestampsign", "tsa.pem")
    request = ("ocsp", "-issuer", "personal.pem", "-cert", "np-leader.pem", "-no_nonce")
    openssl(live, *request, "-url", f"{live.url}/pki/ocsp/personal", "-CAfile", "root.pem", "-respout", "ocsp-resp.der")
    answer = load_der_ocsp_response((live.folder / "ocsp-resp.der").read_bytes())
    live.keep("ocsp-signer", answer.certificates[0].public_bytes(Encoding.DER))
    said = openssl(live, *VERIFY, "-purpose", "ocsphelper", "ocsp-signer.pem")
    assert "ocsp-signer.pem: OK" in said


def test_a_signed_request_is_answered_like_any_other(live: LiveService) -> None:
    """Who asks does not change the answer (RFC 5019 §2.1.1): the signature must have its form and is not checked."""
    if not (live.folder / "asker.key").exists():
        key = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=asker")
        openssl(live, *key, "-keyout", "asker.key", "-out", "asker.pem")
    said = ocsp(live, "np-leader", "-signer", "asker.pem", "-signkey", "asker.key")
    assert "np-leader.pem: good" in said


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512", "-sha3-256", "-sha3-512"])
def test_time_stamps_are_given_over_every_digest_that_is_allowed(live: LiveService, digest: str) -> None:
    (live.folder / "f").write_text("văn bản", encoding="utf-8")
    name = f"d{digest}"
    openssl(live, "ts", "-query", "-data", "f", digest, "-cert", "-out", f"{name}.tsq")
    answer = httpx2.post(f"{live.url}/pki/tsa", content=(live.folder / f"{name}.tsq").read_bytes())
    (live.folder / f"{name}.tsr").write_bytes(answer.content)
    said = openssl(live, "ts", "-verify", "-data", "f", "-in", f"{name}.tsr", "-CAfile", "root.pem")
    assert "Verification: OK" in said


def test_a_time_stamp_over_sha1_is_refused(live: LiveService) -> None:
    (live.folder / "f").write_text("văn bản", encoding="utf-8")
    openssl(live, "ts", "-query", "-data", "f", "-sha1", "-out", "weak.tsq")
    answer = httpx2.post(f"{live.url}/pki/tsa", content=(live.folder / "weak.tsq").read_bytes())
    (live.folder / "weak.tsr").write_bytes(answer.content)
    assert "unrecognized or unsupported algorithm" in openssl(live, "ts", "-reply", "-in", "weak.tsr", "-text")


def test_another_library_takes_our_time_stamps(live: LiveService) -> None:
    stamper = HTTPTimeStamper(f"{live.url}/pki/tsa")
    token = asyncio.run(stamper.async_timestamp(hashlib.sha256(b"van ban").digest(), "sha256"))
    content = token["content"]["encap_content_info"]["content"].parsed
    assert content["message_imprint"]["hashed_message"].native == hashlib.sha256(b"van ban").digest()
    assert abs(content["gen_time"].native - datetime.now(UTC)) < timedelta(seconds=60)


def test_a_client_sees_what_caches_need(live: LiveService) -> None:
    """Over a real connection: validators, length, and no body where none is wanted."""
    first = httpx2.get(f"{live.url}/pki/personal/0.crl")
    again = httpx2.get(f"{live.url}/pki/personal/0.crl", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx2.head(f"{live.url}/pki/personal/0.crl")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(first.content)
