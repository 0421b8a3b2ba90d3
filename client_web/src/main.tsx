import "@mantine/core/styles.css";
import "./ui/activity.css";
import "./ui/styles.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { setUpTexts } from "./locales";
import { App } from "./ui/App";
import { Recovery } from "./ui/Recovery";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (root) {
  void setUpTexts().then(() => {
    createRoot(root).render(
      <StrictMode>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <Recovery>
            <App />
          </Recovery>
        </MantineProvider>
      </StrictMode>,
    );
  });
}
