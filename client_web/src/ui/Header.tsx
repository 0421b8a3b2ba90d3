import { ActionIcon, Button, Loader, Tooltip } from "@mantine/core";
import { IconClock, IconKeyboard, IconLayoutBoard, IconLayoutGrid, IconLock, IconUserSquare } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import { endsAt as roomsEndAt } from "../state/breakouts";
import { clockText, secondsLeft, type WorkshopView } from "../state/selectors";
import type { Layout } from "../state/stage";
import { usePageFocus } from "./focus";
import { useServerNow } from "./hooks";
import { Mark } from "./Mark";
import { Network } from "./Network";

interface Props {
  session: Session;
  view: WorkshopView;
  reconnecting: boolean;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  board: boolean;
  onBoard: (on: boolean) => void;
  onHelp: () => void;
}

/** Which workshop, which room, for how long. */
export function Header({ session, view, reconnecting, layout, onLayout, board, onBoard, onHelp }: Props) {
  const { t } = useTranslation();
  const heading = usePageFocus<HTMLHeadingElement>();
  const endsAt = roomsEndAt(view);
  const now = useServerNow(session, endsAt !== null);
  const left = endsAt === null ? null : secondsLeft(endsAt, now);
  const others = (view.here?.people.length ?? 0) > 1;
  return (
    <header className="header">
      <Mark size={28} />
      <h1 className="header-title truncate" ref={heading}>{view.workshop?.title}</h1>
      <span className="header-room" data-testid="room-name">{view.here?.room.name}</span>
      {left !== null && (
        <span className="header-clock" data-urgent={left <= 60 || undefined} role="timer">
          <IconClock size={16} aria-hidden="true" /> {t("header.timeLeft", { time: clockText(left) })}
        </span>
      )}
      {view.workshop?.locked && view.isHost && (
        <span className="header-clock wide-only"><IconLock size={16} aria-hidden="true" /> {t("header.locked")}</span>
      )}
      <span className="header-space" />
      {reconnecting && (
        <span className="header-reconnecting" role="alert">
          <Loader size={14} color="currentColor" /> <b>{t("header.reconnecting")}</b> <span className="wide-only">{t("header.reconnectingHint")}</span>
        </span>
      )}
      {view.isHost && view.breakouts !== null && (
        <Button size="compact-sm" variant={board ? "filled" : "default"} className="board-button" aria-label={t(board ? "board.close" : "board.open")} leftSection={<IconLayoutBoard size={18} />} onClick={() => onBoard(!board)}>
          <span className="wide-only">{t(board ? "board.close" : "board.open")}</span>
        </Button>
      )}
      {others && !board && (
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
}
