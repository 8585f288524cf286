// Bundles the commands after they are compiled: of a command that asks once and ends, loading twenty small files takes longer than
// all else. `dist/main.js` becomes a few files that hold all commands and the client; what the engine shares with them stays as it is.
import { readdirSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const commands = join(dist, 'cli')
/** Their faults are recognised by class, and the version by its place. */
const shared = ['faults.js', 'startup.js', 'keys.js', 'version.js'].map((file) => join(commands, file))

/** Everything that is not a command's own is loaded from where it was compiled to. */
const keepOutside = {
  name: 'keep outside',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      const file = resolve(resolveDir, path)
      const isOwn = kind === 'entry-point' || file.startsWith(commands) || !file.startsWith(dist)
      if (isOwn && !shared.includes(file)) return undefined
      return { path: `./${relative(dist, file)}`, external: true }
    })
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path === 'oee-client' ? undefined : { path, external: true },
    )
  },
}

for (const file of readdirSync(dist)) if (/^main-.*\.js/.test(file)) rmSync(join(dist, file))
await build({
  entryPoints: [join(dist, 'main.js')],
  outdir: dist,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'main-[hash]',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [keepOutside],
})
