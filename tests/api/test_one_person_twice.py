"""Who signs does not seal: our own record of the steps knows the person behind the agency's certificate."""

from dataclasses import replace

import pytest

from api.records.results import Results
from api.usecases.confirm_entitlement import KnownFile, confirmed_entitlement
from api.usecases.verify_document import verify_file
from tests.api.conftest import Installation
from tests.api.office import Office, open_office


@pytest.fixture(scope="module")
def office(installation: Installation) -> Office:
    return open_office(installation)


def test_a_result_sealed_by_its_signer_is_not_entitled(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    services, at = office.installation.services, office.installation.clock.at
    report = verify_file(office.content(result), services, at)
    with services.db.reading() as tx:
        found = Results(tx).get(result)
        assert confirmed_entitlement(report, KnownFile(result=found), tx).status == "entitled"
        for alone in (replace(found, sealed_by=found.signed_by), replace(found, sealed_by=found.signer_subject)):
            answer = confirmed_entitlement(report, KnownFile(result=alone), tx)
            assert (answer.status, answer.reasons) == ("not_entitled", ("SAME_PERSON_TWICE",))
