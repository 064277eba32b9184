"""Clean files by what signs them: keys, algorithms, levels, kinds, how many."""

from signing.validation import Reason
from tests.attacks.cases import Cleans
from tests.attacks.raw_pdf import Draft
from tests.attacks.workshop import PLACE, Field, Workshop, draft, form

signers = Cleans("signer")
for _kind in ("p256", "p384", "p521", "brainpool", "ed25519", "rsa", "pss"):
    signers.add(
        f"key_{_kind}",
        lambda shop, k=_kind: shop.sign(cms=shop.cms(k, algorithm="sha512" if k == "ed25519" else "sha256")),
    )
for _algorithm in ("sha384", "sha512", "sha3_256"):
    for _kind in ("p256", "rsa", "pss"):
        if (_algorithm, _kind) != ("sha3_256", "pss"):
            signers.add(
                f"digest_{_algorithm}_{_kind}",
                lambda shop, k=_kind, a=_algorithm: shop.sign(cms=shop.cms(k, algorithm=a)),
            )
signers.add("container_with_indefinite_lengths", lambda shop: shop.sign(cms=shop.cms(ber=True)))
signers.add("padding_large", lambda shop: shop.sign(octets=40_000))
signers.add("contents_in_lower_case", lambda shop: shop.sign(lower=True))
signers.add(
    "brackets_of_the_contents_covered", lambda shop: shop.sign(ranges=lambda a, b, n: (0, a + 1, b - 1, n - b + 1))
)
signers.add(
    "claimed_time_in_the_container",
    lambda shop: shop.sign(cms=shop.cms(time=shop.pki.at), entries={"/M": "null"}),
    levels=("BES",),  # EN 319 142-1 §6.3: a baseline signature has /M
)
signers.add("no_claimed_time", lambda shop: shop.sign(entries={"/M": "null"}), levels=("BES",))
signers.add(
    "certificates_in_another_order",
    lambda shop: shop.sign(cms=shop.cms(certificates=(shop.pki.root.der, shop.pki.ca.der, shop.signer().certificate))),
)
signers.add(
    "certificate_without_its_chain",
    lambda shop: shop.sign(cms=shop.cms(certificates=(shop.signer().certificate, shop.pki.ca.der))),
)
signers.add("type_absent", lambda shop: shop.sign(entries={"/Type": "null"}))
signers.add(
    "reason_place_and_contact",
    lambda shop: shop.sign(
        entries={
            "/Reason": "<FEFF1ED3>",
            "/Location": "(Y\\352n Giang)",
            "/ContactInfo": "(a@example.vn)",
            "/Name": "(Nguyen Thi Anh)",
            "/Prop_Build": "<< /App << /Name /Anso >> >>",
        }
    ),
)
signers.add(
    "attributes_of_plain_cms",
    lambda shop: shop.sign(cms=shop.cms(bound=False, time=shop.pki.at), entries={"/SubFilter": "/adbe.pkcs7.detached"}),
    levels=("PKCS7-B",),
)
signers.add(
    "no_signed_attributes",
    lambda shop: shop.sign(cms=shop.cms(with_attributes=False), entries={"/SubFilter": "/adbe.pkcs7.detached"}),
    levels=("PKCS7-B",),
)


def stamped_container(shop: Workshop, kind: str = "p256") -> Draft:
    return shop.sign(cms=shop.cms(kind, stamp=shop.token))


signers.add("level_t", stamped_container, levels=("B-T",))
signers.add("level_t_by_rsa", lambda shop: stamped_container(shop, "rsa"), levels=("B-T",))
signers.add("level_lt", lambda shop: shop.store(stamped_container(shop)), ("permitted",), ("B-LT",))
signers.add(
    "level_lta", lambda shop: shop.stamped(shop.store(stamped_container(shop))), ("permitted", "none"), ("B-LTA", None)
)
signers.add(
    "level_lta_twice",
    lambda shop: shop.stamped(shop.stamped(shop.store(stamped_container(shop))), "Stamp2"),
    ("permitted", "permitted", "none"),
    ("B-LTA", None, None),
)
signers.add(
    "level_t_by_document_time_stamp", lambda shop: shop.stamped(shop.sign()), ("permitted", "none"), ("B-T", None)
)
signers.add(
    "plain_cms_with_validation_data",
    lambda shop: shop.store(
        shop.sign(cms=shop.cms(stamp=shop.token, bound=False), entries={"/SubFilter": "/adbe.pkcs7.detached"})
    ),
    ("permitted",),
    ("PKCS7-LT",),
)
for _entries in ({"/Type": "null"}, {"/Type": "/Sig"}):
    signers.add(
        f"time_stamp_of_type_{_entries['/Type'].strip('/').lower()}",
        lambda shop, e=_entries: shop.stamped(shop.store(stamped_container(shop)), entries=e),
        ("permitted", "none"),
        ("B-LTA", None),
    )


