"""The HTTPS API for suppliers' systems, mounted at `/api/v1`. A token says which supplier sends.

Parts of files are sent as in the draft standard *Resumable Uploads for HTTP*: with `Upload-Offset`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from interfaces.web.api_models import (
    CheckAnswer,
    DeliveryAnswer,
    MessageAnswer,
    PeriodAnswer,
    Problem,
    UploadAnswer,
    UploadOrder,
)
from interfaces.web.api_tokens import ApiToken, check_token
from interfaces.web.authorisation import SECRET_HEADER
from interfaces.web.csv_responses import build_file_response
from interfaces.web.pages import NotFoundError, get_settings, get_template
from interfaces.web.supplier_history import (
    find_own_delivery,
    list_expected_periods,
    list_messages,
    list_own_history,
    read_message,
    read_own_feedback,
    read_own_receipt,
)
from interfaces.web.upload_landing import confirm_upload, follow_landing
from interfaces.web.upload_parts import FilePart, finish_file
from interfaces.web.uploads import (
    Upload,
    UploadError,
    find_file,
    find_upload,
    give_up,
    list_uploads,
    read_offset,
    start_upload,
)
from register.access_record import Actor, Entry, RecordError, record_access, set_actor
from register.feeds import format_feedback
from register.settings import Settings

PATH = "/api/v1"
PROBLEM = "application/problem+json"
OFFSET, LENGTH = "Upload-Offset", "Upload-Length"
DESCRIPTION = (
    "Send deliveries to the register of missing children, and read what became of them. Each"
    " request has the header `Authorization: Bearer TOKEN`. The operator of the register gives you"
    " the token, which belongs to one supplier."
)
REFUSALS = {
    401: "The token is missing, wrong or expired.",
    404: "You have nothing of this id.",
    409: "The step does not fit the state of the upload.",
    413: "A limit on size or number is not met.",
    422: "The request, the file's hash or the file itself is refused.",
    429: "Too many requests.",
    503: "The register's storage does not answer. Send the request again later.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "model": Problem} for status, text in REFUSALS.items()
}


class TokenError(RuntimeError):
    """The request has no valid token."""


def _check_token(request: Request) -> ApiToken:
    settings = get_settings(request)
    if settings.web.is_proxied:
        secret = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(secret.encode(), settings.web.proxy_secret.encode()):
            raise TokenError
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    token = check_token(settings, text.strip()) if kind.lower() == "bearer" else None
    if token is None:
        record_access(settings, Entry("refusal", "token", actor=Actor("", "none")))
        raise TokenError
    return token


async def identify_token(
    request: Request, _: Annotated[Any, Depends(HTTPBearer(auto_error=False))]
) -> ApiToken:
    """Return the token of a request. The access record names it from now on."""
    token = await run_in_threadpool(_check_token, request)
    # This function is a coroutine, so that the rest of the request sees the actor.
    set_actor(Actor(token.name, "token"))
    return token


Token = Annotated[ApiToken, Depends(identify_token)]


def create_api(state: Any) -> FastAPI:
    """Create the API with the state of the application into which it is mounted."""
    api = FastAPI(
        title="Deliveries to the register of missing children",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        responses=RESPONSES,
    )
    api.state = state
    _add_reading(api)
    _add_uploads(api)
    _add_problems(api)
    return api


def _add_reading(api: FastAPI) -> None:
    @api.get("/reference", include_in_schema=False)
    def show_reference(request: Request) -> Response:
        """Show the description of the API as a page."""
        text = get_template("api_reference.html").render(api=api.openapi(), path=PATH)
        return Response(text, media_type="text/html; charset=utf-8")

    @api.get("/periods", tags=["Deliveries"])
    def list_periods(request: Request, token: Token) -> list[PeriodAnswer]:
        """List the feeds and periods that you may deliver: what is due comes first."""
        periods = list_expected_periods(get_settings(request), (token.supplier_code,))
        return [PeriodAnswer.from_period(period) for period in periods]

    @api.get("/deliveries", tags=["Deliveries"])
    def list_deliveries(request: Request, token: Token) -> list[DeliveryAnswer]:
        """List your deliveries, by whichever way they came, the latest first."""
        own = list_own_history(get_settings(request), (token.supplier_code,))
        return [DeliveryAnswer.from_delivery(delivery) for delivery in own]

    @api.get("/deliveries/{delivery_id}", tags=["Deliveries"])
    def read_delivery(request: Request, token: Token, delivery_id: str) -> DeliveryAnswer:
        """Read one delivery."""
        return DeliveryAnswer.from_delivery(
            find_own_delivery(get_settings(request), (token.supplier_code,), delivery_id)
        )

    @api.get("/deliveries/{delivery_id}/feedback", tags=["Deliveries"])
    def read_feedback(request: Request, token: Token, delivery_id: str) -> Response:
        """Read what to put right in a delivery, as CSV with your own ids of records."""
        settings = get_settings(request)
        own = find_own_delivery(settings, (token.supplier_code,), delivery_id)
        record_access(settings, Entry("export", "supplier_feedback", keys=(delivery_id,)))
        text = format_feedback(read_own_feedback(settings, own.entry))
        return build_file_response("feedback.csv", text)

    @api.get("/deliveries/{delivery_id}/receipt", tags=["Deliveries"])
    def read_delivery_receipt(request: Request, token: Token, delivery_id: str) -> Response:
        """Read the receipt of a delivery, as the exact bytes that are signed."""
        receipt = read_own_receipt(get_settings(request), (token.supplier_code,), delivery_id)
        return Response(receipt.content, media_type="application/json")

    @api.get("/deliveries/{delivery_id}/receipt/signature", tags=["Deliveries"])
    def read_receipt_signature(request: Request, token: Token, delivery_id: str) -> Response:
        """Read the signature of a receipt: a detached JWS."""
        receipt = read_own_receipt(get_settings(request), (token.supplier_code,), delivery_id)
        return Response(receipt.signature, media_type="application/jose")

    @api.get("/messages", tags=["Deliveries"])
    def list_own_messages(request: Request, token: Token) -> list[MessageAnswer]:
        """List the register's messages to you."""
        own = list_messages(get_settings(request), (token.supplier_code,))
        return [MessageAnswer(supplier_code=each.supplier_code, name=each.name) for each in own]

    @api.get("/messages/{name}", tags=["Deliveries"])
    def read_own_message(request: Request, token: Token, name: str) -> Response:
        """Read a message."""
        settings = get_settings(request)
        content = read_message(settings, (token.supplier_code,), name)
        record_access(settings, Entry("export", "supplier_message", keys=(token.supplier_code,)))
        return Response(content, media_type="application/octet-stream")


