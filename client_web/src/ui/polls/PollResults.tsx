import { ActionIcon, Alert, Group, Text } from "@mantine/core";
import { IconCheck, IconEye, IconEyeOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ClientCommand, PollRecord, RoomTally, TallyRecord } from "../../protocol/wire";
import type { PollView, WorkshopView } from "../../state/selectors";

type Numbers = Pick<TallyRecord, "counts" | "scores" | "values" | "mean" | "words" | "ballots">;

/** All that the viewer may see of how a poll went. */
export function PollResults({ item, view, run }: { item: PollView; view: WorkshopView; run: (command: ClientCommand) => Promise<void> }) {
  const { t } = useTranslation();
  const { poll, tally, key, rooms, shift } = item;
  return (
    <>
      {tally && (
        <div className="bars">
          <NumbersOf poll={poll} numbers={tally} right={key?.right_ids} before={item.before} />
          <Text size="xs" c="dimmed">
            {t(poll.target === "groups" ? "polls.agreedGroups" : "polls.voted", { ballots: tally.ballots, eligible: tally.eligible })}
            {tally.right !== null && ` · ${t("polls.right", { count: tally.right })}`}
          </Text>
          {poll.anonymous && poll.status === "open" && (poll.poll_kind === "text" || poll.poll_kind === "words") && (
            <Text size="xs" c="dimmed">{t("polls.waits")}</Text>
          )}
        </div>
      )}
      {item.answers.length > 0 && <Answers item={item} view={view} run={run} />}
      {shift && <Text size="sm" mt="sm">{t("polls.shift", { changed: shift.changed, kept: shift.kept, added: shift.new })}</Text>}
      {key && (poll.status !== "draft") && <Key item={item} />}
      {rooms && rooms.rooms.length > 0 && (
        <div className="poll-rooms">
          {rooms.rooms.map((room) => <RoomNumbers key={room.room_id} poll={poll} room={room} />)}
        </div>
      )}
    </>
  );
}

function NumbersOf({ poll, numbers, right, before }: { poll: PollRecord; numbers: Numbers; right?: string[] | undefined; before?: TallyRecord | null }) {
  const { t } = useTranslation();
  const most = Math.max(1, numbers.ballots);
  switch (poll.poll_kind) {
    case "text":
      return null;
    case "words":
      return <Words numbers={numbers} />;
    case "scale":
      return (
        <>
          {numbers.values.map(({ value, count }) => <Bar key={value} label={String(value)} count={count} share={count / most} />)}
          {numbers.mean !== null && <Text size="sm" fw={600}>{t("polls.mean", { mean: numbers.mean })}</Text>}
        </>
      );
    default:
      return poll.options.map(({ option_id: id, text }, index) => {
        const count = numbers.counts.find((each) => each.option_id === id)?.count ?? 0;
        const first = before?.counts[index]?.count;
        if (poll.poll_kind !== "ranking") {
          return <Bar key={id} label={text} count={count} share={count / most} right={right?.includes(id) ?? false} before={first} />;
        }
        const score = numbers.scores.find((each) => each.option_id === id)?.count ?? 0;
        const note = t("polls.first", { count });
        return <Bar key={id} label={text} count={score} share={score / (most * Math.max(1, poll.options.length - 1))} note={note} before={before?.scores[index]?.count} points />;
      });
  }
}

interface BarProps {
  label: string;
  count: number;
  /** Of the whole bar, 0 to 1. */
  share: number;
  right?: boolean;
  note?: string;
  /** The count of the first vote. */
  before?: number | undefined;
  points?: boolean;
}

function Bar({ label, count, share, right = false, note, before, points = false }: BarProps) {
  const { t } = useTranslation();
  return (
    <div className="bar-row">
      <span className="bar-label">
        {right && <IconCheck size={16} className="bar-right" aria-label={t("polls.rightAnswer")} />} {label}
        {note !== undefined && <Text span size="xs" c="dimmed"> {note}</Text>}
      </span>
      <span>
        {before !== undefined && <Text span size="xs" c="dimmed">{t("polls.before", { count: before })} </Text>}
        <span className="bar-count" data-testid={`count-${label}`} aria-label={t(points ? "polls.points" : "polls.votes", { count })}>{count}</span>
      </span>
      <span className="bar" aria-hidden="true"><span style={{ width: `${String(100 * share)}%` }} /></span>
    </div>
  );
}

function Words({ numbers }: { numbers: Numbers }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...numbers.words.map(({ count }) => count));
  if (numbers.words.length === 0) return null;
  return (
    <ul className="words" aria-label={t("polls.wordsTitle")}>
      {numbers.words.map(({ word, count }) => (
        <li key={word} style={{ fontSize: `${String(14 + (18 * (count - 1)) / Math.max(1, most - 1))}px` }}>
          {word} <span className="words-count" data-testid={`count-${word}`} aria-label={t("polls.votes", { count })}>{count}</span>
        </li>
      ))}
    </ul>
  );
}

function Answers({ item: { poll, answers }, view, run }: { item: PollView; view: WorkshopView; run: (command: ClientCommand) => Promise<void> }) {
  const { t } = useTranslation();
  return (
    <ul className="answers" aria-label={t("polls.answers")}>
      {answers.map((answer) => {
        const author = view.names.get(answer.author_id ?? "");
        return (
          <li key={answer.answer_id} data-hidden={answer.hidden || undefined}>
            <span className="answer-text">
              {author !== undefined && <Text span size="xs" c="dimmed" display="block">{author}</Text>}
              {answer.text}
            </span>
            {view.allowed.has("HideAnswer") && (
              <ActionIcon
                variant="subtle" color="gray" aria-label={t(answer.hidden ? "polls.showAnswer" : "polls.hideAnswer", { text: answer.text.slice(0, 40) })}
                onClick={() => void run({ type: "HideAnswer", poll_id: poll.poll_id, answer_id: answer.answer_id, hidden: !answer.hidden })}
              >
                {answer.hidden ? <IconEyeOff size={16} /> : <IconEye size={16} />}
              </ActionIcon>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Key({ item: { poll, key } }: { item: PollView }) {
  const { t } = useTranslation();
  const right = poll.options.filter(({ option_id: id }) => key?.right_ids.includes(id)).map(({ text }) => text).join(", ");
  return (
    <Alert mt="sm" p="xs" icon={<IconCheck size={18} />} title={t("polls.rightIs", { option: right })}>
      {key?.explanation}
    </Alert>
  );
}

function RoomNumbers({ poll, room }: { poll: PollRecord; room: RoomTally }) {
  const { t } = useTranslation();
  return (
    <section className="poll-room" aria-label={room.room_name}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600} className="poll-question">{room.room_name}</Text>
        <Text size="xs" c="dimmed">{t("polls.votes", { count: room.ballots })}</Text>
      </Group>
      <div className="bars bars-room"><NumbersOf poll={poll} numbers={room} /></div>
    </section>
  );
}
