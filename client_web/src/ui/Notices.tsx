import { Alert, Button, Group } from "@mantine/core";
import { useState, type CSSProperties, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceKind } from "../core/devices";
import type { Saving, Session } from "../core/session";
import type { WorkshopView } from "../state/selectors";
import { useOnline, useWatched } from "./hooks";

/** What is wrong with sound, picture or a device, and the way on. */
export function Notices({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const media = useWatched(session.rtc.state);
  const { state } = useWatched(session.connection.status);
  const unsaved = useWatched(session.connection.unsaved);
  const online = useOnline();
  const stopped = useWatched(session.stopped);
  const replaced = useWatched(session.devices.replaced);
  const saving = useWatched(session.saving);
  const [savingSeen, setSavingSeen] = useState<Saving>("off");
  const allowed = stopped !== null && view.me?.may_send.includes(stopped.media);
  return (
    <div className="notices">
      {!online && state === "reconnecting" && <Notice color="yellow">{t("header.offline")}</Notice>}
      {unsaved && state === "connected" && <Notice color="yellow">{t("notice.unsaved")}</Notice>}
      {media === "taken_over" && (
        <Notice color="sea" action={<Button size="compact-sm" onClick={() => session.useHere()}>{t("end.useHere")}</Button>}>
          {t("end.takenOver")}
        </Notice>
      )}
      {media === "lost" && <Notice color="yellow">{t("header.lostMedia")}</Notice>}
      {media === "failed" && (
        <Notice color="red" action={<Button size="compact-sm" color="red" onClick={() => session.useHere()}>{t("problem.retry")}</Button>}>
          {t("end.mediaFailed")}
        </Notice>
      )}
      {stopped !== null && (
        <Notice color="yellow" onClose={() => session.stopped.set(null)}>
          {stopped.message ?? t(allowed ? `notice.stopped.${stopped.media}` : `notice.forbidden.${stopped.media}`)}
        </Notice>
      )}
      {replaced !== null && (
        <Notice color="yellow" onClose={() => session.devices.replaced.set(null)}>
          <span role="status">{t(`device.replaced.${replaced.kind}`, { device: replaced.label || t("device.another") })}</span>
        </Notice>
      )}
      {saving !== "off" && saving !== savingSeen && (
        <Notice color="sea" onClose={() => setSavingSeen(saving)} action={<Button size="compact-sm" variant="default" onClick={() => void session.save("off")}>{t("network.all")}</Button>}>
          {t(`network.saves.${saving}`)}
        </Notice>
      )}
      <DeviceNotice session={session} kind="mic" />
      <DeviceNotice session={session} kind="camera" />
    </div>
  );
}

function DeviceNotice({ session, kind }: { session: Session; kind: DeviceKind }) {
  const { t } = useTranslation();
  const attempt = useWatched(session.devices[kind]);
  // What was wrong before coming in was said there; every attempt from here on is answered.
  const [dismissed, setDismissed] = useState(attempt);
  const { problem } = attempt;
  if (problem === null || attempt === dismissed) return null;
  return (
    <Notice
      color="yellow" onClose={() => setDismissed(attempt)}
      action={<Button size="compact-sm" variant="default" onClick={() => void session.set({ [kind]: true })}>{t("problem.retry")}</Button>}
    >
      {t(`problem.${problem}`, { device: t(`problem.${kind}`) })}
    </Notice>
  );
}

interface NoticeProps {
  color: string;
  children: ReactNode;
  action?: ReactNode;
  onClose?: () => void;
}

export function Notice({ color, children, action, onClose }: NoticeProps) {
  const { t } = useTranslation();
  return (
    <Alert
      className="notice" color={color} variant="light" style={{ "--notice": `var(--mantine-color-${color}-5)` } as CSSProperties}
      {...(onClose ? { withCloseButton: true, onClose, closeButtonLabel: t("notice.dismiss") } : {})}
    >
      <Group justify="space-between" gap="sm">
        <span className="notice-text">{children}</span>
        {action}
      </Group>
    </Alert>
  );
}
