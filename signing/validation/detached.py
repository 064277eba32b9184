"""CMS and CAdES signatures over any file, through the same report as PDF signatures.

Detached (the file beside it) or enveloping (the file inside); DER, BER, PEM or S/MIME; every signer is reported. Takes
bytes, anchors, policy and a moment; does no input or output, and never raises for what the bytes are.
"""

from datetime import datetime
from hashlib import sha256

from signing.trust import Evidence, TrustAnchors
from signing.validation.cms_judgement import CmsSetting, judged_signer
from signing.validation.container import Container, read_containers
from signing.validation.container_faults import ContainerFaultError
from signing.validation.described import described
from signing.validation.detached_input import unwrapped
from signing.validation.digests import Content, ContentDigest, Signed
from signing.validation.document import SignatureField
from signing.validation.entitlement import judged_entitlement
from signing.validation.integrity import Examined
from signing.validation.judgement import CRASHED, MALFORMED, Judgement
from signing.validation.policy import ValidationPolicy
from signing.validation.report import Report, SignatureReport
from signing.validation.signature_reading import of_fault

__all__ = ["ContentDigest", "verify_detached"]


def verify_detached(
    signature: bytes,
    content: bytes | ContentDigest | None,
    *,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence | None = None,
) -> Report:
    """Checks every signer of a CMS container.

    Args:
        signature: the container, in any of the usual wrappings; hostile until shown otherwise.
        content: the signed file; its digest, if the file must not come here (then at best INDETERMINATE); None: the
            container has the file inside.
        anchors: the accepted roots with their profiles.
        policy: algorithms and strictness.
        at: the moment of checking.
        evidence: status evidence that the caller has beside the container's own.

    Returns:
        A report about the content (about the signature if there is none), whatever the bytes are.
    """
    setting = CmsSetting(anchors=anchors, policy=policy, at=at, given=evidence or Evidence())
    found, fault = _containers(signature, setting)
    if isinstance(fault, Judgement):
        signatures: tuple[SignatureReport, ...] = (described(_nameless(), Examined(error="not read"), fault),)
    else:
        signatures = tuple(
            judged_signer(f"signer-{number}", one, _signed(one, content), setting)
            for number, one in enumerate(found, start=1)
        )
    digest, size = _facts(signature, content, found)
    return Report(
        file_sha256=digest, file_size=size, policy_id=policy.policy_id, checked_at=at, signatures=signatures,
        entitlement=judged_entitlement(signatures), trust_policies=anchors.policies,
    )  # fmt: skip


def _containers(signature: bytes, setting: CmsSetting) -> tuple[tuple[Container, ...], Judgement | None]:
    try:
        return read_containers(unwrapped(signature), setting.given.certificates), None
    except ContainerFaultError as err:
        return (), of_fault(err) if err.unsupported else MALFORMED
    except Exception:  # noqa: BLE001 - DESIGN §4: a crash is never a pass
        return (), CRASHED


def _nameless() -> SignatureField:
    return SignatureField(name="signer-1", field=None, value=None, sub_filter="", byte_range=(), claimed_time=None)


def _signed(container: Container, content: bytes | ContentDigest | None) -> Signed | None:
    """What was given counts; what is inside only if nothing was given."""
    if isinstance(content, bytes):
        return Content((content,))
    if content is None and container.content is not None:
        return Content((container.content,))
    return content


def _facts(signature: bytes, content: bytes | ContentDigest | None, found: tuple[Container, ...]) -> tuple[str, int]:
    if isinstance(content, ContentDigest):
        return (content.value.hex() if content.algorithm == "sha256" else ""), 0
    inside = found[0].content if found else None
    told = content if content is not None else inside if inside is not None else signature
    return sha256(told).hexdigest(), len(told)
