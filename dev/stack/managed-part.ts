import type { StackPart } from './part.ts'
import type { ManagedProcess } from './processes/process.ts'

/** Makes a part of one process. `launch` starts it, each time on the same port and data. */
export function managedPart(p: {
  name: string
  launch: () => Promise<ManagedProcess>
  beforeKill?: () => Promise<void>
}): StackPart {
  let managed: ManagedProcess | undefined
  return {
    name: p.name,
    get isRunning() {
      return managed?.isRunning ?? false
    },
    async start() {
      if (!managed?.isRunning) managed = await p.launch()
    },
    async stop() {
      await managed?.stop()
    },
    async kill(signal) {
      if (!managed?.isRunning) return
      if (signal === 'SIGKILL') await p.beforeKill?.()
      managed.kill(signal)
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await managed.ended
    },
  }
}

/** Starts a part and does what it needs at first; if that fails, the part doesn't stay. */
export async function startAndPrepare(part: StackPart, prepare: () => Promise<void>): Promise<void> {
  await part.start()
  try {
    await prepare()
  } catch (error) {
    await part.stop()
    throw error
  }
}
