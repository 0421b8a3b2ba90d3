import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { IconClock, IconKeyboard, IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import { clockText, secondsLeft, type WorkshopView } from "../state/selectors";
import { useServerNow } from "./hooks";
import { Mark } from "./Mark";

interface Props {
  session: Session;
  view: WorkshopView;
  reconnecting: boolean;
  onHelp: () => void;
}

/** Which workshop, which room, for how long. */
export function Header({ session, view, reconnecting, onHelp }: Props) {
  const { t } = useTranslation();
  const endsAt = view.breakouts?.ends_at_ms ?? null;
  const now = useServerNow(session, endsAt !== null);
  const left = endsAt === null ? null : secondsLeft(endsAt, now);
  return (
    <header className="header">
      <Mark size={28} />
      <h1 className="header-title truncate">{view.workshop?.title}</h1>
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
      <Tooltip label={t("controls.help")}>
        <ActionIcon className="control-small wide-only" variant="transparent" aria-label={t("controls.help")} onClick={onHelp}>
          <IconKeyboard size={20} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
