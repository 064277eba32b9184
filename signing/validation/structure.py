"""Rules on the form of one certificate that the path algorithm itself does not look at.

RFC 5280 §4.2 rules that certvalidator leaves out (measured on x509-limbo) and bounds that keep its loops short.
Nothing that NIST PKITS calls valid is refused here: negative and long serials pass, missing key identifiers too.
Knows one certificate at a time, no chain, no time and no algorithm policy.
"""

from typing import Any

from asn1crypto import x509 as asn1_x509

MAX_CERTIFICATE_BYTES = 64 * 1024  # the largest end certificate seen in practice is below 16 KiB
MAX_EXTENSIONS = 64  # each known extension is parsed once; a crafted one carried 10,000
MAX_NAMES = 256  # name constraints are compared name by constraint: 256 x 256 stays below 0.3 s
MAX_RSA_BITS = 16_384  # verification time grows with the square of the modulus


def structure_fault(certificate: asn1_x509.Certificate, *, is_leaf: bool) -> str | None:
    """What is structurally wrong with a certificate, or None.

    Raises:
        ValueError, TypeError, KeyError: the DER does not decode; the caller treats that as malformed.
    """
    extensions = list(certificate["tbs_certificate"]["extensions"] or ())
    if len(extensions) > MAX_EXTENSIONS:
        return f"more than {MAX_EXTENSIONS} extensions"
    names = [extension["extn_id"].native for extension in extensions]
    if len(names) != len(set(names)):
        # RFC 5280 §4.2: a certificate MUST NOT include more than one instance of a particular extension.
        return "the same extension twice"
    for extension in extensions:
        fault = _extension_fault(extension)
        if fault:
            return fault
    return _constraint_fault(certificate, is_leaf=is_leaf) or _key_fault(certificate)


def _extension_fault(extension: Any) -> str | None:  # noqa: ANN401 - asn1crypto ships no types
    name, critical = extension["extn_id"].native, extension["critical"].native
    value = extension["extn_value"].parsed
    if name == "authority_key_identifier" and critical:
        return "authorityKeyIdentifier is critical"  # RFC 5280 §4.2.1.1: MUST be non-critical
    if name == "extended_key_usage" and len(value) == 0:
        return "extendedKeyUsage is empty"  # RFC 5280 §4.2.1.12: SIZE (1..MAX)
    if name == "name_constraints" and not critical:
        return "nameConstraints is not critical"  # RFC 5280 §4.2.1.10: MUST be critical
    if critical:
        _ = value.native  # a critical extension that does not decode is an unrecognised one (§4.2)
    return None


def _constraint_fault(certificate: asn1_x509.Certificate, *, is_leaf: bool) -> str | None:
    constraints = certificate.name_constraints_value
    if constraints is not None:
        if not certificate.ca:
            return "nameConstraints in a certificate that is no CA"  # RFC 5280 §4.2.1.10
        trees = [constraints["permitted_subtrees"], constraints["excluded_subtrees"]]
        if sum(len(tree.children or tree.native or ()) for tree in trees if tree.native) > MAX_NAMES:
            return f"more than {MAX_NAMES} name constraints"
    alternatives = certificate.subject_alt_name_value
    if alternatives is not None and len(alternatives) > MAX_NAMES:
        return f"more than {MAX_NAMES} alternative names"
    if not is_leaf and certificate.ca and len(certificate.subject.chosen) == 0:
        return "a CA with an empty subject"  # RFC 5280 §4.1.2.6
    usage = certificate.key_usage_value
    if is_leaf and usage is not None and "key_cert_sign" in usage.native and not certificate.ca:
        return "keyCertSign without basicConstraints cA"  # RFC 5280 §4.2.1.3, §4.2.1.9
    return None


def _key_fault(certificate: asn1_x509.Certificate) -> str | None:
    key = certificate.public_key
    if len(key.dump()) * 8 > MAX_RSA_BITS + 8 * 1024:
        return f"a public key of more than {MAX_RSA_BITS} bits"
    return None
