import { ActionIcon, Alert, Button, Group, NumberInput, Select, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { isWhole, NEW_CRITERION, NEW_ROUND, previewOf, roundCommand, type CriterionDraft, type RoundDraft } from "../../state/review";
import type { WorkshopView } from "../../state/selectors";
import { Preview } from "../Preview";
import { ReviewForm } from "./ReviewForm";

/** What is being written is kept while the panel is closed. */
let kept = NEW_ROUND;

export function RoundForm({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(kept);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (fields: Partial<RoundDraft>): void => {
    kept = { ...draft, ...fields };
    setDraft(kept);
  };
  const create = async (): Promise<void> => {
    const ack = await session.command(roundCommand(draft));
    setProblem(ack.ok ? null : ack.message);
    if (ack.ok) change(NEW_ROUND);
  };
  const whole = { allowDecimal: false, clampBehavior: "blur" } as const;
  return (
    <>
      <form onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <Stack gap="xs">
          {problem !== null && <Alert color="red">{problem}</Alert>}
          <TextInput label={t("review.name")} value={draft.title} maxLength={200} onChange={(event) => change({ title: event.currentTarget.value })} />
          <Textarea label={t("review.instructions")} autosize minRows={1} maxRows={6} value={draft.instructions} onChange={(event) => change({ instructions: event.currentTarget.value })} />
          <NumberInput {...whole} label={t("review.each")} min={1} max={20} value={draft.reviewsEach} onChange={(reviewsEach) => change({ reviewsEach })} />
          <Select
            label={t("review.blind")} allowDeselect={false} value={draft.blind}
            data={(["double", "reviewer", "none"] as const).map((blind) => ({ value: blind, label: t(`review.blinds.${blind}`) }))}
            onChange={(blind) => blind && change({ blind: blind as RoundDraft["blind"] })}
          />
          <Group grow align="end">
            <NumberInput {...whole} label={t("review.submitMinutes")} placeholder={t("review.noLimit")} min={1} max={1440} value={draft.submit} onChange={(submit) => change({ submit })} />
            <NumberInput {...whole} label={t("review.reviewMinutes")} placeholder={t("review.noLimit")} min={1} max={1440} value={draft.review} onChange={(review) => change({ review })} />
          </Group>
          <Switch label={t("review.discuss")} checked={draft.discuss} onChange={(event) => change({ discuss: event.currentTarget.checked })} />
          {draft.discuss && <NumberInput {...whole} label={t("review.discussMinutes")} placeholder={t("review.noLimit")} min={1} max={1440} value={draft.discussMinutes} onChange={(discussMinutes) => change({ discussMinutes })} />}
          <Text fw={600} size="sm">{t("review.criteria")}</Text>
          {draft.criteria.map((criterion, index) => (
            <CriterionFields
              key={index} number={index + 1} criterion={criterion}
              onChange={(fields) => change({ criteria: draft.criteria.map((each, at) => (at === index ? { ...each, ...fields } : each)) })}
              onRemove={draft.criteria.length > 1 ? () => change({ criteria: draft.criteria.filter((_, at) => at !== index) }) : null}
            />
          ))}
          <Group>
            <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={16} />} disabled={draft.criteria.length >= 20} onClick={() => change({ criteria: [...draft.criteria, NEW_CRITERION] })}>{t("review.addCriterion")}</Button>
          </Group>
          <Button type="submit" disabled={!isWhole(draft)}>{t("review.create")}</Button>
        </Stack>
      </form>
      <Preview ready={isWhole(draft)}>{() => <RoundPreview draft={draft} view={view} />}</Preview>
    </>
  );
}

function RoundPreview({ draft, view }: { draft: RoundDraft; view: WorkshopView }) {
  const { t } = useTranslation();
  const { round, review } = previewOf(draft);
  const work = { kind: "reviewed_work", submission_id: "preview", round_id: "preview", author_ids: [], text: t("preview.sample"), link: "", file_id: null, file_name: "" } as const;
  return (
    <>
      <Text fw={600} className="poll-question">{round.settings.title}</Text>
      {draft.instructions !== "" && <Text size="sm" className="answer-text" my="xs">{draft.instructions}</Text>}
      <ReviewForm key={JSON.stringify(round.criteria)} number={1} view={view} round={round} review={review} work={{ ...work, author_ids: [] }} open run={nothing} />
    </>
  );
}

const nothing = (): Promise<boolean> => Promise.resolve(true);

interface CriterionProps {
  number: number;
  criterion: CriterionDraft;
  onChange: (fields: Partial<CriterionDraft>) => void;
  onRemove: (() => void) | null;
}

function CriterionFields({ number, criterion, onChange, onRemove }: CriterionProps) {
  const { t } = useTranslation();
  const named = { aria: (text: string) => `${text}, ${t("review.criterion", { number })}` };
  const whole = { allowDecimal: false, clampBehavior: "blur", size: "xs" } as const;
  return (
    <fieldset className="criterion">
      <TextInput
        label={t("review.criterion", { number })} value={criterion.title} maxLength={200} onChange={(event) => onChange({ title: event.currentTarget.value })}
        rightSection={onRemove && <ActionIcon variant="subtle" color="gray" aria-label={t("review.removeCriterion", { number })} onClick={onRemove}><IconX size={16} /></ActionIcon>}
      />
      <Group grow align="end" gap="xs">
        <Select
          size="xs" label={t("review.comment")} aria-label={named.aria(t("review.comment"))} allowDeselect={false} value={criterion.comment}
          data={(["required", "optional", "none"] as const).map((rule) => ({ value: rule, label: t(`review.comments.${rule}`) }))}
          onChange={(rule) => rule && onChange({ comment: rule as CriterionDraft["comment"] })}
        />
        <NumberInput {...whole} label={t("review.weight")} aria-label={named.aria(t("review.weight"))} min={0} max={100} value={criterion.weight} onChange={(weight) => onChange({ weight })} />
      </Group>
      <Switch size="sm" label={t("review.scored")} aria-label={named.aria(t("review.scored"))} checked={criterion.scored} onChange={(event) => onChange({ scored: event.currentTarget.checked })} />
      {criterion.scored && (
        <Group grow gap="xs">
          <NumberInput {...whole} label={t("review.least")} aria-label={named.aria(t("review.least"))} min={0} max={99} value={criterion.least} onChange={(least) => onChange({ least })} />
          <NumberInput {...whole} label={t("review.most")} aria-label={named.aria(t("review.most"))} min={1} max={100} value={criterion.most} onChange={(most) => onChange({ most })} />
        </Group>
      )}
    </fieldset>
  );
}
