/* For looking at pages only: a peer connection that needs no network and shows drawn pictures. Put into a page by dev/shots.py. */
(() => {
  const hues = [18, 205, 140, 260, 45, 330, 170, 95]
  function picture(index, screen) {
    const canvas = Object.assign(document.createElement('canvas'), { width: screen ? 1280 : 640, height: screen ? 720 : 360 })
    const pen = canvas.getContext('2d')
    const draw = () => {
      const { width: w, height: h } = canvas
      if (screen) {
        pen.fillStyle = '#f7f5ef'; pen.fillRect(0, 0, w, h)
        pen.fillStyle = '#24406b'; pen.fillRect(0, 0, w, 96)
        pen.fillStyle = '#fff'; pen.font = '600 44px sans-serif'; pen.fillText('一、岗位安全的四个环节', 48, 64)
        pen.fillStyle = '#2a2f36'; pen.font = '34px sans-serif'
        ;['班前:查隐患、查防护', '作业:先确认、再操作', '交接:写清楚、说清楚', '复盘:有记录、有改进'].forEach((line, n) => pen.fillText(`${n + 1}. ${line}`, 72, 190 + n * 90))
      } else {
        const hue = hues[index % hues.length]
        const sky = pen.createLinearGradient(0, 0, 0, h)
        sky.addColorStop(0, `hsl(${hue} 18% 62%)`); sky.addColorStop(1, `hsl(${hue} 22% 34%)`)
        pen.fillStyle = sky; pen.fillRect(0, 0, w, h)
        pen.fillStyle = 'rgb(255 255 255 / 16%)'; pen.fillRect(w * 0.2, h * 0.1, w * 0.6, h * 0.32)
        const people = index === 0 ? 1 : 7
        for (let n = 0; n < people; n += 1) {
          const x = people === 1 ? w / 2 : w * (0.1 + n * 0.133); const y = people === 1 ? h * 0.62 : h * (0.66 + (n % 2) * 0.1); const r = people === 1 ? 58 : 24
          pen.fillStyle = '#e3bd9d'; pen.beginPath(); pen.arc(x, y - r * 0.9, r * 0.62, 0, 7); pen.fill()
          pen.fillStyle = `hsl(${hue + 200} 20% 24%)`; pen.beginPath(); pen.ellipse(x, y + r * 1.1, r * 1.3, r * 1.3, 0, Math.PI, 0); pen.fill(); pen.fillRect(x - r * 1.3, y + r * 1.1, r * 2.6, h)
        }
      }
      pen.fillStyle = 'rgb(0 0 0 / 45%)'; pen.fillRect(w - 2, h - 2, 1 + Math.random(), 1)
    }
    draw(); setInterval(draw, 200)
    return canvas.captureStream(5).getVideoTracks()[0]
  }
  class FakePeer extends EventTarget {
    constructor() { super(); this.list = []; this.connectionState = 'new' }
    getConfiguration() { return {} }
    setConfiguration() {}
    addTransceiver(what, init) {
      const kind = typeof what === 'string' ? what : what.kind
      const one = { kind, init, setCodecPreferences() {}, receiver: { track: { kind } }, sender: { getParameters: () => ({}), setParameters: async () => {}, replaceTrack: async () => {} } }
      this.list.push(one); return one
    }
    getTransceivers() { return this.list }
    async createOffer() { return { type: 'offer', sdp: 'v=0' } }
    async setLocalDescription() {}
    async setRemoteDescription() {
      const wanted = this.list.filter(one => one.init?.direction === 'recvonly' && one.kind === 'video')
      const wall = wanted.length > 2
      wanted.forEach((one, index) => setTimeout(() => {
        const event = new Event('track'); event.transceiver = one
        event.track = picture(wall ? Math.max(0, index - 1) : 0, index === 1); this.dispatchEvent(event)
      }, 30 * index))
      setTimeout(() => { this.connectionState = window.__peerState ?? 'connected'; this.dispatchEvent(new Event('connectionstatechange')) }, 60)
      window.__peers = [...(window.__peers ?? []), this]
    }
    async getStats() {
      this.n = (this.n ?? 0) + 1
      return new Map([['a', { type: 'inbound-rtp', packetsReceived: this.n * 300, bytesReceived: this.n * 300_000, packetsLost: 0, framesDecoded: this.n * 50 }],
        ['b', { type: 'outbound-rtp', packetsSent: this.n * 300, bytesSent: this.n * 300_000, framesEncoded: this.n * 50 }]])
    }
    close() { this.connectionState = 'closed' }
  }
  window.RTCPeerConnection = FakePeer
})()
