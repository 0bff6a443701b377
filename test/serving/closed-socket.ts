import type { Socket } from 'node:net'

/** Until a connection is gone, also if that is so because it was reset, which `once` of `node:events` fails with. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>(resolve => void socket.once('close', () => resolve()))
}
