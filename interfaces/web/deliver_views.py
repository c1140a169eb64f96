"""Pages on which suppliers deliver: what is due, and one upload until it is confirmed.

The pages work without scripts. One script of their own adds dropping files, and parts of large
files that go on after an interruption.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from markupsafe import Markup

from interfaces.web.api_app import OFFSET, receive_part
from interfaces.web.authorisation import (
    AnyVisitor,
    Form,
    SupplierVisitor,
    check_form,
    read_field,
    refuse_foreign_origin,
    refuse_foreign_token,
    require_account,
    require_supplier,
)
from interfaces.web.form_files import MULTIPART, add_form_files, receive_form, remove_form
from interfaces.web.pages import Visitor, get_settings, read_template_text, render_page
from interfaces.web.supplier_history import list_expected_periods
from interfaces.web.upload_checks import REJECTED, read_check
from interfaces.web.upload_landing import confirm_upload, follow_landing
from interfaces.web.uploads import (
    DeclaredFile,
    Upload,
    UploadError,
    declare_files,
    find_file,
    find_upload,
    give_up,
    list_uploads,
    read_offset,
    remove_file,
    start_upload,
)
from register.settings import Settings

router = APIRouter()
# The policy of the pages with a script: only this application's own file runs, and sends to it.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SCRIPT = Markup('<script src="/deliver.js" defer></script>')
TOKEN_HEADER = "X-Form-Token"  # noqa: S105 - the name of a header
BAD_CHOICE = UploadError(422, "Choose one of the feeds and periods on the page.")


@router.get("/deliver.js")
def read_script(request: Request) -> Response:
    """Return the script of the pages on which suppliers deliver."""
    return PlainTextResponse(read_template_text("deliver.js"), media_type="text/javascript")


@router.get("/deliver")
def show_deliverable(request: Request, visitor: SupplierVisitor) -> Response:
    """Show what the supplier may deliver, what is due first, and its open uploads."""
    settings = get_settings(request)
    uploads = list_uploads(settings, visitor.supplier_codes)
    periods = list_expected_periods(settings, visitor.supplier_codes)
    return render_page(
        request,
        "deliver.html",
        visitor,
        periods=periods,
        due=[period for period in periods if period.is_due],
        open_uploads=[upload for upload in uploads if upload.state == "open"],
        hours=settings.uploads.hours,
        today=datetime.now(UTC).date(),
    )


@router.post("/deliver")
def start(request: Request, form: Form, visitor: SupplierVisitor) -> Response:
    """Start an upload for the chosen feed and period."""
    supplier_code, _, choice = read_field(form, "choice").partition("|")
    feed, _, period = choice.partition("|")
    if supplier_code not in visitor.supplier_codes:
        raise BAD_CHOICE
    upload = start_upload(get_settings(request), supplier_code, feed, period, [])
    return _open(upload)


@router.get("/deliver/{upload_id}")
def show_upload(request: Request, visitor: SupplierVisitor, upload_id: str) -> Response:
    """Show an upload: its files, the result of its check, and after that how far its landing is."""
    settings, upload = _find(request, visitor, upload_id)
    upload, progress = follow_landing(settings, upload)
    if progress == "landed":
        return RedirectResponse(f"/delivered/{upload.delivery_id}", 303)
    if progress != "open":
        return render_page(request, "confirmed.html", visitor, upload=upload, progress=progress)
    result = read_check(settings, upload)
    answer = render_page(
        request,
        "upload.html",
        visitor,
        upload=upload,
        offsets={
            file.number: read_offset(settings, upload_id, file.number) for file in upload.files
        },
        result=result,
        result_page=Markup(result.page) if result else "",  # noqa: S704 - our own template's
        may_confirm=result is not None and result.outcome != REJECTED,
        limits=settings.limits,
        file_megabytes=settings.uploads.file_megabytes,
        script=SCRIPT,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


async def receive_files(request: Request, visitor: AnyVisitor) -> None:
    """Receive the files of a form into the upload that the address names."""
    refuse_foreign_origin(request)
    if not request.headers.get("content-type", "").startswith(MULTIPART) or not (
        visitor.is_supplier
    ):
        await check_form(request, visitor)
        require_supplier(require_account(visitor))
        raise UploadError(400, "Choose a file or a folder first.")
    settings, upload = _find(request, visitor, request.path_params["upload_id"])
    form = await receive_form(request, settings, upload)
    try:
        refuse_foreign_token(request, visitor, form.fields.get("form_token", ""))
        await run_in_threadpool(add_form_files, settings, upload, form)
    finally:
        await run_in_threadpool(remove_form, form)


@router.post("/deliver/{upload_id}/files")
def send_files(upload_id: str, _: Annotated[None, Depends(receive_files)]) -> Response:
    """Show an upload after its form with files was received."""
    return RedirectResponse(f"/deliver/{upload_id}", 303)


@router.post("/deliver/{upload_id}/declare")
def declare(request: Request, form: Form, visitor: SupplierVisitor, upload_id: str) -> Response:
    """Declare a file that the script is going to send, and answer where its next part begins."""
    settings, upload = _find(request, visitor, upload_id)
    size = read_field(form, "size")
    path = read_field(form, "path")
    if not size.isascii() or not size.isdigit():
        raise UploadError(422, "The size of the file is missing.")
    declared = DeclaredFile(path, int(size), stamp=read_field(form, "stamp"))
    upload = declare_files(settings, upload, [declared])
    (file,) = (file for file in upload.files if file.path == path)
    offset = read_offset(settings, upload_id, file.number)
    return JSONResponse({"number": file.number, "offset": offset, "is_complete": file.is_complete})


def check_header_token(request: Request, visitor: AnyVisitor) -> None:
    """Raise `ForbiddenError` unless a request has its session's form token as a header."""
    refuse_foreign_origin(request)
    refuse_foreign_token(request, visitor, request.headers.get(TOKEN_HEADER, ""))


