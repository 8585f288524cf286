// Owns the build of the console: into dist/console, each file also compressed, for any path that a proxy puts before it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const OUT = fileURLToPath(new URL('../dist/console', import.meta.url))
const COMPRESSED = /\.(js|css|html|svg)$/

/** Beside each text its gzip, so that no request waits for a compression. */
const compressed: Plugin = {
  name: 'compressed',
  closeBundle() {
    for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (COMPRESSED.test(path)) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
    }
  },
}

/** The typeface of all text: asked for with the page, before its styles name it. */
const preloadedType: Plugin = {
  name: 'preloaded type',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) =>
      Object.keys(bundle)
        .filter((file) => /sans.*\.woff2$/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `./${file}`, crossorigin: true },
        })),
  },
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative: the page does not know the prefix under which it is reached.
  base: './',
  build: {
    outDir: OUT,
    emptyOutDir: true,
    // Data URLs would need a wider content policy.
    assetsInlineLimit: 0,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    reportCompressedSize: false,
  },
  plugins: [preloadedType, compressed],
})
