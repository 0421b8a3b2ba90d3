import { ActionIcon, Alert, Button, Checkbox, Group, NumberInput, Select, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { isComplete, KINDS, NEW_POLL, previewOf, setupOf, WITH_OPTIONS, type PollDraft } from "../../state/pollDraft";
import { Preview } from "../Preview";
import { PollAnswer } from "./PollAnswer";

interface Props {
  draft: PollDraft;
  onChange: (draft: PollDraft) => void;
}

/** Writes a poll, or changes one that was never opened. */
export function PollForm({ session, draft, onChange }: Props & { session: Session }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (open: boolean): Promise<void> => {
    const { pollId } = draft;
    const setup = setupOf(draft);
    let ack = await session.command(pollId === null ? { type: "CreatePoll", open, ...setup } : { type: "EditPoll", poll_id: pollId, ...setup });
    if (ack.ok && open && pollId !== null) ack = await session.command({ type: "OpenPoll", poll_id: pollId });
    setProblem(ack.ok ? null : ack.message);
    if (ack.ok) onChange(NEW_POLL);
  };
  const ready = isComplete(draft);
  return (
    <>
      <form onSubmit={(event) => { event.preventDefault(); void send(true); }}>
        <Stack gap="xs">
          {problem !== null && <Alert color="red">{problem}</Alert>}
          <Select
            label={t("polls.kind")} allowDeselect={false} value={draft.kind}
            data={KINDS.map((kind) => ({ value: kind, label: t(`polls.kinds.${kind}`) }))}
            onChange={(kind) => kind && onChange({ ...draft, kind: kind as PollDraft["kind"] })}
          />
          <TextInput label={t("polls.question")} value={draft.question} maxLength={500} onChange={(event) => onChange({ ...draft, question: event.currentTarget.value })} />
          {WITH_OPTIONS.has(draft.kind) && <Options draft={draft} onChange={onChange} />}
          <Details draft={draft} onChange={onChange} />
          <Running draft={draft} onChange={onChange} />
          <Group grow mt="xs">
            {draft.pollId !== null && <Button type="button" variant="subtle" onClick={() => onChange(NEW_POLL)}>{t("polls.cancel")}</Button>}
            <Button type="button" variant="default" disabled={!ready} onClick={() => void send(false)}>{t("polls.saveDraft")}</Button>
            <Button type="submit" disabled={!ready}>{t("polls.openNow")}</Button>
          </Group>
        </Stack>
      </form>
      <Preview ready={ready}>{() => <PollPreview draft={draft} />}</Preview>
    </>
  );
}

function PollPreview({ draft }: { draft: PollDraft }) {
  const item = previewOf(draft);
  return (
    <>
      <Text fw={600} className="poll-question" mb="xs">{item.poll.question}</Text>
      <PollAnswer key={JSON.stringify(item.poll)} item={item} run={nothing} />
    </>
  );
}

const nothing = (): Promise<boolean> => Promise.resolve(true);

function Options({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const { options } = draft;
  const change = (index: number, fields: Partial<PollDraft["options"][number]>): void =>
    onChange({ ...draft, options: options.map((each, at) => (at === index ? { ...each, ...fields } : each)) });
  return (
    <>
      {options.map((option, index) => (
        <Group key={index} wrap="nowrap" align="end" gap="xs">
          {draft.kind === "quiz" && (
            <Checkbox
              mb={9} checked={option.right} aria-label={t("polls.rightOption", { number: index + 1 })}
              onChange={(event) => change(index, { right: event.currentTarget.checked })}
            />
          )}
          <TextInput
            flex={1} label={t("polls.option", { number: index + 1 })} value={option.text} maxLength={200}
            onChange={(event) => change(index, { text: event.currentTarget.value })}
            rightSection={
              options.length > 2 && (
                <ActionIcon variant="subtle" color="gray" aria-label={t("polls.removeOption", { number: index + 1 })} onClick={() => onChange({ ...draft, options: options.filter((_, at) => at !== index) })}>
                  <IconX size={16} />
                </ActionIcon>
              )
            }
          />
        </Group>
      ))}
      {draft.kind === "quiz" && <Text size="xs" c="dimmed">{t("polls.rightHint")}</Text>}
      <Group>
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={16} />} disabled={options.length >= 20} onClick={() => onChange({ ...draft, options: [...options, { text: "", right: false }] })}>
          {t("polls.addOption")}
        </Button>
      </Group>
    </>
  );
}

/** What only some kinds have. */
function Details({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const whole = { allowDecimal: false, clampBehavior: "blur" } as const;
  switch (draft.kind) {
    case "multiple":
      return (
        <Group grow align="end">
          <NumberInput {...whole} label={t("polls.least")} placeholder="1" min={1} max={20} value={draft.least} onChange={(least) => onChange({ ...draft, least })} />
          <NumberInput {...whole} label={t("polls.most")} placeholder={t("polls.all")} min={1} max={20} value={draft.most} onChange={(most) => onChange({ ...draft, most })} />
        </Group>
      );
    case "ranking":
      return <NumberInput {...whole} label={t("polls.mostRanked")} placeholder={t("polls.all")} min={1} max={20} value={draft.most} onChange={(most) => onChange({ ...draft, most })} />;
    case "words":
      return <NumberInput {...whole} label={t("polls.mostWords")} placeholder="3" min={1} max={10} value={draft.most} onChange={(most) => onChange({ ...draft, most })} />;
    case "scale":
      return (
        <>
          <Group grow align="end">
            <NumberInput {...whole} label={t("polls.low")} value={draft.low} onChange={(low) => onChange({ ...draft, low })} />
            <NumberInput {...whole} label={t("polls.high")} value={draft.high} onChange={(high) => onChange({ ...draft, high })} />
          </Group>
          <Group grow align="end">
            <TextInput label={t("polls.lowLabel")} value={draft.lowLabel} maxLength={200} onChange={(event) => onChange({ ...draft, lowLabel: event.currentTarget.value })} />
            <TextInput label={t("polls.highLabel")} value={draft.highLabel} maxLength={200} onChange={(event) => onChange({ ...draft, highLabel: event.currentTarget.value })} />
          </Group>
        </>
      );
    case "quiz":
      return <Textarea label={t("polls.explanation")} autosize minRows={1} maxRows={5} value={draft.explanation} onChange={(event) => onChange({ ...draft, explanation: event.currentTarget.value })} />;
    default:
      return null;
  }
}

function Running({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const targets = ["workshop", "rooms", "groups"] as const;
  return (
    <>
      <Group grow align="end">
        <Select
          label={t("polls.target")} allowDeselect={false} value={draft.target}
          data={targets.map((value) => ({ value, label: t(`polls.targets.${value}`), disabled: value === "groups" && (draft.kind === "text" || draft.kind === "words") }))}
          onChange={(target) => target && onChange({ ...draft, target: target as PollDraft["target"] })}
        />
        <NumberInput label={t("polls.seconds")} placeholder={t("polls.noTimer")} min={1} max={86_400} value={draft.seconds} onChange={(seconds) => onChange({ ...draft, seconds })} />
      </Group>
      <ResultsChoice label={t("polls.results")} value={draft.results} onChange={(results) => onChange({ ...draft, results })} />
      <Switch label={t("polls.anonymous")} checked={draft.anonymous} onChange={(event) => onChange({ ...draft, anonymous: event.currentTarget.checked })} />
    </>
  );
}

/** Who sees the results. */
export function ResultsChoice({ label, value, onChange, size = "sm" }: { label: string; value: PollDraft["results"]; onChange: (value: PollDraft["results"]) => void; size?: "xs" | "sm" }) {
  const { t } = useTranslation();
  return (
    <Select
      size={size} label={label} allowDeselect={false} value={value}
      onChange={(chosen) => chosen && onChange(chosen as PollDraft["results"])}
      data={[
        { value: "hidden", label: t("polls.resultsHidden") },
        { value: "facilitators", label: t("polls.resultsFacilitators") },
        { value: "everyone", label: t("polls.resultsEveryone") },
      ]}
    />
  );
}
