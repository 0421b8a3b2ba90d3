import { Alert, Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** What was asked for has not come; the way to ask again. */
export function NotThere({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="yellow" data-wide>
      {t("summary.notThere")} <Button size="compact-sm" variant="default" ml="sm" onClick={onAgain}>{t("problem.retry")}</Button>
    </Alert>
  );
}
