"""What the practice statement says now: the profiles, the authorities as they stand, the readings in force."""

import hashlib
from typing import Final

from api.rendering.policy_statement import PolicyStatement, StatedAuthority
from api.services import Services
from api.usecases.stamp_time import ACCURACY
from signing.ca import authority_of
from signing.keys import kind_of
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql

_UNKNOWN_KEY: Final = "?"


def describe_policies(services: Services) -> PolicyStatement:
    """The statement of this installation.

    Raises:
        CeremonyRefused: the hierarchy has not been made.
    """
    with services.db.reading() as tx:
        found = [authority_of(name, RegistrySql(tx)) for name in AuthorityName]
    stated = []
    for one in found:
        certificate, kind = one.certificate, kind_of(one.certificate.public_key())
        stated.append(
            StatedAuthority(
                name=one.name,
                subject=certificate.subject.rfc4514_string(),
                sha256=hashlib.sha256(one.credential.certificate).hexdigest(),
                key=kind.value if kind else _UNKNOWN_KEY,
                not_after=certificate.not_valid_after_utc,
            )
        )
    return PolicyStatement(
        site=services.pki.room.site,
        reading=services.settings.secondary_reading,
        authorities=tuple(stated),
        timestamp_accuracy=ACCURACY,
        since=found[0].certificate.not_valid_before_utc,
    )
