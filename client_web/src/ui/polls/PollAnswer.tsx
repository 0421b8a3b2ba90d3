import { ActionIcon, Button, Checkbox, Group, NumberInput, Radio, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BallotRecord, PollRecord } from "../../protocol/wire";
import type { PollView } from "../../state/selectors";
import type { Run } from "../run";

type Answer = Pick<BallotRecord, "option_ids" | "value" | "text">;

interface InputProps {
  poll: PollRecord;
  answer: Answer;
  onChange: (answer: Answer) => void;
}

const NOTHING: Answer = { option_ids: [], value: null, text: "" };
/** A scale of more steps is asked as a number. */
const MAX_BUTTONS = 11;

const isSame = (a: Answer, b: Answer): boolean => a.value === b.value && a.text.trim() === b.text.trim() && a.option_ids.join() === b.option_ids.join();

function isComplete(poll: PollRecord, answer: Answer): boolean {
  switch (poll.poll_kind) {
    case "scale":
      return answer.value !== null;
    case "text":
    case "words":
      return answer.text.trim() !== "";
    default:
      return answer.option_ids.length >= poll.min_choices && answer.option_ids.length <= poll.max_choices;
  }
}

/** Asks for an answer and casts it; shows the answer given before, which can be changed (not in a quiz). */
export function PollAnswer({ item: { poll, ballot }, run }: { item: PollView; run: Run }) {
  const { t } = useTranslation();
  const given: Answer = ballot === null ? NOTHING : { option_ids: ballot.option_ids, value: ballot.value, text: poll.poll_kind === "words" ? ballot.text.replaceAll("\n", ", ") : ballot.text };
  const [answer, setAnswer] = useState(given);
  const final = poll.poll_kind === "quiz" && poll.target !== "groups";
  if (final && ballot !== null) return <YourAnswer poll={poll} ballot={ballot} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { option_ids, value, text } = answer;
        void run({ type: "CastBallot", poll_id: poll.poll_id, option_ids, value, text });
      }}
    >
      <Input poll={poll} answer={answer} onChange={setAnswer} />
      <Group mt="sm" gap="sm">
        <Button type="submit" size="compact-md" disabled={!isComplete(poll, answer) || isSame(answer, given)}>
          {t(ballot === null ? "polls.vote" : "polls.changeVote")}
        </Button>
        {final && <Text size="xs" c="dimmed">{t("polls.final")}</Text>}
        {ballot !== null && poll.target !== "groups" && <Text size="xs" c="dimmed" role="status">{t("polls.counted")}</Text>}
      </Group>
    </form>
  );
}

function Input(props: InputProps) {
  switch (props.poll.poll_kind) {
    case "scale":
      return <ScaleInput {...props} />;
    case "ranking":
      return <RankingInput {...props} />;
    case "text":
    case "words":
      return <TextAnswer {...props} />;
    default:
      return <Choice {...props} />;
  }
}

