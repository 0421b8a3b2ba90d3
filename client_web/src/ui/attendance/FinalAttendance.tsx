import { Text } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { objectAfterwards, ownAttendance, type OwnAttendance as Found } from "../../core/programme";
import { claimsOf } from "../../core/token";
import { isHost } from "../../state/selectors";
import { Downloads } from "./EveryonesAttendance";
import { OwnAttendance } from "./OwnAttendance";

/** One's attendance when the workshop has ended, and the way to object to it still. */
export function FinalAttendance({ token }: { token: string }) {
  const { t } = useTranslation();
  const workshopId = claimsOf(token)?.wid ?? "";
  const [found, setFound] = useState<Found | null>(null);
  const load = useCallback(() => void ownAttendance(token, workshopId).then(setFound), [token, workshopId]);
  useEffect(load, [load]);
  const own = found?.people.find((each) => each.participant_id === claimsOf(token)?.sub);
  if (!found || !own) return null;
  if (isHost(own)) return <div className="final-attendance"><Downloads token={token} workshopId={workshopId} /></div>;
  const object = async (text: string): Promise<string | null> => {
    const problem = await objectAfterwards(token, workshopId, text);
    if (problem === null) load();
    return problem;
  };
  const answered = own.corrected_at_ms !== null && own.corrected_at_ms >= (own.objected_at_ms ?? 0);
  return (
    <div className="final-attendance">
      <Text fw={600} size="sm" mb={8}>{t("attendance.yours")}</Text>
      <OwnAttendance
        now={own} spokenMs={own.spoken_ms} rule={found.rule}
        objection={own.objected_at_ms === null ? null : { text: own.objection, answered }}
        answer={own.corrected_at_ms === null ? null : own.correction} final onObject={object}
      />
    </div>
  );
}
