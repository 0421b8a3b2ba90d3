import { IconVideoOff } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ParticipantRecord } from "../../protocol/wire";
import type { RoomCardView } from "../../state/breakouts";
import { useWatched } from "../hooks";
import { Video } from "../Media";

const TINY = { width: 160, height: 90 };
/** So many pictures of a room are looked at; the server sends no others. */
const MOST = 6;

const filmed = (people: readonly ParticipantRecord[], meId: string | null): ParticipantRecord[] => people.filter((person) => person.camera && person.participant_id !== meId).slice(0, MOST);

/** While the board is in front nobody's picture is wanted but those of the room that is looked into. */
export function useLook(session: Session, cards: readonly RoomCardView[], lookingAt: string | null, meId: string | null): void {
  const wanted = filmed(cards.find(({ room }) => room.room_id === lookingAt)?.people ?? [], meId).map((person) => person.participant_id).join(" ");
  useEffect(() => {
    session.show(wanted === "" ? [] : wanted.split(" ").map((participant_id) => ({ participant_id, media: "camera" as const, ...TINY })));
  }, [session, wanted]);
}

/** The tiny pictures of a room that one looks into without going there. Those in it are told (MyRoom). */
export function Look({ session, people, meId }: { session: Session; people: readonly ParticipantRecord[]; meId: string | null }) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const shown = useMemo(() => filmed(people, meId), [people, meId]);
  return (
    <div className="look">
      {shown.length === 0 && <span className="look-none"><IconVideoOff size={16} aria-hidden="true" /> {t("board.noCameras")}</span>}
      {shown.map((person) => {
        const track = received.find((each) => each.media === "camera" && each.participantId === person.participant_id)?.track ?? null;
        return (
          <figure key={person.participant_id} className="look-tile">
            {track !== null && <Video track={track} label={person.name} />}
            <figcaption className="truncate">{person.name}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}
