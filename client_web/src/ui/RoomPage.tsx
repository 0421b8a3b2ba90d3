import { Button, Drawer, Loader, Modal } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { canShare } from "../core/devices";
import type { Sending, Session } from "../core/session";
import { endsAt as roomsEndAt } from "../state/breakouts";
import type { WorkshopView } from "../state/selectors";
import type { Layout } from "../state/stage";
import { Activity } from "./Activity";
import { AgendaBar } from "./agenda/AgendaBar";
import { useAnnouncements } from "./announcements";
import { RoomLines } from "./breakouts/MyRoom";
import { RoomNotices } from "./breakouts/RoomNotices";
import { CaptionsArea } from "./captions/CaptionsArea";
import { useCaptions } from "./captions/useCaptions";
import { Controls, DeviceChoice } from "./Controls";
import { EndPage } from "./EndPage";
import { Header } from "./Header";
import { useFocusKeeper, useRegions } from "./focus";
import { useWatched, useWorkshop } from "./hooks";
import { Keys } from "./Keys";
import { Sound } from "./Media";
import { Notices } from "./Notices";
import { Panel } from "./panels/Panel";
import { panelsFor, specOf, type PanelName } from "./panels/registry";
import { SHORTCUTS, useShortcuts, type Actions } from "./shortcuts";
import { Stage } from "./stage/Stage";
import { useLayout } from "./stage/useLayout";
import { WaitingPage } from "./WaitingPage";

const SummaryPage = lazy(async () => ({ default: (await import("./summary/SummaryPage")).SummaryPage }));
const Board = lazy(async () => ({ default: (await import("./breakouts/Board")).Board }));

const NARROW = "(max-width: 48em)";
/** A phone on its side, or a window that is enlarged: what is to be done stands beside the people (activity.css has the same). */
const FLAT = "(min-width: 36em) and (max-height: 35em)";

/** After the end no key does anything. */
const NONE: Actions = {};

interface Props {
  session: Session;
  onAgain: () => void;
  onForget: () => void;
}

/** The live room: where am I, who is here, what is going on. */
export function RoomPage({ session, onAgain, onForget }: Props) {
  const { t } = useTranslation();
  const status = useWatched(session.connection.status);
  const view = useWorkshop(session);
  const [layout, setLayout] = useLayout();
  const [captions, setCaptions] = useCaptions(session);
  const [board, setBoard] = useState(false);
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [dialog, setDialog] = useState<"help" | "devices" | null>(null);
  const narrow = useMediaQuery(NARROW) ?? false;
  const flat = useMediaQuery(FLAT) ?? false;
  const sheet = narrow && !flat;
  const announcement = useAnnouncements(session, view);
  const toggle = useCallback((name: PanelName) => setPanel((open) => (open === name ? null : name)), []);
  const showBoard = useCallback((on: boolean) => {
    setBoard(on);
    if (on) setPanel((open) => (open === "rooms" ? null : open)); // the board has all that is in it
  }, []);
  const help = useCallback(() => setDialog((open) => (open === "help" ? null : "help")), []);
  const devices = useCallback(() => setDialog("devices"), []);
  const actions = useActions({ session, view, layout, onLayout: setLayout, board, onBoard: showBoard, captions, onCaptions: setCaptions, onPanel: toggle, onHelp: help });
  const [keysOn, setKeysOn] = useShortcuts(status.state === "ended" ? NONE : actions);
  useFocusKeeper();
  useRegions();

  const code = status.state === "ended" ? status.code : null;
  useEffect(() => {
    if (code === "token_expired" || code === "token_invalid") onForget();
  }, [code, onForget]);

  if (status.state === "ended") {
    if (status.code === "workshop_closed") return <Suspense fallback={<EndPage code={status.code} />}><SummaryPage token={session.token} /></Suspense>;
    return <EndPage code={status.code} message={status.message} onAgain={onAgain} />;
  }
  if (!view.me || !view.here) return <WaitingPage session={session} view={view} away={status.state === "reconnecting"} />;
  const hasBoard = view.isHost && view.breakouts !== null;
  const onBoard = board && hasBoard;
  const Content = panel === null ? null : specOf(panel).Content;
  const content = Content && <Suspense fallback={<Loader m="auto" />}><Content session={session} view={view} /></Suspense>;
  const title = panel === null ? "" : t(`${panel}.title`);
  const side = <div key="side" className="room-side"><Activity session={session} view={view} sheet={sheet} board={onBoard} covered={panel === "polls"} /></div>;
  const middle = (
    <div key="middle" className="room-middle">
      {onBoard ? <Suspense fallback={<Loader m="auto" />}><Board session={session} view={view} /></Suspense> : <Stage session={session} people={view.here.people} meId={view.meId} narrow={narrow} layout={layout} />}
      {captions && <CaptionsArea session={session} view={view} onClose={() => setCaptions(false)} />}
    </div>
  );
  return (
    <div className="room">
      <div>
        <Header
          session={session} workshop={view.workshop} room={view.here.room.name} endsAt={roomsEndAt(view)} isHost={view.isHost} company={view.here.people.length > 1}
          reconnecting={status.state === "reconnecting"} layout={layout} onLayout={setLayout} board={hasBoard ? onBoard : null} onBoard={showBoard} onHelp={help}
        />
        {view.agenda !== null && <AgendaBar session={session} host={view.isHost} />}
      </div>
      <div className="room-body">
        <main className="room-main">
          <div key="notices" className="room-notices">
            <Notices session={session} view={view} />
            {view.breakouts !== null && !onBoard && <RoomLines session={session} view={view} />}
            <RoomNotices session={session} view={view} panel={panel} board={onBoard} onPanel={setPanel} />
          </div>
          {/* Keys, so that neither loses what is typed in it, or its pictures, when the window is turned. */}
          {sheet ? [middle, side] : [side, middle]}
        </main>
        {!narrow && panel !== null && (
          <Panel name={panel} title={title} onClose={() => setPanel(null)}>{content}</Panel>
        )}
      </div>
      <Controls session={session} view={view} panel={panel} narrow={narrow} captions={captions} onCaptions={setCaptions} onPanel={toggle} onDevices={devices} />
      {narrow && (
        <Drawer
          opened={panel !== null} onClose={() => setPanel(null)} position="bottom" size="88%" title={title}
          classNames={{ body: "drawer-body", content: "drawer-content", title: "drawer-title" }}
          closeButtonProps={{ "aria-label": t("controls.close") }}
        >
          {content}
        </Drawer>
      )}
      <Sounds session={session} />
      <Modal opened={dialog !== null} onClose={() => setDialog(null)} size={dialog === "help" ? "lg" : "md"} title={t(dialog === "devices" ? "controls.devices" : "help.title")} closeButtonProps={{ "aria-label": t("notice.dismiss") }}>
        {dialog === "devices" ? <DeviceChoice session={session} /> : <Keys actions={actions} on={keysOn} onChange={setKeysOn} />}
      </Modal>
      <div className="visually-hidden" role="status" aria-live="polite">{announcement}</div>
    </div>
  );
}

