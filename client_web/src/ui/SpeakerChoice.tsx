import { Button, Select, Text } from "@mantine/core";
import { IconVolume } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Devices } from "../core/devices";
import { canChooseSpeaker, chime, chooseSpeaker, speaker } from "../core/speaker";
import { useWatched } from "./hooks";

/** Which loudspeaker, and a sound to try it with. It stands there before the devices are known: what is below must not move under a finger. */
export function SpeakerChoice({ devices }: { devices: Devices }) {
  const { t } = useTranslation();
  const chosen = useWatched(speaker);
  const outputs = useWatched(devices.list).filter((device) => device.kind === "audiooutput" && device.deviceId !== "default");
  const [tried, setTried] = useState<"not" | "playing" | "played" | "failed">("not");
  const choices = [{ value: "", label: t("join.speakerDefault") }, ...outputs.map((device, index) => ({ value: device.deviceId, label: device.label || `${t("join.speaker")} ${String(index + 1)}` }))];
  const play = async (): Promise<void> => {
    setTried("playing");
    await chime().then(() => setTried("played"), () => setTried("failed"));
  };
  return (
    <div>
      {canChooseSpeaker() && (
        <Select
          label={t("join.speaker")} allowDeselect={false} data={choices} mb="xs" value={choices.some(({ value }) => value === chosen) ? chosen : ""}
          onChange={(value) => value !== null && chooseSpeaker(value)}
        />
      )}
      <Button size="compact-sm" variant="default" leftSection={<IconVolume size={18} />} disabled={tried === "playing"} onClick={() => void play()}>{t("join.testSound")}</Button>
      <Text size="xs" c="dimmed" mt={4} role="status">{tried === "not" ? "" : t(`join.sound.${tried}`)}</Text>
    </div>
  );
}
