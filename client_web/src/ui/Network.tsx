import { ActionIcon, Popover, Radio, Stack, Text } from "@mantine/core";
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Saving, Session } from "../core/session";
import { useWatched } from "./hooks";

const BARS = { good: IconAntennaBars5, fair: IconAntennaBars3, poor: IconAntennaBars2 };

/** How good the connection is and why it is not better; and the choice to get less than everything. */
export function Network({ session }: { session: Session }) {
  const { t } = useTranslation();
  const quality = useWatched(session.quality.now);
  const media = useWatched(session.rtc.state);
  const away = media === "lost" || media === "failed";
  const saving = useWatched(session.saving);
  const level = away ? "poor" : quality.level;
  const Bars = BARS[level];
  const words = media === "lost" ? t("header.lostMedia") : media === "failed" ? t("end.mediaFailed") : t(`network.${quality.reason ?? "good"}`);
  return (
    <Popover position="bottom-end" width={300} trapFocus>
      <Popover.Target>
        <ActionIcon className="control-small network" data-level={level} variant="transparent" aria-label={`${t("network.title")}: ${t(`network.level.${level}`)}`}>
          <Bars size={22} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm" fw={600}>{t("network.title")}: {t(`network.level.${level}`)}</Text>
          <Text size="sm" c="dimmed">{words}</Text>
          {quality.tcp && !away && <Text size="sm" c="dimmed">{t("network.tcp")}</Text>}
          <Radio.Group label={t("network.saving")} value={saving} onChange={(value) => void session.save(value as Saving)}>
            <Stack gap={8} mt={6}>
              {(["off", "low", "sound"] as const).map((value) => <Radio key={value} value={value} label={t(`network.save.${value}`)} />)}
            </Stack>
          </Radio.Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
