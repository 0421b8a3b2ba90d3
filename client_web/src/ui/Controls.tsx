import { ActionIcon, Button, Menu, Popover, Stack, Tooltip } from "@mantine/core";
import {
  IconBadgeCc, IconChevronUp, IconDoorExit, IconDots, IconHandStop, IconMicrophone, IconMicrophoneOff, IconPower, IconScreenShare, IconScreenShareOff,
  IconSettings, IconVideo, IconVideoOff,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { canShare } from "../core/devices";
import type { Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { useWatched } from "./hooks";
import { DeviceSelect } from "./JoinPage";
import { ReactButton, ReactItems } from "./Reactions";
import { panelsFor, specOf, type PanelName } from "./panels/registry";

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

/** The bar at the bottom: what I send, what I see, the way out. */
export function Controls({ session, view, panel, narrow, captions, onCaptions, onPanel, onDevices }: Props) {
  const { t } = useTranslation();
  const handUp = view.me?.hand_raised_seq != null;
  const unread = useUnread(view, panel === "chat");
  const toDo = (name: PanelName): number => (name === "chat" ? unread : (specOf(name).news?.(view) ?? 0));
  // What this tab would switch is not what the others see and hear while another tab has the media.
  const mayControl = useWatched(session.rtc.state) !== "taken_over" && view.allowed.has("SetMedia");
  const panels = panelsFor(view);
  const fit = narrow ? 2 : panels.length > MOST_PANELS ? MOST_PANELS - 1 : MOST_PANELS;
  const [first, folded] = [panels.slice(0, fit), panels.slice(fit)];
  return (
    <nav className="controls" aria-label={t("controls.label")}>
      {mayControl && <Sending session={session} view={view} narrow={narrow} />}
      {view.allowed.has("RaiseHand") && (
        <div className="controls-group">
          {!narrow && mayControl && canShare() && <ShareScreen session={session} />}
          <Control label={t(handUp ? "controls.lower" : "controls.raise")} active={handUp} onClick={() => void session.command({ type: handUp ? "LowerHand" : "RaiseHand" })}>
            <IconHandStop />
          </Control>
          {!narrow && <ReactButton session={session} />}
          {!narrow && <CaptionsButton captions={captions} onCaptions={onCaptions} />}
        </div>
      )}
      {!view.allowed.has("RaiseHand") && !narrow && <div className="controls-group"><CaptionsButton captions={captions} onCaptions={onCaptions} /></div>}
      <div className="controls-group">
        {first.map((name) => (
          <Control key={name} focus={`panel ${name}`} label={t(`controls.${name}`)} active={panel === name} expanded={panel === name} count={toDo(name)} onClick={() => onPanel(name)}>
            {specOf(name).icon}
          </Control>
        ))}
        {(narrow || folded.length > 0) && (
          <More session={session} mayControl={mayControl} narrow={narrow} captions={captions} onCaptions={onCaptions} count={folded.reduce((sum, name) => sum + toDo(name), 0)} onDevices={onDevices}>
            {folded.map((name) => (
              <Menu.Item key={name} leftSection={specOf(name).icon} onClick={() => onPanel(name)}>
                {t(`controls.${name}`)} {toDo(name) > 0 && `(${String(toDo(name))})`}
              </Menu.Item>
            ))}
          </More>
        )}
      </div>
      <div className="controls-group">
        <Leave session={session} view={view} narrow={narrow} />
      </div>
    </nav>
  );
}

function Sending({ session, view, narrow }: { session: Session; view: WorkshopView; narrow: boolean }) {
  const { t } = useTranslation();
  const { mic, camera } = useWatched(session.sending);
  const may = (media: "mic" | "camera"): boolean => view.me?.may_send.includes(media) ?? false;
  return (
    <div className="controls-group">
      <Control label={t(mic ? "controls.mute" : "controls.unmute")} hint={may("mic") ? null : t("notice.notAllowed")} off={!mic} onClick={() => void session.set({ mic: !mic })}>
        {mic ? <IconMicrophone /> : <IconMicrophoneOff />}
      </Control>
      <Control label={t(camera ? "controls.cameraOff" : "controls.cameraOn")} hint={may("camera") ? null : t("notice.notAllowed")} off={!camera} onClick={() => void session.set({ camera: !camera })}>
        {camera ? <IconVideo /> : <IconVideoOff />}
      </Control>
      {!narrow && <DeviceMenu session={session} />}
    </div>
  );
}

function CaptionsButton({ captions, onCaptions }: Pick<Props, "captions" | "onCaptions">) {
  const { t } = useTranslation();
  return <Control label={t("captions.title")} active={captions} expanded={captions} onClick={() => onCaptions(!captions)}><IconBadgeCc /></Control>;
}

function ShareScreen({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { screen } = useWatched(session.sending);
  return (
    <Control label={t(screen ? "controls.stopShare" : "controls.share")} active={screen} onClick={() => void session.set({ screen: !screen })}>
      {screen ? <IconScreenShareOff /> : <IconScreenShare />}
    </Control>
  );
}

interface MoreProps extends Pick<Props, "captions" | "onCaptions"> {
  session: Session;
  mayControl: boolean;
  narrow: boolean;
  count: number;
  onDevices: () => void;
  children: ReactNode;
}

/** What does not fit beside the rest. On a phone that is more than panels. */
function More({ session, mayControl, narrow, captions, onCaptions, count, onDevices, children }: MoreProps) {
  const { t } = useTranslation();
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
        {children}
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
}

function Leave({ session, view, narrow }: { session: Session; view: WorkshopView; narrow: boolean }) {
  const { t } = useTranslation();
  const face = { className: "leave", color: "red.8", "aria-label": t("controls.leave") };
  const button = (onClick?: () => void): ReactNode =>
    narrow ? (
      <ActionIcon {...face} variant="filled" {...(onClick ? { onClick } : {})}><IconDoorExit /></ActionIcon>
    ) : (
      <Button {...face} leftSection={<IconDoorExit size={20} />} {...(onClick ? { onClick } : {})}>{t("controls.leaveMenu")}</Button>
    );
  if (!view.allowed.has("CloseWorkshop")) return button(() => void session.leave());
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
}

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
