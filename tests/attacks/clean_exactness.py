"""Clean files beside the attacks of ``exact_readers``: sloppy where every reader agrees, and locks that hold others."""

from tests.attacks.cases import Cleans
from tests.attacks.exact_readers import PLACES, locking
from tests.attacks.quiet_exchanges import tagged
from tests.attacks.raw_pdf import Draft, Layout, Stream, indirect
from tests.attacks.workshop import CATALOGUE, CONTENT, Workshop, draft, letter

exactness = Cleans("exactness")


@exactness()
def objects_without_an_end(shop: Workshop) -> Draft:
    """No object of the first part says where it ends; the next one begins there."""
    start = draft()
    return shop.sign(start.replaced(b"endobj", b"      "))


@exactness("permitted")
def comment_behind_the_trailer(shop: Workshop) -> bytes:
    updated = shop.sign().revise({40: b"null"}).pdf
    at = updated.rindex(b"startxref")
    return updated[:at] + b"% << /Root 13 0 R >>\n" + updated[at:]


@exactness("permitted", "none", levels=("B-B", "B-B"))
def lock_that_leaves_a_place_out(shop: Workshop) -> Draft:
    first = shop.sign(draft(PLACES), into=8, entries=locking("Exclude", "/Fields [(Second)]"))
    return shop.sign(first, into=9, cms=shop.cms(name="Tran Van Binh"))


@exactness("permitted", "none", levels=("B-T", None))
def time_stamp_in_spite_of_a_lock(shop: Workshop) -> Draft:
    """ISO 32000-2 table 257: what keeps a signature provable is never forbidden."""
    return shop.stamped(shop.sign(draft(PLACES), into=8, entries=locking("All")))


@exactness("permitted")
def roles_of_types_of_its_own(shop: Workshop) -> Draft:
    signed = shop.sign(draft(tagged()))
    return signed.revise({20: signed.changed(20, RoleMap="<< /Line /P /Row /P >>")})


@exactness("permitted")
def entries_by_a_stream_of_one_type(shop: Workshop) -> bytes:
    """ISO 32000-2 §7.5.8.2: without a field for the type every entry is of type 1."""
    signed = shop.sign(draft(layout=Layout("stream")), layout=Layout("stream"))
    number, content = signed.size, indirect(CONTENT, letter("Decision 27", "Pay 100 VND", "to the holder"))
    at = len(signed.pdf) + len(content)
    rows = b"".join(place.to_bytes(4, "big") for place in (len(signed.pdf), at))
    entries = {
        "/Type": "/XRef", "/W": "[0 4 0]", "/Index": f"[{CONTENT} 1 {number} 1]", "/Size": str(number + 1),
        "/Root": f"{CATALOGUE} 0 R", "/Prev": str(signed.startxref),
    }  # fmt: skip
    return signed.pdf + content + indirect(number, Stream(rows, entries)) + b"startxref\n%d\n%%%%EOF\n" % at
