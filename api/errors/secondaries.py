"""Second certificates: what the installation's reading of them does not offer (ADR 0014)."""

from api.errors.base import AnsoError


class CertSecondaryNotOffered(AnsoError):
    """Under the reading in force this class of holder gets no further certificates."""

    code = "CERT_SECONDARY_NOT_OFFERED"


class CertSecondaryPlaceWrong(AnsoError):
    """A second certificate for signing at the centre names the centres where it may sign, and nothing else."""

    code = "CERT_SECONDARY_PLACE"
