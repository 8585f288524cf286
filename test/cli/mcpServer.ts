// Runs the MCP server for a test: the engine is the first argument.
import { createClient } from 'oee-client'
import { runMcp } from '../../src/cli/mcp.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'

const [url = '', apiKey] = process.argv.slice(2)
const client = createClient({ url, ...(apiKey === undefined ? {} : { apiKey }) })
await runMcp(client, { clock: systemClock, random: createSystemRandom(), version: '0.0.0' })