def many(shop: Workshop, count: int) -> Draft:
    """Signatures of different persons one after the other."""
    document = draft()
    for number in range(1, count + 1):
        document = shop.sign(document, Field(f"Signature{number}"), cms=shop.cms(name=f"Person {number % 3}"))
    return document


for _count in (2, 3, 5, 25):
    signers.add(
        f"persons_{_count}",
        lambda shop, n=_count: many(shop, n),
        ("permitted",) * (_count - 1) + ("none",),
        ("B-B",) * _count,
    )
_MARK = form(100, 40, "0 0 1 RG 1 1 98 38 re S")


@signers("permitted", "none", levels=("B-B", "B-B"))
def second_person_shown_on_free_room(shop: Workshop) -> Draft:
    first = shop.sign(field=Field(place=(20, 20, 120, 60), look=_MARK))
    return shop.sign(first, Field("Signature2", PLACE, _MARK))


@signers("permitted", "none", levels=("B-B", "B-B"))
def second_person_with_name_and_date_shown(shop: Workshop) -> Draft:
    look = form(
        100,
        40,
        "BT /F1 9 Tf 0 g 4 22 Td (Signed by Binh) Tj 0 -12 Td (2026-08-05) Tj ET",
        resources="<< /Font << /F1 5 0 R >> >>",
    )
    return shop.sign(shop.sign(), Field("Signature2", PLACE, look))


for _level in (1, 2, 3):
    signers.add(f"certified_{_level}", lambda shop, n=_level: shop.certified(n))
    signers.add(
        f"certified_{_level}_with_validation_data",
        lambda shop, n=_level: shop.store(shop.certified(n, cms=shop.cms(stamp=shop.token))),
        ("permitted",),
        ("B-LT",),
    )
    signers.add(
        f"certified_{_level}_to_lta",
        lambda shop, n=_level: shop.stamped(shop.store(shop.certified(n, cms=shop.cms(stamp=shop.token)))),
        ("permitted", "none"),
        ("B-LTA", None),
    )
    if _level > 1:
        signers.add(
            f"certified_{_level}_and_signed",
            lambda shop, n=_level: shop.sign(shop.certified(n), Field("Signature2")),
            ("permitted", "none"),
            ("B-B", "B-B"),
        )


@signers("permitted", "permitted", "none", levels=("B-B", "B-B", "B-B"))
def field_locks_of_an_approval(shop: Workshop) -> Draft:
    """The second signature locks all fields; the third signer's field was not among them."""
    lock = {"/Lock": "<< /Type /SigFieldLock /Action /Include /Fields [(Nothing)] >>"}
    parameters = "<< /Type /TransformParams /Action /Include /Fields [(Nothing)] /V /1.2 >>"
    entries = {
        "/Reference": f"[<< /Type /SigRef /TransformMethod /FieldMDP /Data 1 0 R /TransformParams {parameters} >>]"
    }
    second = shop.sign(shop.certified(2), Field("Signature2", more=lock), entries=entries)
    return shop.sign(second, Field("Signature3"))


signers.add("weak_scheme_told", lambda shop: shop.sign(cms=shop.cms("rsa")), warnings={Reason.LEGACY_SCHEME})
signers.add(
    "pades_that_names_no_certificate_told",  # as PDFBox signs; ISO 32000-2 §12.8.3.4.3 wants the attribute
    lambda shop: shop.sign(cms=shop.cms(bound=False)),
    levels=("BES",),
    warnings={Reason.CERT_NOT_BOUND},
)
