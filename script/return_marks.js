// What a page did to come back, each mark with the wall clock. Runs before the page's own scripts and changes nothing.
(() => {
  if (window.marks) return;
  const GAP_MS = 500; // a picture that stood for longer has come back
  const marks = (window.marks = []);
  const mark = (what) => { if (marks.length < 20_000) marks.push([Date.now(), what]); };

  const nativeFetch = window.fetch;
  window.fetch = async function (input, init) {
    const url = new URL(String(input && input.url ? input.url : input), location.href);
    const what = `${(init && init.method) || "GET"} ${url.pathname}`;
    mark(`ask ${what}`);
    try {
      const answer = await nativeFetch.call(this, input, init);
      mark(`answer ${answer.status} ${what}`);
      return answer;
    } catch (error) {
      mark(`silence ${what}`);
      throw error;
    }
  };

  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      mark("socket ask");
      let joined = false;
      this.addEventListener("message", ({ data }) => {
        if (joined || typeof data !== "string" || !data.startsWith("40/live")) return;
        joined = true;
        mark("socket joined");
      });
      this.addEventListener("close", () => mark("socket closed"));
    }
  };

  const NativePeer = window.RTCPeerConnection;
  let peers = 0;
  window.RTCPeerConnection = class extends NativePeer {
    constructor(...args) {
      super(...args);
      const number = ++peers;
      mark(`peer ${number} made`);
      this.addEventListener("connectionstatechange", () => mark(`peer ${number} ${this.connectionState}`));
    }
  };

  for (const event of ["online", "offline"]) addEventListener(event, () => mark(event));

  const met = new WeakSet();
  document.addEventListener("playing", ({ target }) => {
    if (met.has(target) || !target.requestVideoFrameCallback || target.closest("[data-testid=own-picture]")) return;
    met.add(target);
    let last = 0;
    const frame = () => {
      const now = Date.now();
      if (now - last > GAP_MS) mark(`picture ${target.dataset.testid ?? ""} ${target.srcObject ? "webrtc" : "hls"}`);
      last = now;
      target.requestVideoFrameCallback(frame);
    };
    target.requestVideoFrameCallback(frame);
  }, true);
})();
