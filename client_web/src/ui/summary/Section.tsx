import { Text, Title } from "@mantine/core";
import { useId, type ReactNode } from "react";

interface Props {
  title: string;
  /** A sentence about it. */
  note?: string;
  /** What can be done with it, at the right of its title. */
  action?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** One card of a summary. */
export function Section({ title, note, action, wide = false, children }: Props) {
  const id = useId();
  return (
    <section className="summary-card" data-wide={wide || undefined} aria-labelledby={id}>
      <div className="summary-head">
        <Title order={2} size="h4" id={id}>{title}</Title>
        {action}
      </div>
      {note !== undefined && <Text size="sm" c="dimmed" className="summary-note">{note}</Text>}
      {children}
    </section>
  );
}
