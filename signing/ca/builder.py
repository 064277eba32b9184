"""From a template to the certificate as it would be signed: names, extensions and pointers of its profile.

Knows X.509 and the profiles. Touches no key of ours: what comes out is signed with a throw-away key of
the same kind, so its to-be-signed part is byte for byte what the real key will sign.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from signing.identity import (
    AgencySubject,
    PersonSubject,
    Scope,
    Subject,
    clean_common_name,
    clean_name,
    clean_org_code,
    clean_personal_id,
    encode_scope,
    encode_secondary,
)
from signing.keys import Credential, KeyKind, SignatureAlgorithm
from signing.keys.der import SEQUENCE, oid, tlv
from signing.keys.software import PrivateKey, new_throwaway_key
from signing.profiles import EXTENSION_OIDS, SEMANTICS_LEGAL, AuthorityName, Profile, Site, granted_policies
from signing.revocation.shards import shard_for

COUNTRY: Final = "VN"
_QC_SYNTAX_V2: Final = "1.3.6.1.5.5.7.11.2"
_URI_NAME: Final = 0x86  # GeneralName [6] uniformResourceIdentifier
_KIND_OF_ALGORITHM: Final = {
    SignatureAlgorithm.ECDSA_SHA256: KeyKind.EC_P256,
    SignatureAlgorithm.ECDSA_SHA384: KeyKind.EC_P384,
    SignatureAlgorithm.RSASSA_PSS_SHA256: KeyKind.RSA_3072,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority that issues: its name in the hierarchy and the credential it signs with."""

    name: AuthorityName
    credential: Credential

    @property
    def certificate(self) -> x509.Certificate:
        """The authority's own certificate."""
        return x509.load_der_x509_certificate(self.credential.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateTemplate:
    """Everything that is decided before a certificate is built. Names come from the registration record."""

    profile: Profile
    subject: Subject
    public_key: bytes
    """SubjectPublicKeyInfo, DER; the store that holds the private key made it."""
    serial: int
    not_before: datetime
    not_after: datetime
    ordinal: int = 1
    primary_sha256: str | None = None
    scope: Scope = Scope()  # noqa: RUF009 - a frozen value
    authority: AuthorityName | None = None
    """Which authority the certificate makes, if it makes one."""


def build_certificate(
    template: CertificateTemplate, site: Site, issuer: Authority | None, algorithm: SignatureAlgorithm
) -> bytes:
    """Return the certificate (DER), signed with a throw-away key of the issuer's kind.

    Args:
        template: what it says.
        site: where its pointers lead.
        issuer: who issues it; None for a root, which names itself.
        algorithm: the issuer's.
    """
    subject = subject_name(template.subject)
    public_key = load_der_public_key(template.public_key)
    if not isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        message = "a certificate names an EC or RSA key"
        raise TypeError(message)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else subject,
        subject_name=subject,
        public_key=public_key,
        serial_number=template.serial,
        not_valid_before=template.not_before,
        not_valid_after=template.not_after,
    )
    for rule in template.profile.extensions:
        value = _extension(rule.name, template, site, issuer)
        if value is not None:
            builder = builder.add_extension(value, critical=rule.critical)
    key = _throwaway_key(_KIND_OF_ALGORITHM[algorithm])
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return builder.sign(key, hashes.SHA256(), rsa_padding=pss).public_bytes(Encoding.DER)
    digest = hashes.SHA384() if algorithm is SignatureAlgorithm.ECDSA_SHA384 else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.DER)


def subject_name(subject: Subject) -> x509.Name:
    """Return the distinguished name; every part is cleaned first (NFC, no hidden characters).

    Raises:
        NameInvalid: a part cannot stand in a certificate.
    """
    pairs: list[tuple[x509.ObjectIdentifier, str]] = [(NameOID.COUNTRY_NAME, COUNTRY)]
    if isinstance(subject, PersonSubject):
        pairs += _person(subject)
    elif isinstance(subject, AgencySubject):
        pairs += _agency(subject.organisation, subject.org_code)
        if subject.unit is not None:
            pairs.append((NameOID.ORGANIZATIONAL_UNIT_NAME, clean_name(subject.unit)))
        pairs.append((NameOID.COMMON_NAME, clean_common_name(subject.name or subject.organisation)))
    else:
        pairs.append((NameOID.ORGANIZATION_NAME, clean_name(subject.organisation)))
        pairs.append((NameOID.COMMON_NAME, clean_common_name(subject.name)))
    return x509.Name([x509.NameAttribute(attribute, value) for attribute, value in pairs])


