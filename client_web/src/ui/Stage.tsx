import { UnstyledButton } from "@mantine/core";
import { IconHandStop, IconMicrophoneOff, IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useMemo, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Received } from "../core/rtc";
import type { Session, ShownTile } from "../core/session";
import type { ParticipantRecord } from "../protocol/wire";
import { initials, type WorkshopView } from "../state/selectors";
import { castOf, gridFor, type Grid } from "../state/stage";
import { useSize, useWatched } from "./hooks";
import { Video } from "./Media";

const MOST_TILES = 25;
const MOST_TILES_NARROW = 8;
const MOST_TILES_BESIDE_SCREEN = 8;

interface Props {
  session: Session;
  view: WorkshopView;
  narrow: boolean;
  onPeople: () => void;
}

/** Everybody in my room, and the screen that is shared. */
export function Stage({ session, view, narrow, onPeople }: Props) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const speaking = useWatched(session.rtc.speaking);
  const camera = useWatched(session.devices.camera);
  const sending = useWatched(session.sending);
  const ownScreen = useWatched(session.screen);
  const [area, size] = useSize();
  const meId = view.me?.participant_id ?? null;
  const people = useMemo(() => view.here?.people ?? [], [view.here]);
  const sharer = people.find((person) => person.screen && person.participant_id !== meId);
  const screen = received.find(({ media, participantId }) => media === "screen" && participantId === sharer?.participant_id);
  const withScreen = sharer !== undefined || ownScreen !== null;
  const most = withScreen ? MOST_TILES_BESIDE_SCREEN : narrow ? MOST_TILES_NARROW : MOST_TILES;
  const cast = useMemo(() => castOf(people, meId, speaking, most), [people, meId, speaking, most]);
  const count = cast.shown.length + (cast.hidden > 0 ? 1 : 0);
  const grid = withScreen ? stripFor(size, narrow) : gridFor(count, size.width, size.height);
  useShownTiles(session, cast.shown, meId, speaking, sharer, grid);

  return (
    <section className="stage" data-screen={withScreen || undefined} aria-label={t("stage.label")}>
      {sharer && (
        <figure className="screen">
          {screen && <Video track={screen.track} label={t("stage.screenOf", { name: sharer.name })} />}
          <figcaption className="plate">{t("stage.screenOf", { name: sharer.name })}</figcaption>
        </figure>
      )}
      {!sharer && ownScreen && <div className="screen screen-own">{t("stage.yourScreen")}</div>}
      <div
        className="tiles" ref={area} role="list" aria-label={t("stage.people")}
        style={{ "--tile-width": `${String(grid.width)}px`, "--tile-height": `${String(grid.height)}px` } as CSSProperties}
      >
        {cast.shown.map((person) => {
          const self = person.participant_id === meId;
          const track = self ? (sending.camera ? camera.track : null) : person.camera ? trackOf(received, person.participant_id) : null;
          return (
            <Tile
              key={person.participant_id} person={person} self={self} track={track}
              muted={self ? !sending.mic : !person.mic} speaking={speaking.includes(person.participant_id)}
            />
          );
        })}
        {cast.hidden > 0 && (
          <div role="listitem">
            <UnstyledButton className="tile tile-more" onClick={onPeople} aria-label={t("stage.more", { count: cast.hidden })}>
              +{cast.hidden}
            </UnstyledButton>
          </div>
        )}
      </div>
      {people.length === 1 && !withScreen && (
        <p className="stage-hint">
          <b>{t("stage.alone")}</b> {t("stage.aloneHint")}
        </p>
      )}
    </section>
  );
}

/** Tiles beside (or, on phones, below) a shared screen. */
function stripFor(size: { width: number; height: number }, narrow: boolean): Grid {
  const width = narrow ? 124 : size.width;
  return { columns: 1, width, height: Math.floor((width * 9) / 16) };
}

/** Tell the server what is on screen, most important first, so that it sends that and no more. */
function useShownTiles(
  session: Session, shown: ParticipantRecord[], meId: string | null, speaking: readonly string[],
  sharer: ParticipantRecord | undefined, { width, height }: Grid,
): void {
  useEffect(() => {
    if (width <= 0 || height <= 0) return;
    const tiles: ShownTile[] = sharer ? [{ participant_id: sharer.participant_id, media: "screen", width: 1280, height: 720 }] : [];
    const rank = ({ participant_id }: ParticipantRecord): number => {
      const place = speaking.indexOf(participant_id);
      return place < 0 ? speaking.length : place;
    };
    for (const { participant_id } of shown.filter((each) => each.camera && each.participant_id !== meId).sort((a, b) => rank(a) - rank(b))) {
      tiles.push({ participant_id, media: "camera", width, height });
    }
    session.show(tiles);
  }, [session, shown, meId, speaking, sharer, width, height]);
}

const trackOf = (received: readonly Received[], participantId: string): MediaStreamTrack | null =>
  received.find((each) => each.media === "camera" && each.participantId === participantId)?.track ?? null;

interface TileProps {
  person: ParticipantRecord;
  self: boolean;
  track: MediaStreamTrack | null;
  muted: boolean;
  speaking: boolean;
}

function Tile({ person, self, track, muted, speaking }: TileProps) {
  const { t } = useTranslation();
  const name = self ? t("stage.you", { name: person.name }) : person.name;
  return (
    <div className="tile" role="listitem" data-speaking={speaking || undefined} aria-label={speaking ? `${name}, ${t("stage.speaking")}` : name}>
      {track ? (
        <Video track={track} mirrored={self} label={name} />
      ) : (
        <span className="tile-initials" aria-hidden="true" style={{ "--hue": String(hueOf(person.participant_id)) } as CSSProperties}>
          {initials(person.name)}
        </span>
      )}
      {person.hand_raised_seq !== null && (
        <span className="tile-hand" title={t("stage.hand")}>
          <IconHandStop size={18} aria-label={t("stage.hand")} />
        </span>
      )}
      <span className="plate tile-name">
        {muted && <IconMicrophoneOff size={14} className="tile-muted" aria-label={t("stage.muted")} />}
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
