// Owns nginx for tests: the example of docs/proxies, as it stands but for its ports and its certificate.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { freePort } from '../recovery/servers.ts'
import { run } from './programs.ts'

const EXAMPLE = new URL('../../docs/proxies/nginx.conf', import.meta.url)

export type Nginx = {
  /** Where the engine is reached, without a slash at its end. */
  readonly url: string
  /** The certificate, which no authority has signed. */
  readonly certificate: string
  stop(): Promise<void>
}

function replaceOnce(text: string, part: string, other: string): string {
  if (text.split(part).length !== 2) throw new Error(`the example does not have ${part} once`)
  return text.replace(part, other)
}

/** Listens on localhost with TLS and passes requests on to the engine, through a second proxy if that has a prefix. */
export async function startNginx(engineUrl: string, innerPrefix = ''): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-nginx-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const request = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${certificate}`
  const made = await run('openssl', request.split(' '))
  if (made.code !== 0) throw new Error(made.stderr)
  const [port, innerPort] = [await freePort(), await freePort()]
  const { host } = new URL(engineUrl)
  const behind = innerPrefix === '' ? host : `127.0.0.1:${innerPort}`
  const changes: readonly (readonly [string, string])[] = [
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['server_name trade.example.com', 'server_name localhost'],
    ['/etc/nginx/trade.example.com.pem', certificate],
    ['/etc/nginx/trade.example.com.key', key],
    ['server 127.0.0.1:3000', `server ${behind}`],
  ]
  const example = changes.reduce(
    (text, [part, other]) => replaceOnce(text, part, other),
    readFileSync(EXAMPLE, 'utf8'),
  )
  const inner = innerPrefix === '' ? '' : innerProxy(innerPort, innerPrefix, host)
  const configuration = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  )
  writeFileSync(
    configuration,
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr;
    events {} http { access_log off; ${temporary.join(' ')}
    ${example}
    ${inner} }`,
  )
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', configuration], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const errors: string[] = []
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  await listening(child, port, errors)
  return {
    url: `https://localhost:${port}/engine${innerPrefix}`,
    certificate: readFileSync(certificate, 'utf8'),
    async stop() {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A second proxy behind the first: takes a prefix of its own away, and adds to the lists. */
const innerProxy = (port: number, prefix: string, engine: string) => `
  server {
    listen 127.0.0.1:${port};
    location ${prefix}/ {
      proxy_pass http://${engine}/;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_to_engine;
      proxy_set_header X-Forwarded-Proto "$http_x_forwarded_proto, $scheme";
      proxy_set_header X-Forwarded-Host "$http_x_forwarded_host, $proxy_host";
      proxy_set_header X-Forwarded-Prefix "$http_x_forwarded_prefix, ${prefix}";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }`

async function listening(child: ChildProcess, port: number, errors: readonly string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx has ended: ${errors.join('')}`)
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect').finally(() => socket.destroy())
    },
    { timeout: 20_000, interval: 50 },
  )
}
