"""Signatures that belong to somebody or something else: containers of other documents, other certificates, other
time-stamps, and containers whose parts contradict each other.
"""

import re
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, NOTHING_SIGNED, Attacks
from tests.attacks.raw_cms import (
    MESSAGE_DIGEST,
    Signer,
    attribute,
    certificate_of,
    der,
    digest,
    octets,
    sequence,
    set_of,
)
from tests.attacks.raw_pdf import Draft
from tests.attacks.workshop import CATALOGUE, CONTENT, PAGE, Field, Workshop, base, draft
from tests.fakes.small_pki import Authority, SmallPki

impostor = Attacks(
    "impostor", frozenset({Reason.SIGNATURE_VALUE_WRONG, Reason.SIGNATURE_MALFORMED, Reason.FORGED_SIGNATURE})
)
_CONTENTS = re.compile(rb"<([0-9A-F]{2000,})>")
_WEAK = {Reason.ALGORITHM_FORBIDDEN, Reason.ALGORITHM_ENDED}


def _put(into: Draft, contents: bytes) -> Draft:
    """The file with the container of another."""
    return into.replaced(_CONTENTS.findall(into.pdf)[-1], contents)


@impostor(Reason.DOCUMENT_ALTERED)
def container_of_another_document(shop: Workshop) -> Draft:
    other = shop.sign(draft(base("Decision 1", "Pay 1 VND")))
    return _put(shop.sign(), _CONTENTS.findall(other.pdf)[-1])


@impostor(Reason.DOCUMENT_ALTERED)
def container_of_the_first_signature(shop: Workshop) -> Draft:
    """The second field shows the container of the first."""
    both = shop.sign(shop.sign(), Field("Signature2"))
    first, _ = _CONTENTS.findall(both.pdf)
    return _put(both, first)


def _container(name: str, *named: Reason, verdicts: Any = None, **wrong: Any) -> None:
    def build(shop: Workshop) -> Draft:
        made = {key: value(shop) if callable(value) and key != "value" else value for key, value in wrong.items()}
        return shop.sign(cms=shop.cms(**made))

    impostor.add(name, build, named, **({"verdicts": verdicts} if verdicts else {}))


_UNKNOWN = (
    Reason.SIGNER_CERT_MISSING,
    Reason.SIGNATURE_MALFORMED,
    Reason.UNSUPPORTED_SIGNATURE,
    Reason.CERT_CHAIN_BROKEN,
    Reason.UNTRUSTED_ROOT,
)
"""EN 319 102-1 §5.2.3: without a signing certificate nothing is known."""


def _without_key(shop: Workshop) -> bytes:
    return shop.signer("p256", "Tran Van Binh").certificate


_container("certificate_exchanged", shown=_without_key)
_container("certificate_exchanged_unbound", shown=_without_key, bound=False)
_container("certificate_exchanged_for_its_authority", shown=lambda shop: shop.pki.ca.der, bound=False)
_container("no_certificate", *_UNKNOWN, certificates=(), verdicts=NOT_VALID)
_container(
    "certificate_of_the_authority_only", *_UNKNOWN, certificates=lambda shop: (shop.pki.ca.der,), verdicts=NOT_VALID
)
_container("value_empty", value=lambda _: b"")
_container("value_of_zeros", value=lambda value: b"\0" * len(value))
_container("value_with_a_flipped_bit", value=lambda value: value[:-1] + bytes([value[-1] ^ 1]))
_container("value_with_zero_numbers", value=lambda _: bytes.fromhex("3006020100020100"))
_container("value_with_zero_numbers_rsa", kind="rsa", value=lambda value: b"\0" * len(value))
_container("value_of_one_rsa", kind="rsa", value=lambda value: b"\0" * (len(value) - 1) + b"\1")
_container("digest_of_something_else", Reason.DOCUMENT_ALTERED, message_digest=b"\x11" * 32)
_container("digest_of_another_length", Reason.DOCUMENT_ALTERED, *impostor.named, message_digest=b"\x11" * 20)
_container("digest_empty", Reason.DOCUMENT_ALTERED, *impostor.named, message_digest=b"\0")
_container("two_signers", *impostor.named, infos=2, verdicts=NOT_VALID)
_container("no_signer", infos=0)
_container("content_inside", *impostor.named, Reason.DOCUMENT_ALTERED, content=b"another document")
_container("other_type_of_content", content_type="1.2.840.113549.1.7.6")
_container(
    "attributes_not_in_order", Reason.SIGNED_ATTRIBUTES_NOT_DER, *impostor.named, ordered=False, verdicts=NOT_VALID
)
_container("two_digests", *impostor.named, attributes=(attribute(MESSAGE_DIGEST, octets(b"\x22" * 32)),))
_container(
    "digest_attribute_twice_once_empty",
    *impostor.named,
    attributes=(sequence(attribute(MESSAGE_DIGEST)[2:13], set_of()),),
)


