import { Kbd, Stack, Switch, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PANELS, type PanelName } from "./panels/registry";
import { SHORTCUTS, type Actions, type Shortcut } from "./shortcuts";

type Key = Extract<Shortcut, PanelName>;
const isPanel = (name: Shortcut): name is Key => name in PANELS;

interface Props {
  actions: Actions;
  on: boolean;
  onChange: (on: boolean) => void;
}

/** Every key there is for this person, and the way to switch the single ones off. */
export function Keys({ actions, on, onChange }: Props) {
  const { t } = useTranslation();
  const single = (Object.keys(SHORTCUTS) as Shortcut[]).filter((name) => actions[name]);
  return (
    <Stack gap="md">
      <Switch checked={on} label={t("help.single")} description={t("help.singleHint")} onChange={(event) => onChange(event.currentTarget.checked)} />
      <ul className="keys" aria-label={t("help.title")}>
        {single.map((name) => <Row key={name} keys={[SHORTCUTS[name].toUpperCase()]} text={isPanel(name) ? t(`controls.${name}`) : t(`help.${name}`)} off={!on} />)}
        <Row keys={["F6"]} text={t("help.region")} />
        <Row keys={["Esc"]} text={t("help.close")} />
        <Row keys={["Tab"]} text={t("help.tab")} />
        <Row keys={["↑", "↓"]} text={t("help.arrows")} />
        <Row keys={["Enter"]} text={t("help.send")} />
        <Row keys={["Shift", "Enter"]} text={t("help.line")} />
      </ul>
    </Stack>
  );
}

function Row({ keys, text, off = false }: { keys: string[]; text: string; off?: boolean }) {
  return (
    <li>
      <span className="keys-of">{keys.map((key) => <Kbd key={key} size="md" data-off={off || undefined}>{key}</Kbd>)}</span>
      <Text size="sm" {...(off ? { c: "dimmed" } : {})}>{text}</Text>
    </li>
  );
}
