import { Button, NumberInput, Select, Text, Textarea, UnstyledButton } from "@mantine/core";
import { IconMessageExclamation } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AttendanceRecord, ClientCommand } from "../../protocol/wire";
import type { AttendanceNow, Verdict } from "../../state/attendance";
import { clockText } from "../../state/selectors";
import { AttendanceHead } from "./AttendanceHead";
import { VerdictMark } from "./VerdictMark";
import type { Run } from "../run";

export interface Attendee {
  record: AttendanceRecord;
  name: string;
  now: AttendanceNow;
}

/** Somebody of the roster who has not come. */
export interface Expected {
  id: string;
  name: string;
}

/** Everybody's attendance, who objects first; a row opens to answer and correct. */
export function EveryonesAttendance({ people, expected, run }: { people: Attendee[]; expected: Expected[]; run: Run }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <table className="attendance-table">
      <AttendanceHead />
      <tbody>
        {people.map((each) => {
          const id = each.record.participant_id;
          return <Row key={id} attendee={each} open={open === id} onToggle={() => setOpen(open === id ? null : id)} run={run} />;
        })}
        {expected.map(({ id, name }) => (
          <tr key={id}>
            <th scope="row"><span className="attendance-missing truncate">{name}</span></th>
            <td className="number">–</td>
            <td className="number"><VerdictMark verdict="absent" final /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Row({ attendee, open, onToggle, run }: { attendee: Attendee; open: boolean; onToggle: () => void; run: Run }) {
  const { t } = useTranslation();
  const { record, name, now } = attendee;
  const waits = record.objection !== null && !record.objection.answered;
  const [done, offered] = [now.polls, now.works, now.reviews].reduce<[number, number]>(([d, o], each) => [d + each.done, o + each.offered], [0, 0]);
  const about = [
    record.spoken_ms > 0 ? t("attendance.spoke", { time: clockText(Math.floor(record.spoken_ms / 1000)) }) : null,
    offered > 0 ? t("attendance.did", { done, offered }) : null,
  ].filter(Boolean);
  return (
    <>
      <tr data-waits={waits || undefined}>
        <th scope="row">
          <UnstyledButton className="attendance-name" aria-expanded={open} onClick={onToggle}>
            <span className="truncate">{name}</span>
            {waits && <IconMessageExclamation size={16} aria-label={t("attendance.objects")} />}
          </UnstyledButton>
          {about.length > 0 && <span className="person-about truncate">{about.join(" · ")}</span>}
        </th>
        <td className="number">{clockText(Math.floor(now.session_ms / 1000))}</td>
        <td className="number">
          {now.percent === null ? "–" : t("attendance.percent", { percent: Math.floor(now.percent) })}
          <VerdictMark verdict={now.verdict} final />
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={3}><Correction record={record} name={name} onDone={onToggle} run={run} /></td>
        </tr>
      )}
    </>
  );
}

function Correction({ record, name, onDone, run }: { record: AttendanceRecord; name: string; onDone: () => void; run: Run }) {
  const { t } = useTranslation();
  const { correction, objection } = record;
  const [verdict, setVerdict] = useState<string>(correction?.verdict ?? "measured");
  const [minutes, setMinutes] = useState<number | string>(correction?.session_ms == null ? "" : Math.round(correction.session_ms / 60_000));
  const [text, setText] = useState(correction?.text ?? "");
  const save = async (): Promise<void> => {
    const corrected: ClientCommand = {
      type: "CorrectAttendance",
      participant_id: record.participant_id,
      verdict: verdict === "measured" ? null : (verdict as Verdict),
      session_ms: minutes === "" ? null : Number(minutes) * 60_000,
      text: text.trim(),
    };
    if (await run(corrected)) onDone();
  };
  const choices = (["measured", "present", "partial", "absent"] as const).map((value) => ({
    value, label: value === "measured" ? t("attendance.measured") : t(`attendance.verdict.${value}`),
  }));
  return (
    <form className="correction" aria-label={t("attendance.correct", { name })} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      {objection !== null && <Text size="sm" className="said">{objection.text}</Text>}
      <Select label={t("attendance.verdictLabel")} data={choices} value={verdict} allowDeselect={false} onChange={(value) => setVerdict(value ?? "measured")} />
      <NumberInput label={t("attendance.minutes")} placeholder={t("attendance.measured")} value={minutes} onChange={setMinutes} min={0} max={1440} allowDecimal={false} />
      <Textarea label={t("attendance.note", { name })} value={text} onChange={(event) => setText(event.currentTarget.value)} autosize minRows={2} maxRows={6} maxLength={2000} />
      <div className="row-end">
        <Button variant="default" onClick={onDone}>{t("polls.cancel")}</Button>
        <Button type="submit">{t("attendance.save")}</Button>
      </div>
    </form>
  );
}
