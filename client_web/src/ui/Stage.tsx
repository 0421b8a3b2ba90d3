import { Text } from "@mantine/core";
import { IconHandStop, IconMicrophoneOff, IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Received } from "../core/rtc";
import type { Session } from "../core/session";
import type { ParticipantRecord } from "../protocol/wire";
import { columnsFor, initials, type WorkshopView } from "../state/selectors";
import { useSize, useWatched } from "./hooks";
import { Video } from "./Media";

/** Everybody in my room, and the screen that is shared. */
export function Stage({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const speaking = useWatched(session.rtc.speaking);
  const camera = useWatched(session.devices.camera);
  const sending = useWatched(session.sending);
  const ownScreen = useWatched(session.screen);
  const [grid, size] = useSize();
  const people = useMemo(() => view.here?.people ?? [], [view.here]);
  const sharer = people.find((person) => person.screen && person.participant_id !== view.me?.participant_id);
  const screenTrack = received.find(({ media, participantId }) => media === "screen" && participantId === sharer?.participant_id);
  const columns = columnsFor(people.length, size.width, size.height);
  const rows = Math.ceil(people.length / columns);
  const tileWidth = Math.max(0, Math.floor(Math.min(size.width / columns, (size.height / rows) * (16 / 9))) - 12);

  useEffect(() => {
    if (tileWidth <= 0) return;
    const others = people.filter((person) => person.participant_id !== view.me?.participant_id);
    const spoke = (person: ParticipantRecord): number => {
      const index = speaking.indexOf(person.participant_id);
      return index < 0 ? speaking.length : index;
    };
    const height = Math.round((tileWidth * 9) / 16);
    session.show([
      ...(sharer ? [{ participant_id: sharer.participant_id, media: "screen" as const, width: 1280, height: 720 }] : []),
      ...others
        .filter((person) => person.camera)
        .sort((a, b) => spoke(a) - spoke(b))
        .map((person) => ({ participant_id: person.participant_id, media: "camera" as const, width: tileWidth, height })),
    ]);
  }, [session, people, speaking, sharer, tileWidth, view.me]);

  return (
    <section className="stage" data-screen={Boolean(sharer ?? ownScreen) || undefined} aria-label={t("stage.label")}>
      {sharer && (
        <figure className="screen">
          {screenTrack && <Video track={screenTrack.track} label={t("stage.screenOf", { name: sharer.name })} />}
          <figcaption>{t("stage.screenOf", { name: sharer.name })}</figcaption>
        </figure>
      )}
      {!sharer && ownScreen && <div className="screen screen-own">{t("stage.yourScreen")}</div>}
      <div className="tiles" ref={grid} role="list" style={{ "--tile": `${String(tileWidth)}px` } as React.CSSProperties}>
        {people.map((person) => {
          const self = person.participant_id === view.me?.participant_id;
          const track = self ? (sending.camera ? camera.track : null) : trackOf(received, person.participant_id);
          return <Tile key={person.participant_id} person={person} self={self} track={person.camera || self ? track : null} speaking={speaking.includes(person.participant_id)} />;
        })}
      </div>
      {people.length === 1 && (
        <div className="stage-hint">
          <Text fw={600}>{t("stage.alone")}</Text>
          <Text size="sm">{t("stage.aloneHint")}</Text>
        </div>
      )}
    </section>
  );
}

const trackOf = (received: readonly Received[], participantId: string): MediaStreamTrack | null =>
  received.find((each) => each.media === "camera" && each.participantId === participantId)?.track ?? null;

interface TileProps {
  person: ParticipantRecord;
  self: boolean;
  track: MediaStreamTrack | null;
  speaking: boolean;
}

function Tile({ person, self, track, speaking }: TileProps) {
  const { t } = useTranslation();
  const name = self ? t("stage.you", { name: person.name }) : person.name;
  return (
    <div className="tile" role="listitem" data-speaking={speaking || undefined} aria-label={speaking ? `${name}, ${t("stage.speaking")}` : name}>
      {track ? (
        <Video track={track} mirrored={self} label={name} />
      ) : (
        <span className="tile-initials" aria-hidden="true" style={{ "--hue": String(hueOf(person.participant_id)) } as React.CSSProperties}>
          {initials(person.name)}
        </span>
      )}
      {person.hand_raised_seq !== null && (
        <span className="tile-hand" title={t("stage.hand")}>
          <IconHandStop size={18} aria-label={t("stage.hand")} />
        </span>
      )}
      <span className="tile-name">
        {!person.mic && <IconMicrophoneOff size={14} aria-label={t("stage.muted")} />}
        {person.presence === "reconnecting" && <IconPlugConnectedX size={14} aria-label={t("stage.reconnecting")} />}
        <span className="truncate">{name}</span>
      </span>
    </div>
  );
}

/** A hue that stays with a person. */
function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360;
  return hash;
}
