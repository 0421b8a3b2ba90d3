import { Alert, Button, FileButton, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { readSheet, writeSheet, type SheetProblem } from "../../core/sheet";
import { lineOf } from "../../state/agenda";

const STARTER = `version: 1
title: ""
steps:
  - kind: plenary
    title: Welcome
    duration: 10 min

  - kind: breakouts
    title: Talk in threes
    duration: 15 min
    breakouts:
      size: 3

  - kind: poll
    duration: 3 min
    poll:
      question: What do you take with you?
      kind: words
`;

interface Props {
  token: string;
  onClose: () => void;
}

/** The run sheet as a text: edited here, taken from a file, or saved as one. The server reads it and says what is wrong where. */
export function SheetDialog({ token, onClose }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [problems, setProblems] = useState<SheetProblem[]>([]);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    void readSheet(token).then((answer) => setText(answer.ok ? answer.text : STARTER));
  }, [token]);

  const use = async (): Promise<void> => {
    setBusy(true);
    const answer = await writeSheet(token, text);
    setBusy(false);
    if (answer.ok) onClose();
    else setProblems(answer.problems.length > 0 ? answer.problems : [{ field: "", message: answer.message || t("agenda.offline") }]);
  };
  const take = (file: File | null): void => {
    if (file) void file.text().then((content) => { setText(content); setProblems([]); });
  };
  const save = (): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    link.download = "run-sheet.yaml";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  };
  const show = (line: number): void => {
    field.current?.focus();
    field.current?.setSelectionRange(...lineOf(text, line));
  };
  return (
    <Modal opened onClose={onClose} size="xl" title={t("agenda.sheet")} closeButtonProps={{ "aria-label": t("notice.dismiss") }}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t("agenda.sheetHint")}</Text>
        <Textarea
          ref={field} aria-label={t("agenda.sheet")} classNames={{ input: "sheet-text" }} autosize minRows={12} maxRows={20} spellCheck={false} value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {problems.length > 0 && (
          <Alert color="red">
            <ul className="sheet-problems">
              {problems.map(({ line, field: name, message }, index) => (
                <li key={index}>
                  {line !== undefined && <Button size="compact-xs" variant="subtle" color="red" onClick={() => show(line)}>{t("agenda.line", { line })}</Button>}
                  {name !== "" && <code>{name}</code>} {message}
                </li>
              ))}
            </ul>
          </Alert>
        )}
        <Group justify="space-between">
          <Group gap="xs">
            <FileButton onChange={take} accept=".yaml,.yml,.json,text/plain,application/yaml">
              {(props) => <Button {...props} variant="default">{t("agenda.fromFile")}</Button>}
            </FileButton>
            <Button variant="default" onClick={save}>{t("agenda.toFile")}</Button>
          </Group>
          <Button loading={busy} onClick={() => void use()}>{t("agenda.use")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
