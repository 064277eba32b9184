"""The address under which callers of the European Commission's DSS ask about certificates; same answer, its shape."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose
from api.context import JSON_BODY_BYTES, Call, public
from api.schemas.compat_dss import CertificateReports, CertificateToValidate, dss_reports
from api.usecases.validate_certificate import validate_certificate

router = APIRouter(prefix="/compat/dss", tags=["compatibility"], max_body_size=JSON_BODY_BYTES)

_Validate = Annotated[Call, Depends(public(purpose=Purpose.VALIDATE_CERTIFICATE))]


@router.post("/certificate-validation/validateCertificate", response_model=CertificateReports)
def post_validate_certificate(body: CertificateToValidate, call: _Validate) -> Response:
    """Validate a certificate as DSS's REST service does."""
    report = validate_certificate(body.to_command(), call.services, call.caller, call.at)
    return JSONResponse(dss_reports(report), headers={"Cache-Control": "no-store"})