function Sounds({ session }: { session: Session }) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const [blocked, setBlocked] = useState<(() => Promise<void>)[]>([]);
  const onBlocked = useCallback((play: () => Promise<void>) => setBlocked((before) => [...before, play]), []);
  const playAll = (): void => {
    setBlocked([]);
    for (const play of blocked) play().catch(() => setBlocked((before) => [...before, play]));
  };
  return (
    <>
      {received.filter(({ track }) => track.kind === "audio").map(({ mid, track }) => (
        <Sound key={`${mid} ${track.id}`} track={track} onBlocked={onBlocked} />
      ))}
      {blocked.length > 0 && <Button className="sound-on" size="lg" onClick={playAll}>{t("controls.turnSoundOn")}</Button>}
    </>
  );
}

interface Does {
  session: Session;
  view: WorkshopView;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  board: boolean;
  onBoard: (on: boolean) => void;
  captions: boolean;
  onCaptions: (shown: boolean) => void;
  onPanel: (name: PanelName) => void;
  onHelp: () => void;
}

/** What single keys do for this person now. */
function useActions({ session, view, layout, onLayout, board, onBoard, captions, onCaptions, onPanel, onHelp }: Does): Actions {
  const elsewhere = useWatched(session.rtc.state) === "taken_over";
  const toggle = (media: keyof Sending) => (): void => void session.set({ [media]: !session.sending.get()[media] });
  const handUp = view.me?.hand_raised_seq != null;
  const panels = panelsFor(view).filter((name) => name in SHORTCUTS);
  return {
    ...(view.allowed.has("SetMedia") && !elsewhere ? { mic: toggle("mic"), camera: toggle("camera"), ...(canShare() ? { screen: toggle("screen") } : {}) } : {}),
    ...(view.allowed.has("RaiseHand") ? { hand: () => void session.command({ type: handUp ? "LowerHand" : "RaiseHand" }) } : {}),
    ...Object.fromEntries(panels.map((name) => [name, () => onPanel(name)])),
    captions: () => onCaptions(!captions),
    layout: () => onLayout(layout === "grid" ? "speaker" : "grid"),
    ...(view.isHost && view.breakouts !== null ? { board: () => onBoard(!board) } : {}),
    help: onHelp,
  };
}
