"""What a key was certified for: signing documents, or stamping time and nothing else."""

import pyhanko.sign.signers  # noqa: F401 - it gives one of the purposes another name, in the whole process
import pytest
from asn1crypto import x509 as asn1_x509

from signing.validation.chains import purpose_fault, stamping_fault
from tests.fakes import odd_certificates as odd

LEAF = odd.leaf(odd.authority(odd.root()))
PKIX = "1.3.6.1.5.5.7.3."
SERVER, CLIENT, CODE, EMAIL, STAMPING, DOCUMENTS = (f"{PKIX}{number}" for number in (1, 2, 3, 4, 8, 36))
ANY, ADOBE, MICROSOFT = "2.5.29.37.0", "1.2.840.113583.1.1.5", "1.3.6.1.4.1.311.10.3.12"
KEY_CERT_SIGN = 0x04


def purposes(*dotted: str, critical: bool = False) -> odd.Extension:
    return odd.PURPOSES, critical, odd.seq(*(odd.oid(one) for one in dotted))


def read(plan: odd.Plan) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(plan.der)


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (LEAF, ""),
        (LEAF.without(odd.USAGE), ""),  # RFC 5280 §4.2.1.3: without the extension it is not limited
        (LEAF.has(odd.usage(0x40)), ""),
        (LEAF.has(odd.usage(KEY_CERT_SIGN)), "key usage"),
        *((LEAF.has(purposes(one)), "") for one in (CLIENT, EMAIL, DOCUMENTS, ANY, ADOBE, MICROSOFT)),
        *((LEAF.has(purposes(one)), "extended") for one in (SERVER, CODE, STAMPING)),
        (LEAF.has(purposes(SERVER, EMAIL)), ""),
    ],
)
def test_a_key_signs_documents_if_its_certificate_does_not_say_otherwise(plan: odd.Plan, fault: str) -> None:
    """Circular 15/2025 annex II 1.5; RFC 5280 §4.2.1.12, RFC 9336."""
    found = purpose_fault(read(plan))
    assert found is None if not fault else fault in str(found)


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (LEAF.has(purposes(STAMPING, critical=True)), ""),
        (LEAF.has(purposes(STAMPING)), "not critical"),
        (LEAF.has(purposes(STAMPING, EMAIL, critical=True)), "alone"),
        (LEAF.has(purposes(EMAIL, critical=True)), "alone"),
        (LEAF, "alone"),
    ],
)
def test_a_clock_stamps_if_its_certificate_is_for_that_alone(plan: odd.Plan, fault: str) -> None:
    """RFC 3161 §2.3."""
    found = stamping_fault(read(plan))
    assert found is None if not fault else fault in str(found)
