import { Alert, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import { roundViews } from "../../state/review";
import type { WorkshopView } from "../../state/selectors";
import { useWatched } from "../hooks";
import { PanelDownloads } from "../Downloads";
import { HostRound } from "../review/HostRound";
import { LearnerRound } from "../review/LearnerRound";
import { RoundForm } from "../review/RoundForm";
import { useRun } from "../run";

/** Peer review: who runs the workshop prepares rounds and leads through them; learners write, review and are reviewed. */
export function ReviewPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  const records = useWatched(session.connection.records);
  const rounds = useMemo(() => roundViews(records, view.meId), [records, view.meId]);
  return (
    <div className="scroll">
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {view.allowed.has("CreateReviewRound") && (
        <details className="fold" open={rounds.length === 0}>
          <summary>{t("review.create")}</summary>
          <RoundForm session={session} view={view} />
        </details>
      )}
      {rounds.length === 0 && <Text size="sm" c="dimmed" className="empty">{t(view.isHost ? "review.emptyHost" : "review.emptyLearner")}</Text>}
      <Stack gap="md">
        {rounds.map((each) =>
          view.isHost ? <HostRound key={each.round.round_id} session={session} view={view} item={each} run={run} />
            : <LearnerRound key={each.round.round_id} session={session} view={view} item={each} run={run} />)}
      </Stack>
      {view.isHost && rounds.length > 0 && <PanelDownloads token={session.token} workshopId={view.workshop?.workshop_id ?? ""} names={["reviews"]} />}
    </div>
  );
}
