"""Clean files by what was appended after the signature, as different programs write it: evidence, time-stamps, further
signatures, filled forms, notes, and the habits of their writers.
"""

import zlib
from collections.abc import Mapping
from dataclasses import replace

from tests.attacks.cases import Cleans
from tests.attacks.clean_signers import stamped_container
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, filled
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    INFO,
    PAGE,
    PAGES,
    PLACE,
    TABLE,
    Field,
    Workshop,
    base,
    draft,
    form,
    letter,
    prepared,
)

updates = Cleans("update")
_LT, _LTA = ("B-LT",), ("B-LTA", None)
_TWO = ("B-B", "B-B")
_STREAM, _PACKED = Layout("stream"), Layout("packed")


def stored(shop: Workshop, layout: Layout = TABLE, **more) -> Draft:
    return shop.store(stamped_container(shop), layout, **more)


for _name, _layout in {
    "table": Layout(),
    "stream": _STREAM,
    "packed": _PACKED,
    "crlf": Layout(eol=b"\r\n"),
    "cr": Layout(eol=b"\r"),
}.items():
    updates.add(f"evidence_by_{_name}", lambda shop, x=_layout: stored(shop, x), ("permitted",), _LT)
    updates.add(
        f"archive_by_{_name}",
        lambda shop, x=_layout: shop.stamped(stored(shop, x), layout=x),
        ("permitted", "none"),
        _LTA,
    )
    updates.add(
        f"second_signature_by_{_name}",
        lambda shop, x=_layout: shop.sign(shop.sign(), Field("Signature2"), layout=x),
        ("permitted", "none"),
        _TWO,
    )


# the store of evidence
@updates("permitted", levels=_LT)
def store_written_over(shop: Workshop) -> Draft:
    """A later store replaces the first object by object."""
    first = stored(shop)
    return shop.store(first)


@updates("permitted", levels=_LT)
def store_under_the_same_number(shop: Workshop) -> Draft:
    first = stored(shop)
    number = first.size - 1
    again = first.entries(number) | {"/Certs": first.entries(number)["/Certs"].replace("]", f" {first.size} 0 R]")}
    return first.revise({number: again, first.size: Stream(shop.signer().certificate)})


@updates("permitted", levels=_LT)
def store_with_fewer_entries(shop: Workshop) -> Draft:
    """A program that rewrites the store keeps only what it needs."""
    first = stored(shop)
    number = first.size - 1
    again = {k: v for k, v in first.entries(number).items() if k != "/Certs"}
    return first.revise({number: again})


@updates("permitted", levels=_LT)
def store_with_entries_per_signature(shop: Workshop) -> Draft:
    """/VRI, keyed by the digest of the contents (ETSI EN 319 142-1 §5.4.2.3)."""
    first = stored(shop)
    number = first.size - 1
    references = first.entries(number)
    per = (
        "<< /"
        + "A" * 40
        + f" << /Type /VRI /CRL {references['/CRLs']} /Cert {references['/Certs']} /TU (D:20260805020000Z) >> >>"
    )
    return first.revise({number: references | {"/VRI": per}})


@updates("permitted", levels=_LT)
def store_inside_the_catalogue(shop: Workshop) -> Draft:
    signed = stored(shop)
    entries = signed.entries(signed.size - 1)
    direct = "<< " + " ".join(f"{k} {v}" for k, v in entries.items()) + " >>"
    return signed.revise({CATALOGUE: signed.changed(CATALOGUE, DSS=direct)})


@updates("permitted", levels=_LT)
def store_that_refers_to_nothing(shop: Workshop) -> Draft:
    """A reference to an object that nobody wrote is null (ISO 32000-1 §7.3.10)."""
    first = stored(shop)
    number = first.size - 1
    entries = first.entries(number)
    return first.revise(
        {number: entries | {"/Certs": entries["/Certs"].replace("]", " 900 0 R]"), "/OCSPs": "[901 0 R]"}}
    )


@updates("permitted", levels=_LT)
def store_of_arrays_of_their_own(shop: Workshop) -> Draft:
    first = stored(shop)
    number, size = first.size - 1, first.size
    entries = first.entries(number)
    return first.revise(
        {
            number: {"/CRLs": f"{size} 0 R", "/Certs": f"{size + 1} 0 R"},
            size: entries["/CRLs"].encode(),
            size + 1: entries["/Certs"].encode(),
        }
    )


@updates("permitted", levels=_LT)
def extension_announced_with_the_store(shop: Workshop) -> Draft:
    """ETSI EN 319 142-1 §5.4.2.3 and Adobe's own announcement, and a higher version."""
    signed = stamped_container(shop)
    more = "<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>"
    changed = signed.revise({CATALOGUE: signed.changed(CATALOGUE, Extensions=more, Version="/2.0")})
    return shop.store(changed)


