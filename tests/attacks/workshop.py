"""Keys, clean documents and the setting of signatures, for building files of every kind."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from asn1crypto import algos, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from signing.trust import Evidence, TrustAnchors
from signing.validation import VN_TT15_2025, Report, verify_pdf
from tests.attacks.raw_cms import Cms, Signer, certificate_of, digest
from tests.attacks.raw_pdf import (
    CONTENTS_OCTETS,
    Body,
    Draft,
    Layout,
    Ranges,
    Stream,
    filled,
    signature_value,
    text,
    whole,
)
from tests.fakes.small_pki import SmallPki

CATALOGUE, PAGES, PAGE, CONTENT, FONT, INFO = 1, 2, 3, 4, 5, 6
TABLE = Layout()
PLACE = (180, 20, 280, 60)
"""Free room on the clean page."""


@dataclass(frozen=True)
class Field:
    """A signature field to be set."""

    name: str = "Signature1"
    place: tuple[int, ...] | None = None
    look: Stream | None = None
    more: Mapping[str, str] | None = None
    page: int = PAGE
    """Number of the page's object; 0: on no page."""


def letter(*lines: str, extra: str = "") -> Stream:
    """A page's content: lines of Helvetica from the top."""
    rows = "".join(f"1 0 0 1 20 {165 - 24 * n} Tm ({line}) Tj\n" for n, line in enumerate(lines))
    return Stream(f"BT /F1 14 Tf 0 g\n{rows}ET\n{extra}".encode("latin-1"))


def base(
    *lines: str, catalogue: Mapping[str, str] | None = None, page: Mapping[str, str] | None = None, extra: str = ""
) -> dict[int, Body]:
    """The objects of a clean one-page document."""
    return {
        CATALOGUE: {"/Type": "/Catalog", "/Pages": f"{PAGES} 0 R", **(catalogue or {})},
        PAGES: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R]", "/Count": "1"},
        PAGE: {
            "/Type": "/Page", "/Parent": f"{PAGES} 0 R", "/MediaBox": "[0 0 300 200]", "/Contents": f"{CONTENT} 0 R",
            "/Resources": f"<< /Font << /F1 {FONT} 0 R >> >>", **(page or {}),
        },
        CONTENT: letter(*(lines or ("Decision 27", "Pay 100 VND", "to the holder")), extra=extra),
        FONT: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"},
        INFO: {"/Title": "(Decision)", "/Producer": "(Anso tests)"},
    }  # fmt: skip


def draft(objects: Mapping[int, Body] | None = None, layout: Layout = TABLE, header: bytes | None = None) -> Draft:
    """A file of one revision."""
    start = Draft(trailer={"/Root": f"{CATALOGUE} 0 R", "/Info": f"{INFO} 0 R", "/ID": "[<aa11> <bb22>]"})
    if header is not None:
        start = replace(start, pdf=header)
    return start.revise(objects or base(), layout)


