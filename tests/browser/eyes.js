// What a person at this page sees and hears, and what the page did to get there.
// Runs before the page's own scripts. Reads only: nothing here changes how the page behaves.
(() => {
  if (window.eyes) return;
  const peers = [];
  const links = [];
  const clock = () => new Date().toISOString().slice(11, 23);
  const posts = [];
  const breaches = [];
  const players = new Set();
  const firstFrames = [];

  const NativePeer = window.RTCPeerConnection;
  if (NativePeer) {
    window.RTCPeerConnection = class extends NativePeer {
      constructor(...args) {
        super(...args);
        peers.push(this);
        const index = peers.length;
        links.push(`${clock()} peer ${index} made`);
        this.addEventListener("connectionstatechange", () => {
          links.push(`${clock()} peer ${index} ${this.connectionState}`);
        });
      }
    };
  }

  const nativeFetch = window.fetch;
  window.fetch = function (input, init) {
    const url = String(input && input.url ? input.url : input);
    const method = String((init && init.method) || (input && input.method) || "GET").toUpperCase();
    if (method === "POST" && /\/(whip|whep)\//.test(url)) posts.push({ url, at: performance.now() });
    return nativeFetch.call(this, input, init);
  };

  const nativePlay = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    meet(this);
    return nativePlay.call(this);
  };
  document.addEventListener("playing", (event) => meet(event.target), true);
  document.addEventListener("securitypolicyviolation", (event) => {
    breaches.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile || ""}`);
  });

  function meet(element) {
    if (players.has(element)) return;
    players.add(element);
    if (element.requestVideoFrameCallback) {
      element.requestVideoFrameCallback((now, frame) => firstFrames.push({ at: now, width: frame.width }));
    }
  }

  // ---- seeing -----------------------------------------------------------------------------------------

  const SQUARE = 80, TOP = 600, BITS = 10, WIDTH = 1280, HEIGHT = 720; // as in media.py
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH / 4;
  canvas.height = HEIGHT / 4;
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  function mean(x, y, size) {
    const { data } = pen.getImageData(x, y, size, size);
    const sum = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c];
    return sum.map((total) => Math.round((total * 4) / data.length));
  }

  function number() {
    const light = (place) => {
      const [r, g, b] = mean(((place + 0.5) * SQUARE) / 4 - 4, (TOP + SQUARE / 2) / 4 - 4, 8);
      return (r + g + b) / 3;
    };
    const white = light(0), black = light(1);
    if (white - black < 100) return null;
    let value = 0;
    for (let bit = 0; bit < BITS; bit++) value = value * 2 + (light(bit + 2) > (white + black) / 2 ? 1 : 0);
    return value;
  }

  function look(video) {
    const box = video.getBoundingClientRect();
    const quality = video.getVideoPlaybackQuality();
    const seen = {
      name: video.dataset.testid ?? "",
      shown: box.width > 0 && box.height > 0 && getComputedStyle(video).visibility === "visible",
      box: [box.left, box.top, box.width, box.height].map(Math.round),
      size: [video.videoWidth, video.videoHeight],
      frames: quality.totalVideoFrames - quality.droppedVideoFrames,
      live: Boolean(video.srcObject),
      paused: video.paused,
      time: video.currentTime,
      failure: video.error ? `${video.error.code} ${video.error.message}` : null,
      rgb: null,
      number: null,
    };
    if (video.readyState >= 2 && video.videoWidth > 0) {
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      seen.rgb = mean(4, 4, 16);
      seen.number = number();
    }
    return seen;
  }

  // ---- hearing ----------------------------------------------------------------------------------------

  let context = null;
  const ears = new Map(); // audio track id → analyser

  function audible() {
    return [...players].filter((player) => !player.paused && !player.muted && player.volume > 0 && !player.ended);
  }

  function streamOf(player) {
    if (player.srcObject) return player.srcObject;
    player.eyesStream ??= player.captureStream();
    return player.eyesStream;
  }

  function earOf(track) {
    if (!ears.has(track.id)) {
      const ear = context.createAnalyser();
      ear.fftSize = 8192;
      ear.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(ear);
      ears.set(track.id, ear);
    }
    return ears.get(track.id);
  }

  // The loudest that each frequency became within the time, in dBFS, over everything this page plays aloud.
  async function hear(frequencies, milliseconds) {
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
    const loudest = frequencies.map(() => -200);
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      for (const player of audible()) {
        for (const track of streamOf(player).getAudioTracks()) {
          if (track.enabled && track.readyState === "live") listen(earOf(track), frequencies, loudest, player.volume);
        }
      }
      await new Promise((done) => setTimeout(done, 40));
    }
    return loudest.map((level) => Math.round(level));
  }

  function listen(ear, frequencies, loudest, volume) {
    const levels = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(levels);
    const width = context.sampleRate / ear.fftSize;
    frequencies.forEach((frequency, i) => {
      const middle = Math.round(frequency / width);
      const level = Math.max(...levels.slice(middle - 2, middle + 3)) + 20 * Math.log10(volume);
      if (level > loudest[i]) loudest[i] = level;
    });
  }

  // ---- sending and receiving --------------------------------------------------------------------------

  const traffic = []; // a line a second and picture, for whoever asks why one stood still
  const counted = new Map();
  const since = (id, now) => {
    const grown = now - (counted.get(id) ?? 0);
    counted.set(id, now);
    return grown;
  };
  const lineOf = {
    "outbound-rtp": (one) => `sends ${one.rid ?? "-"} ${one.frameHeight ?? 0}p +${since(one.id, one.framesEncoded)}`
      + ` key ${one.keyFramesEncoded} pli ${one.pliCount} nack ${one.nackCount}`
      + ` limit ${one.qualityLimitationReason} target ${Math.round((one.targetBitrate ?? 0) / 1000)}k`,
    "inbound-rtp": (one) => `gets ${one.mid} ${one.frameHeight ?? 0}p +${since(one.id, one.framesDecoded)}`
      + ` key ${one.keyFramesDecoded} pli ${one.pliCount} nack ${one.nackCount} lost ${one.packetsLost}`
      + ` packets ${one.packetsReceived} dropped ${one.framesDropped}`,
  };
  setInterval(async () => {
    for (const [index, peer] of peers.entries()) {
      if (peer.connectionState !== "connected" || traffic.length > 3000) continue;
      (await peer.getStats()).forEach((one) => {
        if (one.kind === "audio" && one.type === "inbound-rtp" && one.packetsReceived) {
          traffic.push(`${clock()} peer ${index + 1} hears ${one.mid} packets +${since(one.id, one.packetsReceived)}`
            + ` level ${(one.audioLevel ?? 0).toFixed(3)} concealed ${one.concealedSamples}`);
        }
        if (one.kind === "video" && lineOf[one.type]) traffic.push(`${clock()} peer ${index + 1} ${lineOf[one.type](one)}`);
      });
    }
  }, 1000);

  window.eyes = {
    traffic,
    pictures: () => [...new Set([...document.querySelectorAll("video"), ...players])]
      .filter((player) => player instanceof HTMLVideoElement).map(look),
    hear,
    players: () => [...players].map((one) => [
      one.dataset.testid ?? one.tagName, one.paused ? "paused" : "plays", one.muted ? "muted" : "aloud",
      `ready ${one.readyState}`, one.srcObject ? one.srcObject.getTracks().map((t) => `${t.kind} ${t.readyState}`) : "file",
    ].join(" ")).concat(context ? `ears ${context.state}` : "no ears"),
    peersMade: () => peers.length,
    peerStates: () => peers.map((peer) => peer.connectionState),
    links,
    firstFrames,
    posts,
    breaches,
  };
})();
