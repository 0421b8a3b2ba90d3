import { Alert, Button, Checkbox, Group, Menu, Stack, Text, Textarea, UnstyledButton } from "@mantine/core";
import { IconThumbUp } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../core/session";
import type { QuestionView, WorkshopView } from "../../state/selectors";
import { useRun, type Run } from "../run";

/** A question that is being written, kept while the panel is closed. */
const kept = { text: "", anonymous: false };

/** The question board: the most wanted first; facilitators answer, dismiss and merge. */
export function QuestionsPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [run, problem] = useRun(session);
  return (
    <div className="scroll">
      {view.allowed.has("AskQuestion") && <Ask session={session} />}
      {problem !== null && <Alert color="red" mb="sm">{problem}</Alert>}
      {view.questions.length === 0 && (
        <div className="empty">
          <Text fw={600}>{t("questions.empty")}</Text>
          <Text size="sm" c="dimmed">{t("questions.emptyHint")}</Text>
        </div>
      )}
      <ul className="list" aria-label={t("questions.title")}>
        {view.questions.map((item) => <Question key={item.question.question_id} item={item} view={view} run={run} />)}
      </ul>
    </div>
  );
}

function Ask({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [text, setText] = useState(kept.text);
  const [anonymous, setAnonymous] = useState(kept.anonymous);
  const [problem, setProblem] = useState<string | null>(null);
  Object.assign(kept, { text, anonymous });
  const ask = async (): Promise<void> => {
    const ack = await session.command({ type: "AskQuestion", text, anonymous });
    setProblem(ack.ok ? null : ack.message);
    if (ack.ok) setText("");
  };
  return (
    <form className="ask" onSubmit={(event) => { event.preventDefault(); void ask(); }}>
      {problem !== null && <Alert color="red">{problem}</Alert>}
      <Textarea label={t("questions.yours")} autosize minRows={2} maxRows={6} maxLength={500} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group justify="space-between">
        <Checkbox label={t("questions.anonymously")} checked={anonymous} onChange={(event) => setAnonymous(event.currentTarget.checked)} />
        <Button type="submit" disabled={text.trim() === ""}>{t("questions.ask")}</Button>
      </Group>
      {anonymous && <Text size="xs" c="dimmed">{t("questions.anonymousHint")}</Text>}
    </form>
  );
}

interface ItemProps {
  item: QuestionView;
  view: WorkshopView;
  run: Run;
}

function Question({ item: { question, mine }, view, run }: ItemProps) {
  const { t } = useTranslation();
  const voted = mine?.voted ?? false;
  const author = question.author_id === null ? t("questions.anonymous") : view.names.get(question.author_id);
  const open = question.status === "open";
  return (
    <li className="question" data-done={!open || undefined}>
      <UnstyledButton
        className="question-vote" aria-pressed={voted} disabled={!open || !view.allowed.has("VoteForQuestion")}
        onClick={() => void run({ type: "VoteForQuestion", question_id: question.question_id, up: !voted })}
      >
        <IconThumbUp size={18} aria-hidden="true" />
        <span className="visually-hidden">{t(voted ? "questions.unvote" : "questions.vote", { text: question.text })}</span>
        <span data-testid={`votes-${question.text}`}>{question.votes}</span>
      </UnstyledButton>
      <div className="question-body">
        <Text size="sm" className="question-text">{question.text}</Text>
        <Text size="xs" c="dimmed">
          {[author, mine?.asked ? t("questions.mine") : null, question.status === "open" ? null : t(`questions.${question.status}`)].filter(Boolean).join(" · ")}
        </Text>
        {question.status === "answered" && (
          <div className="question-answer">
            {question.answer === "" ? t("questions.live") : question.answer}
          </div>
        )}
        {open && mine?.asked === true && <TakeBack text={question.text} takeBack={() => void run({ type: "WithdrawQuestion", question_id: question.question_id })} />}
        {view.allowed.has("AnswerQuestion") && <Actions item={{ question, mine }} view={view} run={run} />}
      </div>
    </li>
  );
}

/** Asks once more: what was taken back is gone, with its votes. */
function TakeBack({ text, takeBack }: { text: string; takeBack: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return <Button mt={6} size="compact-xs" variant="default" aria-label={`${t("questions.withdraw")}: ${text}`} onClick={() => setAsking(true)}>{t("questions.withdraw")}</Button>;
  }
  return (
    <Group gap={6} mt={6} role="group" aria-label={t("questions.withdrawAsk")}>
      <Text size="xs" w="100%">{t("questions.withdrawAsk")}</Text>
      <Button autoFocus size="compact-xs" color="red.9" onClick={takeBack}>{t("questions.withdraw")}</Button>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(false)}>{t("questions.withdrawNo")}</Button>
    </Group>
  );
}

function Actions({ item: { question }, view, run }: ItemProps) {
  const { t } = useTranslation();
  const [answer, setAnswer] = useState<string | null>(null);
  const id = question.question_id;
  if (question.status !== "open") {
    return <Button mt={6} size="compact-xs" variant="default" onClick={() => void run({ type: "ReopenQuestion", question_id: id })}>{t("questions.reopen")}</Button>;
  }
  if (answer !== null) {
    return (
      <form onSubmit={(event) => { event.preventDefault(); setAnswer(null); void run({ type: "AnswerQuestion", question_id: id, text: answer }); }}>
        <Stack gap={6} mt={6}>
          <Textarea autoFocus aria-label={t("questions.answerTo", { text: question.text })} autosize minRows={2} maxRows={8} maxLength={1000} value={answer} onChange={(event) => setAnswer(event.currentTarget.value)} />
          <Group gap={6}>
            <Button type="submit" size="compact-sm" disabled={answer.trim() === ""}>{t("questions.sendAnswer")}</Button>
            <Button size="compact-sm" variant="subtle" onClick={() => setAnswer(null)}>{t("polls.cancel")}</Button>
          </Group>
        </Stack>
      </form>
    );
  }
  const others = view.questions.filter((each) => each.question.status === "open" && each.question.question_id !== id);
  return (
    <Group gap={6} mt={6}>
      <Button size="compact-xs" variant="default" onClick={() => setAnswer("")}>{t("questions.answer")}</Button>
      <Button size="compact-xs" variant="default" onClick={() => void run({ type: "AnswerQuestion", question_id: id })}>{t("questions.answerLive")}</Button>
      <Button size="compact-xs" variant="default" onClick={() => void run({ type: "DismissQuestion", question_id: id })}>{t("questions.dismiss")}</Button>
      {others.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target><Button size="compact-xs" variant="default">{t("questions.merge")}</Button></Menu.Target>
          <Menu.Dropdown maw={300}>
            <Menu.Label>{t("questions.mergeInto")}</Menu.Label>
            {others.map((each) => (
              <Menu.Item key={each.question.question_id} onClick={() => void run({ type: "MergeQuestions", question_id: id, into_id: each.question.question_id })}>
                {each.question.text}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
