import { ActionIcon, Button, Group, MultiSelect, NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sizeLimits, withSizes, type Constraint } from "../../state/constraints";
import type { WorkshopView } from "../../state/selectors";
import type { Run } from "../run";

interface Props {
  view: WorkshopView;
  constraints: Constraint[];
  run: Run;
}

/** Who must and who must not be together, and how small and large groups may be: kept for the whole workshop, for all who run it. */
export function Constraints({ view, constraints, run }: Props) {
  const { t, i18n } = useTranslation();
  const [kind, setKind] = useState<"together" | "apart">("together");
  const [people, setPeople] = useState<string[]>([]);
  // One at a time: each is the whole list, made from what the records say, and would undo one that is on its way.
  const [busy, setBusy] = useState(false);
  const set = async (changed: Constraint[]): Promise<boolean> => {
    setBusy(true);
    try {
      return await run({ type: "SetConstraints", constraints: changed });
    } finally {
      setBusy(false);
    }
  };
  const add = async (): Promise<void> => {
    if (await set([...constraints, { kind, people }])) setPeople([]);
  };
  const learners = view.people.filter((person) => person.role === "learner");
  const names = new Intl.ListFormat(i18n.language, { type: "conjunction" });
  const limits = sizeLimits(constraints);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">{t("constraints.about")}</Text>
      <ul className="list" aria-label={t("constraints.title")}>
        {constraints.map((each, index) => {
          if (each.kind !== "together" && each.kind !== "apart") return null;
          const text = t(`constraints.${each.kind}Said`, { people: names.format(each.people.map((who) => view.names.get(who) ?? who)) });
          return (
            <li key={index} className="assignment">
              <span className="assignment-pair">{text}</span>
              <ActionIcon variant="subtle" color="gray" disabled={busy} aria-label={t("constraints.remove", { text })} onClick={() => void set(constraints.filter((_, at) => at !== index))}><IconX size={16} /></ActionIcon>
            </li>
          );
        })}
      </ul>
      <SegmentedControl
        fullWidth size="xs" aria-label={t("constraints.which")} value={kind} onChange={(value) => setKind(value as typeof kind)}
        data={(["together", "apart"] as const).map((value) => ({ value, label: t(`constraints.${value}`) }))}
      />
      <MultiSelect
        label={t("constraints.people")} searchable hidePickedOptions value={people} onChange={setPeople} readOnly={busy} nothingFoundMessage={t("review.nobodyFound")}
        data={learners.map((person) => ({ value: person.participant_id, label: person.name }))}
      />
      <Group justify="end"><Button size="compact-sm" variant="default" disabled={busy || people.length < 2} onClick={() => void add()}>{t("constraints.add")}</Button></Group>
      <Group grow align="start">
        {(["least", "most"] as const).map((end) => (
          <SizeLimit key={`${end} ${String(limits[end])}`} label={t(`constraints.${end}`)} value={limits[end]} readOnly={busy} set={(size) => set(withSizes(constraints, { ...limits, [end]: size }))} />
        ))}
      </Group>
    </Stack>
  );
}

/** Given when the field is left, not at every key: 1 on the way to 12 would be refused or worse. */
function SizeLimit({ label, value, readOnly, set }: { label: string; value: number | null; readOnly: boolean; set: (size: number | null) => Promise<boolean> }) {
  const { t } = useTranslation();
  const [text, setText] = useState<number | string>(value ?? "");
  const give = (): void => {
    if (readOnly) return;
    const size = text === "" || Number(text) < 1 ? null : Number(text);
    if (size !== value) void set(size).then((accepted) => { if (!accepted) setText(value ?? ""); });
  };
  return (
    <NumberInput
      label={label} readOnly={readOnly} placeholder={t("rooms.noLimit")} min={1} max={1000} allowDecimal={false} value={text} onChange={setText} onBlur={give}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        give();
      }}
    />
  );
}
