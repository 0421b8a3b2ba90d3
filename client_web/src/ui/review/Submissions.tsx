import { ActionIcon, Group, Select, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { AssignmentRecord, SubmissionRecord } from "../../protocol/wire";
import type { RoundProps } from "./props";
import { WorkText } from "./WorkText";

/** Every work with its reviewers: facilitators read it, give it to somebody more, and take it from who has not submitted yet. */
export function Submissions({ view, item, run }: Omit<RoundProps, "session">) {
  const { t } = useTranslation();
  const name = (who: string): string => view.names.get(who) ?? "?";
  const open = ["submit", "read", "review"].includes(item.round.phase);
  return (
    <details className="assignments">
      <summary>{t("review.assignments")}</summary>
      {item.submissions.map((work) => (
        <Submission
          key={work.submission_id} work={work} title={work.author_ids.map(name).join(", ")} name={name} open={open} run={run}
          assignments={item.assignments.filter((each) => each.submission_id === work.submission_id)}
          learners={view.people.filter((person) => person.role === "learner").map((person) => person.participant_id)}
        />
      ))}
    </details>
  );
}

interface Props {
  work: SubmissionRecord;
  title: string;
  name: (who: string) => string;
  /** Whether reviews can be given and taken by hand. */
  open: boolean;
  assignments: AssignmentRecord[];
  learners: string[];
  run: RoundProps["run"];
}

function Submission({ work, title, name, open, assignments, learners, run }: Props) {
  const { t } = useTranslation();
  const others = learners.filter((who) => !work.author_ids.includes(who) && !assignments.some((each) => each.reviewer_id === who));
  return (
    <section className="submission" aria-label={title}>
      <Text fw={600} size="sm">{title}</Text>
      <WorkText work={work} />
      <ul className="list" aria-label={t("review.reviewersOf", { authors: title })}>
        {assignments.map((each) => (
          <li key={each.review_id} className="assignment">
            <span className="assignment-pair">{name(each.reviewer_id)}{each.own ? ` (${t("review.own")})` : each.by_hand ? ` (${t("review.byHand")})` : ""}</span>
            <Group gap={4} wrap="nowrap">
              <span className="poll-status" data-open={each.status === "submitted" || undefined}>{t(`review.statuses.${each.status}`)}</span>
              {open && !each.own && each.status !== "submitted" && (
                <ActionIcon
                  variant="subtle" color="gray" aria-label={t("review.takeReview", { reviewer: name(each.reviewer_id), authors: title })}
                  onClick={() => void run({ type: "WithdrawReview", review_id: each.review_id })}
                ><IconX size={16} /></ActionIcon>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {open && others.length > 0 && (
        <Select
          size="xs" mt={4} searchable value={null} aria-label={t("review.addReviewerTo", { authors: title })} placeholder={t("review.addReviewer")} nothingFoundMessage={t("review.nobodyFound")}
          data={others.map((value) => ({ value, label: name(value) }))}
          onChange={(reviewer_id) => reviewer_id !== null && void run({ type: "AssignReview", submission_id: work.submission_id, reviewer_id })}
        />
      )}
    </section>
  );
}
