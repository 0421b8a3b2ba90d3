import { Alert, Button, Checkbox, Collapse, Group, NumberInput, SegmentedControl, Select, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { asksForRooms, commandOf, firstSetup, isSeries, METHODS, roomSizes, type BreakoutsView, type Method, type Setup } from "../../state/breakouts";
import type { WorkshopView } from "../../state/selectors";
import { Constraints } from "./Constraints";
import { Roster } from "./Roster";
import type { Run } from "../run";

interface Props {
  session: Session;
  view: WorkshopView;
  breakouts: BreakoutsView;
  run: Run;
  /** Why the last command was refused; shown where it was given. */
  problem: string | null;
}

/** What needs to know more of people than their names. */
const NEED_ROSTER: readonly Method[] = ["roster", "mixed", "alike", "balanced", "similar"];

/** What was filled in, kept while the panel is closed. */
let kept: Setup | null = null;

/** How people come into rooms: by one of ten ways, looked at first or opened at once. */
export function SetupForm({ session, view, breakouts, run, problem }: Props) {
  const { t } = useTranslation();
  const learners = view.people.filter((person) => person.role === "learner");
  const [setup, setSetup] = useState<Setup>(() => kept ?? { ...firstSetup, number: Math.max(1, Math.min(2, learners.length)) });
  const change = (part: Partial<Setup>): void => {
    kept = { ...setup, ...part };
    setSetup(kept);
  };
  const go = (action: "open" | "prepare"): void => void run(commandOf(setup, learners.length, action));
  const [least, most] = roomSizes(setup, learners.length);
  const countOnly = setup.method === "by_hand" || setup.method === "self_select";
  const ready = setup.method === "jigsaw" ? setup.topics.trim() !== "" : setup.number >= 1;
  const number = (value: number | string): number => Math.max(0, Number(value) || 0);
  return (
    <form onSubmit={(event) => { event.preventDefault(); go(setup.method === "rotation" ? "prepare" : "open"); }}>
      <Stack gap="md">
        <Select
          label={t("breakouts.method")} description={t(`breakouts.about.${setup.method}`)} allowDeselect={false} value={setup.method}
          data={METHODS.map((value) => ({ value, label: t(`breakouts.methods.${value}`) }))} onChange={(value) => change({ method: value as Method })}
        />
        {setup.method === "jigsaw" && (
          <Textarea label={t("breakouts.topics")} description={t("breakouts.onePerLine")} autosize minRows={3} value={setup.topics} onChange={(event) => change({ topics: event.currentTarget.value })} />
        )}
        {(setup.method === "mixed" || setup.method === "alike") && (
          <TextInput label={t("breakouts.attribute")} description={t("breakouts.attributeHint")} value={setup.attribute} onChange={(event) => change({ attribute: event.currentTarget.value })} />
        )}
        {NEED_ROSTER.includes(setup.method) && <Roster session={session} breakouts={breakouts} />}
        {asksForRooms(setup) && !countOnly && (
          <SegmentedControl
            fullWidth size="xs" aria-label={t("breakouts.by")} value={setup.by} onChange={(value) => change({ by: value as Setup["by"] })}
            data={[{ value: "count", label: t("breakouts.byCount") }, { value: "size", label: t("breakouts.bySize") }]}
          />
        )}
        <Group grow align="start">
          {asksForRooms(setup) && (
            <NumberInput
              label={t(setup.by === "size" && !countOnly ? "breakouts.size" : "rooms.count")} value={setup.number} min={1} max={200} allowDecimal={false}
              onChange={(value) => change({ number: number(value) })}
            />
          )}
          <NumberInput
            label={t("rooms.minutes")} placeholder={t("rooms.noLimit")} value={setup.minutes === 0 ? "" : setup.minutes} min={1} max={1440} allowDecimal={false}
            onChange={(value) => change({ minutes: number(value) })}
          />
          {setup.method === "rotation" && (
            <NumberInput label={t("breakouts.rounds")} value={setup.rounds} min={2} max={50} allowDecimal={false} onChange={(value) => change({ rounds: number(value) })} />
          )}
          {setup.method === "self_select" && (
            <NumberInput label={t("breakouts.capacity")} placeholder={t("rooms.noLimit")} value={setup.capacity === 0 ? "" : setup.capacity} min={1} allowDecimal={false} onChange={(value) => change({ capacity: number(value) })} />
          )}
        </Group>
        {setup.method === "by_hand" && <ByHand setup={setup} view={view} change={change} />}
        {asksForRooms(setup) && !countOnly && (
          <Text size="sm" c="dimmed">
            {learners.length === 0 ? t("rooms.noLearners") : t(least === most ? "rooms.each" : "rooms.eachRange", { min: least, max: most })}
          </Text>
        )}
        <Part label={t("breakouts.taskAndNames")}>
          {asksForRooms(setup) && <Textarea label={t("breakouts.names")} description={t("breakouts.onePerLine")} autosize value={setup.names} onChange={(event) => change({ names: event.currentTarget.value })} />}
          <Textarea label={t("breakouts.task")} autosize value={setup.task} onChange={(event) => change({ task: event.currentTarget.value })} />
          <Textarea label={t("breakouts.steps")} description={t("breakouts.onePerLine")} autosize value={setup.steps} onChange={(event) => change({ steps: event.currentTarget.value })} />
          <TextInput label={t("breakouts.link")} placeholder="https://" value={setup.link} onChange={(event) => change({ link: event.currentTarget.value })} />
        </Part>
        {!["by_hand", "self_select", "roster"].includes(setup.method) || (setup.method === "by_hand" && setup.rest === "random") ? (
          <Part label={breakouts.constraints.length > 0 ? t("constraints.titleCount", { count: breakouts.constraints.length }) : t("constraints.title")}>
            <Constraints view={view} constraints={breakouts.constraints} run={run} />
          </Part>
        ) : null}
        <Part label={t("breakouts.more")}>
          <TextInput label={t("breakouts.title")} value={setup.title} onChange={(event) => change({ title: event.currentTarget.value })} />
          <Checkbox label={t("breakouts.newPartners")} checked={setup.newPartners} onChange={(event) => change({ newPartners: event.currentTarget.checked })} />
          <Checkbox label={t("breakouts.mayLeave")} checked={setup.mayLeave} onChange={(event) => change({ mayLeave: event.currentTarget.checked })} />
          <Select
            label={t("breakouts.late")} allowDeselect={false} value={setup.late} onChange={(value) => change({ late: value as Setup["late"] })}
            data={(["same_room", "smallest", "hold"] as const).map((value) => ({ value, label: t(`breakouts.lates.${value}`) }))}
          />
          <Select
            label={t("breakouts.repair")} allowDeselect={false} value={setup.repair} onChange={(value) => change({ repair: value as Setup["repair"] })}
            data={(["propose", "automatic", "off"] as const).map((value) => ({ value, label: t(`breakouts.repairs.${value}`) }))}
          />
        </Part>
        {!NEED_ROSTER.includes(setup.method) && <Part label={t("roster.title")}><Roster session={session} breakouts={breakouts} /></Part>}
        {problem !== null && <Alert color="red">{problem}</Alert>}
        <Group grow>
          {!isSeries(setup) && setup.method !== "self_select" && (
            <Button variant="default" onClick={() => go("prepare")} disabled={!ready}>{t("breakouts.preview")}</Button>
          )}
          <Button type="submit" disabled={!ready}>{t(setup.method === "rotation" ? "breakouts.prepare" : "rooms.open")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A part of the form that most people do not need. */
function Part({ label, children }: { label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <UnstyledButton className="part-head" aria-expanded={open} onClick={() => setOpen((before) => !before)}>
        {open ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />} {label}
      </UnstyledButton>
      <Collapse expanded={open}><Stack gap="sm" mt="xs">{children}</Stack></Collapse>
    </div>
  );
}

function ByHand({ setup, view, change }: { setup: Setup; view: WorkshopView; change: (part: Partial<Setup>) => void }) {
  const { t } = useTranslation();
  const rooms = Array.from({ length: setup.number }, (_, index) => ({ value: String(index), label: t("breakouts.roomNumber", { number: index + 1 }) }));
  return (
    <Stack gap={6}>
      {view.people.filter((person) => person.participant_id !== view.meId).map((person) => (
        <Group key={person.participant_id} justify="space-between" wrap="nowrap" gap="sm">
          <Text size="sm" truncate>{person.name}</Text>
          <Select
            size="xs" w={150} clearable aria-label={t("breakouts.roomOf", { name: person.name })} placeholder={t(`breakouts.rests.${setup.rest}`)} data={rooms}
            value={setup.placed[person.participant_id] === undefined ? null : String(setup.placed[person.participant_id])}
            onChange={(value) => {
              const others = Object.fromEntries(Object.entries(setup.placed).filter(([id]) => id !== person.participant_id));
              change({ placed: value === null ? others : { ...others, [person.participant_id]: Number(value) } });
            }}
          />
        </Group>
      ))}
      <Select
        label={t("breakouts.rest")} allowDeselect={false} value={setup.rest} onChange={(value) => change({ rest: value as Setup["rest"] })}
        data={(["plenary", "random"] as const).map((value) => ({ value, label: t(`breakouts.rests.${value}`) }))}
      />
    </Stack>
  );
}
