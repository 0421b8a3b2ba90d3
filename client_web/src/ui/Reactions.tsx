import { ActionIcon, Group, Menu, Popover, Tooltip } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { memo, useCallback, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../core/session";
import { REACTIONS, type Reaction } from "../protocol/wire";

const PICTURES: Record<Reaction, string> = { thumbs_up: "👍", clap: "👏", heart: "❤️", laugh: "😂", celebrate: "🎉", think: "🤔" };

/** The button in the bar; what is chosen is seen on one's tile for a moment. */
export const ReactButton = memo(function ReactButton({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="top" trapFocus>
      <Popover.Target>
        <Tooltip label={t("react.title")}>
          <ActionIcon className="control" variant="default" aria-label={t("react.title")} aria-expanded={open} onClick={() => setOpen((before) => !before)}>
            <IconMoodSmile />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Group gap={4}>
          {REACTIONS.map((reaction) => (
            <ActionIcon
              key={reaction} variant="subtle" color="gray" size={44} aria-label={t(`react.${reaction}`)} title={t(`react.${reaction}`)}
              onClick={() => { session.react(reaction); setOpen(false); }}
            >
              <span className="reaction-choice" aria-hidden="true">{PICTURES[reaction]}</span>
            </ActionIcon>
          ))}
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
});

/** The same on a phone, within the menu of what does not fit. */
export function ReactItems({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Group gap={0} justify="center">
      {REACTIONS.map((reaction) => (
        <Menu.Item key={reaction} w="auto" px={8} aria-label={t(`react.${reaction}`)} onClick={() => session.react(reaction)}>
          <span className="reaction-choice" aria-hidden="true">{PICTURES[reaction]}</span>
        </Menu.Item>
      ))}
    </Group>
  );
}

/** What somebody has just reacted with, on their tile. */
export function ReactionOf({ session, participantId }: { session: Session; participantId: string }) {
  const { t } = useTranslation();
  const current = useCallback(() => session.reactions.now.get().get(participantId) ?? null, [session, participantId]);
  const reaction = useSyncExternalStore(session.reactions.now.subscribe, current);
  return reaction === null ? null : <span className="tile-reaction" role="img" aria-label={t(`react.${reaction}`)}>{PICTURES[reaction]}</span>;
}
