import { Alert, Button, FileButton, Group, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { FIELDS, guessed, problemsOf, readTable, rosterText, Unreadable, type Role, type RosterProblem, type Table } from "../../state/roster";

const FIRST_ROWS = 5;

interface Props {
  onClose: () => void;
  /** Returns what went wrong, or null. */
  onTake: (text: string) => Promise<string | null>;
}

/** Paste or choose a file, see what each column is taken for and change it, see what is wrong, then take it. */
export function RosterDialog({ onClose, onTake }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={t("roster.title")} size="xl" closeButtonProps={{ "aria-label": t("notice.dismiss") }}>
      <Draft onClose={onClose} onTake={onTake} />
    </Modal>
  );
}

function Draft({ onClose, onTake }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Role[] | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const read = useMemo(() => (text.trim() === "" ? null : tableOf(text)), [text]);
  const table = read instanceof Unreadable ? null : read;
  const roles = useMemo(() => chosen ?? (table === null ? [] : guessed(table.titles)), [chosen, table]);
  const problems = useMemo(() => (read instanceof Unreadable ? [read.problem] : read === null ? [] : problemsOf(read, roles)), [read, roles]);
  const change = (next: string): void => {
    setText(next);
    setChosen(null);
    setRefused(null);
  };
  const take = async (): Promise<void> => {
    if (table === null) return;
    setBusy(true);
    const problem = await onTake(rosterText(table, roles));
    setBusy(false);
    setRefused(problem);
    if (problem === null) onClose();
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); event.stopPropagation(); void take(); /* else the form around this dialog takes it, too */ }}>
      <Stack gap="md">
        <Textarea
          label={t("roster.paste")} description={t("roster.hint")} minRows={4} maxRows={8} autosize value={text} data-autofocus classNames={{ input: "sheet-text" }}
          placeholder={"email,name,room\nann@example.org,Ann,1"} onChange={(event) => change(event.currentTarget.value)}
        />
        <FileButton onChange={(file) => { if (file) void decoded(file).then(change); }} accept=".csv,.tsv,.txt,.json,text/csv,application/json">
          {(props) => <Button {...props} variant="default" w="fit-content" leftSection={<IconUpload size={16} />}>{t("breakouts.importRoster")}</Button>}
        </FileButton>
        {table !== null && <Preview table={table} roles={roles} problems={problems} onRoles={setChosen} />}
        {problems.length > 0 && <Problems problems={problems} titles={table?.titles ?? []} />}
        {refused !== null && <Alert color="red">{refused}</Alert>}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>{t("polls.cancel")}</Button>
          <Button type="submit" loading={busy} disabled={table === null || problems.length > 0}>{t("roster.take", { count: table?.rows.length ?? 0 })}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Preview({ table, roles, problems, onRoles }: { table: Table; roles: readonly Role[]; problems: readonly RosterProblem[]; onRoles: (roles: Role[]) => void }) {
  const { t } = useTranslation();
  const wrong = new Set(problems.map(({ line, column }) => `${String(line)} ${String(column)}`));
  const choices = [...FIELDS, "attribute", "ignore"].map((role) => ({ value: role, label: t(`roster.roles.${role as Role}`) }));
  return (
    <div className="roster-scroll" role="region" aria-label={t("roster.preview")} tabIndex={0}>
      <table className="roster-table">
        <caption>{t("roster.people", { count: table.rows.length })}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">{t("roster.line")}</th>
            {table.titles.map((title, index) => (
              <th key={index} scope="col">
                <span className="truncate roster-head" title={title}>{title === "" ? t("roster.untitled", { number: index + 1 }) : title}</span>
                <Select
                  size="xs" w={150} allowDeselect={false} aria-label={t("roster.columnIs", { column: title === "" ? String(index + 1) : title })} data={choices} value={roles[index] ?? "ignore"} comboboxProps={{ withinPortal: true }}
                  onChange={(role) => role !== null && onRoles(roles.map((each, at) => (at === index ? (role as Role) : each)))}
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, FIRST_ROWS).map(({ line, cells }) => (
            <tr key={line}>
              <td className="number">{line}</td>
              {table.titles.map((_, index) => (
                <td key={index} data-ignored={roles[index] === "ignore" || undefined} data-wrong={wrong.has(`${String(line)} ${String(index + 1)}`) || undefined} className="truncate">{cells[index]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > FIRST_ROWS && <Text size="sm" c="dimmed" mt={6}>{t("roster.more", { count: table.rows.length - FIRST_ROWS })}</Text>}
    </div>
  );
}

function Problems({ problems, titles }: { problems: readonly RosterProblem[]; titles: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" title={t("roster.wrong", { count: problems.length })} role="alert">
      <ul className="sheet-problems">
        {problems.map(({ code, line, column, value }, index) => (
          <li key={index}>
            {line > 0 && `${column === null ? t("roster.atLine", { line }) : t("roster.atCell", { line, column: titles[column - 1] || String(column) })} `}
            {t(`roster.problems.${code}`, { value })}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function tableOf(text: string): Table | Unreadable {
  try {
    return readTable(text);
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/** As UTF-8, or UTF-16 where the file says so, or as spreadsheets write on machines of Western Europe. */
async function decoded(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  const [first, second] = new Uint8Array(bytes);
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return new TextDecoder(first === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