def _weak(name: str, **weak: Any) -> None:
    impostor.add(name, lambda shop: shop.sign(cms=shop.cms(**weak)), _WEAK)


_weak("sha1_digest", kind="rsa", algorithm="sha1")
_weak("sha1_digest_and_pss", kind="pss", algorithm="sha1")


def _swap_algorithm(name: str, old: bytes, new: bytes, *named: Reason, kind: str = "rsa") -> None:
    """The container names another algorithm than was used."""

    def build(shop: Workshop) -> Draft:
        def cms(covered: bytes) -> bytes:
            made = shop.cms(kind)(covered)
            head, tail = made.rsplit(b"\x31\x82", 1) if b"\x31\x82" in made else (b"", made)
            assert old in tail or old in made
            return (
                head + (b"\x31\x82" if head else b"") + tail.replace(old, new)
                if old in tail
                else made.replace(old, new)
            )

        return shop.sign(cms=cms)

    impostor.add(
        name,
        build,
        {*impostor.named, Reason.UNSUPPORTED_SIGNATURE, Reason.ALGORITHM_UNKNOWN, *_WEAK, Reason.DOCUMENT_ALTERED},
        NOT_VALID,
    )


_swap_algorithm("algorithm_of_another_digest", bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d01010d"))
_swap_algorithm("algorithm_unknown", bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010163"))
_swap_algorithm(
    "algorithm_of_another_key", bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040304"), kind="p256"
)


def _cut(name: str, change: Callable[[bytes], bytes], *named: Reason) -> None:
    def build(shop: Workshop) -> Draft:
        return shop.sign(cms=lambda covered: change(shop.cms()(covered)))

    impostor.add(name, build, named)


_cut("container_cut_short", lambda made: made[:-40])
_cut("container_of_one_octet", lambda _: b"\x30")
_cut("container_of_zeros", lambda _: b"\0" * 64)
_cut("container_of_ones", lambda _: b"\xff" * 64)
_cut("container_of_text", lambda _: b"signed by the chairman")
_cut("container_is_a_certificate", lambda made: made[60:900])
_cut("container_is_empty", lambda _: sequence())
_cut("container_is_data", lambda _: sequence(bytes.fromhex("06092a864886f70d010701"), der(0xA0, octets(b"x"))))
_cut(
    "container_is_empty_signed_data", lambda _: sequence(bytes.fromhex("06092a864886f70d010702"), der(0xA0, sequence()))
)
_cut("container_twice", lambda made: made + made)
_cut("container_with_data_behind", lambda made: made + b"\x04\x03abc")
_cut("container_nested_deeply", lambda _: b"\x30\x80" * 2000)
_cut("container_of_endless_length", lambda made: b"\x30\x84\x7f\xff\xff\xff" + made[4:])


@impostor(Reason.UNTRUSTED_ROOT)
def signed_by_a_stranger_with_the_same_names(shop: Workshop) -> Draft:
    """The amount is changed and everything signed anew, with certificates that look alike."""
    stranger = Workshop(SmallPki())
    return stranger.sign(draft(base("Decision 27", "Pay 999 VND")))


@impostor(Reason.UNTRUSTED_ROOT)
def signed_by_a_stranger_who_shows_our_chain(shop: Workshop) -> Draft:
    stranger = Workshop(SmallPki())
    signer = stranger.signer()
    return stranger.sign(cms=stranger.cms(certificates=(signer.certificate, shop.pki.ca.der, shop.pki.root.der)))


@impostor(Reason.CERT_CHAIN_BROKEN, Reason.CERT_PURPOSE, Reason.UNTRUSTED_ROOT)
def signed_with_a_certificate_of_a_person(shop: Workshop) -> Draft:
    """A person's certificate issues another: it is no authority."""
    person = shop.signer("p256", "Tran Van Binh")
    issuer = Authority(x509.load_der_x509_certificate(person.certificate).subject, person.key, None)  # type: ignore[arg-type]  # no certificate needed
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Chairman")])
    leaf = certificate_of(shop.pki.certificate(name, key.public_key(), issuer))
    return shop.sign(cms=shop.cms().but(signer=Signer(key, leaf, (person.certificate, *person.chain))))


@impostor(Reason.NO_SIGNATURE, Reason.FORGED_SIGNATURE, Reason.DOCUMENT_ALTERED, verdicts=NOT_VALID | NOTHING_SIGNED)
def signature_removed(shop: Workshop) -> Draft:
    """The field is emptied by an update."""
    signed = shop.sign()
    return signed.revise({8: signed.changed(8, V=None), CONTENT: OTHER})


@impostor(Reason.NO_SIGNATURE, Reason.FORGED_SIGNATURE, Reason.DOCUMENT_ALTERED, verdicts=NOT_VALID | NOTHING_SIGNED)
def field_removed(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise(
        {CATALOGUE: signed.changed(CATALOGUE, AcroForm="<< /Fields [] >>"), PAGE: signed.changed(PAGE, Annots="[]")}
    )


@impostor(Reason.DOCUMENT_ALTERED, Reason.FORGED_SIGNATURE, Reason.SHADOW_HIDE, Reason.NOT_PERMITTED_BY_SIGNER)
def first_of_two_fields_emptied(shop: Workshop) -> Draft:
    """The second signer had seen the first signature."""
    both = shop.sign(shop.sign(), Field("Signature2"))
    return both.revise({8: both.changed(8, V=None)})


@impostor(Reason.DOCUMENT_ALTERED, Reason.SIGNATURE_COVERAGE, Reason.FORGED_SIGNATURE, Reason.SIGNATURE_MALFORMED)
def field_shows_another_signature(shop: Workshop) -> Draft:
    """The first field is made to show the second signature."""
    both = shop.sign(shop.sign(), Field("Signature2", (180, 20, 280, 60)))
    return both.revise({8: both.changed(8, V="9 0 R")})


@impostor(Reason.DOCUMENT_ALTERED, Reason.HIDDEN_UPDATE, Reason.SHADOW_REPLACE, Reason.SIGNATURE_COVERAGE)
def older_revision_written_again(shop: Workshop) -> Draft:
    """A later revision takes the text of the draft that was never signed."""
    start = draft(base("Decision 27", "Pay 999 VND"))
    old = start.objects[CONTENT]
    signed = shop.sign(start.revise({CONTENT: base()[CONTENT]}))
    return signed.revise({CONTENT: old})


@impostor(Reason.TIMESTAMP_NOT_TRUSTED, Reason.DOCUMENT_ALTERED, verdicts=NOT_VALID)
def time_stamp_of_another_value(shop: Workshop) -> Draft:
    """The time-stamp was made for another signature."""
    return shop.sign(cms=shop.cms(stamp=lambda _: shop.token(b"another value")))


@impostor(Reason.DOCUMENT_ALTERED, Reason.TIMESTAMP_NOT_TRUSTED, verdicts=NOT_VALID | NOTHING_SIGNED)
def document_time_stamp_of_another_file(shop: Workshop) -> Draft:
    other = shop.stamped(shop.sign(draft(base("Decision 1"))))
    return _put(shop.stamped(shop.sign()), _CONTENTS.findall(other.pdf)[-1])


@impostor(Reason.DOCUMENT_ALTERED, Reason.SIGNATURE_VALUE_WRONG)
def all_digests_made_anew_without_the_key(shop: Workshop) -> Draft:
    """The digest attribute fits the changed text, the value does not."""
    signed = shop.sign()
    changed = signed.replaced(b"Pay 100", b"Pay 999")
    first, second = re.findall(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", changed.pdf)[0]
    parts = changed.pdf[: int(first)] + changed.pdf[int(second) :]
    old = signed.pdf[: int(first)] + signed.pdf[int(second) :]
    return changed.replaced(
        digest(old, "sha256").hex().upper().encode(), digest(parts, "sha256").hex().upper().encode()
    )
