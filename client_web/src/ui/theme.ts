import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** One restrained accent: a deep green-blue that keeps 4.5:1 on white and on the dark stage. */
const sea: MantineColorsTuple = [
  "#e6f7f4", "#cdeae5", "#9dd5cb", "#69bfb0", "#40ad9a", "#25a18c", "#0c7a6f", "#0a6b61", "#065c53", "#004c44",
];

/** The neutral of the dark scheme, with the stage's coolness: text first, the deepest background last. */
const dark: MantineColorsTuple = [
  "#e9edf2", "#c3ccd6", "#9aa7b5", "#6b7785", "#3a424c", "#303740", "#262c34", "#1d2228", "#171b20", "#121519",
];

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 6, dark: 6 },
  colors: { sea, dark },
  defaultRadius: "md",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans JP', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
});
