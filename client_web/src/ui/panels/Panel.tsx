import { CloseButton, Group, Title } from "@mantine/core";
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { focusOn } from "../focus";
import type { PanelName } from "./registry";

interface Props {
  name: PanelName;
  title: string;
  children: ReactNode;
  onClose: () => void;
}

/** Beside the stage. Opened, it takes the focus; shut, the focus goes back to its button. Escape leaves a field first, then the panel. */
export function Panel({ name, title, children, onClose }: Props) {
  const { t } = useTranslation();
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const touch = window.matchMedia("(pointer: coarse)").matches; // a field would bring up the keyboard over what is to be read
    focusOn((touch ? null : panel.current?.querySelector("[data-start]")) ?? heading.current);
  }, [name]);
  const close = (): void => {
    onClose();
    focusOn(document.querySelector(`[data-focus="panel ${name}"]`) ?? document.querySelector("[data-focus=more]"));
  };
  const pressed = (event: KeyboardEvent<HTMLElement>): void => {
    const { target } = event;
    if (event.key !== "Escape" || event.defaultPrevented || !(target instanceof Element) || !event.currentTarget.contains(target)) return;
    if (target.getAttribute("aria-expanded") === "true" && target.hasAttribute("aria-haspopup")) return; // its menu is closed first
    if (target.matches("textarea, input:not([type=radio], [type=checkbox])")) focusOn(heading.current);
    else close();
  };
  return (
    <aside className="panel" aria-label={title} ref={panel} onKeyDown={pressed}>
      <Group justify="space-between" className="panel-head">
        <Title order={2} size="h4" ref={heading}>{title}</Title>
        <CloseButton aria-label={t("controls.close")} onClick={close} />
      </Group>
      {children}
    </aside>
  );
}
