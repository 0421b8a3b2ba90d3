import react from "@vitejs/plugin-react";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { defineConfig } from "vitest/config";

/** Each script and style sheet beside itself as `.gz` and `.br`, which the server hands to whoever takes them: a third of the size, and no work at every request. */
const compressed = {
  name: "compressed",
  apply: "build" as const,
  async writeBundle({ dir = "dist" }: { dir?: string }): Promise<void> {
    const files = (await readdir(`${dir}/assets`)).filter((name) => /\.(js|css|svg)$/.test(name));
    await Promise.all(files.map(async (name) => {
      const path = `${dir}/assets/${name}`;
      const content = await readFile(path);
      await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
      await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
    }));
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  build: { outDir: "dist", assetsDir: "assets", sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 900 },
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/socket.io": { target: "ws://127.0.0.1:8080", ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
});
