"""Papers on their way into the vault: what can go wrong."""

from api.errors.base import AnsoError


class ComponentNotRequired(AnsoError):
    """The procedure does not ask for a paper of this type."""

    code = "COMP_NOT_REQUIRED"


class ComponentExempt(AnsoError):
    """I19: papers of this type are not scanned."""

    code = "COMP_EXEMPT"


class ComponentAlreadyHeld(AnsoError):
    """I33: the vault holds this paper with a sufficient grade; it is reused, not demanded again."""

    code = "COMP_ALREADY_HELD"


class OwnerNotApplicant(AnsoError):
    """The paper's owner is neither the applicant nor a minor whom the applicant represents."""

    code = "FLD_OWNER_NOT_APPLICANT"


class FieldDateImpossible(AnsoError):
    """A confirmed date is no day of the calendar in the form YYYY-MM-DD."""

    code = "FLD_DATE_IMPOSSIBLE"


class FieldIdFormat(AnsoError):
    """A confirmed personal number does not have the structure of one."""

    code = "FLD_ID_FORMAT"


class FieldsUnconfirmed(AnsoError):
    """I21: a mandatory field has not been confirmed by a person."""

    code = "CNF_UNCONFIRMED"


class ConfirmedByAnother(AnsoError):
    """I22: the officer who signs the copy is the one who confirmed it, at the desk where it was received."""

    code = "CNF_OTHER_OFFICER"


class OwnerMismatch(AnsoError):
    """The paper names somebody else than the owner of the vault."""

    code = "CNF_OWNER_MISMATCH"


class ExpiredAlready(AnsoError):
    """The paper's own validity is over."""

    code = "CNF_EXPIRED_ALREADY"