def _add_uploads(api: FastAPI) -> None:
    @api.post("/uploads", status_code=201, tags=["Uploads"])
    def start(
        request: Request, response: Response, token: Token, order: UploadOrder
    ) -> UploadAnswer:
        """Start an upload: name the feed, the period, and each file with its size and SHA-256."""
        settings = get_settings(request)
        files = [file.declare() for file in order.files]
        upload = start_upload(settings, token.supplier_code, order.feed, order.period, files)
        response.headers["Location"] = f"{PATH}/uploads/{upload.upload_id}"
        return UploadAnswer.from_upload(settings, upload, "open")

    @api.get("/uploads", tags=["Uploads"])
    def list_own_uploads(request: Request, token: Token) -> list[UploadAnswer]:
        """List your uploads that are not removed yet, the latest first."""
        settings = get_settings(request)
        uploads = list_uploads(settings, (token.supplier_code,))
        return [_build_answer(settings, upload) for upload in uploads]

    @api.get("/uploads/{upload_id}", tags=["Uploads"])
    def read(request: Request, token: Token, upload_id: str) -> UploadAnswer:
        """Read how far an upload is."""
        return _build_answer(*_find(request, token, upload_id))

    @api.delete("/uploads/{upload_id}", status_code=204, tags=["Uploads"])
    def give_upload_up(request: Request, token: Token, upload_id: str) -> None:
        """Give an upload up, and remove what has arrived of it."""
        give_up(*_find(request, token, upload_id))

    @api.head("/uploads/{upload_id}/files/{number}", status_code=204, tags=["Uploads"])
    def read_file_offset(request: Request, token: Token, upload_id: str, number: int) -> Response:
        """Read how many bytes of a file have arrived (`Upload-Offset`), to go on from there."""
        settings, upload = _find(request, token, upload_id)
        file = find_file(upload, number)
        offset = (
            file.size if upload.state == "confirmed" else read_offset(settings, upload_id, number)
        )
        return Response(status_code=204, headers={OFFSET: str(offset), LENGTH: str(file.size)})

    @api.patch("/uploads/{upload_id}/files/{number}", status_code=204, tags=["Uploads"])
    async def send_part(
        request: Request,
        token: Token,
        upload_id: str,
        number: int,
        upload_offset: Annotated[int, Header(ge=0, description="Where the part begins.")],
    ) -> Response:
        """Send a part of a file as the body. Bytes that arrived before a cut are kept."""
        settings, upload = await run_in_threadpool(_find, request, token, upload_id)
        offset = await receive_part(request, settings, upload, number, upload_offset)
        return Response(status_code=204, headers={OFFSET: str(offset)})

    @api.post("/uploads/{upload_id}/check", tags=["Uploads"])
    def check(request: Request, token: Token, upload_id: str) -> CheckAnswer:
        """Check a complete upload by the rules of a load."""
        settings, upload = _find(request, token, upload_id)
        return CheckAnswer.from_check(request.app.state.checks.check_upload(settings, upload))

    @api.post("/uploads/{upload_id}/confirm", status_code=202, tags=["Uploads"])
    def confirm(request: Request, token: Token, upload_id: str) -> UploadAnswer:
        """Confirm a complete upload: it becomes a delivery, and is read at once."""
        settings, upload = _find(request, token, upload_id)
        return _build_answer(settings, confirm_upload(settings, upload))


