import { ActionIcon, Alert, Select, Text, Textarea } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Watched } from "../../core/emitter";
import type { Session } from "../../core/session";
import type { MessageRecord } from "../../protocol/wire";
import type { WorkshopView } from "../../state/selectors";
import { localeFor } from "../agenda/times";
import { useWatched } from "../hooks";

const PRIVATE = "person:";
/** What was typed and not sent, kept while the panel is closed or the connection away. */
const draft = { text: "", to: "room" };
/** What was sent and has no answer yet, by number; it goes out, once, as soon as the connection is back. */
const outbox = new Watched<ReadonlyMap<number, string>>(new Map());
let numbered = 0;

/** Returns what takes it out again. */
function posted(text: string): () => void {
  const number = (numbered += 1);
  outbox.set(new Map(outbox.get()).set(number, text));
  return () => outbox.set(new Map([...outbox.get()].filter(([each]) => each !== number)));
}

export function ChatPanel({ session, view }: { session: Session; view: WorkshopView }) {
  const { t } = useTranslation();
  const [text, setText] = useState(draft.text);
  const [to, setTo] = useState(draft.to);
  const [problem, setProblem] = useState<string | null>(null);
  const end = useRef<HTMLDivElement>(null);
  const waiting = useWatched(outbox);
  const away = useWatched(session.connection.status).state === "reconnecting";
  const others = view.people.filter((person) => person.participant_id !== view.me?.participant_id);
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "end" }); // returns a promise in newer browsers
  }, [view.messages.length, waiting]);
  useEffect(() => {
    Object.assign(draft, { text, to });
  }, [text, to]);

  const send = async (): Promise<void> => {
    const said = text.trim();
    if (said === "") return;
    setText("");
    setProblem(null);
    const answered = posted(said);
    const ack = await session.command(
      to.startsWith(PRIVATE)
        ? { type: "PostMessage", channel: "private", to_id: to.slice(PRIVATE.length), text: said }
        : { type: "PostMessage", channel: to as "room" | "everyone" | "facilitators", text: said },
    );
    answered();
    if (!ack.ok) {
      draft.text = said; // also where the panel was closed meanwhile
      setText(said);
      setProblem(ack.message);
    }
  };

  return (
    <div className="chat">
      <div className="chat-list" role="log" aria-label={t("chat.title")}>
        {view.messages.length === 0 && (
          <div className="empty">
            <Text fw={600}>{t("chat.empty")}</Text>
            <Text size="sm" c="dimmed">{t("chat.emptyHint")}</Text>
          </div>
        )}
        {view.messages.map((message) => (
          <Message key={message.message_id} message={message} view={view} />
        ))}
        {away && [...waiting].map(([number, said]) => (
          <article key={number} className="message" data-mine>
            <header>
              <b>{t("chat.fromYou")}</b>
              <span className="message-target">{t("chat.waiting")}</span>
            </header>
            <p>{said}</p>
          </article>
        ))}
        <div ref={end} />
      </div>
      <form className="chat-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {problem !== null && <Alert color="red">{problem}</Alert>}
        <Select
          size="xs" variant="filled" aria-label={t("chat.to")} leftSection={<span className="chat-to">{t("chat.to")}</span>} value={to} allowDeselect={false} onChange={(value) => setTo(value ?? "room")}
          data={[
            { value: "room", label: t("chat.room") },
            { value: "everyone", label: t("chat.everyone") },
            { value: "facilitators", label: t("chat.facilitators") },
            ...others.map((person) => ({ value: PRIVATE + person.participant_id, label: t("chat.private", { name: person.name }) })),
          ]}
        />
        <div className="chat-write">
          <Textarea
            data-start aria-label={t("chat.message")} placeholder={t("chat.placeholder")} value={text} autosize minRows={1} maxRows={5} maxLength={4000}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                void send();
              }
            }}
          />
          <ActionIcon type="submit" size={36} aria-label={t("chat.send")} disabled={text.trim() === ""}><IconSend size={18} /></ActionIcon>
        </div>
      </form>
    </div>
  );
}

function Message({ message, view }: { message: MessageRecord; view: WorkshopView }) {
  const { t, i18n } = useTranslation();
  const mine = message.author_id === view.me?.participant_id;
  const nameOf = (id: string | null): string => view.names.get(id ?? "") ?? "…"; // also of those who have left
  const target =
    message.channel === "everyone" ? t("chat.toEveryone")
    : message.channel === "facilitators" ? t("chat.toFacilitators")
    : message.channel === "private" ? t("chat.toPerson", { name: nameOf(message.to_id) })
    : null;
  return (
    <article className="message" data-mine={mine || undefined}>
      <header>
        <b>{mine ? t("chat.fromYou") : nameOf(message.author_id)}</b>
        {target !== null && <span className="message-target">{target}</span>}
        <time dateTime={new Date(message.at_ms).toISOString()}>
          {new Date(message.at_ms).toLocaleTimeString(localeFor(i18n.language), { hour: "2-digit", minute: "2-digit" })}
        </time>
      </header>
      <p>{message.text}</p>
    </article>
  );
}
