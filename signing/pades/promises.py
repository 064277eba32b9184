"""What signatures promise about later changes: read from those in a document, and written by the last of a plan.

DocMDP (ISO 32000-2 §12.8.2.2), FieldMDP (§12.8.2.4) and the lock of a field (table 236). Knows dictionaries of fields
and signatures; says nothing about whether a signature is good: a broken one has promised all the same.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm

from signing.pades.objects import dictionary, entry, indirect, name, number
from signing.pades.refusals import FieldWithoutLock

NO_CHANGES: Final = 1  # ISO 32000-2 table 257: /P 1
FILL_FORMS: Final = 2
EVERY_FIELD: Final = FieldMDPSpec(FieldMDPAction.ALL)


def permits_signing(field: Any, signature: Any, name: str) -> bool:  # noqa: ANN401 - pyHanko's generic objects
    """Whether a signature, by what it and its field say, allows another one in the field of this name."""
    return not any(_forbids(one, name) for one in _sayings(field, signature))


def certifies(signature: Any) -> bool:  # noqa: ANN401
    """Whether a signature certifies the document."""
    references = [item.get_object() for item in entry(signature, "/Reference", ())]
    return any(entry(reference, "/TransformMethod") == "/DocMDP" for reference in references)


def _sayings(field: Any, signature: Any) -> Iterator[Any]:  # noqa: ANN401
    """Every dictionary that limits changes: of DocMDP only /P counts, it names no fields."""
    for item in entry(signature, "/Reference", ()):
        reference = item.get_object()
        if entry(reference, "/TransformMethod") in {"/DocMDP", "/FieldMDP"}:
            yield entry(reference, "/TransformParams", {})
    yield entry(field, "/Lock", {})


def _forbids(saying: Any, name: str) -> bool:  # noqa: ANN401
    permission = entry(saying, "/P")
    if permission is not None and permission not in {FILL_FORMS, FILL_FORMS + 1}:
        return True  # table 257 knows 1, 2 and 3; what is none of them counts as the strictest
    names = [str(own.get_object()) for own in entry(saying, "/Fields", ())]
    listed = any(name == own or name.startswith(f"{own}.") for own in names)
    return {"/All": True, "/Include": listed, "/Exclude": not listed}.get(str(entry(saying, "/Action", "")), False)


def field_lock(*, closes: bool) -> dict[str, Any]:
    """What pyHanko's field specification takes for the lock of the last signature of a plan; else nothing.

    Every field, and no further signature (ISO 32000-2 table 236).
    """
    return {"field_mdp_spec": EVERY_FIELD, "doc_mdp_update_value": MDPPerm.NO_CHANGES} if closes else {}


def require_lock(field: Any) -> None:  # noqa: ANN401
    """Makes sure that a field closes the document when it is signed.

    Raises:
        FieldWithoutLock: it was made without the lock. A lock that is added later changes the field, which an earlier
        signature forbids; without it other readers would not know that this was the last.
    """
    lock = entry(field, "/Lock", {})
    if entry(lock, "/P") != NO_CHANGES or entry(lock, "/Action") != "/All":
        raise FieldWithoutLock("the reserved field does not close the document")


def write_promise(writer: BasePdfFileWriter, value: Any, reference: Any, *, certify: bool, closes: bool) -> None:  # noqa: ANN401
    """Puts what a signature promises into its dictionary, and a certification into the catalogue.

    Args:
        writer: of the revision.
        value: the signature dictionary.
        reference: where it stands.
        certify: first signature of a plan: /P 2, or /P 1 if it is the last one too.
        closes: last signature of a plan: every field is locked.
    """
    sayings = []
    if certify:
        permission = NO_CHANGES if closes else FILL_FORMS
        sayings.append(_reference("/DocMDP", {"/P": number(permission)}))
        permissions = entry(writer.root, "/Perms")
        if permissions is None:
            permissions = writer.root[name("/Perms")] = dictionary({})
            update: Any = writer.update_root
            update()
        permissions[name("/DocMDP")] = reference  # ISO 32000-2 table 263
        writer.update_container(permissions)
    if closes:
        catalogue = indirect(writer.root_ref.idnum, writer.root_ref.generation, writer)
        # /P is not in table 258: as Acrobat writes it, so that readers which know no lock see that this is the end
        limits = {"/Action": name("/All"), "/P": number(NO_CHANGES)}
        sayings.append(_reference("/FieldMDP", limits, {"/Data": catalogue}))
    if sayings:
        value[name("/Reference")] = generic.ArrayObject(sayings)


def _reference(method: str, limits: dict[str, Any], more: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    """ISO 32000-2 table 256."""
    parameters = dictionary({"/Type": name("/TransformParams"), "/V": name("/1.2"), **limits})
    return dictionary(
        {"/Type": name("/SigRef"), "/TransformMethod": name(method), "/TransformParams": parameters, **(more or {})}
    )
