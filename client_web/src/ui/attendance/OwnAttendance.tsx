import { Alert, Button, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AttendanceRule } from "../../protocol/wire";
import { clockText } from "../../state/selectors";
import type { AttendanceNow } from "../../state/attendance";
import { Facts } from "../Facts";
import { VerdictMark } from "./VerdictMark";

export type ShownRule = Pick<AttendanceRule, "present_percent" | "partial_percent" | "activities_percent" | "spoken_ms">;

export interface Said {
  text: string;
  answered: boolean;
}

interface Props {
  now: AttendanceNow;
  spokenMs: number;
  /** What counts; null where that is not known. */
  rule: ShownRule | null;
  objection: Said | null;
  /** What a facilitator has said to it. */
  answer: string | null;
  final: boolean;
  /** Returns what went wrong, or null. */
  onObject: (text: string) => Promise<string | null>;
}

/** One's own attendance: what counts, what it comes to, and the way to object. */
export function OwnAttendance({ now, spokenMs, rule, objection, answer, final, onObject }: Props) {
  const { t } = useTranslation();
  const time = (ms: number): string => clockText(Math.floor(ms / 1000));
  const done = ({ done, offered }: { done: number; offered: number }): string => t("attendance.doneOf", { done, offered });
  const asked = (["polls", "works", "reviews"] as const).filter((kind) => now[kind].offered > 0);
  const facts: [string, string][] = [
    [t("attendance.inSession"), time(now.session_ms)],
    ...(now.breakout_ms > 0 ? [[t("attendance.inRooms"), time(now.breakout_ms)] satisfies [string, string]] : []),
    [t("attendance.spoken"), time(spokenMs)],
    ...asked.map((kind): [string, string] => [t(`attendance.${kind}`), done(now[kind])]),
  ];
  return (
    <section aria-label={t("attendance.yours")}>
      <div className="attendance-head">
        <span className="attendance-percent">{now.percent === null ? "–" : t("attendance.percent", { percent: Math.floor(now.percent) })}</span>
        <VerdictMark verdict={now.verdict} final={final} />
      </div>
      <Facts facts={facts} />
      {rule !== null && <Text size="sm" c="dimmed" mt="sm"><Rule rule={rule} /></Text>}
      {!final && <Text size="sm" c="dimmed" mt={4}>{t("attendance.anonymousLater")}</Text>}
      <Objection objection={objection} answer={answer} onObject={onObject} />
    </section>
  );
}

/** What counts, in words; all of it, also what a workshop asks for beside time. */
export function Rule({ rule }: { rule: ShownRule }) {
  const { t } = useTranslation();
  const { present_percent: present = 75, partial_percent: partial = 25, activities_percent: share = 0, spoken_ms: spoken = 0 } = rule;
  return (
    <>
      {t("attendance.rule", { present, partial })}
      {share > 0 && ` ${t("attendance.ruleActivities", { share })}`}
      {spoken > 0 && ` ${t("attendance.ruleSpoken", { time: clockText(Math.floor(spoken / 1000)) })}`}
      {" "}{t("attendance.ruleAlone")}
    </>
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
