"""pyHanko's own CSC client, unmodified, signs PDFs in one batch against the running service, under both paths."""

import asyncio
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.api.csc.conftest import Desk
from tests.fakes import sample_pdf


class OverHttp(CSCAuthorizationManager):
    """What pyHanko leaves to its caller: the call of `credentials/authorize`."""

    def __init__(self, session: aiohttp.ClientSession, code: str | None, *args: Any) -> None:
        super().__init__(*args)
        self.session = session
        self.code = code
        self.calls = 0

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        self.calls += 1
        body = self.format_csc_auth_request(otp=self.code, hash_b64s=hash_b64s)
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        async with self.session.post(url, headers=self.auth_headers, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return self.parse_csc_auth_response(await answer.json())


async def signed_in_one_batch(desk: Desk, version: str, documents: list[bytes]) -> tuple[list[bytes], Any]:
    service = CSCServiceSessionInfo(
        service_url=desk.address, credential_id=desk.credential, oauth_token=desk.token, api_ver=version
    )
    async with aiohttp.ClientSession() as session:
        credential = await fetch_certs_in_csc_credential(session, service)
        manager = OverHttp(session, desk.code(), service, credential)
        signer = CSCSigner(session, manager, batch_size=len(documents))

        async def one(content: bytes) -> bytes:
            writer = IncrementalPdfFileWriter(BytesIO(content))
            meta = PdfSignatureMetadata(field_name="Csc1", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
            made = await PdfSigner(meta, signer).async_sign_pdf(writer)
            return bytes(made.getvalue())

        made = await asyncio.gather(*map(one, documents))
    assert manager.calls == 1
    return list(made), credential


async def pyhanko_accepts(content: bytes, credential: Any, at: Any) -> bool:
    context = ValidationContext(
        trust_roots=[credential.chain[-1]], other_certs=credential.chain, moment=at, revocation_mode="soft-fail"
    )
    (embedded,) = PdfFileReader(BytesIO(content)).embedded_signatures
    status = await async_validate_pdf_signature(embedded, signer_validation_context=context)
    return bool(status.bottom_line)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("who", ["desk", "guarded"])
def test_an_unmodified_client_signs_two_documents_under_one_authorisation(
    version: str, who: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    desk: Desk = request.getfixturevalue(who)
    documents = [sample_pdf.small(), sample_pdf.page()]
    signed, credential = asyncio.run(signed_in_one_batch(desk, version, documents))
    assert credential.hash_pinning_required
    assert credential.supported_mechanisms == {"sha256_ecdsa"}
    for number, (before, content) in enumerate(zip(documents, signed, strict=True)):
        assert content.startswith(before)
        assert asyncio.run(pyhanko_accepts(content, credential, desk.office.installation.clock.at))
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(content)
        said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
        assert "Signature is Valid" in said.stdout, said.stdout
        answer = desk.office.installation.client.post("/v1/verifications", files={"file": ("a.pdf", content)}).json()
        (found,) = answer["signatures"]
        assert (found["intact"], found["covers_whole_file"], found["level"]) == (True, True, "B-B")
        assert found["certificate"]["class"] == "personal"
