import { Button, Group, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { BreakoutsView } from "../../state/breakouts";

const RosterDialog = lazy(async () => ({ default: (await import("./RosterDialog")).RosterDialog }));

/** The list of who is expected: taken from a file or a paste; who of it is here. */
export function Roster({ session, breakouts }: { session: Session; breakouts: BreakoutsView }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { roster } = breakouts;
  const missing = roster.filter((entry) => entry.participant_id === null);
  const take = async (text: string): Promise<string | null> => {
    const ack = await session.command({ type: "ImportRoster", text });
    return ack.ok ? null : ack.message;
  };
  return (
    <div className="roster">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{roster.length === 0 ? t("breakouts.noRoster") : t("breakouts.rosterCount", { count: roster.length })}</Text>
        <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>{t(roster.length === 0 ? "roster.import" : "roster.replace")}</Button>
      </Group>
      {roster.length === 0 && <Text size="xs" c="dimmed">{t("breakouts.rosterHint")}</Text>}
      {missing.length > 0 && (
        <details className="explanation">
          <summary>{t("breakouts.unmatched", { count: missing.length })}</summary>
          <ul>{missing.map((entry) => <li key={entry.entry_id}>{t("roster.missing", { name: entry.name || entry.email || entry.external_id, line: entry.line })}</li>)}</ul>
        </details>
      )}
      {open && <Suspense><RosterDialog onClose={() => setOpen(false)} onTake={take} /></Suspense>}
    </div>
  );
}