async def receive_part(
    request: Request, settings: Settings, upload: Upload, number: int, offset: int
) -> int:
    """Append the body of a request to a file, and complete the file with its last byte.

    Returns the number of bytes that are stored.
    """
    part = FilePart(settings, upload, number, offset)
    await run_in_threadpool(part.__enter__)
    try:
        async for block in request.stream():
            await run_in_threadpool(part.write, block)
    except ClientDisconnect:
        raise UploadError(400, "The request was cut.", part.offset) from None
    finally:
        await run_in_threadpool(part.__exit__, None, None, None)
    if part.offset == find_file(upload, number).size:
        await run_in_threadpool(finish_file, settings, upload, number)
    return part.offset


def _find(request: Request, token: ApiToken, upload_id: str) -> tuple[Settings, Upload]:
    settings = get_settings(request)
    return settings, find_upload(settings, (token.supplier_code,), upload_id)


def _build_answer(settings: Settings, upload: Upload) -> UploadAnswer:
    return UploadAnswer.from_upload(settings, *follow_landing(settings, upload))


def build_problem(status: int, title: str, detail: str, offset: int | None = None) -> JSONResponse:
    """Build the answer to a refused request, which never repeats what was sent."""
    problem = Problem(title=title, status=status, detail=detail, offset=offset)
    content: Mapping[str, Any] = problem.model_dump(exclude_none=True)
    headers = {} if offset is None else {OFFSET: str(offset)}
    return JSONResponse(content, status, media_type=PROBLEM, headers=headers)


def _add_problems(api: FastAPI) -> None:
    @api.exception_handler(TokenError)
    def _refuse_token(request: Request, error: Exception) -> Response:
        response = build_problem(401, "Not signed in", REFUSALS[401])
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(UploadError)
    def _refuse_step(request: Request, error: UploadError) -> Response:
        return build_problem(error.status, "Refused", str(error), error.offset)

    @api.exception_handler(NotFoundError)
    def _refuse_unknown(request: Request, error: Exception) -> Response:
        return build_problem(404, "Unknown", REFUSALS[404])

    @api.exception_handler(RecordError)
    def _refuse_unrecorded(request: Request, error: Exception) -> Response:
        return build_problem(503, "Not available", "The register cannot write its record.")

    @api.exception_handler(RequestValidationError)
    def _refuse_form(request: Request, error: RequestValidationError) -> Response:
        places = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        return build_problem(422, "Refused", f"Wrong or missing: {', '.join(places)}.")

    @api.exception_handler(HTTPException)
    def _refuse_http(request: Request, error: HTTPException) -> Response:
        return build_problem(error.status_code, "Refused", str(error.detail))
