import { useCallback, useState } from "react";
import type { Session } from "../core/session";
import type { ClientCommand } from "../protocol/wire";

/** Gives a command; returns whether it was accepted. */
export type Run = (command: ClientCommand) => Promise<boolean>;

/** Gives commands, and keeps the sentence of the last one that was refused. */
export function useRun(session: Session): [Run, string | null] {
  const [problem, setProblem] = useState<string | null>(null);
  const run = useCallback(
    async (command: ClientCommand): Promise<boolean> => {
      const ack = await session.command(command);
      setProblem(ack.ok ? null : ack.message);
      return ack.ok;
    },
    [session],
  );
  return [run, problem];
}
