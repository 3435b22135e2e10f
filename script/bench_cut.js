// What the bench looks at on a watching page: when it is covered and silent, and when the picture is back. Epoch times.
window.order = (lesson, what) => api('POST', `/lessons/${lesson}/${what}`, { command_id: crypto.randomUUID() });
const camera = () => document.querySelector('[data-testid=video-camera]');
const sounds = () => [...document.querySelectorAll('audio'), camera()].filter(Boolean);
// A live element sounds by its tracks, one on the steady line by itself.
const sounding = (element) => element.srcObject instanceof MediaStream
  ? element.srcObject.getAudioTracks().some((track) => track.enabled)
  : Boolean(element.currentSrc) && !element.muted && element.readyState > 0;
window.covered = () => Boolean(document.querySelector('[data-testid=slate]'));
window.untilCovered = () => new Promise((done) => {
  const look = () => covered() && !sounds().some(sounding) ? done(Date.now()) : requestAnimationFrame(look);
  look();
});
// A picture of the size that the camera sends, drawn after the cover went.
window.untilBack = (lines) => new Promise((done) => {
  const look = (_now, frame) => {
    if (!covered() && (frame ? frame.height : 0) >= lines) done(Date.now());
    else camera().requestVideoFrameCallback(look);
  };
  look(0, null);
});
// How long the picture stood still in that time.
window.stoodStill = (ms) => new Promise((done) => {
  const began = performance.now();
  let still = 0, before = began, time = camera().currentTime;
  const look = () => {
    const now = performance.now(), at = camera().currentTime;
    if (at === time) still += now - before;
    before = now; time = at;
    if (now - began < ms) setTimeout(look, 50); else done(Math.round(still));
  };
  setTimeout(look, 50);
});
// On a page that only receives: when the last packet of sound came, and of a picture that is no slate.
window.receive = async (lesson) => {
  const ticket = await api('POST', `/lessons/${lesson}/tickets`, { use: 'watch', view: 'programme', client_id: crypto.randomUUID() });
  const pc = window.receiver = new RTCPeerConnection();
  for (const kind of ['video', 'video', 'audio', 'audio', 'audio']) pc.addTransceiver(kind, { direction: 'recvonly' });
  await pc.setLocalDescription();
  const answer = await fetch(ticket.url, { method: 'POST', body: pc.localDescription.sdp,
    headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${ticket.token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  const seen = window.lastSound = { packets: 0, atMs: 0 };
  setInterval(async () => {
    let packets = 0;
    for (const one of (await pc.getStats()).values()) if (one.type === 'inbound-rtp' && one.kind === 'audio') packets += one.packetsReceived;
    if (packets > seen.packets) Object.assign(seen, { packets, atMs: Date.now() });
  }, 20);
};
void 0; // evaluated as a text, the last value would be called
