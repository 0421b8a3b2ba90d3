import { UnstyledButton } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconVolume } from "@tabler/icons-react";
import { memo, useEffect, useMemo, useState, type CSSProperties, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Received } from "../../core/rtc";
import type { Session, ShownTile } from "../../core/session";
import type { ParticipantRecord } from "../../protocol/wire";
import { castOf, gridFor, heard, rowFor, type Cast, type Grid, type Layout } from "../../state/stage";
import { useSize, useWatched } from "../hooks";
import { Screen } from "./Screen";
import { Tile } from "./Tile";
import { Tool } from "./Tool";

const MOST_TILES = 25;
const MOST_TILES_NARROW = 8;
const MOST_TILES_BESIDE = 8;
/** CSS pixels between tiles, at most; and what the buttons that turn pages take. */
const GAP = 12;
const PAGER = 52;
/** CSS pixels. A phone's stage that is lower has one row of tiles; beside a shared screen there is none below the other height. */
const LOW_STAGE = 190;
const LOW_STAGE_WITH_SCREEN = 300;

interface Props {
  session: Session;
  /** Who is in the room. */
  people: ParticipantRecord[];
  meId: string | null;
  narrow: boolean;
  layout: Layout;
}

/** Everybody in my room, as a grid or with one of them large, and the screen that is shared. */
export const Stage = memo(function Stage({ session, people, meId, narrow, layout }: Props) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const speakers = useHeard(session);
  const ownScreen = useWatched(session.screen);
  const [pinned, setPinned] = useState<string | null>(null);
  const [page, setPage] = useState(0);
  const [turned, setTurned] = useState({ speakers, page: 0 });
  const [stage, whole] = useSize();
  const [area, size] = useSize();
  const sharer = people.find((person) => person.screen && person.participant_id !== meId);
  const screen = received.find(({ media, participantId }) => media === "screen" && participantId === sharer?.participant_id);
  const withScreen = sharer !== undefined || ownScreen !== null;
  const low = narrow && whole.height > 0 && whole.height < (withScreen ? LOW_STAGE_WITH_SCREEN : LOW_STAGE);
  const row = low && !withScreen;
  const beside = withScreen || layout === "speaker" || pinned !== null;
  const rowGrid = rowFor(people.length, whole.width, whole.height);
  const most = row ? rowGrid.columns : beside ? MOST_TILES_BESIDE : narrow ? MOST_TILES_NARROW : MOST_TILES;
  const shownLayout = row ? "row" : withScreen ? "grid" : layout;
  // Whoever begins to speak is shown, also where one has turned to others.
  const shownPage = row ? (turned.speakers === speakers ? turned.page : 0) : page;
  const inSight = beside && !row && whole.height > 0 ? stripInSight({ ...whole, height: whole.height - (people.length - Number(!withScreen) > most ? PAGER : 0) }, size, narrow) : null;
  const cast = useMemo(() => {
    const all = castOf(people, { meId, speakers, pinned: withScreen ? null : pinned, layout: shownLayout, page: shownPage, most, ...(inSight === null ? {} : { inSight }) });
    return low && withScreen ? { ...all, shown: [], pages: 1 } : all;
  }, [people, meId, speakers, pinned, withScreen, low, shownLayout, shownPage, most, inSight]);
  const strip = withScreen || cast.focus !== null;
  const grid = row ? rowGrid : strip ? stripFor(narrow ? whole : size, narrow) : gridFor(cast.shown.length, size.width, size.height);
  useShownTiles(session, cast, meId, speakers, sharer, grid);
  const tile = (person: ParticipantRecord): ReactNode => (
    <PersonTile
      key={person.participant_id} session={session} person={person} received={received} meId={meId}
      pinned={person.participant_id === pinned} onPin={setPinned}
    />
  );

  return (
    <section
      className="stage" ref={stage} data-strip={strip || undefined} data-row={row || undefined} data-screen={withScreen || undefined} data-paged={(!row && cast.pages > 1) || undefined}
      aria-label={t("stage.label")}
    >
      {sharer && <Screen key={sharer.participant_id} track={screen?.track ?? null} name={sharer.name} />}
      {!sharer && ownScreen && <div className="screen screen-own">{t("stage.yourScreen")}</div>}
      {!withScreen && cast.focus && <div className="focus" role="list" aria-label={t("stage.focus")}>{tile(cast.focus)}</div>}
      <div
        className="tiles" ref={area} role="list" aria-label={t("stage.people")} data-empty={cast.shown.length === 0 || undefined}
        style={{ "--tile-width": `${String(grid.width)}px`, "--tile-height": `${String(grid.height)}px` } as CSSProperties}
      >
        {cast.shown.map(tile)}
      </div>
      {cast.pages > 1 && !row && <Pager cast={cast} onPage={setPage} />}
      {cast.pages > 1 && row && <Others count={people.length - cast.shown.length} onNext={() => setTurned({ speakers, page: (cast.page + 1) % cast.pages })} />}
      {low && withScreen && <WhoSpeaks session={session} people={people} />}
      {people.length === 1 && !withScreen && !row && (
        <p className="stage-hint">
          <b>{t("stage.alone")}</b> {t("stage.aloneHint")}
        </p>
      )}
    </section>
  );
});