function Choice({ poll, answer, onChange }: InputProps) {
  const { t } = useTranslation();
  const { max_choices: most, min_choices: least } = poll;
  if (most === 1) {
    return (
      <Radio.Group value={answer.option_ids[0] ?? null} onChange={(id) => onChange({ ...NOTHING, option_ids: [id] })} aria-label={poll.question}>
        <Stack gap={8}>
          {poll.options.map((option) => <Radio key={option.option_id} value={option.option_id} label={option.text} />)}
        </Stack>
      </Radio.Group>
    );
  }
  // In the poll's order, as the server keeps it.
  const chosen = (ids: string[]): string[] => poll.options.map((option) => option.option_id).filter((id) => ids.includes(id));
  return (
    <Checkbox.Group value={answer.option_ids} onChange={(ids) => onChange({ ...NOTHING, option_ids: chosen(ids) })} aria-label={poll.question}>
      <Text size="xs" c="dimmed" mb={8}>{least === most ? t("polls.chooseExactly", { count: most }) : t("polls.choose", { least, most })}</Text>
      <Stack gap={8}>
        {poll.options.map(({ option_id: id, text }) => (
          <Checkbox key={id} value={id} label={text} disabled={answer.option_ids.length >= most && !answer.option_ids.includes(id)} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function ScaleInput({ poll, answer, onChange }: InputProps) {
  const { scale } = poll;
  if (scale === null) return null;
  const { low = 1, high = 5, low_label: lowLabel, high_label: highLabel } = scale;
  const ends = (
    <Group justify="space-between" wrap="nowrap" mt={6}>
      <Text size="xs" c="dimmed">{lowLabel}</Text>
      <Text size="xs" c="dimmed" ta="end">{highLabel}</Text>
    </Group>
  );
  if (high - low + 1 > MAX_BUTTONS) {
    return (
      <>
        <NumberInput
          aria-label={poll.question} min={low} max={high} allowDecimal={false} placeholder={`${String(low)} – ${String(high)}`} value={answer.value ?? ""}
          onChange={(value) => onChange({ ...NOTHING, value: value === "" ? null : Number(value) })}
        />
        {ends}
      </>
    );
  }
  const values = Array.from({ length: high - low + 1 }, (_, index) => String(low + index));
  return (
    <>
      <Radio.Group value={answer.value === null ? null : String(answer.value)} onChange={(value) => onChange({ ...NOTHING, value: Number(value) })} aria-label={poll.question}>
        <div className="scale">
          {values.map((value) => (
            <label key={value} className="scale-step"><Radio value={value} aria-label={value} /><span aria-hidden="true">{value}</span></label>
          ))}
        </div>
      </Radio.Group>
      {ends}
    </>
  );
}

function RankingInput({ poll, answer, onChange }: InputProps) {
  const { t } = useTranslation();
  const order = answer.option_ids;
  const text = (id: string): string => poll.options.find((option) => option.option_id === id)?.text ?? "";
  const set = (ids: string[]): void => onChange({ ...NOTHING, option_ids: ids });
  const swap = (index: number, other: number): void => set(order.map((id, at) => (at === index ? (order[other] ?? id) : at === other ? (order[index] ?? id) : id)));
  return (
    <div role="group" aria-label={poll.question}>
      <Text size="xs" c="dimmed" mb={8}>{t("polls.rank", { count: poll.max_choices })}</Text>
      <ol className="ranking">
        {order.map((id, index) => (
          <li key={id} className="ranked">
            <span className="ranked-text">{text(id)}</span>
            <ActionIcon variant="subtle" color="gray" disabled={index === 0} aria-label={t("polls.up", { option: text(id) })} onClick={() => swap(index, index - 1)}><IconArrowUp size={18} /></ActionIcon>
            <ActionIcon variant="subtle" color="gray" disabled={index === order.length - 1} aria-label={t("polls.down", { option: text(id) })} onClick={() => swap(index, index + 1)}><IconArrowDown size={18} /></ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={t("polls.unrank", { option: text(id) })} onClick={() => set(order.filter((each) => each !== id))}><IconX size={18} /></ActionIcon>
          </li>
        ))}
      </ol>
      <Group gap={8}>
        {poll.options.filter(({ option_id: id }) => !order.includes(id)).map(({ option_id: id, text: label }) => (
          <Button key={id} variant="default" size="compact-md" disabled={order.length >= poll.max_choices} onClick={() => set([...order, id])}>{label}</Button>
        ))}
      </Group>
    </div>
  );
}

function TextAnswer({ poll, answer, onChange }: InputProps) {
  const { t } = useTranslation();
  if (poll.poll_kind === "words") {
    return (
      <TextInput
        aria-label={poll.question} description={t("polls.wordsHint", { count: poll.max_choices })} maxLength={600} value={answer.text}
        onChange={(event) => onChange({ ...NOTHING, text: event.currentTarget.value })}
      />
    );
  }
  return <Textarea aria-label={poll.question} autosize minRows={2} maxRows={8} maxLength={1000} value={answer.text} onChange={(event) => onChange({ ...NOTHING, text: event.currentTarget.value })} />;
}

/** What somebody has answered, in words. */
export function answerText(poll: PollRecord, { option_ids: ids, value, text }: Answer): string {
  if (value !== null) return String(value);
  if (text !== "") return text.replaceAll("\n", ", ");
  return ids.map((id) => poll.options.find((option) => option.option_id === id)?.text ?? "").join(poll.poll_kind === "ranking" ? " → " : ", ");
}

export function YourAnswer({ poll, ballot }: { poll: PollRecord; ballot: BallotRecord }) {
  const { t } = useTranslation();
  return <Text size="sm" c="dimmed" mb="xs" className="poll-question">{t("polls.yourVote", { option: answerText(poll, ballot) })}</Text>;
}
