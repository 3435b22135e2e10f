"""The instruments themselves: a fake camera is recognised after a real WebRTC link, and UDP really is blocked."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Playwright

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.media import FRAMES, LECTURER, SOURCES, Source, capture

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
        picture = await face.sees(source, within=60)
        assert picture.size[0] * 9 == picture.size[1] * 16
        assert picture.number is not None
        assert picture.number < FRAMES
        await face.hears(source, within=60)
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


async def test_a_file_played_aloud_is_heard_and_a_muted_one_is_not(playwright: Playwright) -> None:
    browser = await launch(playwright)
    try:
        context = await browser.new_context()
        await context.route(
            "**/*", lambda route: route.fulfill(body="<button>start</button>", content_type="text/html")
        )
        tone = capture(LECTURER).audio.read_bytes()
        await context.route("**/tone.wav", lambda route: route.fulfill(body=tone, content_type="audio/wav"))
        face = await Face.open("player", context, ORIGIN, "/")
        await face.page.click("button")
        await face.page.evaluate("() => { window.a = new Audio('/tone.wav'); a.loop = true; return a.play(); }")
        await face.hears(LECTURER, within=60)
        await face.page.evaluate("() => { a.muted = true; }")
        await face.hears(within=60)
    finally:
        await browser.close()
