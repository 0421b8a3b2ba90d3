import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface ToolProps {
  label: string;
  children: ReactNode;
  disabled?: boolean;
  onClick: () => void;
}

/** Stays in the tab order when there is nothing to do, so that the focus is not lost under somebody's finger. */
export function Tool({ label, children, disabled = false, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon className={disabled ? "stage-tool off" : "stage-tool"} aria-label={label} aria-disabled={disabled} onClick={() => !disabled && onClick()}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
