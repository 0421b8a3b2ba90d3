import { Alert, Button, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clockText } from "../../state/selectors";
import type { AttendanceNow } from "../../state/attendance";
import { VerdictMark } from "./VerdictMark";

export interface Said {
  text: string;
  answered: boolean;
}

interface Props {
  now: AttendanceNow;
  spokenMs: number;
  /** In percent: from which on one is present, and partly present. */
  limits: [number, number];
  objection: Said | null;
  /** What a facilitator has said to it. */
  answer: string | null;
  final: boolean;
  /** Returns what went wrong, or null. */
  onObject: (text: string) => Promise<string | null>;
}

/** One's own attendance: what counts, what it comes to, and the way to object. */
export function OwnAttendance({ now, spokenMs, limits: [present, partial], objection, answer, final, onObject }: Props) {
  const { t } = useTranslation();
  const time = (ms: number): string => clockText(Math.floor(ms / 1000));
  const done = ({ done, offered }: { done: number; offered: number }): string => t("attendance.doneOf", { done, offered });
  const facts: [string, string][] = [
    [t("attendance.inSession"), time(now.session_ms)],
    [t("attendance.inRooms"), time(now.breakout_ms)],
    [t("attendance.spoken"), time(spokenMs)],
    [t("attendance.polls"), done(now.polls)],
    [t("attendance.works"), done(now.works)],
    [t("attendance.reviews"), done(now.reviews)],
  ];
  return (
    <section aria-label={t("attendance.yours")}>
      <div className="attendance-head">
        <span className="attendance-percent">{now.percent === null ? "–" : t("attendance.percent", { percent: Math.floor(now.percent) })}</span>
        <VerdictMark verdict={now.verdict} final={final} />
      </div>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Text size="sm" c="dimmed" mt="sm">{t("attendance.rule", { present, partial })}</Text>
      {!final && <Text size="sm" c="dimmed" mt={4}>{t("attendance.anonymousLater")}</Text>}
      <Objection objection={objection} answer={answer} onObject={onObject} />
    </section>
  );
}

function Objection({ objection, answer, onObject }: Pick<Props, "objection" | "answer" | "onObject">) {
  const { t } = useTranslation();
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (): Promise<void> => {
    const wrong = await onObject(text.trim());
    setProblem(wrong);
    if (wrong !== null) return;
    setText("");
    setWriting(false);
  };
  return (
    <div className="objection">
      {objection !== null && (
        <div className="objection-said">
          <Text size="sm" fw={600}>{t("attendance.youObjected")}</Text>
          <Text size="sm" className="said">{objection.text}</Text>
          {!objection.answered && <Text size="sm" c="dimmed">{t("attendance.notAnswered")}</Text>}
        </div>
      )}
      {answer !== null && (
        <div className="objection-said">
          <Text size="sm" fw={600}>{t("attendance.answered")}</Text>
          {answer !== "" && <Text size="sm" className="said">{answer}</Text>}
        </div>
      )}
      {writing ? (
        <form onSubmit={(event) => { event.preventDefault(); void send(); }}>
          <Textarea
            label={t("attendance.objectionLabel")} value={text} onChange={(event) => setText(event.currentTarget.value)}
            autosize minRows={3} maxRows={8} maxLength={2000} data-autofocus
          />
          {problem !== null && <Alert color="red" mt="sm">{problem === "" ? t("error.offline") : problem}</Alert>}
          <div className="row-end">
            <Button variant="default" onClick={() => setWriting(false)}>{t("polls.cancel")}</Button>
            <Button type="submit" disabled={text.trim() === ""}>{t("attendance.sendObjection")}</Button>
          </div>
        </form>
      ) : (
        <Button variant="default" onClick={() => setWriting(true)}>{t("attendance.object")}</Button>
      )}
    </div>
  );
}
