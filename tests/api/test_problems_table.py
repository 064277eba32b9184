"""Every error class of every package has its row, and a row shows nothing that it must not."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping

import pytest

import api
import digitize
import signing
import vault
from api import errors
from api.problems import TABLE, choose_language, describe
from api.problems.row import Row
from api.problems.rows_authorisation import AUTHORISATION_ROWS
from api.problems.rows_copies import COPY_ROWS
from api.problems.rows_marks import MARK_ROWS
from api.problems.rows_preparations import PREPARATION_ROWS
from api.problems.rows_receipts import RECEIPT_ROWS
from api.problems.rows_remote_signers import REMOTE_SIGNER_ROWS
from api.problems.rows_results import RESULT_ROWS
from api.problems.rows_signature_batches import SIGNATURE_BATCH_ROWS
from api.problems.rows_signing import SIGNING_ROWS
from signing.errors import DocumentNotSignable, MalformedDocument
from signing.validation.reading import READ_ERRORS

PACKAGES = (api, signing, digitize, vault)
# they never leave the place that raises them
INNER: frozenset[str] = frozenset(
    {
        "signing.validation.container_faults.ContainerFaultError",
        "signing.validation.container_faults.SignerMissingError",
        "signing.validation.container_faults.UnknownAlgorithmError",
        "api.cli.sign_files.OutputExists",
        "api.cli.sign_remote._AlteredError",
        "api.cli.sign_service.ServiceAway",
        "api.cli.verify_inputs.InputMissing",
        "api.rendering.cff_reader.ProgramDamaged",
        "api.rendering.cff_reader.ProgramTooLarge",
        "api.ui.assets.AssetMismatch",
        "api.ui.uploads.UploadRefused",
        "signing.keys.der.DerError",
        "signing.authorisation.cbor.CborError",
        "signing.signer.wire.WireError",
        "signing.tsa.answers.AuthorityFaultError",
        "signing.tsa.request.Refusal",
        "api.timekeeping.sntp._BadAnswerError",
        "signing.validation.drawing.DrawingFailedError",
        "signing.validation.drawing.PageMissingError",
        "signing.validation.faults.DocumentFaultError",
        "signing.validation.geometry.GeometryFaultError",
        "signing.validation.lists.ListMalformed",
        "signing.validation.work.WorkSpent",
    }
)


def stays_in_the_comparison(one: type[Exception]) -> bool:
    """What the comparison of revisions raises, it answers itself: `unknown`."""
    return one.__module__.startswith("signing.validation.changes.") and issubclass(one, READ_ERRORS)


def modules() -> Iterator[str]:
    for package in PACKAGES:
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith("__main__") and ".versions." not in found.name:
                yield found.name


def error_classes() -> list[type[Exception]]:
    found: set[type[Exception]] = set()
    for name in modules():
        for _, value in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(value, Exception) and value.__module__.split(".")[0] in {p.__name__ for p in PACKAGES}:
                found.add(value)
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def test_every_error_class_has_a_row_of_its_own() -> None:
    names = {
        f"{one.__module__}.{one.__name__}"
        for one in error_classes()
        if one not in TABLE and not stays_in_the_comparison(one)
    } - INNER
    assert not names, f"add a row in api/problems for: {sorted(names)}"


def test_codes_are_stable_words_and_one_code_looks_one_way() -> None:
    rows: dict[str, object] = {}
    for one, row in TABLE.items():
        code = one.code  # type: ignore[attr-defined] # every error of ours has one
        assert code.replace("_", "").isalnum()
        assert code == code.upper()
        # two classes share a code only where they must look the same from outside (not found, not allowed)
        assert rows.setdefault(code, row) == row, code


def test_every_row_has_both_languages_and_an_error_status() -> None:
    for one, row in TABLE.items():
        assert 400 <= row.status <= 599, one
        assert row.title_vi, one
        assert row.title_en, one
        assert row.title_vi != row.title_en, one


# what signers, clerks and their clients meet
SIGNERS_MEET: Mapping[type[Exception], Row] = {
    **RESULT_ROWS, **MARK_ROWS, **PREPARATION_ROWS, **SIGNATURE_BATCH_ROWS, **RECEIPT_ROWS, **REMOTE_SIGNER_ROWS,
    **AUTHORISATION_ROWS, **COPY_ROWS,
    **{one: row for one, row in SIGNING_ROWS.items() if issubclass(one, DocumentNotSignable | MalformedDocument)},
    errors.StateConflict: TABLE[errors.StateConflict],
}  # fmt: skip


def test_a_refusal_to_sign_says_in_both_languages_what_to_do_next() -> None:
    for one, row in SIGNERS_MEET.items():
        for title in (row.title_vi, row.title_en):
            assert row.status == 500 or re.search(r"[:;,.] \S", title), f"{one.__name__}: {title}"


def test_retryable_errors_are_those_that_may_pass_later() -> None:
    for one, row in TABLE.items():
        if getattr(one, "retryable", False):
            assert row.status in (408, 409, 429, 500, 502, 503, 504), one


def test_an_unknown_error_shows_the_incident_and_nothing_else() -> None:
    problem = describe(RuntimeError("personal detail 022193900013"), language="vi", request_id="r", incident="inc_1")
    assert problem.status == 500
    assert problem.body["code"] == "INTERNAL"
    assert problem.body["incident"] == "inc_1"
    assert "022193900013" not in str(problem.body)


def test_a_status_500_row_hides_the_detail() -> None:
    problem = describe(errors.ConfigurationInvalid(("ANSO_X",)), language="en", request_id="r")
    assert "ANSO_X" not in str(problem.body)


def test_a_subclass_without_a_row_is_shown_as_its_base() -> None:
    class Special(errors.NotFound):
        code = "SPECIAL"

    assert describe(Special(), language="en", request_id="r").status == 404


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("vi,en;q=0.9", "vi"),
        ("fr, en;q=0.4, vi;q=0.6", "vi"),
        ("fr", "vi"),
        ("en;q=nonsense, vi;q=0.1", "vi"),
        ("*", "vi"),
        ("en;q=0", "vi"),
        ("x" * 100_000, "vi"),
    ],
)
def test_the_language_follows_accept_language_and_is_vietnamese_otherwise(header: str | None, language: str) -> None:
    assert choose_language(header) == language


def test_details_come_in_the_language_asked_for() -> None:
    error = errors.NotFound("Không có hồ sơ này.", "There is no such dossier.")
    assert describe(error, language="vi", request_id="r").body["detail"] == "Không có hồ sơ này."
    assert describe(error, language="en", request_id="r").body["detail"] == "There is no such dossier."
