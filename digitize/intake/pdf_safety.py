"""Refuses PDFs that act by themselves, are locked, or are signed. Looks at every object, also at hidden ones.

Knows PDF objects. Must not know pages' content.
"""

import io
from collections.abc import Iterator

import pikepdf

from digitize.errors import ActiveContent, AlreadySigned, DamagedInput, EncryptedInput, TooManyPages
from digitize.intake.limits import Limits

# ISO 32000-1 table 198 and 12.6.4: actions that run, send or open something
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/Rendition",
        "/RichMediaExecute",
        "/GoToE",
        "/Sound",
        "/Movie",
    }
)
_ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/XFA", "/EmbeddedFile", "/EF", "/RichMediaContent", "/RichMediaSettings"}
)
_MAX_OBJECTS = 200_000
_MAX_DEPTH = 60


def open_checked(data: bytes, limits: Limits) -> pikepdf.Pdf:
    """Return the opened PDF after all refusals.

    Raises:
        DamagedInput, EncryptedInput, ActiveContent, AlreadySigned, TooManyPages: See `digitize.errors`.
    """
    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as err:
        raise EncryptedInput("the PDF wants a password") from err
    except (pikepdf.PdfError, ValueError, RecursionError) as err:
        raise DamagedInput("the PDF cannot be read to its end") from err
    if pdf.is_encrypted:  # opened without a password, but it limits what a reader may do
        raise EncryptedInput("the PDF is encrypted")
    try:
        _check_objects(pdf)
        count = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, RuntimeError) as err:  # keys that are no text, …
        raise DamagedInput("the PDF's objects cannot be read") from err
    if count > limits.max_pages:
        raise TooManyPages("the PDF has too many pages")
    if count == 0:
        raise DamagedInput("the PDF has no pages")
    return pdf


def _check_objects(pdf: pikepdf.Pdf) -> None:
    is_signed = "/Perms" in pdf.Root
    for number, thing in enumerate(pdf.objects):
        if number >= _MAX_OBJECTS:
            raise DamagedInput("the PDF has too many objects")
        for dictionary in _dictionaries(thing, 0):
            keys = set(dictionary.keys())
            if keys & _ACTIVE_KEYS or str(dictionary.get("/S", "")) in _ACTIVE_ACTIONS:
                raise ActiveContent("the PDF carries active content")
            is_signed = is_signed or ("/ByteRange" in keys and "/Contents" in keys)
    if is_signed:
        raise AlreadySigned("the PDF is signed")


def _dictionaries(thing: object, depth: int) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries inside an object, not following references: those are objects of their own."""
    if depth > _MAX_DEPTH:
        raise DamagedInput("the PDF's objects are nested too deeply")
    if not isinstance(thing, pikepdf.Object):
        return
    if depth and thing.is_indirect:
        return
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        yield thing
        for key in list(thing.keys()):
            yield from _dictionaries(thing.get(key), depth + 1)
    elif isinstance(thing, pikepdf.Array):
        for item in thing:
            yield from _dictionaries(item, depth + 1)
