"""Certificates of courses (结业证书): one's own, a course's, as a PDF; and their check, which is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.services import course_certificates
from server.services.course_certificates import CertificatesView, CertificateView, CheckView
from server.web.attendance_pdf import Pdf
from server.web.call import Call
from server.web.course_certificate import certificate_pdf, form_of
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Searched, Text

calls = Endpoints()


class WithdrawCertificate(Command):
    reason: Text


class CertificatePage(Query):
    """`q`: in the name, the unit or the number; `cursor`: of the page before."""

    q: Searched = ""
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True)
class OwnCertificates:
    items: tuple[CertificateView, ...]


@calls.on("GET", "/api/v1/certificates")
async def get_certificates(call: Call) -> OwnCertificates:
    """The caller's own, newest first."""
    return OwnCertificates(await course_certificates.own_certificates(call.site.house.records, call.principal))


@calls.on(
    "POST",
    "/api/v1/courses/{course_id}/certificate",
    status=201,
    refusals=("course_not_found", "certificate_not_earned", "command_reused"),
)
async def post_certificate(call: Call, course_id: UUID, body: Command) -> CertificateView:
    """The caller's own of a course that is done: it comes by itself with the last video, this asks for it."""
    records = call.site.house.records
    return await course_certificates.claim_certificate(records, call.principal, str(course_id), body.command, call.now)


@calls.on("GET", "/api/v1/courses/{course_id}/certificates", refusals=("course_not_found", "forbidden"))
async def get_course_certificates(call: Call, course_id: UUID, query: CertificatePage) -> CertificatesView:
    """Of the members whom the caller answers for, newest first."""
    return await course_certificates.list_certificates(
        call.site.house.records,
        call.principal,
        str(course_id),
        text=query.q,
        limit=query.limit,
        cursor=str(query.cursor) if query.cursor else None,
        now=call.now,
    )


@calls.on(
    "GET",
    "/api/v1/certificates/{certificate_id}/file",
    refusals=(
        *("certificate_not_found", "certificate_withdrawn"),
        *("sheet_busy", "too_fast", "conversion_failed", "conversion_too_heavy"),
    ),
    audited=True,
)
async def get_certificate_file(call: Call, certificate_id: UUID) -> Pdf:
    """As a PDF: one's own, or of a member whom the caller answers for."""
    records, settings = call.site.house.records, call.site.settings
    one = await course_certificates.printable_certificate(records, call.principal, str(certificate_id), call.now)
    call.site.pace.certificate_file(call.principal.account_id)
    form = form_of(one, organisation=settings.organisation, zone=settings.zone, base_url=call.base_url)
    return await certificate_pdf(call.site.certificates, form)


@calls.on(
    "POST",
    "/api/v1/certificates/{certificate_id}/withdrawal",
    refusals=("certificate_not_found", "certificate_withdrawn", "forbidden", "command_reused"),
)
async def post_certificate_withdrawal(call: Call, certificate_id: UUID, body: WithdrawCertificate) -> CertificateView:
    """The school takes it back, for good; whoever checks its number is told so."""
    return await course_certificates.withdraw_certificate(
        call.site.house.records, call.principal, str(certificate_id), body.command, reason=body.reason, now=call.now
    )


@calls.on("GET", "/api/v1/certificate-checks/{number}", access="public", refusals=("too_fast",))
async def get_certificate_check(call: Call, number: str) -> CheckView:
    """Whether a certificate is genuine, for anybody who has its number."""
    call.site.pace.certificate(call.address)
    return await course_certificates.check_certificate(call.site.house.records, number)
