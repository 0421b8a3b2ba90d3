import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAntennaBars2, IconHandStop, IconMicrophoneOff, IconPin, IconPinnedOff, IconPlugConnectedX } from "@tabler/icons-react";
import { memo, useCallback, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ParticipantRecord } from "../../protocol/wire";
import { Initials } from "../Initials";
import { Video } from "../Media";
import { ReactionOf } from "../Reactions";

interface TileProps {
  session: Session;
  person: ParticipantRecord;
  self: boolean;
  track: MediaStreamTrack | null;
  muted: boolean;
  pinned: boolean;
  onPin: (participantId: string | null) => void;
}

/** One person. Who speaks changes often, so each tile watches that for itself and no other is drawn anew. */
export const Tile = memo(function Tile({ session, person, self, track, muted, pinned, onPin }: TileProps) {
  const { t } = useTranslation();
  const speaking = useSpeaks(session, person.participant_id);
  const weak = useWeak(session, person.participant_id);
  const name = self ? t("stage.you", { name: person.name }) : person.name;
  return (
    <div className="tile" role="listitem" data-speaking={speaking || undefined} aria-label={speaking ? `${name}, ${t("stage.speaking")}` : name}>
      {/* Also under a picture, which may take a moment to come. */}
      <Initials id={person.participant_id} name={person.name} className="tile-initials" />
      {track && <Video track={track} mirrored={self} label={name} />}
      <Pin id={person.participant_id} name={person.name} pinned={pinned} onPin={onPin} />
      {person.hand_raised_seq !== null && (
        <span className="tile-hand" title={t("stage.hand")}>
          <IconHandStop size={18} aria-label={t("stage.hand")} />
        </span>
      )}
      <ReactionOf session={session} participantId={person.participant_id} />
      <span className="plate tile-name">
        {muted && <Sign label={t("stage.muted")}><IconMicrophoneOff size={14} className="tile-muted" /></Sign>}
        {person.presence === "reconnecting" && <Sign label={t("stage.reconnecting")}><IconPlugConnectedX size={14} /></Sign>}
        {weak && <Sign label={t("network.theirs", { name: person.name })}><IconAntennaBars2 size={14} className="tile-weak" /></Sign>}
        <span className="truncate">{name}</span>
      </span>
    </div>
  );
});

/** What it means is read out, and shown to whoever points at it. */
function Sign({ label, children }: { label: string; children: ReactNode }) {
  return <span className="tile-sign" role="img" aria-label={label} title={label}>{children}</span>;
}

/** By itself, because speakers change several times a second, and buttons with a tip cost most of a tile. */
const Pin = memo(function Pin({ id, name, pinned, onPin }: { id: string; name: string } & Pick<TileProps, "pinned" | "onPin">) {
  const { t } = useTranslation();
  return (
    <Tooltip label={t(pinned ? "stage.unpin" : "stage.pin", { name })}>
      <ActionIcon className="tile-pin" data-pinned={pinned || undefined} aria-pressed={pinned} aria-label={t("stage.pin", { name })} onClick={() => onPin(pinned ? null : id)}>
        {pinned ? <IconPinnedOff size={18} /> : <IconPin size={18} />}
      </ActionIcon>
    </Tooltip>
  );
});

function useSpeaks(session: Session, participantId: string): boolean {
  const speaks = useCallback(() => session.rtc.speaking.get().includes(participantId), [session, participantId]);
  return useSyncExternalStore(session.rtc.speaking.subscribe, speaks);
}

function useWeak(session: Session, participantId: string): boolean {
  const weak = useCallback(() => session.quality.now.get().weak.has(participantId), [session, participantId]);
  return useSyncExternalStore(session.quality.now.subscribe, weak);
}