@router.post("/deliver/{upload_id}/files/{number}/part")
async def send_part(
    request: Request,
    _: Annotated[None, Depends(check_header_token)],
    visitor: SupplierVisitor,
    upload_id: str,
    number: int,
    upload_offset: Annotated[int, Header(ge=0)] = 0,
) -> Response:
    """Append a part that the script sends to a file."""
    settings, upload = await run_in_threadpool(_find, request, visitor, upload_id)
    offset = await receive_part(request, settings, upload, number, upload_offset)
    return Response(status_code=204, headers={OFFSET: str(offset)})


@router.post("/deliver/{upload_id}/files/{number}/remove")
def leave_file_out(
    request: Request, form: Form, visitor: SupplierVisitor, upload_id: str, number: int
) -> Response:
    """Remove a file from an upload."""
    settings, upload = _find(request, visitor, upload_id)
    find_file(upload, number)
    return _open(remove_file(settings, upload, number))


@router.post("/deliver/{upload_id}/check")
def check(request: Request, form: Form, visitor: SupplierVisitor, upload_id: str) -> Response:
    """Check an upload by the rules of a load, and show the result."""
    settings, upload = _find(request, visitor, upload_id)
    request.app.state.checks.check_upload(settings, upload)
    return _open(upload)


@router.post("/deliver/{upload_id}/confirm")
def confirm(request: Request, form: Form, visitor: SupplierVisitor, upload_id: str) -> Response:
    """Confirm an upload that was checked and would not be rejected."""
    settings, upload = _find(request, visitor, upload_id)
    if upload.state == "open":
        result = read_check(settings, upload)
        if result is None or result.outcome == REJECTED:
            raise UploadError(409, "Check the files first: only what would land can be confirmed.")
    return _open(confirm_upload(settings, upload))


@router.post("/deliver/{upload_id}/give-up")
def give_upload_up(
    request: Request, form: Form, visitor: SupplierVisitor, upload_id: str
) -> Response:
    """Give an upload up, and remove its files."""
    give_up(*_find(request, visitor, upload_id))
    return RedirectResponse("/deliver", 303)


def _find(request: Request, visitor: Visitor, upload_id: str) -> tuple[Settings, Upload]:
    settings = get_settings(request)
    return settings, find_upload(settings, visitor.supplier_codes, upload_id)


def _open(upload: Upload) -> Response:
    return RedirectResponse(f"/deliver/{upload.upload_id}", 303)
