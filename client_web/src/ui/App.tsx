import { useCallback, useEffect, useMemo, useState } from "react";
import { Devices } from "../core/devices";
import { Session } from "../core/session";
import { claimsOf, forget, tokenFromLink } from "../core/token";
import { Doorstep } from "./Doorstep";
import { EndPage } from "./EndPage";
import type { Joined } from "./JoinPage";
import { RoomPage } from "./RoomPage";

const workshopOfPath = (): string | null => /^\/w\/([^/]+)/.exec(location.pathname)?.[1] ?? null;

export function App() {
  const [workshopId] = useState(workshopOfPath);
  const [openedAt] = useState(() => Date.now());
  const [link, setLink] = useState(tokenFromLink);
  const claims = useMemo(() => (link === null ? null : claimsOf(link)), [link]);
  const [session, setSession] = useState<Session | null>(null);
  const devices = useMemo(() => new Devices(), []);
  useEffect(() => {
    const changed = (): void => {
      setLink(tokenFromLink());
      setSession((before) => (before?.connection.status.get().state === "ended" ? null : before)); // a new link, after what has ended
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);

  const enter = useCallback(
    ({ token, mic, camera }: Joined) => {
      const next = new Session(token, devices, { mic, camera });
      Object.assign(window, { __atelier: next }); // for diagnostics, in the browser's console
      setSession(next);
      next.start();
    },
    [devices],
  );
  const again = useCallback(() => setSession(null), []);

  if (workshopId === null) return <EndPage code="home" />;
  if (session) {
    return <RoomPage session={session} onAgain={again} onForget={() => forget(workshopId)} />;
  }
  if (link === null) return <EndPage code="token_missing" />;
  if (claims === null) return <EndPage code="token_invalid" />;
  if (claims.exp * 1000 < openedAt) return <EndPage code="token_expired" />;
  return <Doorstep key={link} link={link} claims={claims} workshopId={workshopId} devices={devices} onJoined={enter} />;
}