interface PersonTileProps {
  session: Session;
  person: ParticipantRecord;
  received: readonly Received[];
  meId: string | null;
  pinned: boolean;
  onPin: (participantId: string | null) => void;
}

const PersonTile = memo(function PersonTile({ session, person, received, meId, pinned, onPin }: PersonTileProps) {
  const camera = useWatched(session.devices.camera);
  const sending = useWatched(session.sending);
  const self = person.participant_id === meId;
  const track = self ? (sending.camera ? camera.track : null) : person.camera ? trackOf(received, person.participant_id) : null;
  return <Tile session={session} person={person} self={self} track={track} muted={self ? !sending.mic : !person.mic} pinned={pinned} onPin={onPin} />;
});

function Pager({ cast, onPage }: { cast: Cast; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  return (
    <div className="stage-tools">
      <Tool label={t("stage.previousPage")} disabled={cast.page === 0} onClick={() => onPage(cast.page - 1)}><IconChevronLeft size={20} /></Tool>
      <span className="stage-page">{t("stage.page", { page: cast.page + 1, pages: cast.pages })}</span>
      <Tool label={t("stage.nextPage")} disabled={cast.page === cast.pages - 1} onClick={() => onPage(cast.page + 1)}><IconChevronRight size={20} /></Tool>
    </div>
  );
}

/** Where there is room for a shared screen and nobody beside it. */
function WhoSpeaks({ session, people }: { session: Session; people: ParticipantRecord[] }) {
  const speaking = useWatched(session.rtc.speaking);
  const names = people.filter(({ participant_id }) => speaking.includes(participant_id)).map(({ name }) => name);
  if (names.length === 0) return null;
  return <span className="plate stage-speaks"><IconVolume size={14} aria-hidden="true" /><span className="truncate">{names.join(", ")}</span></span>;
}

/** How many more there are than the row has room for; each press shows the next of them. */
function Others({ count, onNext }: { count: number; onNext: () => void }) {
  const { t } = useTranslation();
  const words = `+${String(count)}`;
  return <UnstyledButton className="stage-others" aria-label={`${words} ${t("stage.nextPage")}`} onClick={onNext}>{words}</UnstyledButton>;
}

/** Who has spoken lately; changes only when somebody new comes to the front. */
function useHeard(session: Session): readonly string[] {
  const [speakers, setSpeakers] = useState<readonly string[]>([]);
  useEffect(() => session.rtc.speaking.subscribe(() => setSpeakers((before) => heard(before, session.rtc.speaking.get()))), [session]);
  return speakers;
}

/** Tiles beside (or, on phones, below) what is shown large. */
function stripFor(size: { width: number; height: number }, narrow: boolean): Grid {
  // On a phone three and the edge of the fourth, which says that there are more.
  const width = narrow ? Math.min(124, Math.floor((size.width - 3 * GAP) / 3.25)) : size.width;
  return { columns: 1, width, height: Math.floor((width * 9) / 16) };
}

/** How many tiles of the strip are in sight without scrolling. */
function stripInSight(whole: { width: number; height: number }, size: { width: number; height: number }, narrow: boolean): number {
  const { width, height } = stripFor(narrow ? whole : size, narrow);
  const [room, tile] = narrow ? [whole.width, width] : [whole.height, height];
  return Math.max(1, Math.floor((room + GAP) / (tile + GAP)));
}

/** Tell the server what is on screen, most important first, so that it sends that and no more. */
function useShownTiles(
  session: Session, { focus, shown }: Cast, meId: string | null, speakers: readonly string[],
  sharer: ParticipantRecord | undefined, { width, height }: Grid,
): void {
  useEffect(() => {
    const laidOut = width > 0 && height > 0;
    if (!laidOut && !sharer && !focus) return; // it will be in a moment; beside what is large there may be no room for tiles at all
    const tiles: ShownTile[] = sharer ? [{ participant_id: sharer.participant_id, media: "screen", width: 1280, height: 720 }] : [];
    const wanted = (person: ParticipantRecord): boolean => person.camera && person.participant_id !== meId;
    if (!sharer && focus && wanted(focus)) tiles.push({ participant_id: focus.participant_id, media: "camera", width: 1280, height: 720 });
    const rank = ({ participant_id }: ParticipantRecord): number => {
      const place = speakers.indexOf(participant_id);
      return place < 0 ? speakers.length : place;
    };
    for (const { participant_id } of (laidOut ? shown : []).filter(wanted).sort((a, b) => rank(a) - rank(b))) {
      tiles.push({ participant_id, media: "camera", width, height });
    }
    session.show(tiles);
  }, [session, focus, shown, meId, speakers, sharer, width, height]);
}

const trackOf = (received: readonly Received[], participantId: string): MediaStreamTrack | null =>
  received.find((each) => each.media === "camera" && each.participantId === participantId)?.track ?? null;
