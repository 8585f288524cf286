// Owns the engine that dies at a crash point: the built program, with CRASH_AT around its ports.
import { tsImport } from 'tsx/esm/api'
import { main } from '../../dist/main.js'

const { crashAround } = await tsImport('./crashPoints.ts', import.meta.url)
await main(process.argv.slice(2), crashAround(process.env.CRASH_AT ?? ''))
