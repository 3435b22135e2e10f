"""A 结业证书 as a PDF: what stands on it, and the code that leads to its check."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import segno

from server.domain.course_certificates import CourseCertificate, printed
from server.web.attendance_pdf import PDF, Pdf, Press
from server.web.sheets import attachment


@dataclass(frozen=True, slots=True)
class CertificateForm:
    """Text, as it is set. ``qr``: an SVG."""

    title: str
    name: str
    unit: str
    body: str
    issuer: str
    day: str
    number: str
    address: str
    qr: str


def form_of(one: CourseCertificate, *, organisation: str, zone: dt.tzinfo, base_url: str) -> CertificateForm:
    """``organisation``: by setting; without one the unit that holds the course issues it."""
    day, number = one.issued_at.astimezone(zone), printed(one.number)
    tests = "，并通过规定的测试" if one.tests else ""
    worth = f"，共计 {_hours(one.hundredths)} 学时" if one.hundredths else ""
    address = f"{base_url}/certificates/{number}"
    return CertificateForm(
        title="结业证书",
        name=one.name,
        unit=one.unit,
        body=f"已学完课程《{one.course}》的全部 {one.videos} 个微视频{tests}{worth}，准予结业，特发此证。",
        issuer=organisation or one.issuer,
        day=f"{day.year} 年 {day.month} 月 {day.day} 日",
        number=number,
        address=address,
        qr=_qr(address),
    )


async def certificate_pdf(press: Press, form: CertificateForm) -> Pdf:
    """Raises ``sheet_busy``, and what the craft refuses."""
    body = await press.pdf_bytes(form)
    return Pdf(body=body, content_type=PDF, headers=attachment(f"{form.title}-{form.number}.pdf"))


def _hours(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _qr(address: str) -> str:
    made = io.BytesIO()
    segno.make(address, error="m", micro=False).save(made, kind="svg", border=2, scale=4, xmldecl=False)
    return made.getvalue().decode()
