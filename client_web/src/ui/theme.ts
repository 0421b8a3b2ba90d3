import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** One restrained accent: a deep green-blue that keeps 4.5:1 on white and on the dark stage. */
const sea: MantineColorsTuple = [
  "#e6f7f4", "#cdeae5", "#9dd5cb", "#69bfb0", "#40ad9a", "#25a18c", "#0c7a6f", "#0a6b61", "#065c53", "#004c44",
];

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 6, dark: 6 },
  colors: { sea },
  defaultRadius: "md",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans JP', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
});
