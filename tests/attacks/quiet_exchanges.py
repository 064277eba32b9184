"""Exchanges that no page shows at once: what is read aloud, searched for, attached, inherited or reached by detours,
and references that a search for references does not find.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, indirect
from tests.attacks.shadow_documents import ANY, update
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    PAGE,
    PAGES,
    TABLE,
    Field,
    Workshop,
    base,
    draft,
    form,
)

quiet = Attacks(
    "quiet",
    frozenset(
        {
            *ANY,
            Reason.ACTIVE_CONTENT,
            Reason.CHANGES_UNKNOWN,
            Reason.DOCUMENT_ALTERED,
            Reason.DOCUMENT_DAMAGED,
            Reason.EVIL_ANNOTATION,
            Reason.HIDDEN_UPDATE,
            Reason.METADATA_CHANGED,
            Reason.NOT_PERMITTED_BY_SIGNER,
            Reason.PAGE_LOOKS_DIFFERENT,
            Reason.READERS_DISAGREE,
            Reason.SIGNATURE_COVERAGE,
        }
    ),
)
_NOWHERE = Field(page=0)
Change = Callable[[Draft], Mapping[int, Body | None]]
_PACKED = Layout("packed")
_STREAM = Layout("stream")


def _quietly(
    name: str, objects: Mapping[int, Body], change: Change, layouts: Mapping[str, Layout] | None = None
) -> None:
    """The same exchange, written plainly and in object streams."""
    usual = {"": TABLE} if name.startswith("spoken") else {"": TABLE, "_packed": _PACKED}
    for suffix, layout in (layouts or usual).items():
        quiet.add(name + suffix, update(objects, change, layout), verdicts=NOT_VALID)


# --- what is read aloud, or copied -------------------------------------------------------------------------------

_MARKED = Stream(
    b"/P << /MCID 0 >> BDC BT /F1 14 Tf 20 165 Td (Decision 27) Tj ET EMC\n"
    b"/P << /MCID 1 >> BDC BT /F1 14 Tf 20 141 Td (Pay 100 VND) Tj ET EMC\n"
)


def tagged(*, element: Mapping[str, str] | None = None, root: Mapping[str, str] | None = None) -> dict[int, Body]:
    """A page whose text is read through a structure tree."""
    objects = base(
        catalogue={"/StructTreeRoot": "20 0 R", "/MarkInfo": "<< /Marked true >>"}, page={"/StructParents": "0"}
    )
    return {
        **objects,
        CONTENT: _MARKED,
        20: {"/Type": "/StructTreeRoot", "/K": "[21 0 R]", "/ParentTree": "22 0 R", "/ParentTreeNextKey": "1",
             "/RoleMap": "<< /Line /P >>", **(root or {})},
        21: {"/Type": "/StructElem", "/S": "/Document", "/P": "20 0 R", "/K": "[23 0 R 24 0 R]"},
        22: {"/Nums": "[0 [23 0 R 24 0 R]]"},
        23: {"/Type": "/StructElem", "/S": "/Line", "/P": "21 0 R", "/Pg": f"{PAGE} 0 R", "/K": "0"},
        24: {"/Type": "/StructElem", "/S": "/P", "/P": "21 0 R", "/Pg": f"{PAGE} 0 R", "/K": "1", **(element or {})},
    }  # fmt: skip


_SPOKEN = {"/Type": "/StructElem", "/S": "/P", "/P": "21 0 R", "/Pg": f"{PAGE} 0 R", "/ActualText": "(Pay 999 VND)"}
_quietly("spoken_actual_text", tagged(), lambda s: {24: s.changed(24, ActualText="(Pay 999 VND)")})
_quietly("spoken_alternative", tagged(), lambda s: {24: s.changed(24, Alt="(Pay 999 VND)")})
_quietly("spoken_expansion", tagged(), lambda s: {24: s.changed(24, E="(Pay 999 VND)")})
_quietly("spoken_role", tagged(), lambda s: {20: s.changed(20, RoleMap="<< /Line /Artifact >>")})
_quietly("spoken_no_more", tagged(), lambda s: {24: s.changed(24, K=None)})
_quietly("spoken_element_freed", tagged(), lambda _: {24: None})
_quietly(
    "spoken_by_a_new_element",
    tagged(),
    lambda s: {21: s.changed(21, K="[23 0 R 24 0 R 60 0 R]"), 60: {**_SPOKEN, "/K": "1"}},
)
_quietly(
    "spoken_by_a_new_element_of_references",
    tagged(),
    lambda s: {
        21: s.changed(21, K="[23 0 R 24 0 R 60 0 R]"),
        60: {**_SPOKEN, "/K": f"[<< /Type /MCR /Pg {PAGE} 0 R /MCID 1 >>]"},
    },
)
_quietly(
    "spoken_by_an_element_that_grows",
    tagged(element={"/ActualText": "(Pay 999 VND)", "/K": "[]"}),
    lambda s: {24: s.changed(24, K="[1]")},
)
_quietly(
    "spoken_by_a_new_tree",
    {**base(), CONTENT: _MARKED},
    lambda s: {
        CATALOGUE: s.changed(CATALOGUE, StructTreeRoot="60 0 R", MarkInfo="<< /Marked true >>"),
        60: {"/Type": "/StructTreeRoot", "/K": "61 0 R"},
        61: {**_SPOKEN, "/P": "60 0 R", "/K": "1"},
    },
)
_quietly(
    "spoken_by_another_parent",
    {**tagged(), 25: {**_SPOKEN, "/P": "20 0 R", "/K": "1"}},
    lambda _: {22: {"/Nums": "[0 [23 0 R 25 0 R]]"}},
)
_quietly(
    "spoken_by_another_tree_of_parents",
    {**tagged(), 25: {**_SPOKEN, "/P": "20 0 R", "/K": "1"}},
    lambda s: {20: s.changed(20, ParentTree="60 0 R"), 60: {"/Kids": "[61 0 R]"},
               61: {"/Limits": "[0 0]", "/Nums": "[0 [25 0 R 25 0 R]]"}},
)  # fmt: skip
_quietly(
    "spoken_by_another_key_of_parents",
    {**tagged(), 22: {"/Nums": "[0 [23 0 R 24 0 R] 1 [23 0 R 25 0 R]]"}, 25: {**_SPOKEN, "/P": "20 0 R", "/K": "1"}},
    lambda s: {PAGE: s.changed(PAGE, StructParents="1")},
)
_quietly(
    "spoken_by_a_text_of_its_own",
    {**tagged(element={"/ActualText": "30 0 R"}), 30: b"(Pay 100 VND)"},
    lambda _: {30: b"(Pay 999 VND)"},
    {"": TABLE, "_stream": _STREAM},
)
_quietly(
    "spoken_no_more_by_a_list_of_its_own",
    {**tagged(element={"/K": "30 0 R"}), 30: b"[1]"},
    lambda _: {30: b"[]"},
    {"": TABLE, "_stream": _STREAM},
)
_quietly(
    "spoken_by_an_element_with_odd_keys",
    tagged(element={"/Zu": "1", "/ActualText": "(Pay 100 VND)"}),
    lambda s: {24: s.changed(24, ActualText="(Pay 999 VND)")},
)
_quietly(
    "spoken_by_an_element_that_waited",
    {**tagged(), 25: {**_SPOKEN, "/P": "20 0 R", "/K": "1"}},
    lambda s: {20: s.changed(20, K="[21 0 R 25 0 R]")},
)
_quietly(
    "spoken_by_an_element_around_another",
    tagged(),
    lambda s: {21: s.changed(21, K="[23 0 R 24 0 R 60 0 R]"), 60: {**_SPOKEN, "/K": "[24 0 R]"}},
)
_quietly(
    "spoken_by_an_element_that_waited_for_the_page",
    {**tagged(), PAGE: base()[PAGE], 22: {"/Nums": "[]"}, 25: {**_SPOKEN, "/P": "20 0 R", "/K": "1"}},
    lambda s: {PAGE: s.changed(PAGE, StructParents="7"), 22: {"/Nums": "[7 [25 0 R 25 0 R]]"}},
)
_quietly("spoken_on_another_page", tagged(), lambda s: {24: s.changed(24, Pg=f"{PAGES} 0 R")})
_quietly("spoken_in_another_order", tagged(), lambda s: {21: s.changed(21, K="[24 0 R 23 0 R]")})
_quietly(
    "spoken_with_another_file",
    {
        **tagged(element={"/AF": "[30 0 R]"}),
        30: {"/Type": "/Filespec", "/F": "(a)", "/EF": "<< /F 31 0 R >>"},
        31: Stream(b"<pay>100</pay>"),
    },
    lambda _: {31: Stream(b"<pay>999</pay>")},
)
_quietly(
    "spoken_with_other_headers",
    {**tagged(element={"/A": "30 0 R"}), 30: {"/O": "/Table", "/Headers": "[(buyer)]"}},
    lambda s: {30: s.changed(30, Headers="[(seller)]")},
)
_quietly(
    "spoken_by_an_element_within",
    tagged(),
    lambda s: {21: s.changed(21, K="[23 0 R 24 0 R << /S /P /P 21 0 R /Pg 3 0 R /ActualText (Pay 999) /K 1 >>]")},
)
_quietly(
    "spoken_by_an_element_without_a_parent",
    tagged(),
    lambda s: {21: s.changed(21, K="[23 0 R 24 0 R 60 0 R]"), 60: {"/S": "/P", "/ActualText": "(999)", "/K": "[[1]]"}},
)
_quietly(
    "tree_of_pages_that_waits",
    {
        **base(),
        31: {**base()[PAGES], "/Kids": "[32 0 R]"},
        32: {**base()[PAGE], "/Contents": "33 0 R", "/Parent": "31 0 R"},
        33: OTHER,
    },
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Pages="31 0 R")},
)
_quietly(
    "node_put_in_between",
    base(),
    lambda s: {
        PAGES: s.changed(PAGES, Kids="[60 0 R]"),
        60: {"/Type": "/Pages", "/Parent": "2 0 R", "/Kids": f"[{PAGE} 0 R]", "/Count": "1", "/Rotate": "180"},
        PAGE: s.changed(PAGE, Parent="60 0 R"),
    },
)
_quietly(
    "parent_of_the_tree",
    base(),
    lambda s: {
        PAGES: s.changed(PAGES, Parent="60 0 R"),
        60: {"/Type": "/Pages", "/Kids": "[2 0 R]", "/Count": "1", "/Rotate": "180"},
    },
)
_MAP = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <31> <%s> endbfchar"
_quietly(
    "copied_by_another_map",
    {**base(), FONT: {**base()[FONT], "/ToUnicode": "30 0 R"}, 30: Stream(_MAP % b"0031")},
    lambda _: {30: Stream(_MAP % b"0039")},
    {"": TABLE, "_stream": _STREAM},
)
_quietly(
    "copied_by_a_new_map",
    base(),
    lambda s: {FONT: s.changed(FONT, ToUnicode="60 0 R"), 60: Stream(_MAP % b"0039")},
)
_quietly(
    "copied_by_marked_content",
    {**base(page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /Properties << /M1 31 0 R >> >>"}),
     CONTENT: Stream(b"/Span /M1 BDC BT /F1 14 Tf 20 141 Td (Pay 100) Tj ET EMC"),
     31: {"/ActualText": "(Pay 100)"}},
    lambda _: {31: {"/ActualText": "(Pay 999)"}},
)  # fmt: skip

# --- beside the pages --------------------------------------------------------------------------------------------

_FILES = {
    40: {"/Type": "/Filespec", "/F": "(a.xml)", "/UF": "(a.xml)", "/EF": "<< /F 41 0 R >>", "/AFRelationship": "/Data"},
    41: Stream(b"<pay>100</pay>", {"/Type": "/EmbeddedFile", "/Params": "<< /Size 14 >>"}),
    42: {"/Type": "/Filespec", "/F": "(b.xml)", "/EF": "<< /F 43 0 R >>"},
    43: Stream(b"<pay>999</pay>", {"/Type": "/EmbeddedFile"}),
}
_NAMES = {"/Names": "<< /EmbeddedFiles << /Names [(a) 40 0 R (b) 42 0 R] >> >>"}
_quietly("attached_data_exchanged", base(catalogue=_NAMES) | _FILES, lambda _: {41: Stream(b"<pay>999</pay>")})
_quietly(
    "attached_file_of_another", base(catalogue=_NAMES) | _FILES, lambda s: {40: s.changed(40, EF="<< /F 43 0 R >>")}
)
_quietly("attached_relation", base(catalogue=_NAMES) | _FILES, lambda s: {40: s.changed(40, AFRelationship="/Source")})
_quietly(
    "associated_file_exchanged",
    base(catalogue={"/AF": "[40 0 R]"}) | _FILES,
    lambda s: {CATALOGUE: s.changed(CATALOGUE, AF="[42 0 R]")},
)
_quietly("associated_file_of_the_page", base() | _FILES, lambda s: {PAGE: s.changed(PAGE, AF="[42 0 R]")})
_quietly(
    "cover_of_a_portfolio",
    base(catalogue={**_NAMES, "/Collection": "<< /D (a) /View /D >>"}) | _FILES,
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Collection="<< /D (b) /View /H >>")},
)
_quietly(
    "portfolio_of_a_plain_file",
    base(catalogue=_NAMES) | _FILES,
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Collection="<< /D (b) /View /T >>")},
)
_OUTLINE = {
    32: {"/Type": "/Outlines", "/First": "33 0 R", "/Last": "33 0 R", "/Count": "1"},
    33: {"/Title": "(Pay 100)", "/Parent": "32 0 R", "/Dest": f"[{PAGE} 0 R /Fit]"},
}
_OUTLINED = base(catalogue={"/Outlines": "32 0 R"}) | _OUTLINE
_quietly("bookmark_renamed", _OUTLINED, lambda s: {33: s.changed(33, Title="(Pay 999)")})
_quietly(
    "bookmark_leads_elsewhere",
    _OUTLINED,
    lambda s: {33: s.changed(33, Dest=None, A="<< /S /URI /URI (https://example.org/) >>")},
)
_quietly(
    "bookmark_added",
    _OUTLINED,
    lambda s: {
        33: s.changed(33, Next="60 0 R"),
        32: s.changed(32, Last="60 0 R", Count="2"),
        60: {**_OUTLINE[33], "/Title": "(Pay 999)", "/Prev": "33 0 R"},
    },
)
_quietly(
    "destination_moved",
    base(catalogue={"/Dests": f"<< /sum [{PAGE} 0 R /Fit] >>"}),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Dests=f"<< /sum [{PAGE} 0 R /FitH 0] >>")},
)
_quietly(
    "labels_of_pages",
    base(catalogue={"/PageLabels": "<< /Nums [0 << /S /D >>] >>"}),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, PageLabels="<< /Nums [0 << /P (999) >>] >>")},
)
_quietly(
    "preferences_of_the_viewer",
    base(),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, ViewerPreferences="<< /ViewArea /ArtBox /PrintArea /ArtBox >>")},
)
_quietly(
    "colours_of_the_output",
    base(catalogue={"/OutputIntents": "[<< /S /GTS_PDFA1 /OutputConditionIdentifier (x) /DestOutputProfile 34 0 R >>]"})
    | {34: Stream(b"profile", {"/N": "3"})},
    lambda _: {34: Stream(b"another", {"/N": "3"})},
    {"": TABLE, "_stream": _STREAM},
)
_quietly(
    "threads_of_articles",
    base(catalogue={"/Threads": "[35 0 R]"})
    | {
        35: {"/F": "36 0 R"},
        36: {"/T": "35 0 R", "/N": "36 0 R", "/V": "36 0 R", "/P": f"{PAGE} 0 R", "/R": "[0 0 9 9]"},
    },
    lambda s: {36: s.changed(36, R="[0 0 300 200]")},
)
_quietly(
    "legal_statement",
    base(catalogue={"/Legal": "<< /Attestation (no script) >>"}),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Legal="<< /Attestation (other) >>")},
)
_quietly(
    "requirements",
    base(),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Requirements="[<< /Type /Requirement /S /EnableJavaScripts >>]")},
)
_quietly("language", base(catalogue={"/Lang": "(vi)"}), lambda s: {CATALOGUE: s.changed(CATALOGUE, Lang="(en)")})
_quietly(
    "spiders",
    base(catalogue={"/SpiderInfo": "<< /V 1.0 >>"}),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, SpiderInfo="<< /V 1.0 /C [60 0 R] >>"), 60: {"/URL": "(x)"}},
)
_quietly(
    "part_of_another_document",
    base(),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, DPartRoot="60 0 R"), 60: {"/Type": "/DPartRoot"}},
)
_quietly("key_that_nobody_knows", base(), lambda s: {CATALOGUE: s.changed(CATALOGUE, XYZW_View="<< /Page 999 >>")})
_quietly(
    "version_lowered", base(catalogue={"/Version": "/2.0"}), lambda s: {CATALOGUE: s.changed(CATALOGUE, Version="/1.4")}
)
_quietly(
    "extension_of_a_stranger",
    base(),
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Extensions="<< /EVIL << /BaseVersion /1.7 /ExtensionLevel 1 >> >>")},
)
_XMP = (
    b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/'"
    b" pdfaid:part='%s' pdfaid:conformance='B'/></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
)
_META = {"/Type": "/Metadata", "/Subtype": "/XML"}
_quietly(
    "archive_part_exchanged",
    base(catalogue={"/Metadata": "37 0 R"}) | {37: Stream(_XMP % b"2", _META)},
    lambda _: {37: Stream(_XMP % b"3", _META)},
    {"": TABLE, "_stream": _STREAM},
)
_quietly(
    "description_removed",
    base(catalogue={"/Metadata": "37 0 R"}) | {37: Stream(_XMP % b"2", _META)},
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Metadata=None)},
)
_quietly(
    "description_of_a_page",
    base(),
    lambda s: {PAGE: s.changed(PAGE, Metadata="60 0 R"), 60: Stream(_XMP % b"2", _META)},
)
quiet.add(
    "information_of_another_object",
    lambda shop: shop.sign().revise({60: {"/Title": "(Other)"}}, trailer={"/Info": "60 0 R"}),
    verdicts=NOT_VALID,
)

# --- what a page is drawn with -----------------------------------------------------------------------------------


def _with_resource(entry: str, content: str, more: Mapping[int, Body]) -> dict[int, Body]:
    page = {"/Resources": f"<< /Font << /F1 {FONT} 0 R >> {entry} >>"}
    return {**base(page=page, extra=content), **more}


_GLYPHS = {
    FONT: {"/Type": "/Font", "/Subtype": "/Type3", "/FontBBox": "[0 0 1000 1000]", "/FontMatrix": "[.001 0 0 .001 0 0]",
           "/CharProcs": "<< /one 30 0 R /nine 31 0 R >>", "/FirstChar": "49", "/LastChar": "49", "/Widths": "[600]",
           "/Encoding": "<< /Differences [49 /one] >>", "/Resources": "<< /XObject << /X1 32 0 R >> >>"},
    30: Stream(b"600 0 0 0 500 700 d1 200 0 100 700 re f"),
    31: Stream(b"600 0 0 0 500 700 d1 0 0 500 700 re f"),
    32: form(10, 10, "0 0 10 10 re f"),
}  # fmt: skip
_T3 = base("111") | _GLYPHS
_PLAIN_AND_STREAM = {"": TABLE, "_stream": _STREAM}
_quietly("glyph_redrawn", _T3, lambda s: {30: s.objects[31]}, _PLAIN_AND_STREAM)
_quietly("glyph_renamed", _T3, lambda s: {FONT: s.changed(FONT, CharProcs="<< /one 31 0 R /nine 31 0 R >>")})
_quietly("glyph_resources", _T3, lambda _: {32: form(10, 10, "0 0 5 5 re f")}, _PLAIN_AND_STREAM)
_quietly("glyph_matrix", _T3, lambda s: {FONT: s.changed(FONT, FontMatrix="[.002 0 0 .001 0 0]")})
_quietly(
    "pattern",
    _with_resource(
        "/Pattern << /P1 30 0 R >>",
        "/Pattern cs /P1 scn 20 20 90 40 re f",
        {
            30: Stream(
                b"0 0 5 5 re f",
                {
                    "/PatternType": "1",
                    "/PaintType": "1",
                    "/TilingType": "1",
                    "/BBox": "[0 0 10 10]",
                    "/XStep": "10",
                    "/YStep": "10",
                    "/Resources": "<< >>",
                },
            )
        },
    ),
    lambda _: {
        30: Stream(
            b"0 0 10 10 re f",
            {
                "/PatternType": "1",
                "/PaintType": "1",
                "/TilingType": "1",
                "/BBox": "[0 0 10 10]",
                "/XStep": "10",
                "/YStep": "10",
                "/Resources": "<< >>",
            },
        )
    },
    _PLAIN_AND_STREAM,
)
_SHADE = {"/ShadingType": "2", "/ColorSpace": "/DeviceGray", "/Coords": "[0 0 300 0]", "/Function": "31 0 R"}
_FUNCTION = {"/FunctionType": "2", "/Domain": "[0 1]", "/C0": "[0]", "/C1": "[1]", "/N": "1"}
_SHADED = _with_resource("/Shading << /S1 30 0 R >>", "/S1 sh", {30: _SHADE, 31: _FUNCTION})
_quietly("function_of_a_shading", _SHADED, lambda s: {31: s.changed(31, C0="[1]")})
_MASKED = _with_resource(
    "/ExtGState << /G1 30 0 R >>",
    "/G1 gs 0 g 20 20 90 40 re f",
    {
        30: {"/SMask": "<< /S /Luminosity /G 31 0 R >>"},
        31: form(300, 200, "1 g 0 0 300 200 re f", more={"/Group": "<< /S /Transparency /CS /DeviceGray >>"}),
    },
)
_quietly(
    "soft_mask",
    _MASKED,
    lambda _: {31: form(300, 200, "0 g 0 0 300 200 re f", more={"/Group": "<< /S /Transparency /CS /DeviceGray >>"})},
    _PLAIN_AND_STREAM,
)
_quietly(
    "transfer_function",
    _with_resource("/ExtGState << /G1 30 0 R >>", "/G1 gs", {30: {"/ca": "1", "/TR": "31 0 R"}, 31: _FUNCTION}),
    lambda s: {31: s.changed(31, C0="[1]", C1="[0]")},
)
_quietly(
    "font_of_a_graphics_state",
    _with_resource("/ExtGState << /G1 30 0 R >>", "BT /G1 gs 20 40 Td (abc) Tj ET", {30: {"/Font": f"[{FONT} 14]"}}),
    lambda _: {30: {"/Font": "[60 0 R 14]"}, 60: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"}},
)
_quietly(
    "profile_of_a_colour_space",
    _with_resource(
        "/ColorSpace << /C1 [/ICCBased 30 0 R] >>",
        "/C1 cs .5 sc 20 20 90 40 re f",
        {30: Stream(b"x", {"/N": "1", "/Alternate": "/DeviceGray"})},
    ),
    lambda _: {30: Stream(b"y", {"/N": "1", "/Alternate": "/DeviceGray"})},
    _PLAIN_AND_STREAM,
)
_INDEXED = _with_resource(
    "/ColorSpace << /C1 30 0 R >>",
    "/C1 cs 0 sc 20 20 90 40 re f",
    {30: b"[/Indexed /DeviceGray 1 31 0 R]", 31: b"<00FF>"},
)
_quietly("table_of_colours", _INDEXED, lambda _: {31: b"<FF00>"}, _PLAIN_AND_STREAM)
_quietly(
    "form_without_resources",
    _with_resource(
        "/XObject << /X1 30 0 R >>",
        "/X1 Do",
        {
            30: Stream(
                b"BT /F1 14 Tf 20 40 Td (abc) Tj ET",
                {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": "[0 0 300 200]"},
            )
        },
    ),
    lambda _: {
        30: Stream(
            b"BT /F1 14 Tf 20 40 Td (abc) Tj ET",
            {
                "/Type": "/XObject",
                "/Subtype": "/Form",
                "/BBox": "[0 0 300 200]",
                "/Resources": "<< /Font << /F1 60 0 R >> >>",
            },
        ),
        60: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"},
    },
    _PLAIN_AND_STREAM,
)
_quietly(
    "postscript_of_a_form",
    _with_resource("/XObject << /X1 30 0 R >>", "/X1 Do", {30: form(10, 10, "")}),
    lambda _: {30: form(10, 10, "", more={"/PS": "60 0 R"}), 60: Stream(b"showpage")},
    _PLAIN_AND_STREAM,
)
_quietly(
    "picture_for_the_printer",
    _with_resource(
        "/XObject << /X1 30 0 R >>",
        "/X1 Do",
        {
            30: Stream(
                b"\xff",
                {
                    "/Subtype": "/Image",
                    "/Width": "1",
                    "/Height": "1",
                    "/ColorSpace": "/DeviceGray",
                    "/BitsPerComponent": "8",
                },
            )
        },
    ),
    lambda _: {
        30: Stream(
            b"\xff",
            {
                "/Subtype": "/Image",
                "/Width": "1",
                "/Height": "1",
                "/ColorSpace": "/DeviceGray",
                "/BitsPerComponent": "8",
                "/Alternates": "[<< /Image 60 0 R /DefaultForPrinting true >>]",
            },
        ),
        60: Stream(
            b"\0",
            {
                "/Subtype": "/Image",
                "/Width": "1",
                "/Height": "1",
                "/ColorSpace": "/DeviceGray",
                "/BitsPerComponent": "8",
            },
        ),
    },
    _PLAIN_AND_STREAM,
)
for _key, _value in {
    "Trans": "<< /S /Fly >>", "Dur": "1", "Group": "<< /S /Transparency /I true >>", "UserUnit": "2", "B": "[60 0 R]",
    "VP": "[<< /BBox [0 0 9 9] >>]", "SeparationInfo": "<< /DeviceColorant /Black >>", "TemplateInstantiated": "/x",
    "PresSteps": "<< >>", "Hid": "true", "BoxColorInfo": "<< >>", "ArtBox": "[0 0 9 9]", "TrimBox": "[0 0 9 9]",
    "AF": "[60 0 R]", "DPart": "60 0 R",
}.items():  # fmt: skip
    _quietly(
        f"page_{_key}",
        base(),
        lambda s, key=_key, value=_value: {PAGE: s.changed(PAGE, **{key: value}), 60: {"/X": "1"}},
        {"": TABLE},
    )
_quietly("count_of_pages", base(), lambda s: {PAGES: s.changed(PAGES, Count="0")})
_quietly(
    "parent_of_a_page",
    {
        **base(),
        12: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R]", "/Count": "1", "/MediaBox": "[0 0 9 9]", "/Rotate": "180"},
    },
    lambda s: {PAGE: s.changed(PAGE, Parent="12 0 R")},
)
_quietly("type_of_a_page", base(), lambda s: {PAGE: s.changed(PAGE, Type="/Template")})

# --- references that are not found, and trees that are walked from memory ----------------------------------------


_TO_OTHER: Change = lambda _: {CONTENT: OTHER}  # noqa: E731 - a change like the others
_quietly(
    "content_named_with_many_zeros", base(page={"/Contents": f"{CONTENT} 0000000 R"}), _TO_OTHER, _PLAIN_AND_STREAM
)
_quietly(
    "content_named_with_zeros_in_front",
    base(page={"/Contents": f"000000000{CONTENT} 0 R"}),
    _TO_OTHER,
    _PLAIN_AND_STREAM,
)
_quietly("content_named_across_a_comment", base(page={"/Contents": f"{CONTENT} %\n0 R"}), _TO_OTHER, _PLAIN_AND_STREAM)
_quietly(
    "content_named_across_many_blanks",
    base(page={"/Contents": f"{CONTENT}{' ' * 12}0 R"}),
    _TO_OTHER,
    _PLAIN_AND_STREAM,
)
_quietly(
    "content_named_across_more_blanks",
    base(page={"/Contents": f"{CONTENT}{' ' * 300}0 R"}),
    _TO_OTHER,
    _PLAIN_AND_STREAM,
)
_quietly("content_named_before_a_delimiter", base(page={"/Contents": f"[{CONTENT} 0 R]"}), _TO_OTHER, _PLAIN_AND_STREAM)
_quietly(
    "kids_behind_two_references",
    {
        **base(),
        PAGES: {"/Type": "/Pages", "/Kids": "30 0 R", "/Count": "1"},
        30: b"31 0 R",
        31: f"[{PAGE} 0 R]".encode(),
    },
    lambda s: {31: b"[60 0 R]", 60: s.changed(PAGE, Contents="61 0 R"), 61: OTHER},
    _PLAIN_AND_STREAM,
)
_quietly(
    "page_behind_two_references",
    {**base(), PAGES: {"/Type": "/Pages", "/Kids": "[30 0 R]", "/Count": "1"}, 30: f"{PAGE} 0 R".encode()},
    lambda s: {30: b"60 0 R", 60: s.changed(PAGE, Contents="61 0 R"), 61: OTHER},
    _PLAIN_AND_STREAM,
)
_quietly(
    "content_behind_two_references",
    {**base(page={"/Contents": "30 0 R"}), 30: f"{CONTENT} 0 R".encode()},
    lambda _: {30: b"60 0 R", 60: OTHER},
    _PLAIN_AND_STREAM,
)
_quietly(
    "missing_page_supplied",
    {**base(), PAGES: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 50 0 R]", "/Count": "1"}},
    lambda s: {50: {**s.entries(PAGE), "/Contents": "51 0 R"}, 51: OTHER},
    _PLAIN_AND_STREAM,
)
_quietly(
    "missing_node_supplied",
    {**base(), PAGES: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 50 0 R]", "/Count": "1"}},
    lambda s: {
        50: {"/Type": "/Pages", "/Kids": "[51 0 R]", "/Count": "1", "/Parent": "2 0 R"},
        51: {**s.entries(PAGE), "/Contents": "52 0 R", "/Parent": "50 0 R"},
        52: OTHER,
    },
    _PLAIN_AND_STREAM,
)
_quietly(
    "missing_list_of_kids_supplied",
    {
        **base(),
        PAGES: {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 30 0 R]", "/Count": "1"},
        30: {"/Type": "/Pages", "/Kids": "50 0 R", "/Count": "0", "/Parent": "2 0 R"},
    },
    lambda s: {50: b"[51 0 R]", 51: {**s.entries(PAGE), "/Contents": "52 0 R", "/Parent": "30 0 R"}, 52: OTHER},
    _PLAIN_AND_STREAM,
)


def _inside(shop: Workshop, head: bytes, tail: bytes) -> Draft:
    """A page in whose comment (or string) another object begins, which holds all that the page holds."""
    body = b"<< /Type /Page /Parent 2 0 R " + head + b"20 0 obj <<%s/Contents %d 0 R >>" % (tail, CONTENT)
    rest = b"\n/MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >>"
    body = body[:-2] + rest + b" >>"
    first = draft({**base(), PAGE: body, 20: b"<< /Zu 1 >>"})
    at = first.pdf.index(b"20 0 obj <<" + tail)
    right = first.pdf.rindex(b"\n20 0 obj") + 1
    first = first.replaced(b"%010d 00000 n" % right, b"%010d 00000 n" % at)
    return shop.sign(first, _NOWHERE)


@quiet(verdicts=NOT_VALID)
def object_that_begins_in_a_comment(shop: Workshop) -> Draft:
    return _inside(shop, b"% ", b"\n").revise({CONTENT: OTHER})


@quiet(verdicts=NOT_VALID)
def object_that_begins_in_a_comment_behind_its_end(shop: Workshop) -> Draft:
    return _inside(shop, b"% endobj ", b"\n").revise({CONTENT: OTHER})


@quiet(verdicts=NOT_VALID)
def object_that_begins_in_a_string(shop: Workshop) -> Draft:
    return _inside(shop, b"/X (\\) endobj ", b") ").revise({CONTENT: OTHER})


@quiet(verdicts=NOT_VALID)
def object_that_begins_in_another_packed_one(shop: Workshop) -> bytes:
    """Two objects of one object stream overlap: the page holds the other one in its comment."""
    page = b"<< /Type /Page /Parent 2 0 R % "
    other = b"<<\n/Contents 4 0 R /MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >> >>"
    head = b"%d 0 20 %d " % (PAGE, len(page))
    data = zlib.compress(head + page + other)
    entries = {"/Type": "/ObjStm", "/N": "2", "/First": str(len(head)), "/Filter": "/FlateDecode"}
    plain = {n: b for n, b in base().items() if n != PAGE}
    start = draft({**plain, 30: Stream(data, entries)}, _STREAM)
    rows = b"".join(bytes([2]) + (30).to_bytes(4, "big") + i.to_bytes(2, "big") for i in (0, 1))
    at = len(start.pdf)
    stream = Stream(
        rows + b"\x01" + at.to_bytes(4, "big") + b"\0\0",
        {
            "/Type": "/XRef",
            "/W": "[1 4 2]",
            "/Index": f"[{PAGE} 1 20 1 40 1]",
            "/Size": "41",
            "/Root": "1 0 R",
            "/Prev": str(start.startxref),
        },
    )
    pdf = start.pdf + indirect(40, stream) + b"startxref\n%d\n%%%%EOF\n" % at
    whole = replace(start, pdf=pdf, startxref=at, size=41, objects={**start.objects, PAGE: {"/Type": "/Page"}})
    return shop.sign(whole, _NOWHERE, layout=_STREAM).revise({CONTENT: OTHER}, _STREAM).pdf


@quiet(verdicts=NOT_VALID)
def harmless_step_and_harmless_step(shop: Workshop) -> Draft:
    """First an object that nothing uses, then a page that uses it."""
    return shop.sign().revise({60: OTHER}).then(lambda s: {PAGE: s.changed(PAGE, Contents="60 0 R")})


@quiet(verdicts=NOT_VALID)
def harmless_step_back_and_forth(shop: Workshop) -> Draft:
    """The content is exchanged, and put back: whoever looked in between saw something else."""
    signed = shop.sign()
    return signed.revise({CONTENT: OTHER}).revise({CONTENT: signed.objects[CONTENT]})


@quiet(verdicts=NOT_VALID)
def store_whose_list_is_the_content(shop: Workshop) -> Draft:
    """A list of evidence is the page's content as well."""
    signed = shop.sign()
    return signed.revise(
        {
            CATALOGUE: signed.changed(CATALOGUE, DSS="60 0 R"),
            60: {"/Type": "/DSS", "/Certs": f"[{CONTENT} 0 R]"},
            CONTENT: OTHER,
        }
    )


@quiet(verdicts=NOT_VALID)
def store_that_waited_as_content(shop: Workshop) -> Draft:
    """The page has the list of evidence among its contents."""
    stored = shop.store(shop.sign(draft(base(page={"/Contents": f"[{CONTENT} 0 R 50 0 R]"}))))
    return stored.revise({50: OTHER, stored.size: {"/Type": "/DSS", "/Certs": "[50 0 R]"}})
