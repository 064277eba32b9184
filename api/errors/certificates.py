"""Requests for certificates: what can go wrong beside the library's own refusals."""

from api.errors.base import AnsoError


class CertSelfApproval(AnsoError):
    """I4: RA officer, approver and subject are different natural persons."""

    code = "CERT_SELF_APPROVAL"


class CertOrgClosed(AnsoError):
    """The agency is closed or about to merge: no new certificates (model §3.5)."""

    code = "CERT_ORG_CLOSED"


class CertDuplicateActive(AnsoError):
    """I2: the holder has such a certificate already, or a request for it is being worked on."""

    code = "CERT_DUPLICATE_ACTIVE"


class CertTitleMismatch(AnsoError):
    """I1: the person does not have this post in this agency at this moment."""

    code = "CERT_TITLE_MISMATCH"


class CertPrimaryUnfit(AnsoError):
    """I2: a secondary hangs on an active primary of the same holder, class and agency."""

    code = "CERT_PRIMARY_UNFIT"