# writers that rewrite what they touch
@updates("permitted", "none", levels=_TWO)
def written_like_itext(shop: Workshop) -> Draft:
    """Append mode: catalogue, form and page written again, a row for the free object 0, new ids, a comment."""
    signed = shop.sign()
    layout = Layout(before=b"\n%iText-5.5.13.3\n")
    changes = {
        INFO: {
            "/ModDate": "(D:20260805100000+07'00')",
            "/Producer": "(iText 5.5.13.3; modified using iText 5.5.13.3)",
            "/Title": "(Decision)",
        },
        FONT: signed.objects[FONT],
    }
    return shop.sign(signed, Field("Signature2"), layout=layout, changes=changes)


@updates("permitted", levels=_LT)
def new_ids_and_a_new_information_object(shop: Workshop) -> Draft:
    signed = stored(shop)
    info = {"/Title": "(Decision)", "/Producer": "(Another writer)", "/ModDate": "(D:20260806)", "/Creator": "(Anso)"}
    return signed.revise(
        {signed.size: {k: v for k, v in info.items() if k != "/Creator"}},
        trailer={"/ID": "[<aa11> <cc33>]", "/Info": f"{signed.size} 0 R"},
    )


@updates("permitted", levels=("B-B",))
def every_object_written_again(shop: Workshop) -> Draft:
    """Nothing has another meaning."""
    signed = shop.sign()
    return signed.revise({n: b for n, b in signed.objects.items() if not isinstance(b, bytes)})


