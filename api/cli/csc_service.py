"""A service whose keys sign hashes for `anso sign --url`: the Cloud Signature Consortium's API, with a bearer token.

Knows HTTP and what the service says about its credentials. Must not know files. Nothing here is asked twice by itself:
an authorisation is the holder's, and a value is released once.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from api.cli.exits import Exit
from api.cli.sign_failures import of_code, service_away
from api.cli.sign_items import Failure
from api.cli.sign_service import ServiceAway

if TYPE_CHECKING:
    import httpx2

    from signing.keys import Credential

_PATH: Final = "/csc/v2"
_WAITING: Final = 202
_AUTHORISATIONS: Final = "/v1/signature-authorisations"
PATIENCE_S: Final = 300.0
"""As long as an authorisation waits for its holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCredential:
    """A credential of the caller's whose key the service keeps."""

    credential_id: str
    description: str
    credential: "Credential"
    needs_code: bool
    """A code of the holder's second factor goes with each authorisation."""
    is_enabled: bool
    most_at_once: int


@dataclass(slots=True, kw_only=True)
class CscService:
    """The ``CscPort`` to the service; remembers what the holder has still to agree to."""

    client: "httpx2.Client"
    stopped: Event
    tell: Callable[[str], None] = field(repr=False)
    """Takes a line for the person at the terminal."""
    _open: str | None = None

    @property
    def is_version_2(self) -> bool:
        """The names of version 2 are used."""
        return True

    def post(self, method: str, body: Mapping[str, object]) -> tuple[int, Mapping[str, Any]]:
        """Status (200 or 202) and the JSON object that came.

        Raises:
            ServiceAway: there is none; its failure says why.
        """
        import httpx2

        try:
            answer = self.client.post(f"{_PATH}/{method}", json=dict(body))
            found = answer.json()
        except httpx2.HTTPError as err:
            raise ServiceAway(service_away(type(err).__name__)) from err
        except ValueError as err:
            raise ServiceAway(service_away("?")) from err
        if not isinstance(found, dict) or not (answer.is_success or "error" in found):
            raise ServiceAway(service_away(f"HTTP {answer.status_code}"))
        if not answer.is_success:
            raise ServiceAway(_refusal(found, answer.status_code))
        self._follow(answer.status_code, found)
        return answer.status_code, found

    def pause(self, seconds: float) -> None:
        """Wait for the holder, unless nobody waits for the files any more.

        Raises:
            ServiceAway: the run was stopped.
        """
        if self.stopped.wait(seconds):
            raise ServiceAway(_holder_away())

    def withdraw(self) -> None:
        """Take back what the holder has not agreed to: nobody waits for it any more."""
        import httpx2

        handle, self._open = self._open, None
        if handle is not None:
            with suppress(httpx2.HTTPError):  # it ends by itself
                self.client.delete(f"{_AUTHORISATIONS}/{handle}")

    def _follow(self, status: int, found: Mapping[str, Any]) -> None:
        handle = found.get("handle")
        if status != _WAITING or not isinstance(handle, str):
            self._open = None
        elif handle != self._open:
            self._open = handle
            place = f"{str(self.client.base_url).rstrip('/')}{_AUTHORISATIONS}/{handle}"
            self.tell(
                f"đang chờ người ký đồng ý bằng khóa bảo mật (tối đa {PATIENCE_S / 60:.0f} phút) / waiting for the "
                f"holder's passkey: POST {place}/confirmation; Ctrl-C: thôi / give up"
            )


def kept_credentials(service: CscService) -> tuple[KeptCredential, ...]:
    """The caller's credentials whose keys the service keeps; those that cannot sign now are among them.

    Raises:
        ServiceAway: it does not say.
    """
    body = {"credentialInfo": True, "certificates": "chain", "authInfo": True}
    _, told_of = service.post("credentials/list", body)
    try:
        return tuple(_credential(one) for one in told_of.get("credentialInfos", ()))
    except (KeyError, IndexError, TypeError, ValueError) as err:
        raise ServiceAway(service_away("credentials/list")) from err


def _credential(one: Mapping[str, Any]) -> KeptCredential:
    import base64

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from signing.identity import load_certificate
    from signing.keys import ALGORITHM_OF_KIND, Credential, kind_of_spki

    certificate, *chain = (base64.b64decode(der, validate=True) for der in one["cert"]["certificates"])
    spki = load_certificate(certificate).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    algorithm = ALGORITHM_OF_KIND[kind_of_spki(spki)]
    return KeptCredential(
        credential_id=str(one["credentialID"]),
        description=str(one.get("description", "")),
        credential=Credential(key_id="", certificate=certificate, chain=tuple(chain), algorithm=algorithm),
        needs_code=one.get("OTP", {}).get("presence") == "true",
        is_enabled=one["key"]["status"] == "enabled",
        most_at_once=max(1, int(one["multisign"])),
    )


def holder_failure(error: Exception) -> Failure:
    """Why the service's key made no values; of a whole run, for nothing else can be signed either."""
    from signing.errors import RemoteCredentialChanged, RemoteHolderAway, SigningError

    if isinstance(error, ServiceAway):
        return error.failure
    if isinstance(error, RemoteHolderAway):
        return _holder_away()
    is_ours = isinstance(error, RemoteCredentialChanged)
    code = error.code if isinstance(error, SigningError) else "SERVICE_ODD"
    found = of_code(code, str(error))
    exit_code = Exit.NOT_AUTHORISED if is_ours else found.exit
    return Failure(code=found.code, vi=found.vi, en=found.en, exit=exit_code, stops=True)


def _refusal(body: Mapping[str, Any], status: int) -> Failure:
    """The service's code with the words of our own table; the standard's sentence beside."""
    said = str(body.get("error_description") or body["error"])
    found = of_code(str(body.get("code") or body["error"]).upper(), said)
    is_away = status >= 500 or status == 429  # noqa: PLR2004 - RFC 9110 §15.6, RFC 6585 §4
    return Failure(
        code=found.code, vi=found.vi, en=found.en, exit=Exit.UNAVAILABLE if is_away else Exit.NOT_AUTHORISED, stops=True
    )


def _holder_away() -> Failure:
    return Failure(
        code="REMOTE_HOLDER_AWAY",
        vi="Người ký chưa đồng ý bằng khóa bảo mật; chưa ký gì. Chạy lại và đồng ý tại dịch vụ trong năm phút.",
        en="The holder did not agree with a passkey; nothing was signed. Run it again, agree at the service in time.",
        exit=Exit.NOT_AUTHORISED,
        stops=True,
    )
