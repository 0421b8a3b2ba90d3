import { Button, Group, MultiSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldsOf, isBlank, isSaved, MAX_COAUTHORS, type WorkFields } from "../../state/review";
import { useSaved } from "../hooks";
import type { RoundProps } from "./props";

/** One's work as it is written: a text, a link, a file, and who wrote it too. Kept as it is typed. */
export function WorkForm({ view, item, run }: Omit<RoundProps, "session">) {
  const { t } = useTranslation();
  const { round, work } = item;
  const [written, setWritten] = useState<WorkFields>(() => fieldsOf(work));
  const [known, setKnown] = useState(work);
  if (work !== known) {
    // What was written in another tab is taken over, unless something stands here that the server does not have yet.
    setKnown(work);
    if (known === null ? isBlank(written) : isSaved(written, known)) setWritten(fieldsOf(work));
  }
  const save = useSaved((fields: WorkFields) => run({ type: "DraftWork", round_id: round.round_id, ...fields, file_id: fields.file_id.trim() || null }));
  const change = (fields: Partial<WorkFields>): void => {
    const now = { ...written, ...fields };
    setWritten(now);
    save.later(now);
  };
  const submit = async (): Promise<void> => {
    await save.now();
    await run({ type: "SubmitWork", round_id: round.round_id });
  };
  const something = [written.text, written.link, written.file_id].some((each) => each.trim() !== "");
  const people = new Map(view.people.filter((person) => person.role === "learner" && person.participant_id !== view.meId).map((person) => [person.participant_id, person.name]));
  for (const who of written.coauthor_ids) people.set(who, view.names.get(who) ?? "?");
  const state = !isSaved(written, work) ? (something ? t("review.saving") : "") : work !== null && work.submission_id !== null && !work.changed ? t("review.handedInNow") : t("review.saved");
  return (
    <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <Stack gap="xs">
        <Textarea label={t("review.yourWork")} autosize minRows={4} maxRows={16} maxLength={20_000} value={written.text} onChange={(event) => change({ text: event.currentTarget.value })} />
        <TextInput label={t("review.link")} placeholder="https://" value={written.link} maxLength={2000} onChange={(event) => change({ link: event.currentTarget.value })} />
        <TextInput label={t("review.file")} description={t("review.fileHint")} value={written.file_id} maxLength={200} onChange={(event) => change({ file_id: event.currentTarget.value })} />
        {written.file_id.trim() !== "" && (
          <TextInput
            label={t("review.fileName")} description={t(round.settings.blind === "double" ? "review.fileNameHidden" : "review.fileNameHint")} value={written.file_name} maxLength={200}
            onChange={(event) => change({ file_name: event.currentTarget.value })}
          />
        )}
        <MultiSelect
          label={t("review.coauthors")} description={t("review.coauthorsHint")} searchable clearable hidePickedOptions maxValues={MAX_COAUTHORS} nothingFoundMessage={t("review.nobodyFound")}
          data={[...people].map(([value, label]) => ({ value, label }))} value={written.coauthor_ids} onChange={(coauthor_ids) => change({ coauthor_ids })}
        />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">{state}</Text>
          <Button type="submit" disabled={!something}>{t(work?.submission_id ? "review.submitAgain" : "review.submit")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
