"""The real application on loopback whose checks answer with a prepared report: the file's text names the state.

    python tests/e2e/canned_service.py DATA_DIR PORT

Every state of a page can so be opened in a browser, also those that are hard to make with keys and clocks.
"""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[2]))

from api import migrations
from api.bootstrap import build_authenticator, build_services
from api.errors import NotFound, ServiceUnavailable
from api.main import create_app
from api.settings import Settings
from api.ui.verification import look_up, verification
from api.usecases.find_verification_code import PublicRecord
from tests.api.ui.reports import SHA256, STATES, report

CODE = "k3v7q2m9t4x8b6n1c5z0w3y7ra"


ISSUED = PublicRecord(
    code=CODE,
    result_type="Trích lục khai sinh",
    result_type_en="Birth extract",
    document_number="165/TLKS-UBND",
    issuer_name="Ủy ban nhân dân phường Yết Kiêu",
    issued_on=date(2026, 11, 22),
    state="active",
    masked_holder="H*** K*** Q***",
    sha256=SHA256,
)


def verify(content: bytes, _password: str | None, _call: object) -> dict[str, Any]:
    """Find the state's name in the file."""
    for name, make in STATES.items():
        if f"state:{name};".encode() in content:
            return make()
    if b"state:busy;" in content:
        raise ServiceUnavailable
    if b"state:other_file;" in content:
        return report(file={"sha256": "00" * 32, "size": 9})
    raise ValueError("the test named no state")


def find(code: str, _call: object) -> PublicRecord:
    """Know one active and one revoked document."""
    if code == CODE:
        return ISSUED
    if code == CODE[::-1]:
        return replace(ISSUED, code=code, state="revoked", result_type="Quyết định", result_type_en="Decision")
    raise NotFound


def main(data: str, port: str) -> None:
    """Serve until killed."""
    settings = Settings(data=Path(data), port=int(port), max_upload_mb=2, public_rate="10000/minute")
    services = build_services(settings, clock=lambda: datetime.now(UTC))
    migrations.upgrade(services.db)
    app = create_app(services, build_authenticator(settings, services.db))
    app.dependency_overrides = {verification: lambda: verify, look_up: lambda: find}
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
