// What the bench's pages do: publish one camera, watch the programme and tell when its first picture is decoded.
window.api = async (method, path, body) => {
  const answer = await fetch(`/api/v1${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status} ${path} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
};
window.enter = (number, password) => api('POST', '/session', { number, password });
window.step = (lesson, event) =>
  api('POST', `/lessons/${lesson}/transitions`, { command_id: crypto.randomUUID(), event });

const exchange = async (pc, ticket) => {
  await pc.setLocalDescription();
  const asked = performance.now();
  const answer = await fetch(ticket.url, { method: 'POST', body: pc.localDescription.sdp,
    headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${ticket.token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return asked;
};
window.publish = async (lesson) => {
  const ticket = await api('POST', `/lessons/${lesson}/tickets`,
    { use: 'publish', source: 'main', client_id: crypto.randomUUID() });
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 }, audio: true });
  const pc = window.publisher = new RTCPeerConnection();
  const camera = pc.addTransceiver(media.getVideoTracks()[0], { direction: 'sendonly' });
  camera.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs.filter((c) => /h264|rtx/i.test(c.mimeType)));
  pc.addTransceiver(media.getAudioTracks()[0], { direction: 'sendonly' });
  await exchange(pc, ticket);
};
window.watch = async (lesson) => {
  const ticket = await api('POST', `/lessons/${lesson}/tickets`,
    { use: 'watch', view: 'programme', client_id: crypto.randomUUID() });
  const pc = new RTCPeerConnection();
  const element = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true }));
  const shown = new Promise((done) => element.requestVideoFrameCallback(() => done(performance.now())));
  const cameras = [pc.addTransceiver('video', { direction: 'recvonly' }), pc.addTransceiver('video', { direction: 'recvonly' })];
  for (let slot = 0; slot < 3; slot++) pc.addTransceiver('audio', { direction: 'recvonly' });
  element.srcObject = new MediaStream([cameras[0].receiver.track]);
  const asked = await exchange(pc, ticket);
  const waited = await shown - asked;
  pc.close();
  element.remove();
  return waited;
};
// On the phone's own page: from the tap on its start control to the first picture of the camera, either way it comes.
window.awaitTap = () => {
  window.tapped = new Promise((done) => {
    document.addEventListener('click', (tap) => {
      const camera = document.querySelector('[data-testid=video-camera]');
      const look = (_now, frame) => {
        if (frame.width > 2) done(performance.now() - tap.timeStamp);
        else camera.requestVideoFrameCallback(look); // a track without pictures yet
      };
      camera.requestVideoFrameCallback(look);
    }, { capture: true, once: true });
  });
};
