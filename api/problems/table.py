"""The table of problems: the rows of all packages together. A test fails for an error class without a row."""

from typing import Final

from api.problems.row import Row, Rows
from api.problems.rows_application import APPLICATION_ROWS
from api.problems.rows_authorisation import AUTHORISATION_ROWS
from api.problems.rows_bulk import BULK_ROWS
from api.problems.rows_certificate_life import CERTIFICATE_LIFE_ROWS
from api.problems.rows_compat import COMPAT_ROWS
from api.problems.rows_copies import COPY_ROWS
from api.problems.rows_csc import CSC_ROWS
from api.problems.rows_delegations import DELEGATION_ROWS
from api.problems.rows_digitize import DIGITIZE_ROWS
from api.problems.rows_marks import MARK_ROWS
from api.problems.rows_mergers import MERGER_ROWS
from api.problems.rows_preparations import PREPARATION_ROWS
from api.problems.rows_receipts import RECEIPT_ROWS
from api.problems.rows_remote_signers import REMOTE_SIGNER_ROWS
from api.problems.rows_results import RESULT_ROWS
from api.problems.rows_secondaries import SECONDARY_ROWS
from api.problems.rows_signature_batches import SIGNATURE_BATCH_ROWS
from api.problems.rows_signing import SIGNING_ROWS
from api.problems.rows_signing_plans import SIGNING_PLAN_ROWS
from api.problems.rows_trust import TRUST_ROWS
from api.problems.rows_vault import VAULT_ROWS
from api.problems.rows_verification import VERIFICATION_ROWS
from api.problems.rows_versions import VERSION_ROWS

__all__ = ["TABLE", "Row"]

TABLE: Final[Rows] = {
    **APPLICATION_ROWS,
    **CERTIFICATE_LIFE_ROWS,
    **COMPAT_ROWS,
    **CSC_ROWS,
    **REMOTE_SIGNER_ROWS,
    **RESULT_ROWS,
    **MARK_ROWS,
    **MERGER_ROWS,
    **DELEGATION_ROWS,
    **COPY_ROWS,
    **PREPARATION_ROWS,
    **RECEIPT_ROWS,
    **SECONDARY_ROWS,
    **SIGNING_ROWS,
    **SIGNING_PLAN_ROWS,
    **AUTHORISATION_ROWS,
    **TRUST_ROWS,
    **DIGITIZE_ROWS,
    **VAULT_ROWS,
    **BULK_ROWS,
    **VERIFICATION_ROWS,
    **VERSION_ROWS,
    **SIGNATURE_BATCH_ROWS,
}
