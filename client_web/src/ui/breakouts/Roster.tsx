import { Button, FileButton, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ClientCommand } from "../../protocol/wire";
import type { BreakoutsView } from "../../state/breakouts";

/** The list of who is expected: taken from a file; who of it is here. */
export function Roster({ breakouts, run }: { breakouts: BreakoutsView; run: (command: ClientCommand) => Promise<void> }) {
  const { t } = useTranslation();
  const { roster } = breakouts;
  const missing = roster.filter((entry) => entry.participant_id === null);
  const take = (file: File | null): void => {
    if (file) void file.text().then((text) => run({ type: "ImportRoster", text }));
  };
  return (
    <div className="roster">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{roster.length === 0 ? t("breakouts.noRoster") : t("breakouts.rosterCount", { count: roster.length })}</Text>
        <FileButton onChange={take} accept=".csv,.json,text/csv,application/json">
          {(props) => <Button {...props} size="compact-sm" variant="default">{t("breakouts.importRoster")}</Button>}
        </FileButton>
      </Group>
      {roster.length === 0 && <Text size="xs" c="dimmed">{t("breakouts.rosterHint")}</Text>}
      {missing.length > 0 && (
        <details className="explanation">
          <summary>{t("breakouts.unmatched", { count: missing.length })}</summary>
          <ul>{missing.map((entry) => <li key={entry.entry_id}>{entry.name || entry.email || entry.external_id}</li>)}</ul>
        </details>
      )}
    </div>
  );
}
