"""`signatures/signDoc` of the Cloud Signature Consortium's API on the wire (CSC API 2.0 §11.11).

Whole PDFs (`documents`) or digests of documents that stay with the client (`documentDigests`). Knows the shape; must
not judge anything. What only other formats have is refused in the standard's words.
"""

import base64
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.errors import CscRequestRefused
from api.schemas.csc import CscRequest, algorithm_of, encoded, require_synchronous
from api.schemas.csc_claims import CscAttribute, claims_of, texts_of
from api.usecases.activated_signing import ConformanceLevel
from api.usecases.sign_document_digests import ContainerForm, DigestToSign, SignDocumentDigests
from api.usecases.sign_documents import DocumentToSign, SignDocuments
from signing.keys import SignatureAlgorithm
from signing.keys.identifiers import HASH_OID
from signing.trust import Evidence

MOST_DOCUMENTS: Final = 20
"""Files of one request: they lie in memory together."""
MOST_DIGESTS: Final = 100
"""Digests of one request: each may want its own time-stamp. The rest of a batch: `extendTransaction`."""
_LEVELS: Final = {f"ades-{one.value.lower()}": one for one in ConformanceLevel}
_ENVELOPES: Final = {"Certification": True, "Revision": False}
_DIGEST_ENVELOPES: Final = {
    # without the file nothing can be attached to it, and the default, Attached, cannot be meant
    ContainerForm.BESIDE: frozenset({None, "Detached"}),
    # what the revision promises stands in the PDF that the client prepared
    ContainerForm.IN_PDF: frozenset({None, "Certification", "Revision"}),
}
_Oid = Annotated[str, Field(max_length=64)]


