import { Button, CloseButton, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { IconBadgeCc } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { canRecognise, recognisesLocally } from "../../core/recognition";
import type { Session } from "../../core/session";
import type { WorkshopView } from "../../state/selectors";
import { useWatched } from "../hooks";

interface Props {
  session: Session;
  view: WorkshopView;
  onClose: () => void;
}

const SHOWN = 20;
const LANGUAGES = ["en-GB", "en-US", "fr-FR", "ja-JP", "de-DE", "es-ES", "it-IT", "pt-BR", "nl-NL", "zh-CN", "ko-KR"];

/** Under the stage: what is said, in writing, as far as those who speak have it written. One's own words only after one has said so. */
export function CaptionsArea({ session, view, onClose }: Props) {
  const { t } = useTranslation();
  const lines = useWatched(session.captions.lines);
  const on = useWatched(session.captioning.on);
  const mic = useWatched(session.sending).mic;
  const problem = useWatched(session.captioning.problem);
  const [asking, setAsking] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines]);
  const nameOf = (id: string): string => (id === view.meId ? t("people.you") : (view.names.get(id) ?? ""));
  const offered = canRecognise() && view.allowed.has("SetMedia");
  return (
    <section className="captions" aria-label={t("captions.title")}>
      <Group justify="space-between" gap="xs" className="captions-head">
        <Text size="sm" fw={600}>{t("captions.title")}</Text>
        <Text size="xs" className="captions-state" role="status">
          {problem !== null ? t(`captions.problem.${problem}`) : on ? t(mic ? "captions.on" : "captions.waitsForMic") : canRecognise() ? "" : t("captions.cannot")}
        </Text>
        {offered && (
          <Button size="compact-xs" variant={on ? "filled" : "default"} aria-pressed={on} leftSection={<IconBadgeCc size={16} />} onClick={() => (on ? session.captioning.set(false) : setAsking(true))}>
            {t("captions.mine")}
          </Button>
        )}
        <CloseButton size="sm" className="control-small" aria-label={t("captions.close")} onClick={onClose} />
      </Group>
      <ol className="captions-lines" ref={list} tabIndex={0} aria-label={t("captions.lines")}>
        {lines.length === 0 && <li className="captions-empty">{t("captions.empty")}</li>}
        {lines.slice(-SHOWN).map((line) => (
          <li key={line.key} data-final={line.final || undefined}>
            <b>{nameOf(line.participant_id)}</b> <span lang={line.lang === "" ? undefined : line.lang}>{line.text}</span>
          </li>
        ))}
      </ol>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t("captions.mine")} closeButtonProps={{ "aria-label": t("notice.dismiss") }}>
        <Consent session={session} onDone={() => setAsking(false)} />
      </Modal>
    </section>
  );
}

/** How languages are called. Browsers and storage may hold tags that are none, at which `Intl` throws. */
function languageNames(shownIn: string): (tag: string) => string {
  const names = new Intl.DisplayNames(shownIn, { type: "language" });
  return (tag) => {
    try {
      return names.of(tag) ?? tag;
    } catch {
      return tag;
    }
  };
}

/** What happens with one's words, before it does; and the language that one speaks. */
function Consent({ session, onDone }: { session: Session; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const [lang, setLang] = useState(session.captioning.lang.get());
  const [local, setLocal] = useState(false);
  useEffect(() => {
    let current = true;
    void recognisesLocally(lang).then((found) => {
      if (current) setLocal(found);
    });
    return () => {
      current = false;
    };
  }, [lang]);
  const nameOf = languageNames(i18n.language);
  const choices = [...new Set([lang, ...navigator.languages, ...LANGUAGES])].map((value) => ({ value, label: nameOf(value) }));
  const start = (): void => {
    session.captioning.speak(lang);
    session.captioning.set(true);
    onDone();
  };
  return (
    <Stack gap="md">
      <Text size="sm">{t("captions.consent")}</Text>
      <Text size="sm">{t(local ? "captions.local" : "captions.remote")}</Text>
      <Text size="sm" c="dimmed">{t("captions.kept")}</Text>
      <Select label={t("captions.language")} data={choices} value={lang} allowDeselect={false} onChange={(value) => value !== null && setLang(value)} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>{t("polls.cancel")}</Button>
        <Button onClick={start}>{t("captions.start")}</Button>
      </Group>
    </Stack>
  );
}
