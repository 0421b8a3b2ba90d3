import { Button, Collapse, Text } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** What is being written, as those will see it whom it is for. It stands beside the form and not in it, because it has a form of its own. */
export function Preview({ ready, children }: { ready: boolean; children: () => ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const shown = open && ready;
  return (
    <div className="preview">
      <Button
        size="compact-sm" variant="subtle" disabled={!ready} aria-expanded={shown} aria-controls={id} onClick={() => setOpen(!open)}
        leftSection={shown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
      >
        {t(shown ? "preview.hide" : "preview.show")}
      </Button>
      <Collapse expanded={shown} id={id}>
        <section className="preview-card" aria-label={t("preview.title")}>
          <Text size="xs" c="dimmed" mb={8}>{t("preview.title")}. {t("preview.note")}</Text>
          {shown && children()}
        </section>
      </Collapse>
    </div>
  );
}
