import { ActionIcon, Button, Menu, Popover, Stack, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import {
  IconBadgeCc, IconChevronUp, IconDoorExit, IconDots, IconHandStop, IconMicrophone, IconMicrophoneOff, IconPower, IconScreenShare, IconScreenShareOff,
  IconSettings, IconVideo, IconVideoOff,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { memo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { canShare } from "../core/devices";
import type { Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { same } from "../state/sharing";
import { useWatched } from "./hooks";
import { DeviceSelect } from "./JoinPage";
import { ReactButton, ReactItems } from "./Reactions";
import { panelsFor, specOf, type PanelName } from "./panels/registry";
import { SpeakerChoice } from "./SpeakerChoice";

/** Beyond so many the last ones go into a menu. */
const MOST_PANELS = 6;

interface Props {
  session: Session;
  view: WorkshopView;
  panel: PanelName | null;
  narrow: boolean;
  captions: boolean;
  onCaptions: (shown: boolean) => void;
  onPanel: (name: PanelName) => void;
  onDevices: () => void;
}

/** The bar at the bottom: what I send, what I see, the way out. Each part is given what it shows and no more, because the view changes several times a second. */
export function Controls({ session, view, panel, narrow, captions, onCaptions, onPanel, onDevices }: Props) {
  const { t } = useTranslation();
  const unread = useUnread(view, panel === "chat");
  const toDo = (name: PanelName): number => (name === "chat" ? unread : (specOf(name).news?.(view) ?? 0));
  // What this tab would switch is not what the others see and hear while another tab has the media.
  const mayControl = useWatched(session.rtc.state) !== "taken_over" && view.allowed.has("SetMedia");
  const panels = panelsFor(view);
  const tiny = useMediaQuery("(max-width: 22.5em)") ?? false;
  const middling = useMediaQuery("(max-width: 60em)") ?? false;
  const fit = tiny ? 1 : narrow || middling ? 2 : panels.length > MOST_PANELS ? MOST_PANELS - 1 : MOST_PANELS;
  const [first, folded] = [panels.slice(0, fit), panels.slice(fit)];
  const maySend = (media: "mic" | "camera"): boolean => view.me?.may_send.includes(media) ?? false;
  return (
    <nav className="controls" aria-label={t("controls.label")}>
      {mayControl && <Sending session={session} mayMic={maySend("mic")} mayCamera={maySend("camera")} narrow={narrow} />}
      {view.allowed.has("RaiseHand") && (
        <div className="controls-group">
          {!narrow && mayControl && canShare() && <ShareScreen session={session} />}
          <Hand session={session} up={view.me?.hand_raised_seq != null} />
          {!narrow && <ReactButton session={session} />}
          {!narrow && <CaptionsButton captions={captions} onCaptions={onCaptions} />}
        </div>
      )}
      {!view.allowed.has("RaiseHand") && !narrow && <div className="controls-group"><CaptionsButton captions={captions} onCaptions={onCaptions} /></div>}
      <div className="controls-group">
        {first.map((name) => <PanelButton key={name} name={name} open={panel === name} count={toDo(name)} onPanel={onPanel} />)}
        {(narrow || folded.length > 0) && (
          <More
            session={session} mayControl={mayControl} narrow={narrow} captions={captions} onCaptions={onCaptions} onDevices={onDevices}
            panels={folded.map((name) => ({ name, count: toDo(name) }))} onPanel={onPanel}
          />
        )}
      </div>
      <div className="controls-group">
        <Leave session={session} mayEnd={view.allowed.has("CloseWorkshop")} narrow={narrow} />
      </div>
    </nav>
  );
}

const Sending = memo(function Sending({ session, mayMic, mayCamera, narrow }: { session: Session; mayMic: boolean; mayCamera: boolean; narrow: boolean }) {
  const { t } = useTranslation();
  const { mic, camera } = useWatched(session.sending);
  return (
    <div className="controls-group">
      <Control label={t(mic ? "controls.mute" : "controls.unmute")} hint={mayMic ? null : t("notice.notAllowed")} off={!mic} onClick={() => void session.set({ mic: !mic })}>
        {mic ? <IconMicrophone /> : <IconMicrophoneOff />}
      </Control>
      <Control label={t(camera ? "controls.cameraOff" : "controls.cameraOn")} hint={mayCamera ? null : t("notice.notAllowed")} off={!camera} onClick={() => void session.set({ camera: !camera })}>
        {camera ? <IconVideo /> : <IconVideoOff />}
      </Control>
      {!narrow && <DeviceMenu session={session} />}
    </div>
  );
});

const Hand = memo(function Hand({ session, up }: { session: Session; up: boolean }) {
  const { t } = useTranslation();
  return (
    <Control label={t(up ? "controls.lower" : "controls.raise")} active={up} onClick={() => void session.command({ type: up ? "LowerHand" : "RaiseHand" })}>
      <IconHandStop />
    </Control>
  );
});

const CaptionsButton = memo(function CaptionsButton({ captions, onCaptions }: Pick<Props, "captions" | "onCaptions">) {
  const { t } = useTranslation();
  return <Control label={t("captions.title")} active={captions} expanded={captions} onClick={() => onCaptions(!captions)}><IconBadgeCc /></Control>;
});

const PanelButton = memo(function PanelButton({ name, open, count, onPanel }: { name: PanelName; open: boolean; count: number; onPanel: Props["onPanel"] }) {
  const { t } = useTranslation();
  return <Control focus={`panel ${name}`} label={t(`controls.${name}`)} active={open} expanded={open} count={count} onClick={() => onPanel(name)}>{specOf(name).icon}</Control>;
});

const ShareScreen = memo(function ShareScreen({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { screen } = useWatched(session.sending);
  return (
    <Control label={t(screen ? "controls.stopShare" : "controls.share")} active={screen} onClick={() => void session.set({ screen: !screen })}>
      {screen ? <IconScreenShareOff /> : <IconScreenShare />}
    </Control>
  );
});

interface MoreProps extends Pick<Props, "session" | "narrow" | "captions" | "onCaptions" | "onPanel" | "onDevices"> {
  mayControl: boolean;
  panels: readonly { name: PanelName; count: number }[];
}

/** What does not fit beside the rest. On a phone that is more than panels. */
const More = memo(function More({ session, mayControl, narrow, captions, onCaptions, panels, onPanel, onDevices }: MoreProps) {
  const { t } = useTranslation();
  const count = panels.reduce((sum, each) => sum + each.count, 0);
  const { screen } = useWatched(session.sending);
  return (
    <Menu position="top-end">
      <Menu.Target>
        <ActionIcon className="control" variant="default" data-focus="more" aria-label={t("controls.more")} {...described(t, count)}>
          <IconDots />
          <Count count={count} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {panels.map(({ name, count: news }) => (
          <Menu.Item key={name} leftSection={specOf(name).icon} onClick={() => onPanel(name)}>
            {t(`controls.${name}`)} {news > 0 && `(${String(news)})`}
          </Menu.Item>
        ))}
        {narrow && <ReactItems session={session} />}
        {narrow && <Menu.Item leftSection={<IconBadgeCc />} onClick={() => onCaptions(!captions)}>{t(captions ? "captions.close" : "captions.open")}</Menu.Item>}
        {narrow && mayControl && canShare() && (
          <Menu.Item leftSection={<IconScreenShare />} onClick={() => void session.set({ screen: !screen })}>
            {t(screen ? "controls.stopShare" : "controls.share")}
          </Menu.Item>
        )}
        {narrow && mayControl && <Menu.Item leftSection={<IconSettings />} onClick={onDevices}>{t("controls.devices")}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}, same);

const Leave = memo(function Leave({ session, mayEnd, narrow }: { session: Session; mayEnd: boolean; narrow: boolean }) {
  const { t } = useTranslation();
  const face = { className: "leave", color: "red.8", "aria-label": t("controls.leave") };
  const button = (onClick?: () => void): ReactNode =>
    narrow ? (
      <ActionIcon {...face} variant="filled" {...(onClick ? { onClick } : {})}><IconDoorExit /></ActionIcon>
    ) : (
      <Button {...face} leftSection={<IconDoorExit size={20} />} {...(onClick ? { onClick } : {})}>{t("controls.leaveMenu")}</Button>
    );
  if (!mayEnd) return button(() => void session.leave());
  return (
    <Menu position="top-end">
      <Menu.Target>{button()}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDoorExit size={18} />} onClick={() => void session.leave()}>{t("controls.leaveAlone")}</Menu.Item>
        <Menu.Item className="danger" leftSection={<IconPower size={18} />} onClick={() => void session.command({ type: "CloseWorkshop" })}>
          {t("controls.endForAll")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
});

interface ControlProps {
  label: string;
  children: ReactNode;
  onClick: () => void;
  hint?: string | null;
  off?: boolean;
  active?: boolean;
  expanded?: boolean;
  count?: number;
  /** What it stands for, see `focus.ts`. */
  focus?: string;
}

function Control({ label, children, onClick, hint = null, off = false, active = false, expanded, count = 0, focus }: ControlProps) {
  const { t } = useTranslation();
  return (
    <Tooltip label={hint ?? label}>
      <ActionIcon
        className="control" variant="default" data-off={off || undefined} data-active={active || undefined} data-focus={focus}
        aria-label={label} {...described(t, count)} {...(expanded === undefined ? {} : { "aria-expanded": expanded })} onClick={onClick}
      >
        {children}
        <Count count={count} />
      </ActionIcon>
    </Tooltip>
  );
}

/** A button's number. It is drawn by the style sheet, so that it does not become part of the button's name. */
function Count({ count }: { count: number }) {
  return count > 0 ? <span className="control-count" data-count={count > 99 ? "99+" : String(count)} aria-hidden="true" /> : null;
}

const described = (t: TFunction, count: number): { "aria-description"?: string } => (count > 0 ? { "aria-description": t("controls.news", { count }) } : {});

export function DeviceChoice({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <DeviceSelect kind="mic" devices={session.devices} label={t("join.microphone")} />
      <DeviceSelect kind="camera" devices={session.devices} label={t("join.camera")} />
      <SpeakerChoice devices={session.devices} />
    </Stack>
  );
}

function DeviceMenu({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Popover position="top-start" trapFocus width={320}>
      <Popover.Target>
        <ActionIcon className="control-small" variant="transparent" aria-label={t("controls.devices")}><IconChevronUp size={18} /></ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <DeviceChoice session={session} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Messages of others since the chat was last open. */
function useUnread(view: WorkshopView, open: boolean): number {
  const newest = view.messages.at(-1)?.seq ?? 0;
  const [read, setRead] = useState(newest);
  if (open && read < newest) setRead(newest);
  return open ? 0 : view.messages.filter((each) => each.seq > read && each.author_id !== view.me?.participant_id).length;
}
