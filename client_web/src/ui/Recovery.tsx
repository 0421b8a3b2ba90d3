import { Button, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { i18next } from "../locales";

/** A fault in a screen must not leave an empty page: say so and offer the way back, which loses nothing. */
export class Recovery extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="page">
        <Stack className="card" align="center" gap="sm">
          <Title order={1} size="h2">{i18next.t("crash.title")}</Title>
          <Text role="alert" c="dimmed" ta="center">{i18next.t("crash.text")}</Text>
          <Button mt="md" onClick={() => location.reload()}>{i18next.t("crash.reload")}</Button>
        </Stack>
      </main>
    );
  }
}
