import { ActionIcon, Alert, Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff } from "@tabler/icons-react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceKind, DeviceProblem, Devices } from "../core/devices";
import { claimsOf, join, ownToken, type TokenClaims } from "../core/token";
import type { ArrivalAnswer } from "../protocol/wire";
import { usePageFocus } from "./focus";
import { useWatched } from "./hooks";
import { Mark } from "./Mark";
import { useLevel, Video } from "./Media";
import { SpeakerChoice } from "./SpeakerChoice";

export interface Joined {
  token: string;
  mic: boolean;
  camera: boolean;
}

interface Props {
  link: string;
  claims: TokenClaims;
  workshopId: string;
  /** How far the workshop is; null where that is not known. */
  arrived: ArrivalAnswer | null;
  devices: Devices;
  onJoined: (joined: Joined) => void;
  /** It has ended meanwhile. */
  onOver: () => void;
}

/** Check camera and microphone, say who you are, come in. */
export function JoinPage({ link, claims, workshopId, arrived, devices, onJoined, onOver }: Props) {
  const { t } = useTranslation();
  const heading = usePageFocus<HTMLHeadingElement>();
  const invite = claims.kind === "invite";
  const own = invite ? ownToken(workshopId, claims) : link;
  const observing = claims.role === "observer";
  const [name, setName] = useState(own === null ? "" : (claimsOf(own)?.name ?? ""));
  const [wanted, setWanted] = useState({ mic: true, camera: true });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const mic = useWatched(devices.mic);
  const camera = useWatched(devices.camera);

  useEffect(() => {
    if (!observing) void devices.start("camera").then(() => devices.start("mic"));
  }, [devices, observing]);

  // What was missing and is plugged in now is opened, as it would have been at first.
  const were = useRef({ mic: mic.problem, camera: camera.problem });
  useEffect(() => {
    for (const [kind, { track, problem: now }] of [["mic", mic], ["camera", camera]] as const) {
      if (were.current[kind] === "missing" && now === null && track === null && wanted[kind]) void devices.start(kind);
      were.current[kind] = now;
    }
  }, [devices, mic, camera, wanted]);

  const toggle = (kind: DeviceKind): void => {
    const on = devices[kind].get().track !== null;
    setWanted((before) => ({ ...before, [kind]: !on }));
    if (on) devices.stop(kind);
    else void devices.start(kind);
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const token = own !== null && claimsOf(own)?.name === name.trim() ? own : invite ? await join(link, name.trim()) : link;
    if (typeof token === "string") {
      onJoined({ token, mic: !observing && wanted.mic && mic.problem === null, camera: !observing && wanted.camera && camera.problem === null });
    }
    else if (token.code === "workshop_closed") onOver();
    else {
      setBusy(false);
      setProblem(token.code === "offline" ? t("error.offline") : token.message);
    }
  };

  return (
    <main className="page">
      <form className="card join" data-observing={observing || undefined} onSubmit={(event) => void submit(event)}>
        {!observing && <Preview devices={devices} onToggle={toggle} />}
        <Stack gap="md" className="join-fields">
          <Group gap="sm" wrap="nowrap">
            <Mark size={36} />
            <div className="join-words">
              <Title order={1} size="h3" ref={heading}>
                {t("join.heading")}
              </Title>
              {arrived !== null && <Text fw={600} className="poll-question">{arrived.title}</Text>}
              <Text size="sm" c="dimmed">
                {t("join.as", { role: t(`role.${claims.role}` as "role.learner") })}
              </Text>
            </div>
          </Group>
          <TextInput
            label={t("join.name")} placeholder={t("join.namePlaceholder")} value={name} maxLength={100} required withAsterisk={false}
            readOnly={!invite} autoComplete="name" onChange={(event) => setName(event.currentTarget.value)}
          />
          {observing ? (
            <Text size="sm" c="dimmed">{t("join.observing")}</Text>
          ) : (
            <>
              <DeviceSelect kind="camera" devices={devices} label={t("join.camera")} />
              <div>
                <DeviceSelect kind="mic" devices={devices} label={t("join.microphone")} />
                {mic.problem === null && <Level track={mic.track} />}
              </div>
            </>
          )}
          <SpeakerChoice devices={devices} />
          {arrived?.state === "scheduled" && claims.role === "learner" && <Text size="sm" c="dimmed">{t("join.notYet")}</Text>}
          {problem !== null && <Alert color="red" title={t("error.title")}>{problem}</Alert>}
          <Button type="submit" size="md" loading={busy} disabled={name.trim() === ""}>
            {t("join.button")}
          </Button>
        </Stack>
      </form>
    </main>
  );
}

