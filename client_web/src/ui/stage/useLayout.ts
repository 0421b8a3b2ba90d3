import { useCallback, useState } from "react";
import { store, stored } from "../../core/storage";
import type { Layout } from "../../state/stage";

const LAYOUT_KEY = "atelier.layout";

/** How this person likes to see the others; remembered. */
export function useLayout(): [Layout, (layout: Layout) => void] {
  const [layout, setLayout] = useState<Layout>(() => (stored(LAYOUT_KEY) === "speaker" ? "speaker" : "grid"));
  const choose = useCallback((next: Layout) => {
    store(LAYOUT_KEY, next);
    setLayout(next);
  }, []);
  return [layout, choose];
}
