// Owns the answers of one connection that is kept open: all of them, in their order, whatever their framing.
import { openRaw } from '../support/rawHttp.ts'

export type Answer = { readonly status: number; readonly head: string; readonly body: string }

/** Sends bytes as they are, each part in a packet of its own, and returns all answers until the server closes. */
export async function answersTo(
  base: string,
  ...parts: readonly (string | Buffer)[]
): Promise<readonly Answer[]> {
  const socket = openRaw(base)
  socket.setNoDelay(true)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve))
  await closed
  return parse(Buffer.concat(chunks).toString('latin1'))
}

function parse(text: string): readonly Answer[] {
  const answers: Answer[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const head = end < 0 ? rest : rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
    const after = end < 0 ? '' : rest.slice(end + 4)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? (status === 100 ? 0 : after.length))
    answers.push({ status, head: head.toLowerCase(), body: after.slice(0, length) })
    rest = after.slice(length)
  }
  return answers
}
