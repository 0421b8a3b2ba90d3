import { Button, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "./Mark";

const KNOWN = [
  "workshop_closed", "left", "removed", "denied", "token_expired", "token_invalid", "token_missing", "workshop_unknown", "home",
] as const;
type Known = (typeof KNOWN)[number];

/** Everything is over, or nothing could begin: what happened, and what to do next. */
export function EndPage({ code, message = "", onAgain, children }: { code: string; message?: string; onAgain?: () => void; children?: ReactNode }) {
  const { t } = useTranslation();
  const known: Known | "other" = KNOWN.find((each) => each === code) ?? "other";
  return (
    <main className="page">
      <Stack className="card" align="center" gap="sm">
        <Mark />
        <Title order={1} size="h2" ta="center">
          {t(`end.${known}.title`)}
        </Title>
        <Text ta="center" c="dimmed" role="status">
          {t(`end.${known}.text`, { message })}
        </Text>
        {children}
        {code === "left" && onAgain && (
          <Button mt="md" onClick={onAgain}>
            {t("end.again")}
          </Button>
        )}
      </Stack>
    </main>
  );
}
