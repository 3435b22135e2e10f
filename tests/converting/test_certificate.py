"""A certificate as it is printed: its code is read from the page by a decoder that is not ours."""

import datetime as dt
import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pypdfium2
import pytest

from server.converting.attendance import PDF
from server.converting.certificate import convert
from server.domain.course_certificates import RANDOM_BYTES, CourseCertificate, number_of, printed
from server.web.course_certificate import form_of

CLIENT = Path(__file__).parents[2] / "static"
READER = """
import decode from 'qr/decode.js'
const [width, height] = process.argv.slice(1).map(Number)
const parts = []
for await (const part of process.stdin) parts.push(part)
process.stdout.write(decode({ width, height, data: new Uint8Array(Buffer.concat(parts)) }))
"""
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None or not (CLIENT / "node_modules" / "qr").is_dir(), reason="the client is not prepared")
def test_the_code_on_the_page_leads_to_the_check_of_its_number(tmp_path):
    number = number_of(bytes(range(RANDOM_BYTES)))
    names = ("张小明", "一车间党支部", "消防安全微课", "某集团党委")
    one = CourseCertificate("c", number, "course", "m", "u", *names, 3, 2, 125, dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    form = form_of(one, organisation="", zone=dt.UTC, base_url="https://school.example:8443")
    (tmp_path / "form.json").write_text(json.dumps(asdict(form), ensure_ascii=False))
    convert(tmp_path / "form.json", tmp_path, lambda _percent: None)
    document = pypdfium2.PdfDocument(tmp_path / PDF)
    page = document[0].render(scale=3, prefer_bgrx=True)  # four bytes a pixel; of black and white any order
    pixels = bytes(page.buffer)
    document.close()
    told = subprocess.run(
        [NODE, "--input-type=module", "-e", READER, str(page.width), str(page.height)],
        cwd=CLIENT,
        input=pixels,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.decode() == f"https://school.example:8443/certificates/{printed(number)}"
