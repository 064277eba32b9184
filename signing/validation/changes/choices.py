"""Fields whose value is chosen from options: how a choice may be worded, and what a list shows of its options.

ISO 32000-2 §12.7.5.4. Knows one field in one revision.
"""

from itertools import accumulate
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import Agreement, bare
from signing.validation.changes.fields import value_of
from signing.validation.changes.objects import View

MAX_OPTIONS: Final = 5_000
_COMBO: Final = 1 << 17
"""Flag of a choice that opens on demand and shows one option; without it all options are shown (table 233)."""


def wordings(view: View, holder: Any) -> list[str]:  # noqa: ANN401 - pyHanko's dictionary
    """The texts that show a value: itself, or the label of the option that it stands for."""
    value, options = value_of(view, holder), _options(view, holder)
    others = {label for export, label in options if export != value}  # a label of two options tells nothing
    return [value, *(label for export, label in options if export == value and label not in others)]


def is_list(view: View, holder: Any, kind: str) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a field shows all its options, the chosen one marked."""
    flags = view.get(holder, "/Ff", 0)
    return kind == "/Ch" and isinstance(flags, int) and not flags & _COMBO and bool(view.items(holder, "/Opt"))


def list_agreement(view: View, holder: Any, shown: str) -> Agreement:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a text shows options one after the other, as they stand in the list, the chosen one among them."""
    options = _options(view, holder)
    value = view.get(holder, "/V")
    chosen = (
        {str(view.value(item)) for item in list.__iter__(value)}
        if isinstance(value, generic.ArrayObject)
        else {value_of(view, holder)}
    )
    labels = [bare(label) for _, label in options]
    ends = list(accumulate(map(len, labels)))
    starts = [end - len(label) for end, label in zip(ends, labels, strict=True)]
    text = "".join(labels)
    for (export, _), start, end in zip(options, starts, ends, strict=True):
        if export not in chosen:
            continue
        begin = text.find(shown, max(0, end - len(shown)), start + len(shown))
        if begin in starts and begin + len(shown) in ends:
            return Agreement.AGREES
    return Agreement.DIFFERS


def _options(view: View, holder: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - pyHanko's dictionary
    """Every option with what it is exported as, and what is shown."""
    found = []
    for item in view.items(holder, "/Opt")[:MAX_OPTIONS]:
        option = view.value(item)
        if isinstance(option, generic.ArrayObject) and len(option) == 2:  # noqa: PLR2004 - export value and label
            export, label = (str(view.value(raw)) for raw in list.__iter__(option))
            found.append((export, label))
        else:
            found.append((str(option), str(option)))
    return found
