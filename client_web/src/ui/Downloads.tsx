import { ActionIcon, Alert, Button, Menu, SegmentedControl, Stack, Text, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download, formatsOf, type ExportFormat, type ExportName } from "../core/programme";

interface Props {
  token: string;
  workshopId: string;
}

const FORMATS: readonly ExportFormat[] = ["csv", "json"];

/** Downloads, and says what went wrong. */
function useDownload({ token, workshopId }: Props, onProblem: (problem: string | null) => void): (name: ExportName, format: ExportFormat) => void {
  const { t } = useTranslation();
  return (name, format) => void download(token, workshopId, name, format).then((problem) => onProblem(problem === "" ? t("error.offline") : problem));
}

/** What there is to take home, as files. */
export function Downloads({ names: all, ...of }: Props & { names: readonly ExportName[] }) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [problem, setProblem] = useState<string | null>(null);
  const give = useDownload(of, setProblem);
  const names = all.filter((name) => formatsOf(name).includes(format));
  return (
    <section className="downloads" aria-label={t("attendance.downloads")}>
      <div className="downloads-head">
        <Text fw={600} size="sm">{t("attendance.downloads")}</Text>
        <SegmentedControl
          size="xs" aria-label={t("attendance.format")} value={format} onChange={(value) => setFormat(value as ExportFormat)}
          data={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      </div>
      {problem !== null && <Alert color="red">{problem}</Alert>}
      <Stack gap={6}>
        {names.map((name) => (
          <Button key={name} variant="default" justify="start" leftSection={<IconDownload size={16} />} onClick={() => give(name, format)}>
            {t(`attendance.exports.${name}`)}
          </Button>
        ))}
      </Stack>
    </section>
  );
}

/** One or two of the exports behind one small button, beside what they are about. */
export function DownloadMenu({ names, onProblem, ...of }: Props & { names: readonly ExportName[]; onProblem: (problem: string | null) => void }) {
  const { t } = useTranslation();
  const about = names.map((name) => t(`attendance.exports.${name}`)).join(", ");
  const give = useDownload(of, onProblem);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("summary.download")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("summary.downloadOf", { what: about })}><IconDownload size={18} /></ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {names.flatMap((name) =>
          formatsOf(name).map((format) => (
            <Menu.Item key={`${name} ${format}`} leftSection={<IconDownload size={16} />} onClick={() => give(name, format)}>
              {t(`attendance.exports.${name}`)} ({format.toUpperCase()})
            </Menu.Item>
          )))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same in a panel, with what went wrong below it. */
export function PanelDownloads({ names, ...of }: Props & { names: readonly ExportName[] }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <div className="panel-downloads">
      <Text size="sm" c="dimmed">{t("attendance.downloads")}</Text>
      <DownloadMenu {...of} names={names} onProblem={setProblem} />
      {problem !== null && <Alert color="red">{problem}</Alert>}
    </div>
  );
}
