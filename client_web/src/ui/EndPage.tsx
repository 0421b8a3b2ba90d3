import { Button, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePageFocus } from "./focus";
import { Mark } from "./Mark";

const KNOWN = [
  "workshop_closed", "ended_without", "ended_elsewhere", "left", "removed", "denied", "banned", "workshop_locked", "workshop_full", "too_many_connections", "flooding", "protocol_unsupported",
  "token_expired", "token_invalid", "token_missing", "workshop_unknown", "home",
] as const;
type Known = (typeof KNOWN)[number];

/** What the button of each end says; where there is none, nothing that this page could do would help. */
const WAY_ON = {
  left: "end.again", removed: "end.knock", denied: "end.knock", workshop_locked: "problem.retry", workshop_full: "problem.retry",
  too_many_connections: "problem.retry", flooding: "problem.retry", other: "problem.retry",
} as const satisfies Partial<globalThis.Record<Known | "other", string>>;

const wayOn = (known: Known | "other"): (typeof WAY_ON)[keyof typeof WAY_ON] | null => (known in WAY_ON ? WAY_ON[known as keyof typeof WAY_ON] : null);

/** Everything is over, or nothing could begin: what happened, and what to do next. */
export function EndPage({ code, message = "", onAgain }: { code: string; message?: string; onAgain?: () => void }) {
  const { t } = useTranslation();
  const heading = usePageFocus<HTMLHeadingElement>();
  const known: Known | "other" = KNOWN.find((each) => each === code) ?? "other";
  const label = wayOn(known);
  return (
    <main className="page">
      <Stack className="card" align="center" gap="sm">
        <Mark />
        <Title order={1} size="h2" ta="center" ref={heading}>
          {t(`end.${known}.title`)}
        </Title>
        <Text ta="center" c="dimmed" role="status">
          {t(`end.${known}.text`, { message })}
        </Text>
        {label !== null && onAgain && (
          <Button mt="md" onClick={onAgain}>
            {t(label)}
          </Button>
        )}
        {known === "protocol_unsupported" && (
          <Button mt="md" onClick={() => location.reload()}>
            {t("crash.reload")}
          </Button>
        )}
      </Stack>
    </main>
  );
}
