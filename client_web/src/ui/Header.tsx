import { ActionIcon, Button, Loader, Tooltip } from "@mantine/core";
import { IconClock, IconKeyboard, IconLayoutBoard, IconLayoutGrid, IconLock, IconUserSquare } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import type { WorkshopRecord } from "../protocol/wire";
import { clockText, secondsLeft } from "../state/selectors";
import type { Layout } from "../state/stage";
import { usePageFocus } from "./focus";
import { useServerNow } from "./hooks";
import { Mark } from "./Mark";
import { Network } from "./Network";

interface Props {
  session: Session;
  workshop: WorkshopRecord | null;
  room: string;
  /** When the rooms close or everybody is called back, by the server's clock. */
  endsAt: number | null;
  isHost: boolean;
  /** Whether there is anybody else in the room. */
  company: boolean;
  reconnecting: boolean;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  /** Whether all rooms are shown; null where there are none to show. */
  board: boolean | null;
  onBoard: (on: boolean) => void;
  onHelp: () => void;
}

/** Which workshop, which room, for how long. */
export const Header = memo(function Header({ session, workshop, room, endsAt, isHost, company, reconnecting, layout, onLayout, board, onBoard, onHelp }: Props) {
  const { t } = useTranslation();
  const heading = usePageFocus<HTMLHeadingElement>();
  return (
    <header className="header">
      <Mark size={28} />
      <h1 className="header-title truncate" ref={heading}>{workshop?.title}</h1>
      <span className="header-room" data-testid="room-name">{room}</span>
      {endsAt !== null && <Clock session={session} endsAt={endsAt} />}
      {workshop?.locked && isHost && (
        <span className="header-clock wide-only"><IconLock size={16} aria-hidden="true" /> {t("header.locked")}</span>
      )}
      <span className="header-space" />
      {reconnecting && (
        <span className="header-reconnecting" role="alert">
          <Loader size={14} color="currentColor" /> <b>{t("header.reconnecting")}</b> <span className="wide-only">{t("header.reconnectingHint")}</span>
        </span>
      )}
      {board !== null && (
        <Button size="compact-sm" variant={board ? "filled" : "default"} className="board-button" aria-label={t(board ? "board.close" : "board.open")} leftSection={<IconLayoutBoard size={18} />} onClick={() => onBoard(!board)}>
          <span className="wide-only">{t(board ? "board.close" : "board.open")}</span>
        </Button>
      )}
      {company && board !== true && (
        <Tooltip label={t(layout === "grid" ? "stage.speakerView" : "stage.gridView")}>
          <ActionIcon
            className="control-small" variant="transparent" aria-label={t(layout === "grid" ? "stage.speakerView" : "stage.gridView")}
            onClick={() => onLayout(layout === "grid" ? "speaker" : "grid")}
          >
            {layout === "grid" ? <IconUserSquare size={20} /> : <IconLayoutGrid size={20} />}
          </ActionIcon>
        </Tooltip>
      )}
      <Network session={session} />
      <Tooltip label={t("controls.help")}>
        <ActionIcon className="control-small wide-only" variant="transparent" aria-label={t("controls.help")} onClick={onHelp}>
          <IconKeyboard size={20} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
});

/** Ticks by itself, so that nothing beside it is drawn anew four times a second. */
function Clock({ session, endsAt }: { session: Session; endsAt: number }) {
  const { t } = useTranslation();
  const left = secondsLeft(endsAt, useServerNow(session, true));
  return (
    <span className="header-clock" data-urgent={left <= 60 || undefined} role="timer">
      <IconClock size={16} aria-hidden="true" /> {t("header.timeLeft", { time: clockText(left) })}
    </span>
  );
}
