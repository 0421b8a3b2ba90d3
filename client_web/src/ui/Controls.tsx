import { ActionIcon, Badge, Indicator, Menu, Popover, Stack, Tooltip } from "@mantine/core";
import {
  IconChartBar, IconChevronUp, IconDoorExit, IconHandStop, IconKeyboard, IconLayoutGrid, IconMessage, IconMicrophone, IconMicrophoneOff,
  IconPower, IconScreenShare, IconScreenShareOff, IconUsers, IconVideo, IconVideoOff,
} from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { useWatched } from "./hooks";
import { DeviceSelect } from "./JoinPage";

export type PanelName = "chat" | "people" | "rooms" | "polls";

interface Props {
  session: Session;
  view: WorkshopView;
  panel: PanelName | null;
  onPanel: (name: PanelName) => void;
  onHelp: () => void;
}

/** The bar at the bottom: what I send, what I see, the way out. */
export function Controls({ session, view, panel, onPanel, onHelp }: Props) {
  const { t } = useTranslation();
  const { mic, camera, screen } = useWatched(session.sending);
  const handUp = view.me?.hand_raised_seq != null;
  const unread = useUnread(view, panel === "chat");
  const openPolls = view.polls.filter(({ poll, ballot }) => poll.status === "open" && !ballot).length;
  return (
    <nav className="controls" aria-label={t("controls.label")}>
      <div className="controls-group">
        <Control label={t(mic ? "controls.mute" : "controls.unmute")} off={!mic} onClick={() => void session.set({ mic: !mic })}>
          {mic ? <IconMicrophone /> : <IconMicrophoneOff />}
        </Control>
        <Control label={t(camera ? "controls.cameraOff" : "controls.cameraOn")} off={!camera} onClick={() => void session.set({ camera: !camera })}>
          {camera ? <IconVideo /> : <IconVideoOff />}
        </Control>
        <DeviceMenu session={session} />
      </div>
      <div className="controls-group">
        <span className="wide-only">
          <Control label={t(screen ? "controls.stopShare" : "controls.share")} active={screen} onClick={() => void session.set({ screen: !screen })}>
            {screen ? <IconScreenShareOff /> : <IconScreenShare />}
          </Control>
        </span>
        {view.allowed.has("RaiseHand") && (
          <Control
            label={t(handUp ? "controls.lower" : "controls.raise")} active={handUp}
            onClick={() => void session.command({ type: handUp ? "LowerHand" : "RaiseHand" })}
          >
            <IconHandStop />
          </Control>
        )}
        <PanelControl name="chat" panel={panel} onPanel={onPanel} count={unread}><IconMessage /></PanelControl>
        <PanelControl name="people" panel={panel} onPanel={onPanel} count={view.isHost ? view.hands.length : 0}><IconUsers /></PanelControl>
        {view.allowed.has("OpenBreakouts") && (
          <PanelControl name="rooms" panel={panel} onPanel={onPanel}><IconLayoutGrid /></PanelControl>
        )}
        <PanelControl name="polls" panel={panel} onPanel={onPanel} count={view.isHost ? 0 : openPolls}><IconChartBar /></PanelControl>
      </div>
      <div className="controls-group">
        <span className="wide-only"><Control label={t("controls.help")} onClick={onHelp}><IconKeyboard /></Control></span>
        {view.allowed.has("CloseWorkshop") ? (
          <Menu position="top-end" withArrow>
            <Menu.Target>
              <ActionIcon size={46} radius="xl" color="red.8" variant="filled" aria-label={t("controls.leave")}><IconDoorExit /></ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconDoorExit size={16} />} onClick={() => void session.leave()}>{t("controls.leaveMenu")}</Menu.Item>
              <Menu.Item color="red" leftSection={<IconPower size={16} />} onClick={() => void session.command({ type: "CloseWorkshop" })}>
                {t("controls.endForAll")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : (
          <Tooltip label={t("controls.leave")}>
            <ActionIcon size={46} radius="xl" color="red.8" variant="filled" aria-label={t("controls.leave")} onClick={() => void session.leave()}>
              <IconDoorExit />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </nav>
  );
}

interface ControlProps {
  label: string;
  children: ReactNode;
  onClick: () => void;
  off?: boolean;
  active?: boolean;
  expanded?: boolean;
}

function Control({ label, children, onClick, off = false, active = false, expanded }: ControlProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        className="control" size={46} radius="xl" variant={active ? "filled" : "default"} data-off={off || undefined}
        aria-label={label} {...(expanded === undefined ? {} : { "aria-expanded": expanded })} onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

interface PanelControlProps {
  name: PanelName;
  panel: PanelName | null;
  onPanel: (name: PanelName) => void;
  count?: number;
  children: ReactNode;
}

function PanelControl({ name, panel, onPanel, count = 0, children }: PanelControlProps) {
  const { t } = useTranslation();
  return (
    <Indicator label={<Badge size="xs" circle color="red.8">{count > 9 ? "9+" : count}</Badge>} disabled={count === 0} offset={6} size={0}>
      <Control label={t(`controls.${name}`)} active={panel === name} expanded={panel === name} onClick={() => onPanel(name)}>
        {children}
      </Control>
    </Indicator>
  );
}

function DeviceMenu({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Popover position="top-start" withArrow trapFocus width={300}>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" radius="xl" size={34} aria-label={t("controls.devices")}><IconChevronUp size={18} /></ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <DeviceSelect kind="mic" devices={session.devices} problem={null} label={t("join.microphone")} />
          <DeviceSelect kind="camera" devices={session.devices} problem={null} label={t("join.camera")} />
        </Stack>
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