def _person(subject: PersonSubject) -> list[tuple[x509.ObjectIdentifier, str]]:
    pairs: list[tuple[x509.ObjectIdentifier, str]] = []
    if subject.organisation is not None and subject.org_code is not None:
        pairs += _agency(subject.organisation, subject.org_code)
    if subject.title is not None:
        pairs.append((NameOID.TITLE, clean_name(subject.title)))
    name = clean_name(subject.name)
    # Vietnamese names begin with the family name; a single word is a given name
    surname, _, given = name.partition(" ")
    if given:
        pairs.append((NameOID.SURNAME, surname))
    pairs.append((NameOID.GIVEN_NAME, given or surname))
    # EN 319 412-1 §5.1.3: PNO, the national personal number
    pairs.append((NameOID.SERIAL_NUMBER, f"PNO{COUNTRY}-{clean_personal_id(subject.personal_id)}"))
    pairs.append((NameOID.COMMON_NAME, clean_common_name(name)))
    return pairs


def _agency(organisation: str, org_code: str) -> list[tuple[x509.ObjectIdentifier, str]]:
    # EN 319 412-1 §5.1.4: a scheme of our country, two letters and a colon. The code of Decision 20/2020 is
    # neither a trade register number nor a tax number, so NTRVN- and VATVN- would be untrue.
    identifier = f"GO:{COUNTRY}-{clean_org_code(org_code)}"
    return [
        (NameOID.ORGANIZATION_NAME, clean_name(organisation)),
        (NameOID.ORGANIZATION_IDENTIFIER, identifier),
    ]


def _extension(
    name: str, template: CertificateTemplate, site: Site, issuer: Authority | None
) -> x509.ExtensionType | None:
    """Return the value of one extension, or None where an optional one does not apply."""
    profile = template.profile
    if name == "scope":
        return None if template.scope.is_unlimited else _own(site.arc.scope_extension, encode_scope(template.scope))
    if name == "secondary":
        value = encode_secondary(template.ordinal, template.primary_sha256 or "")
        return _own(site.arc.secondary_extension, value)
    if name == "qc_statements":
        return _own(EXTENSION_OIDS[name], _semantics(profile, site))
    if name == "certificate_policies":
        return x509.CertificatePolicies(
            [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in _policies(template, site)]
        )
    if name in ("crl_distribution_points", "authority_information_access"):
        with_status = not profile.is_authority and profile.key_use is None
        return _pointer(name, site, issuer, template.serial, with_status=with_status)
    return _standard(name, template, issuer)


def _standard(name: str, template: CertificateTemplate, issuer: Authority | None) -> x509.ExtensionType:
    profile = template.profile
    match name:
        case "subject_key_identifier":
            key = load_der_public_key(template.public_key)
            return x509.SubjectKeyIdentifier.from_public_key(key)  # type: ignore[arg-type]  # checked by the caller
        case "authority_key_identifier" if issuer is not None:
            own = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
        case "key_usage":
            return _key_usage(profile.key_usage)
        case "basic_constraints":
            return x509.BasicConstraints(ca=True, path_length=profile.path_length)
        case "extended_key_usage" if profile.extended_key_usage is not None:
            return x509.ExtendedKeyUsage([x509.ObjectIdentifier(profile.extended_key_usage)])
        case "ocsp_no_check":
            return x509.OCSPNoCheck()
        case "private_key_usage_period":
            return x509.PrivateKeyUsagePeriod(
                template.not_before, template.not_before + (profile.key_use or timedelta(0))
            )
        case _:
            message = f"profile {profile.name.value} has no value for {name}"
            raise ValueError(message)


def _pointer(name: str, site: Site, issuer: Authority | None, serial: int, *, with_status: bool) -> x509.ExtensionType:
    authority = issuer.name.value if issuer else AuthorityName.ROOT.value
    if name == "crl_distribution_points":
        uri = x509.UniformResourceIdentifier(site.crl_url(authority, shard_for(authority, serial, site.crl_shards)))
        return x509.CRLDistributionPoints([x509.DistributionPoint([uri], None, None, None)])
    places = [(AuthorityInformationAccessOID.CA_ISSUERS, site.certificate_url(authority))]
    if with_status:
        # the root is kept offline and answers with CRLs only
        places.insert(0, (AuthorityInformationAccessOID.OCSP, site.ocsp_url(authority)))
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(uri)) for method, uri in places]
    )


def _policies(template: CertificateTemplate, site: Site) -> tuple[str, ...]:
    if template.authority is not None:
        return granted_policies(template.authority, site.arc, development=site.development)
    return template.profile.policies(site.arc, development=site.development)


def _semantics(profile: Profile, site: Site) -> bytes:
    # EN 319 412-5 §4.1 / RFC 3739 §3.2.6.1: which rules the identifiers in the subject follow
    authorities = (
        # EN 319 412-1 §5.1.4: a national scheme needs the authority that gives its numbers out
        tlv(SEQUENCE, tlv(_URI_NAME, site.base_url.encode())) if profile.semantics == SEMANTICS_LEGAL else b""
    )
    information = tlv(SEQUENCE, oid(profile.semantics or ""), authorities)
    return tlv(SEQUENCE, tlv(SEQUENCE, oid(_QC_SYNTAX_V2), information))


def _key_usage(bits: tuple[str, ...]) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in bits for name in names})


def _own(dotted: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), value)


@cache
def _throwaway_key(kind: KeyKind) -> PrivateKey:
    return new_throwaway_key(kind)
