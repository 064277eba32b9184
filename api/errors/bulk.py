"""Files with many rows: what can be wrong with the file as a whole, and with one row of it.

A wrong file is refused before anything is stored. A wrong row is refused alone; its code and texts are kept as its
result. No text repeats what stands in a cell.
"""

from api.errors.base import AnsoError


class CsvEncodingWrong(AnsoError):
    """The file is not UTF-8 (UTF-16, TCVN3, VNI, windows-1258 …)."""

    code = "CSV_ENCODING"


class CsvBroken(AnsoError):
    """The file is not CSV: quotes that do not close, control characters, a comma behind a closing quote."""

    code = "CSV_BROKEN"


class CsvHeaderWrong(AnsoError):
    """The first line lacks a needed column, names one twice, or names an unknown one."""

    code = "CSV_HEADER"


class CsvTooLarge(AnsoError):
    """More bytes or rows than one file may have."""

    code = "CSV_TOO_LARGE"


class CsvWithoutRows(AnsoError):
    """There is nothing below the first line."""

    code = "CSV_WITHOUT_ROWS"


class RowRefused(AnsoError):
    """One row cannot be taken; the base of the reasons below."""

    code = "ROW_REFUSED"


class RowShapeWrong(RowRefused):
    """The row has more or fewer cells than the first line."""

    code = "ROW_SHAPE"


class RowCellUnsafe(RowRefused):
    """A cell begins like a formula, is too long, or holds a quote or line break that no such value has."""

    code = "ROW_CELL_UNSAFE"


class RowNameInvalid(RowRefused):
    """The name is missing, too long, or holds hidden characters."""

    code = "ROW_NAME"


class RowNumberInvalid(RowRefused):
    """The citizen number does not have 12 digits or has impossible parts."""

    code = "ROW_PERSONAL_ID"


class RowBirthInvalid(RowRefused):
    """The date of birth is missing, not a date, in the future or too long ago."""

    code = "ROW_BIRTH_DATE"


class RowBirthConflict(RowRefused):
    """The citizen number says another year of birth, or another sex."""

    code = "ROW_ID_BIRTH_CONFLICT"


class RowEvidenceInvalid(RowRefused):
    """The reference to the evidence has a form that no reference has."""

    code = "ROW_EVIDENCE"


class RowHolderMismatch(RowRefused):
    """The number belongs to a person who is recorded with another name or date of birth."""

    code = "ROW_HOLDER_MISMATCH"


class RowPersonUnknown(RowRefused):
    """No official is recorded with this number."""

    code = "ROW_PERSON_UNKNOWN"


class RowPersonUnable(RowRefused):
    """The person is recorded as deceased or is not of age."""

    code = "ROW_PERSON_UNABLE"