function Preview({ devices, onToggle }: { devices: Devices; onToggle: (kind: DeviceKind) => void }) {
  const { t } = useTranslation();
  const mic = useWatched(devices.mic).track;
  const camera = useWatched(devices.camera).track;
  return (
    <div className="join-preview">
      {camera ? (
        <Video track={camera} mirrored label={t("join.preview")} />
      ) : (
        <span className="join-off">
          <IconVideoOff size={32} stroke={1.5} aria-hidden="true" />
          {t("join.cameraOff")}
        </span>
      )}
      <Group className="join-toggles" gap="sm">
        <ActionIcon className="control" variant="default" data-off={!mic || undefined} aria-label={t(mic ? "join.turnOffMic" : "join.turnOnMic")} onClick={() => onToggle("mic")}>
          {mic ? <IconMicrophone /> : <IconMicrophoneOff />}
        </ActionIcon>
        <ActionIcon className="control" variant="default" data-off={!camera || undefined} aria-label={t(camera ? "join.turnOffCamera" : "join.turnOnCamera")} onClick={() => onToggle("camera")}>
          {camera ? <IconVideo /> : <IconVideoOff />}
        </ActionIcon>
      </Group>
    </div>
  );
}

function Level({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTranslation();
  const level = useLevel(track);
  return (
    <div>
      <meter className="level" min={0} max={1} value={level} aria-label={t("join.level")} />
      <Text size="xs" c="dimmed">
        {t(track ? "join.speak" : "join.micOff")}
      </Text>
    </div>
  );
}

interface DeviceSelectProps {
  kind: DeviceKind;
  devices: Devices;
  label: string;
}

/** The choice of one kind of device, or what is wrong with it and what to do. */
export function DeviceSelect({ kind, devices, label }: DeviceSelectProps) {
  const { t } = useTranslation();
  const list = useWatched(devices.list).filter((device) => device.kind === (kind === "mic" ? "audioinput" : "videoinput"));
  const { problem } = useWatched(devices[kind]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [refused, setRefused] = useState<DeviceProblem>(null);
  if (problem !== null) {
    return (
      <Alert color="yellow" variant="light" title={label}>
        <Text size="sm">{t(`problem.${problem}`, { device: t(`problem.${kind}`) })}</Text>
        <Button size="compact-sm" variant="default" mt="xs" onClick={() => void devices.start(kind)}>
          {t("problem.retry")}
        </Button>
      </Alert>
    );
  }
  return (
    <Select
      label={label} allowDeselect={false} disabled={list.length === 0} value={chosen ?? devices.chosen(kind) ?? list[0]?.deviceId ?? null}
      data={list.map((device, index) => ({ value: device.deviceId, label: device.label || `${label} ${index + 1}` }))}
      error={refused !== null && t(`problem.refused.${refused}`, { device: t(`problem.${kind}`) })}
      onChange={(value) => {
        if (value === null) return;
        setChosen(value);
        setRefused(null);
        void devices.choose(kind, value).then((found) => {
          setChosen(null); // what the device says of itself
          setRefused(found);
        });
      }}
    />
  );
}
