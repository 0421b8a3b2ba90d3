import { CloseButton, UnstyledButton } from "@mantine/core";
import { IconChartBar, IconChevronDown, IconChevronUp, IconListCheck } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import type { RoomCardView } from "../state/breakouts";
import type { PollView, WorkshopView } from "../state/selectors";
import { hasRoomPart, MyRoom } from "./breakouts/MyRoom";
import { useBreakouts } from "./breakouts/useBreakouts";
import { PollCard, TimeLeft } from "./polls/PollCard";

interface Props {
  session: Session;
  view: WorkshopView;
  /** On a phone: below the people, and folded up by its head. Elsewhere it stands above or beside them. */
  sheet: boolean;
  /** Whether all rooms are shown instead of the one that one is in. */
  board: boolean;
  /** Whether polls are shown elsewhere. */
  covered: boolean;
}

/** What is to be done now: the newest open poll, for everybody who is asked, and the task of one's room. */
export function Activity({ session, view, sheet, board, covered }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const { cards } = useBreakouts(session, view);
  const [hidden, setHidden] = useState<string | null>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const open = covered || view.isHost || !view.allowed.has("CastBallot") ? undefined : view.polls.find(({ poll }) => poll.status === "open");
  const poll = open && (sheet || hidden !== open.poll.poll_id) ? open : null;
  const mine = cards.find(({ room }) => room.room_id === view.me?.room_id);
  const room = !board && hasRoomPart(view, mine);
  if (!poll && !room) return null;
  // What is new is unfolded; what was folded up stays so when something else comes and goes.
  const keys = [...(poll ? [`poll ${poll.poll.poll_id}`] : []), ...(room ? [`room ${mine?.room.room_id ?? ""}`] : [])];
  const shown = !sheet || !keys.every((key) => folded.has(key));
  return (
    <section className="activity" data-sheet={sheet || undefined} data-open={shown || undefined} aria-label={t("activity.title")}>
      {sheet && (
        <h2 className="activity-head">
          <UnstyledButton className="activity-fold" data-focus="activity" aria-expanded={shown} aria-controls={id} onClick={() => setFolded(new Set(shown ? [...folded, ...keys] : [...folded].filter((key) => !keys.includes(key))))}>
            {poll ? <IconChartBar size={18} aria-hidden="true" /> : <IconListCheck size={18} aria-hidden="true" />}
            <span className="truncate activity-title">{shown ? t("activity.title") : poll ? poll.poll.question : (mine?.work?.task.text ?? t("rooms.title"))}</span>
            <State session={session} poll={poll} mine={room ? mine : undefined} folded={!shown} />
            {shown ? <IconChevronDown size={20} aria-hidden="true" /> : <IconChevronUp size={20} aria-hidden="true" />}
          </UnstyledButton>
        </h2>
      )}
      <div className="activity-body" id={id} hidden={!shown}>
        {poll && (
          <div className="open-poll">
            <PollCard key={poll.poll.poll_id} session={session} view={view} item={poll} />
            {!sheet && <CloseButton className="open-poll-close" aria-label={t("polls.hide")} onClick={() => setHidden(poll.poll.poll_id)} />}
          </div>
        )}
        {room && <MyRoom session={session} view={view} />}
      </div>
    </section>
  );
}

/** Beside the head: how far one is with what is folded up. */
function State({ session, poll, mine, folded }: { session: Session; poll: PollView | null; mine: RoomCardView | undefined; folded: boolean }) {
  const { t } = useTranslation();
  if (!folded) return null;
  if (poll?.ballot) return <span className="activity-state">{t("activity.answered")}</span>;
  if (poll) return poll.poll.closes_at_ms === null ? null : <TimeLeft session={session} closesAtMs={poll.poll.closes_at_ms} />;
  const steps = mine?.work?.task.steps?.length ?? 0;
  return steps === 0 ? null : <span className="activity-state">{t("activity.steps", { done: mine?.work?.done.length ?? 0, all: steps })}</span>;
}