@updates("permitted", levels=("B-B",))
def every_object_written_again_packed(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({n: b for n, b in signed.objects.items() if not isinstance(b, bytes)}, _PACKED)


@updates("permitted", levels=("B-B",))
def same_content_compressed(shop: Workshop) -> Draft:
    """A writer compresses the page's content anew: the same operators."""
    signed = shop.sign()
    body = signed.objects[CONTENT]
    assert isinstance(body, Stream)
    return signed.revise({CONTENT: Stream(zlib.compress(body.data), {"/Filter": "/FlateDecode"})})


@updates("permitted", levels=("B-B",))
def nothing_but_a_table(shop: Workshop) -> Draft:
    return shop.sign().revise({})


@updates("permitted", levels=("B-B",))
def unused_objects(shop: Workshop) -> Draft:
    signed = shop.sign()
    return signed.revise({signed.size: {"/Type": "/Nothing"}, signed.size + 1: Stream(b"unused")})


@updates("permitted", levels=("B-B",))
def unused_objects_freed(shop: Workshop) -> Draft:
    signed = shop.sign(draft({**base(), 9: Stream(b"unused"), 10: {"/A": "9 0 R"}}))
    return signed.revise({9: None, 10: None, signed.size: {"/Type": "/Nothing"}})


@updates("permitted", "none", levels=_TWO)
def annotations_in_an_array_of_their_own(shop: Workshop) -> Draft:
    """/Annots was written into the page, and is an object of its own afterwards."""
    signed = shop.sign()
    second, _ = _second(signed, "Signature2")
    page = dict(second[PAGE])  # type: ignore[arg-type]  # a dictionary
    number = max(second) + 1
    second[number] = page["/Annots"].encode()
    second[PAGE] = page | {"/Annots": f"{number} 0 R"}
    return _finished(shop, signed, second)


@updates("permitted", "none", levels=_TWO)
def form_in_an_object_of_its_own(shop: Workshop) -> Draft:
    """/AcroForm was written into the catalogue, and is an object of its own afterwards."""
    signed = shop.sign()
    second, _ = _second(signed, "Signature2")
    catalogue = dict(second[CATALOGUE])  # type: ignore[arg-type]  # a dictionary
    number = max(second) + 1
    second[number] = catalogue["/AcroForm"].encode()
    second[CATALOGUE] = catalogue | {"/AcroForm": f"{number} 0 R"}
    return _finished(shop, signed, second)


@updates("permitted", "none", levels=_TWO)
def fonts_for_the_form_added(shop: Workshop) -> Draft:
    """/DR and /DA come with the second signature, as Acrobat writes them."""
    signed = shop.sign()
    second, _ = _second(signed, "Signature2")
    catalogue = dict(second[CATALOGUE])  # type: ignore[arg-type]  # a dictionary
    number = max(second) + 1
    resources = f" /DR << /Font << /Helv {number} 0 R >> /Encoding << >> >> /DA (/Helv 0 Tf 0 g) >>"
    second[number] = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Name": "/Helv"}
    second[CATALOGUE] = catalogue | {"/AcroForm": catalogue["/AcroForm"].rstrip()[:-2] + resources}
    return _finished(shop, signed, second)


def _second(signed: Draft, name: str) -> tuple[dict[int, Body], int]:
    return prepared(signed, Field(name, PLACE, form(100, 40, "0 0 1 RG 1 1 98 38 re S")))


def _finished(shop: Workshop, signed: Draft, objects: Mapping[int, Body], layout: Layout = _STREAM) -> Draft:
    unsigned = signed.revise(objects, layout)
    return replace(unsigned, pdf=filled(unsigned.pdf, shop.cms()))


_XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"><xmp:ModifyDate>2026-08-{day}T09:00:00+07:00</xmp:ModifyDate>
<xmp:MetadataDate>2026-08-{day}T09:00:00+07:00</xmp:MetadataDate><xmpMM:InstanceID>uuid:{day}</xmpMM:InstanceID>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Decision</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF>
</x:xmpmeta><?xpacket end="w"?>"""


def described(day: str) -> Stream:
    return Stream(_XMP.replace("{day}", day).encode(), {"/Type": "/Metadata", "/Subtype": "/XML"})


def _with_description() -> dict[int, Body]:
    return {**base(catalogue={"/Metadata": "10 0 R"}), 10: described("05")}


@updates("permitted", "none", levels=_TWO)
def written_like_acrobat(shop: Workshop) -> Draft:
    """Reference and object streams; metadata, information and extensions with new dates; an element for the field."""
    tree = {
        11: {"/Type": "/StructTreeRoot", "/K": "[12 0 R]", "/ParentTree": "13 0 R", "/ParentTreeNextKey": "1"},
        12: {"/Type": "/StructElem", "/S": "/Document", "/P": "11 0 R", "/K": "[]", "/Pg": f"{PAGE} 0 R"},
        13: {"/Nums": "[0 [12 0 R]]"},
    }
    objects = _with_description() | tree
    objects[CATALOGUE] = {
        **objects[CATALOGUE],
        "/StructTreeRoot": "11 0 R",
        "/MarkInfo": "<< /Marked true >>",
        "/Lang": "(vi-VN)",
    }  # type: ignore[dict-item]  # a dictionary
    signed = shop.sign(draft(objects, _PACKED), layout=_PACKED)
    second, _ = _second(signed, "Signature2")
    widget = max(n for n, b in second.items() if isinstance(b, dict) and b.get("/FT") == "/Sig")
    new = max(second) + 1
    second[widget] = {**second[widget], "/StructParent": "1"}  # type: ignore[dict-item]  # a dictionary
    second |= {
        10: described("06"),
        INFO: {"/Title": "(Decision)", "/Producer": "(Adobe Acrobat)", "/ModDate": "(D:20260806090000+07'00')"},
        11: {**tree[11], "/ParentTreeNextKey": "2"},
        12: {**tree[12], "/K": f"[{new} 0 R]"},
        13: {"/Nums": f"[0 [12 0 R] 1 {new} 0 R]"},
        new: {
            "/Type": "/StructElem",
            "/S": "/Form",
            "/P": "12 0 R",
            "/K": f"<< /Type /OBJR /Obj {widget} 0 R /Pg {PAGE} 0 R >>",
        },
        CATALOGUE: {**second[CATALOGUE], "/Extensions": "<< /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>"},  # type: ignore[dict-item]  # a dictionary
        PAGE: {**second[PAGE], "/Tabs": "/S"},  # type: ignore[dict-item]  # a dictionary
    }
    return _finished(shop, signed, second, _PACKED)


@updates("permitted", levels=_LT)
def metadata_with_new_dates(shop: Workshop) -> Draft:
    signed = shop.sign(draft(_with_description()), cms=shop.cms(stamp=shop.token))
    return shop.store(signed, changes={10: described("07")})


# an update before the signature is part of what was signed
updates.add("edited_before_it_was_signed", lambda shop: shop.sign(draft().revise({CONTENT: letter("Decision 28")})))
updates.add(
    "edited_twice_before_it_was_signed",
    lambda shop: shop.sign(
        draft(layout=_PACKED)
        .revise({CONTENT: letter("28")}, _PACKED)
        .revise({PAGES: base()[PAGES], CONTENT: letter("29")})
    ),
)
updates.add(
    "comments_between_revisions",
    lambda shop: shop.store(stamped_container(shop), Layout(before=b"% a comment\n%another\n")),
    ("permitted",),
    _LT,
)
updates.add("white_space_behind_the_end", lambda shop: shop.sign().appended(b"\r\n \n\0\0\n"))
updates.add(
    "white_space_between_revisions",
    lambda shop: shop.store(stamped_container(shop), Layout(before=b"\n\n  \r\n")),
    ("permitted",),
    _LT,
)
updates.add("no_line_end_behind_the_end", lambda shop: shop.sign(layout=Layout(after=b"")))