class _CscToSign(BaseModel):
    """What is said of a file and of digests alike."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True)

    signature_format: Annotated[str, Field(max_length=8)]
    conformance_level: Annotated[str, Field(max_length=16)] = "AdES-B-B"
    signAlgo: _Oid  # noqa: N815 - the standard's name
    signAlgoParams: Annotated[str, Field(max_length=1024)] | None = None  # noqa: N815 - as above
    signed_props: Annotated[list[CscAttribute], Field(max_length=16)] | None = None

    def level(self) -> ConformanceLevel:
        """The level.

        Raises:
            CscRequestRefused: none of ours.
        """
        found = _LEVELS.get(self.conformance_level.lower())
        if found is None:
            raise CscRequestRefused("Invalid parameter conformance_level")
        return found

    def algorithm(self) -> SignatureAlgorithm:
        """The algorithm.

        Raises:
            CscRequestRefused: none of ours.
        """
        return algorithm_of(self.signAlgo, self.signAlgoParams, None)


class CscDocument(_CscToSign):
    """One file."""

    document: str = Field(repr=False)
    signed_envelope_property: Annotated[str, Field(max_length=32)] = "Certification"

    def to_value(self) -> DocumentToSign:
        """The use-case's value.

        Raises:
            CscRequestRefused: another format, level or envelope than PAdES has here.
        """
        if self.signature_format != "P":
            raise CscRequestRefused("Invalid parameter signature_format")
        level = self.level()
        if self.signed_envelope_property not in _ENVELOPES:
            raise CscRequestRefused("Invalid parameter signed_envelope_property")
        texts = texts_of(self.signed_props or [])
        try:
            content = base64.b64decode(self.document, validate=True)
        except ValueError as err:
            raise CscRequestRefused("Invalid Base64 documents string parameter") from err
        return DocumentToSign(
            content=content,
            level=level,
            algorithm=self.algorithm(),
            certify=_ENVELOPES[self.signed_envelope_property],
            reason=texts.get("Reason"),
            location=texts.get("Location"),
        )


class CscDocumentDigests(_CscToSign):
    """Digests of documents for which the same is wanted; one alone may stand without a list, as in old examples."""

    hashes: (
        Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=MOST_DIGESTS)]
        | Annotated[str, Field(max_length=128)]
    )
    hashAlgorithmOID: _Oid | None = None  # noqa: N815 - the standard's name
    signed_envelope_property: Annotated[str, Field(max_length=32)] | None = None

    def to_values(self) -> tuple[DigestToSign, ...]:
        """The use-case's values.

        Raises:
            CscRequestRefused: another format, level or envelope than a digest can have.
        """
        form = next((one for one in ContainerForm if one.value == self.signature_format), None)
        if form is None:
            raise CscRequestRefused("Invalid parameter signature_format")
        level, algorithm = self.level(), self.algorithm()
        if level is ConformanceLevel.LTA:  # its time-stamp is over the whole file
            raise CscRequestRefused("Invalid parameter conformance_level")
        if self.signed_envelope_property not in _DIGEST_ENVELOPES[form]:
            raise CscRequestRefused("Invalid parameter signed_envelope_property")
        self._require_hash_of(algorithm)
        claims = claims_of(self.signed_props or [], is_pdf=form is ContainerForm.IN_PDF)
        return tuple(
            DigestToSign(digest=digest, form=form, level=level, algorithm=algorithm, claims=claims)
            for digest in self._digests()
        )

    def _require_hash_of(self, algorithm: SignatureAlgorithm) -> None:
        if self.hashAlgorithmOID is None or self.hashAlgorithmOID == HASH_OID[algorithm]:
            return
        if self.hashAlgorithmOID in HASH_OID.values():
            raise CscRequestRefused("String parameter hashAlgorithmOID contradicts with signAlgo parameter")
        raise CscRequestRefused("Invalid parameter hashAlgorithmOID")

    def _digests(self) -> tuple[bytes, ...]:
        try:
            listed = [self.hashes] if isinstance(self.hashes, str) else self.hashes
            return tuple(base64.b64decode(one, validate=True) for one in listed)
        except ValueError as err:
            raise CscRequestRefused("Invalid Base64 hashes string parameter") from err


class CscSignDocRequest(CscRequest):
    """`signatures/signDoc`."""

    credentialID: Annotated[str, Field(max_length=1024)]  # noqa: N815 - the standard's name
    SAD: Annotated[str, Field(max_length=128)] = Field(repr=False)
    documents: list[CscDocument] = Field(default=[], max_length=MOST_DOCUMENTS)
    documentDigests: list[CscDocumentDigests] | None = Field(  # noqa: N815 - as above
        default=None, max_length=MOST_DIGESTS
    )
    operationMode: Annotated[str, Field(max_length=8)] = "S"  # noqa: N815 - as above
    returnValidationInfo: bool = False  # noqa: N815 - as above

    def to_command(self) -> SignDocuments | SignDocumentDigests:
        """The command of the one use-case or the other.

        Raises:
            CscRequestRefused.
        """
        require_synchronous(self.operationMode)
        if self.documentDigests and self.documents:
            raise CscRequestRefused("Both documentDigests and documents parameters passed")
        if self.documents:
            return SignDocuments(
                credential_id=self.credentialID,
                sad=self.SAD,
                documents=tuple(one.to_value() for one in self.documents),
                wants_evidence=self.returnValidationInfo,
            )
        digests = tuple(digest for one in self.documentDigests or () for digest in one.to_values())
        if not self.documentDigests:
            raise CscRequestRefused("Empty documentDigests and documents objects")
        if len(digests) > MOST_DIGESTS:
            raise CscRequestRefused("Invalid object parameter documentDigests")
        return SignDocumentDigests(
            credential_id=self.credentialID, sad=self.SAD, digests=digests, wants_evidence=self.returnValidationInfo
        )


class CscValidationInfo(BaseModel):
    """What proves the status of the certificates behind the signatures, as far as it is not in them."""

    ocsp: list[str]
    crl: list[str]
    certificates: list[str]


class CscSignedDocuments(BaseModel):
    """Its answer: files with their signatures, or containers for documents that stayed with the client."""

    DocumentWithSignature: list[str]
    """Empty where documents stayed with the client."""
    SignatureObject: list[str] | None = None
    validationInfo: CscValidationInfo | None = None  # noqa: N815 - the standard's name


def signed_answer(
    evidence: Evidence | None, *, files: tuple[bytes, ...] = (), containers: tuple[bytes, ...] = ()
) -> dict[str, Any]:
    """The answer's body."""
    body: dict[str, Any] = {"DocumentWithSignature": [encoded(one) for one in files]}
    if containers:
        body["SignatureObject"] = [encoded(one) for one in containers]
    if evidence is not None:
        body["validationInfo"] = {
            "ocsp": [encoded(one) for one in evidence.ocsps],
            "crl": [encoded(one) for one in evidence.crls],
            "certificates": [encoded(one) for one in evidence.certificates],
        }
    return body
