import { ActionIcon, Button, Group, Menu, Stack, Textarea, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconChevronDown, IconMicrophone, IconPlus, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { clockText, secondsLeft, type WorkshopView } from "../../state/selectors";
import { useServerNow } from "../hooks";
import type { Run } from "../run";

interface Props {
  session: Session;
  view: WorkshopView;
  run: Run;
}

const COUNTDOWNS_S = [30, 60, 120] as const;
const MINUTE_MS = 60_000;

/** All rooms at once: recall, time, a word to everybody. */
export function Running({ session, view, run }: Props) {
  const { t } = useTranslation();
  const breakouts = view.breakouts;
  const recall = breakouts?.recall_at_ms ?? null;
  const ends = recall ?? breakouts?.ends_at_ms ?? null;
  const now = useServerNow(session, ends !== null);
  if (!breakouts) return null;
  const speaking = breakouts.voice_id === view.meId;
  return (
    <Stack gap="sm" className="running">
      <Group gap={4} wrap="nowrap">
        {recall === null ? (
          <>
            <Button fullWidth leftSection={<IconArrowBackUp size={18} />} onClick={() => void run({ type: "CloseBreakouts" })}>{t("rooms.recall")}</Button>
            <Menu position="bottom-end">
              <Menu.Target><ActionIcon size={36} aria-label={t("breakouts.recallIn")}><IconChevronDown size={18} /></ActionIcon></Menu.Target>
              <Menu.Dropdown>
                {COUNTDOWNS_S.map((seconds) => (
                  <Menu.Item key={seconds} onClick={() => void run({ type: "CloseBreakouts", countdown_ms: seconds * 1000 })}>
                    {t("breakouts.recallAfter", { time: clockText(seconds) })}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          </>
        ) : (
          <Button fullWidth variant="default" onClick={() => void run({ type: "CancelRecall" })}>
            {t("breakouts.cancelRecall", { time: clockText(secondsLeft(recall, now)) })}
          </Button>
        )}
      </Group>
      <Group gap="xs" className="running-time">
        <span className="clock" role="timer">{ends === null ? t("rooms.noLimit") : t("header.timeLeft", { time: clockText(secondsLeft(ends, now)) })}</span>
        {breakouts.ends_at_ms === null ? (
          <Button size="compact-sm" variant="default" onClick={() => void run({ type: "ChangeTimer", remaining_ms: 5 * MINUTE_MS })}>{t("breakouts.setTime")}</Button>
        ) : (
          ([-1, 1, 5] as const).map((minutes) => (
            <Button key={minutes} size="compact-sm" variant="default" aria-label={t("breakouts.extend", { minutes })} onClick={() => void run({ type: "ExtendTimer", by_ms: minutes * MINUTE_MS })}>
              {minutes > 0 ? "+" : "−"}{Math.abs(minutes)}
            </Button>
          ))
        )}
        <span className="header-space" />
        <Tooltip label={t("breakouts.addRoom")}>
          <ActionIcon variant="default" aria-label={t("breakouts.addRoom")} onClick={() => void run({ type: "AddRoom" })}><IconPlus size={18} /></ActionIcon>
        </Tooltip>
        <Tooltip label={t(speaking ? "breakouts.voiceOff" : "breakouts.voiceOn")}>
          <ActionIcon variant={speaking ? "filled" : "default"} aria-pressed={speaking} aria-label={t("breakouts.voiceOn")} onClick={() => void run({ type: "SetVoiceBroadcast", on: !speaking })}>
            <IconMicrophone size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Word run={run} />
    </Stack>
  );
}

function Word({ run }: { run: Props["run"] }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const send = (): void => {
    if (text.trim() === "") return;
    void run({ type: "Broadcast", text: text.trim() });
    setText("");
  };
  return (
    <form className="chat-write running-word" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Textarea
        aria-label={t("breakouts.broadcast")} placeholder={t("breakouts.broadcast")} autosize minRows={1} maxRows={4} maxLength={4000} value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); } }}
      />
      <ActionIcon type="submit" size={36} aria-label={t("breakouts.sendAll")} disabled={text.trim() === ""}><IconSend size={18} /></ActionIcon>
    </form>
  );
}
