import { useCallback, useEffect, useState } from "react";
import { objectAfterwards, ownAttendance, type OwnAttendance as Found } from "../../core/programme";
import { claimsOf } from "../../core/token";
import { OwnAttendance } from "./OwnAttendance";

/** One's attendance when the workshop has ended, and the way to object to it still. */
export function FinalAttendance({ token }: { token: string }) {
  const workshopId = claimsOf(token)?.wid ?? "";
  const [found, setFound] = useState<Found | null>(null);
  const load = useCallback(() => void ownAttendance(token, workshopId).then(setFound), [token, workshopId]);
  useEffect(load, [load]);
  const own = found?.people.find((each) => each.participant_id === claimsOf(token)?.sub);
  if (!found || !own) return null;
  const object = async (text: string): Promise<string | null> => {
    const problem = await objectAfterwards(token, workshopId, text);
    if (problem === null) load();
    return problem;
  };
  const answered = own.corrected_at_ms !== null && own.corrected_at_ms >= (own.objected_at_ms ?? 0);
  return (
    <div className="final-attendance">
      <OwnAttendance
        now={own} spokenMs={own.spoken_ms} limits={[found.rule.present_percent, found.rule.partial_percent]}
        objection={own.objected_at_ms === null ? null : { text: own.objection, answered }}
        answer={own.corrected_at_ms === null ? null : own.correction} final onObject={object}
      />
    </div>
  );
}
