import { ActionIcon, Button, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { IconArrowRight, IconDots, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { OpenedRoom, PlanRecord } from "../../protocol/wire";
import { movedInPlan, type BreakoutsView } from "../../state/breakouts";
import type { WorkshopView } from "../../state/selectors";
import { Explanation } from "./Explanation";
import type { Run } from "../run";

interface Props {
  view: WorkshopView;
  breakouts: BreakoutsView;
  run: Run;
}

/** Rooms that are prepared and not open: who would be where and why; they can be changed first. And rooms of before, to be had again. */
export function Plans({ view, breakouts, run }: Props) {
  const { t } = useTranslation();
  const again = view.breakouts === null ? breakouts.rounds.slice(0, 5) : [];
  return (
    <>
      {breakouts.plans.length > 0 && <Title order={3} size="h5" mt="lg" mb="xs">{t("breakouts.plans")}</Title>}
      <Stack gap="sm">
        {breakouts.plans.map((plan) => <Plan key={plan.plan_id} record={plan} view={view} run={run} />)}
      </Stack>
      {again.length > 0 && (
        <>
          <Title order={3} size="h5" mt="lg" mb="xs">{t("breakouts.again")}</Title>
          {again.map((round) => (
            <Group key={round.round_id} justify="space-between" wrap="nowrap" mb={6}>
              <Text size="sm" truncate>{round.rooms.map((room) => room.name).join(", ")}</Text>
              <Button size="compact-sm" variant="default" onClick={() => void run({ type: "ReopenBreakouts", round_id: round.round_id })}>{t("breakouts.reopen")}</Button>
            </Group>
          ))}
        </>
      )}
    </>
  );
}

function Plan({ record, view, run }: { record: PlanRecord; view: WorkshopView; run: Props["run"] }) {
  const { t } = useTranslation();
  const { plan, plan_id } = record;
  const title = plan.title || t("breakouts.prepared");
  return (
    <section className="room-card" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <Text fw={600} truncate>
          {title} {record.of > 1 && <Text span c="dimmed" size="sm">{t("breakouts.position", { position: record.position, of: record.of })}</Text>}
        </Text>
        <ActionIcon variant="subtle" color="gray" aria-label={t("breakouts.discard", { title })} onClick={() => void run({ type: "DiscardPlan", plan_id })}><IconX size={18} /></ActionIcon>
      </Group>
      {!plan.drawn && <Text size="sm" c="dimmed">{t("breakouts.drawnLater")}</Text>}
      {plan.rooms.map((room) => <PlannedRoom key={room.room_id} room={room} record={record} view={view} run={run} />)}
      <Explanation reasons={plan.explanation ?? []} view={view} />
      <Group mt="sm" gap="xs">
        <Button size="compact-sm" onClick={() => void run({ type: "OpenPlan", plan_id, switch: view.breakouts !== null })}>{t("breakouts.openPlan")}</Button>
        {record.series === "single" && plan.setup.assignment?.kind !== "by_hand" && (
          <Button size="compact-sm" variant="default" onClick={() => void run({ type: "RedrawPlan", plan_id })}>{t("breakouts.redraw")}</Button>
        )}
      </Group>
    </section>
  );
}

function PlannedRoom({ room, record, view, run }: { room: OpenedRoom; record: PlanRecord; view: WorkshopView; run: Props["run"] }) {
  const { t } = useTranslation();
  const nameOf = (id: string): string => view.people.find((person) => person.participant_id === id)?.name ?? t("breakouts.expected");
  const others = record.plan.rooms.filter((each) => each.room_id !== room.room_id);
  return (
    <div className="planned">
      <Text size="sm" fw={600}>{room.name} <Text span c="dimmed">{room.participant_ids.length}</Text></Text>
      <ul className="chips" aria-label={room.name}>
        {room.participant_ids.map((id) => (
          <li key={id} className="chip">
            {nameOf(id)}
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon size="xs" variant="transparent" color="gray" aria-label={t("people.actions", { name: nameOf(id) })}><IconDots size={14} /></ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {others.map((other) => (
                  <Menu.Item key={other.room_id} leftSection={<IconArrowRight size={16} />} onClick={() => void run(movedInPlan(record, id, other.room_id))}>
                    {t("people.moveTo", { room: other.name })}
                  </Menu.Item>
                ))}
                <Menu.Item leftSection={<IconX size={16} />} onClick={() => void run(movedInPlan(record, id, null))}>{t("breakouts.takeOut")}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </li>
        ))}
      </ul>
    </div>
  );
}
