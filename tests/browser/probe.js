// Installed in every page before its own scripts. Measures what a person would see and hear, on the decoded media:
// which colours the page's video elements show and which pitches its incoming audio tracks carry.
(() => {
  const pcs = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      this.offers = 0;
      pcs.push(this);
    }
    async setLocalDescription(...args) {
      this.offers += 1;
      return super.setLocalDescription(...args);
    }
  };
  // Everybody beeps at once here, which an echo canceller takes for an echo: the fake microphones are used as they are.
  const capture = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (capture) {
    navigator.mediaDevices.getUserMedia = (constraints) => {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const audio = constraints.audio && { ...(constraints.audio === true ? {} : constraints.audio), ...plain };
      return capture({ ...constraints, audio });
    };
  }
  const open = () => pcs.filter((pc) => pc.connectionState !== "closed");

  // 500, 900, 1400, 2100 Hz ↔ the devices of devices.py
  const PITCHES = { red: 500, green: 900, blue: 1400, yellow: 2100 };
  let audio;
  const analysers = new Map();
  function analyserOf(track) {
    audio ??= new AudioContext();
    if (!analysers.has(track.id)) {
      const node = audio.createAnalyser();
      node.fftSize = 4096;
      node.smoothingTimeConstant = 0;
      const stream = new MediaStream([track]);
      const element = new Audio(); // Chromium decodes a remote track only where a media element takes it
      element.muted = true;
      element.srcObject = stream;
      element.play().catch(() => {});
      const source = audio.createMediaStreamSource(stream);
      source.connect(node);
      analysers.set(track.id, { node, source, element });
    }
    return analysers.get(track.id).node;
  }

  // Firefox's AudioContext runs only where there is a sound device; there what a track carries is recorded and then decoded.
  const DEAF = navigator.userAgent.includes("Firefox");
  const WINDOW = 4096;
  async function recorded(track, ms) {
    const recorder = new MediaRecorder(new MediaStream([track]));
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, ms));
    recorder.stop();
    await stopped;
    const offline = new OfflineAudioContext(1, 48000, 48000);
    const decoded = await offline.decodeAudioData(await new Blob(parts).arrayBuffer()).catch(() => null);
    return decoded ? decoded.getChannelData(0) : new Float32Array(0);
  }

  /** dB of one frequency in a window of samples (Goertzel, Hann window). */
  function levelAt(samples, from, hz) {
    const turn = 2 * Math.cos((2 * Math.PI * hz) / 48000);
    let last = 0, before = 0;
    for (let i = 0; i < WINDOW; i += 1) {
      const now = samples[from + i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW)) + turn * last - before;
      before = last;
      last = now;
    }
    return 10 * Math.log10((last * last + before * before - turn * last * before) / WINDOW ** 2 + 1e-12);
  }

  async function listen(ms, heard) {
    const tracks = incoming().filter((track) => track.kind === "audio" && !track.muted);
    for (const samples of await Promise.all(tracks.map((track) => recorded(track, ms)))) {
      for (let from = 0; from + WINDOW <= samples.length; from += WINDOW) {
        for (const [name, hz] of Object.entries(PITCHES)) {
          const floor = (levelAt(samples, from, hz - 150) + levelAt(samples, from, hz + 150)) / 2;
          const level = levelAt(samples, from, hz);
          if (level > -60 && level > floor + 12) heard[name] = (heard[name] ?? 0) + 1;
        }
      }
    }
  }

  function colourOf(video) {
    if (video.readyState < 2 || video.videoWidth === 0) return null;
    const canvas = document.createElement("canvas");
    canvas.width = 8;
    canvas.height = 8;
    const paint = canvas.getContext("2d");
    paint.drawImage(video, 0, 0, 8, 8);
    const data = paint.getImageData(0, 0, 8, 8).data;
    let r = 0, g = 0, b = 0;
    for (let i = 0; i < data.length; i += 4) {
      r += data[i];
      g += data[i + 1];
      b += data[i + 2];
    }
    const [hr, hg, hb] = [r, g, b].map((v) => v / 64 > 110);
    if (hr && hg && !hb) return "yellow";
    if (hr && !hg && !hb) return "red";
    if (!hr && hg && !hb) return "green";
    if (!hr && !hg && hb) return "blue";
    return null;
  }

  const incoming = () =>
    open().flatMap((pc) => pc.getReceivers().map((receiver) => receiver.track)).filter((track) => track && track.readyState === "live");

  async function frames() {
    let decoded = 0, keyFrames = 0, freezes = 0;
    for (const pc of open()) {
      for (const stat of (await pc.getStats()).values()) {
        if (stat.type === "inbound-rtp" && stat.kind === "video") {
          decoded += stat.framesDecoded ?? 0;
          keyFrames += stat.keyFramesDecoded ?? 0;
          freezes += stat.freezeCount ?? 0;
        }
      }
    }
    return { decoded, keyFrames, freezes };
  }

  window.__probe = {
    /** Colours and pitches perceived within `ms`, and how many frames each incoming video track decoded meanwhile. */
    async perceive(ms) {
      const seen = {}, heard = {};
      const videos = new Map();
      const watch = () => {
        for (const track of incoming().filter((t) => t.kind === "video" && !t.muted)) {
          if (!videos.has(track.id)) {
            const video = document.createElement("video");
            video.muted = true;
            video.playsInline = true;
            video.srcObject = new MediaStream([track]);
            video.play().catch(() => {});
            const entry = { video, frames: 0, colours: {} };
            const onFrame = () => {
              entry.frames += 1;
              const colour = colourOf(video);
              if (colour) seen[colour] = (seen[colour] ?? 0) + 1;
              entry.handle = video.requestVideoFrameCallback(onFrame);
            };
            entry.handle = video.requestVideoFrameCallback(onFrame);
            videos.set(track.id, entry);
          }
        }
        for (const track of DEAF ? [] : incoming().filter((t) => t.kind === "audio")) {
          const node = analyserOf(track);
          const bins = new Float32Array(node.frequencyBinCount);
          node.getFloatFrequencyData(bins);
          const width = audio.sampleRate / node.fftSize;
          const level = (hz) => Math.max(...[-1, 0, 1].map((d) => bins[Math.round(hz / width) + d]));
          for (const [name, hz] of Object.entries(PITCHES)) {
            const floor = (level(hz - 150) + level(hz + 150)) / 2;
            if (level(hz) > -60 && level(hz) > floor + 12) heard[name] = (heard[name] ?? 0) + 1;
          }
        }
      };
      if (audio && audio.state !== "running") await audio.resume();
      const before = await frames();
      const listening = DEAF ? listen(ms, heard) : null;
      const end = performance.now() + ms;
      while (performance.now() < end) {
        watch();
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      await listening;
      const after = await frames();
      for (const { video, handle } of videos.values()) {
        video.cancelVideoFrameCallback(handle);
        video.srcObject = null;
      }
      return { seen, heard, decoded: after.decoded - before.decoded, freezes: after.freezes - before.freezes };
    },
    /** The colours that the page's own visible video elements show at this moment. */
    shown() {
      return [...document.querySelectorAll("video")]
        .filter((video) => video.offsetParent !== null && video.srcObject)
        .map(colourOf)
        .filter(Boolean);
    },
    /** Unix time (ms) of the first frame of `colour` on any incoming video track. */
    firstFrameOf(colour) {
      return new Promise((resolve) => {
        let found = false;
        const videos = incoming().filter((t) => t.kind === "video").map((track) => {
          const video = document.createElement("video");
          video.muted = true;
          video.srcObject = new MediaStream([track]);
          video.play().catch(() => {});
          const onFrame = () => {
            if (found) return;
            if (colourOf(video) === colour) {
              found = true;
              const at = performance.timeOrigin + performance.now();
              videos.forEach((each) => (each.srcObject = null));
              resolve(at);
            } else video.requestVideoFrameCallback(onFrame);
          };
          video.requestVideoFrameCallback(onFrame);
          return video;
        });
      });
    },
    connections: () => open().map((pc) => ({ state: pc.connectionState, offers: pc.offers })),
    opened: () => pcs.length,
    pcs: open,
  };
})();
