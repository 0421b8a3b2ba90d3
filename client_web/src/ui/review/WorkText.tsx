import { Anchor, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  work: { text: string; link: string; file_id: string | null; file_name: string };
}

/** What was handed in. A file is a link where its reference is an address; else what it is called, and how it is found. */
export function WorkText({ work: { text, link, file_id, file_name } }: Props) {
  const { t } = useTranslation();
  const label = file_name === "" ? t("review.file") : file_name;
  return (
    <div className="reviewed">
      {text !== "" && <Text size="sm" className="answer-text">{text}</Text>}
      {link !== "" && <Text size="sm"><Anchor href={link} target="_blank" rel="noopener noreferrer">{link}</Anchor></Text>}
      {file_id !== null && (/^https?:\/\//.test(file_id)
        ? <Text size="sm"><Anchor href={file_id} target="_blank" rel="noopener noreferrer">{label}</Anchor></Text>
        : <Text size="sm">{label} <Text span c="dimmed">({file_id})</Text></Text>)}
    </div>
  );
}
