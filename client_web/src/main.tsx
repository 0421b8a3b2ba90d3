import "@mantine/core/styles.css";
import "./ui/styles.css";
import "./locales";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./ui/App";
import { Recovery } from "./ui/Recovery";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Recovery>
          <App />
        </Recovery>
      </MantineProvider>
    </StrictMode>,
  );
}
