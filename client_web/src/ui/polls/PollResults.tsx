import { ActionIcon, Alert, Group, Text } from "@mantine/core";
import { IconCheck, IconEye, IconEyeOff } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { PollRecord, RoomTally, TallyRecord } from "../../protocol/wire";
import type { PollView, WorkshopView } from "../../state/selectors";
import { Chart } from "../charts/Chart";
import { useRoomName } from "../roomName";
import type { Run } from "../run";

/** Beyond so many a chart is no help. */
const MOST_COLUMNS = 21;
const MOST_PARTS = 8;
const CHOICES: ReadonlySet<PollRecord["poll_kind"]> = new Set<PollRecord["poll_kind"]>(["single", "multiple", "quiz"]);

type Numbers = Pick<TallyRecord, "counts" | "scores" | "values" | "mean" | "words" | "ballots">;

interface Props {
  item: PollView;
  /** Null where the workshop has ended. */
  view?: WorkshopView | undefined;
  run?: Run | undefined;
}

/** All that the viewer may see of how a poll went. */
export function PollResults({ item, view, run }: Props) {
  const { t } = useTranslation();
  const { poll, tally, key, rooms, shift } = item;
  const comparable = CHOICES.has(poll.poll_kind) && poll.options.length <= MOST_PARTS && (rooms?.rooms.length ?? 0) > 1;
  return (
    <>
      {tally && (
        <div className="bars">
          <NumbersOf poll={poll} numbers={tally} right={key?.right_ids} before={item.before} />
          <Text size="xs" c="dimmed">
            {t(poll.target === "groups" ? "polls.agreedGroups" : "polls.voted", { ballots: tally.ballots, eligible: tally.eligible })}
            {tally.right !== null && ` · ${t("polls.right", { count: tally.right })}`}
          </Text>
          {poll.anonymous && poll.status === "open" && poll.target !== "groups" && (
            <Text size="xs" c="dimmed">{t("polls.waits")}</Text>
          )}
        </div>
      )}
      {item.answers.length > 0 && <Answers item={item} view={view} run={run} />}
      {shift && <Text size="sm" mt="sm">{t("polls.shift", { changed: shift.changed, kept: shift.kept, added: shift.new })}</Text>}
      {key && (poll.status !== "draft") && <Key item={item} />}
      {rooms && comparable && <RoomsCompared poll={poll} rooms={rooms.rooms} />}
      {rooms && !comparable && rooms.rooms.length > 0 && (
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
      return <ScaleNumbers poll={poll} numbers={numbers} before={before ?? null} />;
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

/**
 * A scale has an order, so it is shown as columns (what its ends mean stands in the form while it is open); with very many steps only those that
 * were chosen are. Drawn anew for other numbers, not at every change in the workshop.
 */
const ScaleNumbers = memo(function ScaleNumbers({ poll, numbers, before }: { poll: PollRecord; numbers: Numbers; before: TallyRecord | null }) {
  const { t, i18n } = useTranslation();
  const count = ({ values }: Pick<TallyRecord, "values">, value: number): number => values.find((each) => each.value === value)?.count ?? 0;
  const { low = 1, high = 5 } = poll.scale ?? {};
  const steps = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const shown = steps.length <= MOST_COLUMNS ? steps : numbers.values.map(({ value }) => value);
  return (
    <>
      <Chart
        shape="columns" label={poll.question} of={t("chart.answer")} format={String} series={before === null ? [t("chart.votes")] : [t("chart.first"), t("chart.second")]}
        lines={shown.map((value) => ({ name: String(value), values: before === null ? [count(numbers, value)] : [count(before, value), count(numbers, value)] }))}
        foot={poll.status !== "open" && (poll.scale?.low_label || poll.scale?.high_label) && (
          <Group justify="space-between" wrap="nowrap">
            <Text size="xs" c="dimmed">{poll.scale.low_label}</Text>
            <Text size="xs" c="dimmed" ta="end">{poll.scale.high_label}</Text>
          </Group>
        )}
      />
      {numbers.mean !== null && <Text size="sm" fw={600}>{t("polls.mean", { mean: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 }).format(numbers.mean) })}</Text>}
    </>
  );
});

/** Which share of each room chose what, room under room. */
const RoomsCompared = memo(function RoomsCompared({ poll, rooms }: { poll: PollRecord; rooms: readonly RoomTally[] }) {
  const { t } = useTranslation();
  const roomName = useRoomName();
  const inOrder = rooms.map((room) => ({ ...room, name: roomName(room.room_name) })).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  return (
    <div className="poll-compared">
      <Chart
        parts label={t("chart.byRoom")} of={t("chart.room")} series={poll.options.map(({ text }) => text)} format={String}
        lines={inOrder.map(({ name, counts }) => ({ name, values: poll.options.map(({ option_id: id }) => counts.find((each) => each.option_id === id)?.count ?? 0) }))}
      />
    </div>
  );
});

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

function Answers({ item: { poll, answers }, view, run }: Props) {
  const { t } = useTranslation();
  return (
    <ul className="answers" aria-label={t("polls.answers")} tabIndex={0}>
      {answers.map((answer) => {
        const author = view?.names.get(answer.author_id ?? "");
        return (
          <li key={answer.answer_id} data-hidden={answer.hidden || undefined}>
            <span className="answer-text">
              {author !== undefined && <Text span size="xs" c="dimmed" display="block">{author}</Text>}
              {answer.text}
            </span>
            {view?.allowed.has("HideAnswer") && run && (
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
  const name = useRoomName()(room.room_name);
  return (
    <section className="poll-room" aria-label={name}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600} className="poll-question">{name}</Text>
        <Text size="xs" c="dimmed">{t("polls.votes", { count: room.ballots })}</Text>
      </Group>
      <div className="bars bars-room"><NumbersOf poll={poll} numbers={room} /></div>
    </section>
  );
}
