import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { PollView } from "../../state/selectors";
import { YourAnswer } from "../polls/PollAnswer";
import { PollResults } from "../polls/PollResults";

/** A poll as it came out. */
export function SummaryPoll({ item }: { item: PollView }) {
  const { t } = useTranslation();
  const { poll, ballot, tally } = item;
  const about = [t(`polls.kinds.${poll.poll_kind}`), t(poll.anonymous ? "polls.isAnonymous" : "polls.isNamed"), poll.follows === null ? null : t("polls.second")];
  return (
    <article className="summary-poll" aria-label={poll.question}>
      <Text fw={600} className="poll-question">{poll.question}</Text>
      <Text size="xs" c="dimmed" mb="xs">{about.filter(Boolean).join(" · ")}</Text>
      {ballot !== null && <YourAnswer poll={poll} ballot={ballot} />}
      {tally === null ? <Text size="sm" c="dimmed">{t("summary.notShared")}</Text> : <PollResults item={item} />}
    </article>
  );
}
