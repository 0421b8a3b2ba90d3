import { Alert, Button, CloseButton, Drawer, Group, Loader, Modal, Table, Kbd, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import { clockText, secondsLeft, type WorkshopView } from "../state/selectors";
import { Controls, type PanelName } from "./Controls";
import { EndPage } from "./EndPage";
import { useServerNow, useWatched, useWorkshop } from "./hooks";
import { Mark } from "./Mark";
import { Sound } from "./Media";
import { ChatPanel } from "./panels/ChatPanel";
import { PeoplePanel } from "./panels/PeoplePanel";
import { PollCard, PollsPanel } from "./panels/PollsPanel";
import { RoomsPanel } from "./panels/RoomsPanel";
import { Stage } from "./Stage";
import { useAnnouncements } from "./announcements";
import { useShortcuts } from "./shortcuts";

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
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [help, setHelp] = useState(false);
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  const announcement = useAnnouncements(view);
  const toggle = useCallback((name: PanelName) => setPanel((open) => (open === name ? null : name)), []);
  useShortcuts(session, view, toggle, useCallback(() => setHelp((open) => !open), []));

  useEffect(() => {
    if (status.state !== "ended") return;
    if (status.code === "token_expired" || status.code === "token_invalid") onForget();
  }, [status, onForget]);

  if (status.state === "ended") return <EndPage code={status.code} message={status.message} onAgain={onAgain} />;
  if (!view.me || !view.here) {
    return (
      <main className="page">
        <Loader aria-label={t("join.joining")} />
      </main>
    );
  }
  const content = panel !== null && <Panel name={panel} session={session} view={view} />;
  const title = panel !== null && t(panel === "rooms" ? "rooms.title" : `controls.${panel}`);
  return (
    <div className="room">
      <Header session={session} view={view} reconnecting={status.state === "reconnecting"} />
      <div className="room-body">
        <main className="room-main">
          <Notices session={session} />
          <OpenPoll session={session} view={view} hidden={panel === "polls"} />
          <Stage session={session} view={view} />
        </main>
        {!narrow && panel !== null && (
          <aside className="panel" aria-label={title || ""}>
            <Group justify="space-between" className="panel-head">
              <Title order={2} size="h4">
                {title}
              </Title>
              <CloseButton aria-label={t("controls.close")} onClick={() => setPanel(null)} />
            </Group>
            {content}
          </aside>
        )}
      </div>
      <Controls session={session} view={view} panel={panel} onPanel={toggle} onHelp={() => setHelp(true)} />
      {narrow && (
        <Drawer
          opened={panel !== null} onClose={() => setPanel(null)} position="bottom" size="85%" title={title}
          classNames={{ body: "drawer-body", content: "drawer-content" }} closeButtonProps={{ "aria-label": t("controls.close") }}
        >
          {content}
        </Drawer>
      )}
      <Sounds session={session} />
      <Help opened={help} onClose={() => setHelp(false)} />
      <div className="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </div>
  );
}

function Panel({ name, session, view }: { name: PanelName; session: Session; view: WorkshopView }) {
  switch (name) {
    case "chat":
      return <ChatPanel session={session} view={view} />;
    case "people":
      return <PeoplePanel session={session} view={view} />;
    case "rooms":
      return <RoomsPanel session={session} view={view} />;
    case "polls":
      return <PollsPanel session={session} view={view} />;
  }
}

function Header({ session, view, reconnecting }: { session: Session; view: WorkshopView; reconnecting: boolean }) {
  const { t } = useTranslation();
  const endsAt = view.breakouts?.ends_at_ms ?? null;
  const now = useServerNow(session, endsAt !== null);
  const left = endsAt === null ? null : secondsLeft(endsAt, now);
  return (
    <header className="header">
      <Mark size={28} />
      <Text fw={600} truncate className="header-title">
        {view.workshop?.title}
      </Text>
      <span className="header-room" data-testid="room-name" aria-label={t("header.room")}>
        {view.here?.room.name}
      </span>
      {left !== null && (
        <span className="header-clock" data-urgent={left <= 60 || undefined} role="timer">
          {t("header.timeLeft", { time: clockText(left) })}
        </span>
      )}
      {reconnecting && (
        <span className="header-reconnecting" role="alert">
          <Loader size={14} color="currentColor" /> <b>{t("header.reconnecting")}</b> <span className="wide-only">{t("header.reconnectingHint")}</span>
        </span>
      )}
    </header>
  );
}

/** What is wrong with sound, picture or a device, and the way on. */
function Notices({ session }: { session: Session }) {
  const { t } = useTranslation();
  const media = useWatched(session.rtc.state);
  const mic = useWatched(session.devices.mic);
  const camera = useWatched(session.devices.camera);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const kind = mic.problem ? "mic" : camera.problem ? "camera" : null;
  const problem = mic.problem ?? camera.problem;
  const current = `${String(kind)}${String(problem)}`;
  return (
    <>
      {media === "taken_over" && (
        <Alert color="sea" className="notice">
          <Group justify="space-between">
            {t("end.takenOver")}
            <Button size="compact-sm" onClick={() => session.useHere()}>
              {t("end.useHere")}
            </Button>
          </Group>
        </Alert>
      )}
      {media === "lost" && <Alert color="yellow" className="notice">{t("header.lostMedia")}</Alert>}
      {media === "failed" && <Alert color="red" className="notice">{t("end.mediaFailed")}</Alert>}
      {kind !== null && problem !== null && dismissed !== current && (
        <Alert color="yellow" className="notice" withCloseButton closeButtonLabel={t("controls.close")} onClose={() => setDismissed(current)}>
          {t(`problem.${problem}`, { device: t(`problem.${kind}`) })}
        </Alert>
      )}
    </>
  );
}

/** The newest open poll, in front of everybody who may vote. */
function OpenPoll({ session, view, hidden }: { session: Session; view: WorkshopView; hidden: boolean }) {
  const open = view.polls.find(({ poll }) => poll.status === "open");
  if (!open || hidden || !view.allowed.has("CastBallot")) return null;
  if (view.isHost) return null;
  return (
    <section className="open-poll" aria-label={open.poll.question}>
      <PollCard session={session} view={view} item={open} />
    </section>
  );
}

function Sounds({ session }: { session: Session }) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const [blocked, setBlocked] = useState<(() => Promise<void>)[]>([]);
  const onBlocked = useCallback((play: () => Promise<void>) => setBlocked((before) => [...before, play]), []);
  const sounds = received.filter(({ track }) => track.kind === "audio");
  return (
    <>
      {sounds.map(({ mid, track }) => (
        <Sound key={mid} track={track} onBlocked={onBlocked} />
      ))}
      {blocked.length > 0 && (
        <Button className="sound-on" size="lg" onClick={() => { for (const play of blocked) void play(); setBlocked([]); }}>
          {t("controls.turnSoundOn")}
        </Button>
      )}
    </>
  );
}

function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const keys = [["M", "mic"], ["V", "camera"], ["H", "hand"], ["C", "chat"], ["P", "people"], ["?", "help"]] as const;
  return (
    <Modal opened={opened} onClose={onClose} title={t("help.title")} closeButtonProps={{ "aria-label": t("controls.close") }}>
      <Table>
        <Table.Tbody>
          {keys.map(([key, name]) => (
            <Table.Tr key={key}>
              <Table.Td w={60}><Kbd>{key}</Kbd></Table.Td>
              <Table.Td>{t(`help.${name}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
