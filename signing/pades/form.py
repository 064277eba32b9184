"""The signature field of a revision: the one that is there, or a new one with its widget on a page.

ISO 32000-2 §12.7.5.5. Knows fields and widgets; draws nothing and signs nothing.
"""

from typing import Any

from pyhanko.sign.fields import SigFieldSpec, apply_sig_field_spec_properties, ensure_sig_flags, prepare_sig_field

from signing.pades.objects import entry
from signing.pades.promises import field_lock
from signing.pades.refusals import PageMissing
from signing.pades.revision import RevisionWriter
from signing.validation.reading import READ_ERRORS

Rectangle = tuple[float, float, float, float]


def signature_field(
    writer: RevisionWriter, field_name: str, *, page: int, rectangle: Rectangle | None, closes: bool = False
) -> Any:  # noqa: ANN401 - pyHanko's dictionary
    """The dictionary of an empty signature field; made if there is none of this name.

    Args:
        writer: of the revision.
        field_name: without a full stop.
        page: where a new field's widget goes.
        rectangle: of a new widget in user space; None: it shows nothing.
        closes: a new field gets the lock of the last signature.
    """
    reference = field_reference(writer, field_name, page=page, rectangle=rectangle, closes=closes)
    ensure_sig_flags(writer=writer, lock_sig_flags=True)
    return reference.get_object()


def field_reference(
    writer: RevisionWriter, field_name: str, *, page: int, rectangle: Rectangle | None, closes: bool = False
) -> Any:  # noqa: ANN401 - pyHanko's reference
    """As ``signature_field``, but nothing says yet that the document is signed.

    Raises:
        PageMissing: the page tree cannot be followed to the page.
    """
    try:
        place = writer.page(page)
    except READ_ERRORS as err:
        raise PageMissing("the page cannot be found") from err
    prepare: Any = prepare_sig_field
    created, reference = prepare(
        field_name,
        writer.root,
        update_writer=writer,
        include_on_page=place,
        box=rectangle,
    )
    if created:
        apply: Any = apply_sig_field_spec_properties
        apply(writer, reference.get_object(), SigFieldSpec(field_name, **field_lock(closes=closes)))
    return reference


def widgets(field: Any) -> tuple[Any, ...]:  # noqa: ANN401 - pyHanko's dictionaries
    """Where a field stands on pages; nowhere, if it was made without a widget."""
    kids = [kid.get_object() for kid in entry(field, "/Kids", ())]
    return tuple(one for one in kids or [field] if "/Rect" in one)
