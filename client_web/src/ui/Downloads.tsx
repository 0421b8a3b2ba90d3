import { ActionIcon, Alert, Button, Menu, SegmentedControl, Stack, Text, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download, EXPORTS, type ExportFormat, type ExportName } from "../core/programme";

interface Props {
  token: string;
  workshopId: string;
}

/** What there is to take home, as files. */
export function Downloads({ token, workshopId }: Props) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [problem, setProblem] = useState<string | null>(null);
  const fetchOne = async (name: ExportName): Promise<void> => setProblem(await download(token, workshopId, name, format));
  const names = EXPORTS.filter((name) => name !== "voters" || format === "csv");
  return (
    <section className="downloads" aria-label={t("attendance.downloads")}>
      <div className="downloads-head">
        <Text fw={600} size="sm">{t("attendance.downloads")}</Text>
        <SegmentedControl
          size="xs" aria-label={t("attendance.format")} value={format} onChange={(value) => setFormat(value as ExportFormat)}
          data={[{ value: "csv", label: "CSV" }, { value: "json", label: "JSON" }]}
        />
      </div>
      {problem !== null && <Alert color="red">{problem === "" ? t("error.offline") : problem}</Alert>}
      <Stack gap={6}>
        {names.map((name) => (
          <Button key={name} variant="default" justify="start" leftSection={<IconDownload size={16} />} onClick={() => void fetchOne(name)}>
            {t(`attendance.exports.${name}`)}
          </Button>
        ))}
      </Stack>
    </section>
  );
}

/** One or two of the exports behind one small button, beside what they are about. */
export function DownloadMenu({ token, workshopId, names, onProblem }: Props & { names: readonly ExportName[]; onProblem: (problem: string | null) => void }) {
  const { t } = useTranslation();
  const about = names.map((name) => t(`attendance.exports.${name}`)).join(", ");
  const give = async (name: ExportName, format: ExportFormat): Promise<void> => {
    const problem = await download(token, workshopId, name, format);
    onProblem(problem === "" ? t("error.offline") : problem);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("summary.download")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("summary.downloadOf", { what: about })}><IconDownload size={18} /></ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {names.flatMap((name) =>
          (name === "voters" ? (["csv"] as const) : (["csv", "json"] as const)).map((format) => (
            <Menu.Item key={`${name} ${format}`} leftSection={<IconDownload size={16} />} onClick={() => void give(name, format)}>
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
