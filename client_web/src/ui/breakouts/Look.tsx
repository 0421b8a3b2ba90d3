import { IconVideoOff } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { ParticipantRecord } from "../../protocol/wire";
import type { RoomCardView } from "../../state/breakouts";
import { useWatched } from "../hooks";
import { Video } from "../Media";

const TINY = { width: 160, height: 90 };
/** So many pictures of a room are looked at, and of all rooms together: there are slots for no more. */
const MOST = 6, MOST_IN_ALL = 9;

/** Of each of so many rooms; at least one, though the last rooms then show none. */
export const picturesOfEach = (rooms: number): number => Math.max(1, Math.min(MOST, Math.floor(MOST_IN_ALL / Math.max(1, rooms))));

const filmed = (people: readonly ParticipantRecord[], most: number, meId: string | null): ParticipantRecord[] => people.filter((person) => person.camera && person.participant_id !== meId).slice(0, most);

/** While the board is in front nobody's picture is wanted but those of the rooms that are looked into. */
export function useLook(session: Session, cards: readonly RoomCardView[], lookingAt: readonly string[], meId: string | null): void {
  const most = picturesOfEach(lookingAt.length);
  const looked = cards.filter(({ room }) => lookingAt.includes(room.room_id));
  const wanted = looked.flatMap(({ people }) => filmed(people, most, meId)).map((person) => person.participant_id).join(" ");
  useEffect(() => {
    session.show(wanted === "" ? [] : wanted.split(" ").map((participant_id) => ({ participant_id, media: "camera" as const, ...TINY })));
  }, [session, wanted]);
}

/** The tiny pictures of a room that one looks into without going there. Those in it are told (MyRoom). */
export function Look({ session, people, most, meId }: { session: Session; people: readonly ParticipantRecord[]; most: number; meId: string | null }) {
  const { t } = useTranslation();
  const received = useWatched(session.rtc.received);
  const shown = useMemo(() => filmed(people, most, meId), [people, most, meId]);
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
