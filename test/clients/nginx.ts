// Owns a real nginx before engines: TLS with a certificate made for it, HTTP/2, and a prefix for each engine.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRaw } from '../rawHttp.ts'

export type Nginx = { stop(): Promise<void> }

const START_MS = 30_000
const SUBJECT = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']

/** An engine under its prefix, as nginx.org documents the proxying of WebSockets. */
const location = ([prefix, url]: readonly [string, string]) => `
    location ${prefix}/ {
      proxy_pass ${url}/;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Prefix ${prefix};
      proxy_buffering off;
      proxy_read_timeout 1h;
    }`

const configuration = (port: number, engines: Readonly<Record<string, string>>) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp/${name};`).join('\n  ')}
  map $http_upgrade $connection_upgrade {
    default upgrade;
    ''      '';
  }
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
${Object.entries(engines).map(location).join('\n')}
  }
}
`

/** Listens on this port of loopback; each engine, by its address, is under its prefix. */
export async function startNginx(port: number, engines: Readonly<Record<string, string>>): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-nginx-'))
  mkdirSync(join(folder, 'temp'))
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]
  const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...SUBJECT, ...files]
  const made = spawnSync('openssl', certificate, { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, engines))
  // Debian keeps it off the PATH of ordinary users.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const deadline = Date.now() + START_MS
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`nginx did not start: ${said}`)
    await sleep(20)
  }
  return {
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      process.off('exit', killAtExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function accepts(port: number): Promise<boolean> {
  const socket = openRaw(`http://127.0.0.1:${port}`)
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('close', () => resolve(false))
  }).finally(() => socket.destroy())
}
