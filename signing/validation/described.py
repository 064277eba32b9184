"""One signature's report as far as it can be written down without judging anybody: form, certificate, later changes.

What stands here is true whatever is trusted, whichever algorithms are allowed and whatever a status list says; a caller
who trusts other roots can use it as it is.
"""

from dataclasses import replace
from hashlib import sha256

from signing.errors import CertificateMalformed
from signing.identity import read_certificate_facts
from signing.validation.changes import Changes
from signing.validation.container import Container
from signing.validation.document import SignatureField
from signing.validation.integrity import Examined
from signing.validation.judgement import Judgement
from signing.validation.report import SignatureReport
from signing.validation.signed_form import common_name, form_of

_MAX_NAME = 300
_PERSONAL_NUMBERS = ("PNO", "IDC", "PAS", "TIN")


def described(
    field: SignatureField, found: Examined, judgement: Judgement, changes: Changes | None = None
) -> SignatureReport:
    """The report of one signature with a judgement and everything that nobody has to be trusted for."""
    container, coverage = found.container, found.coverage
    result = SignatureReport(
        field=field.name,
        kind="timestamp" if field.is_timestamp else "signature",
        verdict=judgement.verdict,
        reason=judgement.reason,
        indication=judgement.indication,
        sub_indication=judgement.sub_indication,
        intact=found.intact,
        claimed_time=(container.claimed_time if container else None) or field.claimed_time,
        revision_end=coverage.end if coverage else None,
        errors=(found.error,) if found.error else (),
    ).with_form(form_of(field, container))
    if changes is not None:
        result = result.with_changes(changes.level, changes.changes, covers_whole_file=changes.covers_whole_file)
    if container is None:
        return result
    return replace(
        _with_certificate(result, container),
        key_sha256=sha256(container.key).hexdigest(),
        holder_sha256=_holder(container),
    )


def _holder(container: Container) -> str:
    """ETSI EN 319 412-1 §5.1.3: a natural person's number begins with what kind it is and the country."""
    try:
        number = str(container.certificate.subject.native.get("serial_number") or "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    return sha256(number.encode()).hexdigest() if number.startswith(_PERSONAL_NUMBERS) else ""


def _with_certificate(report: SignatureReport, container: Container) -> SignatureReport:
    try:
        facts = read_certificate_facts(container.leaf)
        return report.with_facts(facts, issuer=str(container.certificate.issuer.human_friendly)[:_MAX_NAME])
    except (CertificateMalformed, ValueError, TypeError, KeyError, AttributeError, Warning):
        # a stranger's certificate: its name, if any; the library warns of serial numbers below one
        return report.named(common_name(container.leaf))
