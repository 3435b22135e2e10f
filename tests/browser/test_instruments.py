"""The instruments themselves: a fake camera is recognised after a real WebRTC link, and UDP really is blocked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.media import FRAMES, LECTURER, SOURCES, Source

pytestmark = pytest.mark.browser

ORIGIN = "https://instruments.test"
PAGE = """<!doctype html><button>start</button><video id=v playsinline></video><script>
const one = new RTCPeerConnection(), two = new RTCPeerConnection();
one.onicecandidate = (e) => e.candidate && two.addIceCandidate(e.candidate);
two.onicecandidate = (e) => e.candidate && one.addIceCandidate(e.candidate);
two.ontrack = (e) => { v.srcObject = e.streams[0]; };
document.querySelector("button").onclick = async () => {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 }, audio: true });
  camera.getTracks().forEach((t) => one.addTrack(t, camera));
  await one.setLocalDescription();
  await two.setRemoteDescription(one.localDescription);
  await two.setLocalDescription();
  await one.setRemoteDescription(two.localDescription);
  await v.play();
};
</script>"""


@pytest.fixture(scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


async def loopback(browser: Browser) -> Face:
    """A page that sends its camera to itself, with one click done."""
    context = await browser.new_context()
    await context.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    face = await Face.open("loopback", context, ORIGIN, "/")
    await face.page.click("button")
    return face


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
async def test_picture_and_sound_tell_whose_they_are(playwright: Playwright, source: Source) -> None:
    browser = await launch(playwright, source)
    try:
        face = await loopback(browser)
        picture = await face.sees(source, within=20)
        assert picture.size[0] * 9 == picture.size[1] * 16
        assert picture.number is not None
        assert picture.number < FRAMES
        await face.hears(source, within=15)
        assert face.complaints == []
    finally:
        await browser.close()


async def test_without_udp_no_webrtc_comes_about(playwright: Playwright) -> None:
    browser = await launch(playwright, LECTURER, udp=False)
    try:
        face = await loopback(browser)
        gathered = await face.page.evaluate("""() => new Promise((done) => {
            const look = () => one.iceGatheringState === "complete" && done(one.localDescription.sdp);
            one.onicegatheringstatechange = look;
            look();
        })""")
        assert "a=ice-ufrag:" in gathered
        assert " udp " not in gathered.lower().replace("udp/tls/rtp", "")
    finally:
        await browser.close()