def form(
    width: int, height: int, content: str, *, resources: str = "<< >>", more: Mapping[str, str] | None = None
) -> Stream:
    """A form XObject, as appearances are."""
    entries = {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": f"[0 0 {width} {height}]", "/Resources": resources}
    return Stream(content.encode("latin-1"), entries | dict(more or {}))


def array_with(value: str, *references: str) -> str:
    """A direct array with more entries."""
    inside = value.strip()[1:-1].strip() if value else ""
    return "[" + " ".join([inside, *references]).strip() + "]"


def prepared(
    document: Draft,
    field: Field = Field(),
    *,
    entries: Mapping[str, str] | None = None,
    changes: Mapping[int, Body] | None = None,
    into: int | None = None,
    octets: int = CONTENTS_OCTETS,
) -> tuple[dict[int, Body], int]:
    """What a revision needs that sets a signature field: the objects, and the number of the signature dictionary."""
    new: dict[int, Body] = dict(changes or {})
    catalogue = dict(new.get(CATALOGUE, document.objects[CATALOGUE]))  # type: ignore[arg-type]  # a dictionary
    free = max([document.size, *(n + 1 for n in new)])
    value, widget = free, into or free + 1
    new[value] = signature_value(
        {"/Type": "/Sig", "/Filter": "/Adobe.PPKLite", "/SubFilter": "/ETSI.CAdES.detached",
         "/M": "(D:20260805090000+07'00')", **(entries or {})},
        octets,
    )  # fmt: skip
    place = " ".join(map(str, field.place or (0, 0, 0, 0)))
    shown: dict[str, str] = {
        "/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Sig", "/T": text(field.name), "/F": "132",
        "/Rect": f"[{place}]", "/P": f"{field.page or PAGE} 0 R",
    }  # fmt: skip
    if into is not None:
        old = new.get(into, document.objects[into])
        assert isinstance(old, dict)
        shown = dict(old)
    shown |= {"/V": f"{value} 0 R", **(field.more or {})}
    if field.look is not None:
        look = free + 2
        new[look] = field.look
        shown["/AP"] = f"<< /N {look} 0 R >>"
    new[widget] = shown
    if into is None:
        if field.page:
            page = dict(new.get(field.page, document.objects[field.page]))  # type: ignore[arg-type]  # a dictionary
            new[field.page] = page | {"/Annots": array_with(page.get("/Annots", ""), f"{widget} 0 R")}
        old_form = catalogue.get("/AcroForm", "<< /Fields [] >>")
        start = old_form.index("/Fields") + len("/Fields")
        fields = old_form[start : old_form.index("]", start) + 1]
        new_form = old_form.replace(fields, " " + array_with(fields, f"{widget} 0 R"), 1)
        if "/SigFlags" not in new_form:
            new_form = new_form.rstrip()[:-2] + "/SigFlags 3 >>"
        new[CATALOGUE] = catalogue | {"/AcroForm": new_form}
    return new, value


@dataclass(eq=False)
class Workshop:
    """One infrastructure and everything that is made with it."""

    pki: SmallPki

    def signer(self, kind: str = "p256", name: str = "Nguyen Thi Anh") -> Signer:
        """A person with a key of this kind, the same at every call."""
        return self._signer(kind, name)

    @functools.cache  # noqa: B019 - one workshop lives as long as the tests
    def _signer(self, kind: str, name: str) -> Signer:
        keys: dict[str, Callable[[], Any]] = {
            "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
            "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
            "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
            "ed25519": ed25519.Ed25519PrivateKey.generate,
            "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "pss": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        }
        key = keys[kind]()
        subject = x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)
        ])  # fmt: skip
        certificate = certificate_of(self.pki.certificate(subject, key.public_key(), self.pki.ca))
        return Signer(key, certificate, (self.pki.ca.der, self.pki.root.der), pss=kind == "pss")

    def cms(self, kind: str = "p256", **more: Any) -> Cms:
        """A right container by a person with a key of this kind."""
        name = more.pop("name", "Nguyen Thi Anh")
        return Cms(signer=self.signer(kind, name), **more)

    def token(self, data: bytes) -> bytes:
        """A time-stamp token over these octets."""
        return self._token(digest(data, "sha256"))

    def _token(self, hashed: bytes) -> bytes:
        imprint = tsp.MessageImprint(
            {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": hashed}
        )
        request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
        answer = tsp.TimeStampResp.load(self.pki.stamp(request.dump()))
        return bytes(answer["time_stamp_token"].dump())

    def sign(
        self,
        document: Draft | None = None,
        field: Field = Field(),
        *,
        cms: Callable[[bytes], bytes] | None = None,
        ranges: Ranges = whole,
        layout: Layout = TABLE,
        lower: bool = False,
        **prepare: Any,
    ) -> Draft:
        """One more revision with a signature."""
        document = document or draft()
        new, _ = prepared(document, field, **prepare)
        unsigned = document.revise(new, layout)
        return replace(unsigned, pdf=filled(unsigned.pdf, cms or self.cms(), ranges, lower=lower))

    def stamped(self, document: Draft, name: str = "Stamp1", **prepare: Any) -> Draft:
        """One more revision with a document time-stamp."""
        entries = {"/Type": "/DocTimeStamp", "/SubFilter": "/ETSI.RFC3161", **prepare.pop("entries", {})}
        return self.sign(document, Field(name), cms=self.token, entries=entries, octets=8000, **prepare)

    def certified(self, level: int, document: Draft | None = None, field: Field = Field(), **more: Any) -> Draft:
        """A first signature that says what may be changed afterwards (ISO 32000-1 §12.8.2.2)."""
        document = document or draft()
        parameters = f"<< /Type /TransformParams /P {level} /V /1.2 >>"
        reference = f"[<< /Type /SigRef /TransformMethod /DocMDP /TransformParams {parameters} >>]"
        changes = dict(more.pop("changes", {}))
        catalogue = dict(changes.get(CATALOGUE, document.objects[CATALOGUE]))
        number = max([document.size, *(n + 1 for n in changes)])
        changes[CATALOGUE] = catalogue | {"/Perms": f"<< /DocMDP {number} 0 R >>"}
        entries = {"/Reference": reference, **more.pop("entries", {})}
        return self.sign(document, field, entries=entries, changes=changes, **more)

    @functools.cached_property
    def evidence(self) -> Evidence:
        """Status of everybody, as a service would have fetched it."""
        return Evidence(crls=(self.pki.crl(self.pki.root), self.pki.crl(self.pki.ca)))

    @functools.cached_property
    def anchors(self) -> TrustAnchors:
        return self.pki.anchors()

    def store(self, document: Draft, layout: Layout = TABLE, **more: Any) -> Draft:
        """One more revision with a document security store of the signer's evidence."""
        numbers = range(document.size, document.size + 4)
        items = [*self.evidence.crls, self.pki.ca.der, self.pki.root.der]
        changes: dict[int, Body] = {n: Stream(data) for n, data in zip(numbers, items, strict=True)}
        crls, certificates = numbers[:2], numbers[2:]
        changes[document.size + 4] = {
            "/Type": "/DSS",
            "/CRLs": "[" + " ".join(f"{n} 0 R" for n in crls) + "]",
            "/Certs": "[" + " ".join(f"{n} 0 R" for n in certificates) + "]",
        }
        changes[CATALOGUE] = document.changed(CATALOGUE, DSS=f"{document.size + 4} 0 R")
        return document.revise(changes | more.get("changes", {}), layout)

    def check(self, pdf: bytes, **more: Any) -> Report:
        """What the service says about the file, with its own anchors."""
        values = {
            "anchors": self.anchors, "policy": VN_TT15_2025, "at": self.pki.at + timedelta(minutes=5),
            "evidence": self.evidence,
        }  # fmt: skip
        return verify_pdf(pdf, **(values | more))
