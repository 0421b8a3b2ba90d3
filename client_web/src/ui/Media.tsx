import { useEffect, useRef, useState, type RefObject } from "react";
import { output, sendTo } from "../core/speaker";
import { useStreamOf, useWatched } from "./hooks";

export function Video({ track, mirrored = false, label }: { track: MediaStreamTrack; mirrored?: boolean; label: string }) {
  const element = useRef<HTMLVideoElement>(null);
  const stream = useStreamOf(track);
  useEffect(() => {
    if (element.current) element.current.srcObject = stream;
  }, [stream]);
  usePlayedOn(element);
  return <video ref={element} className="tile-video" data-mirrored={mirrored || undefined} autoPlay playsInline muted aria-label={label} />;
}

/** Phones stop what plays while the page is in the background, or somebody calls; it goes on as soon as the page is seen again. */
function usePlayedOn(element: RefObject<HTMLMediaElement | null>): void {
  useEffect(() => {
    const look = (): void => {
      const media = element.current;
      if (!document.hidden && media?.srcObject && media.paused) media.play().catch(() => undefined);
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [element]);
}

/** Plays a track; tells when the browser wants a click first. */
export function Sound({ track, onBlocked }: { track: MediaStreamTrack; onBlocked: (play: () => Promise<void>) => void }) {
  const element = useRef<HTMLAudioElement>(null);
  const stream = useStreamOf(track);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = stream;
    audio.play().catch((error: unknown) => {
      if (error instanceof Error && error.name === "NotAllowedError") onBlocked(() => audio.play());
    });
  }, [stream, onBlocked]);
  const there = useWatched(output);
  useEffect(() => {
    if (element.current) void sendTo(element.current, there);
  }, [there]);
  usePlayedOn(element);
  return <audio ref={element} autoPlay hidden />;
}

/** Loudness of a track, 0 to 1, ten times a second. */
export function useLevel(track: MediaStreamTrack | null): number {
  const [level, setLevel] = useState(0);
  const stream = useStreamOf(track);
  useEffect(() => {
    if (!stream) return undefined;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      setLevel(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50)));
    }, 100);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return track ? level : 0;
}
