import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, renameSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/**
 * Puts a FIFO in the place of a file: whoever opens it hangs in the kernel, as on a mount whose server went away.
 * @returns what puts the file back and lets go of who hangs; the test's end does so, too, else its process wouldn't
 * end.
 */
export function hangFile(file: string): () => void {
  const [original, fifo] = [`${file}.original`, `${file}.fifo`]
  renameSync(file, original)
  execFileSync('mkfifo', [file])
  let isHanging = true
  // It is synchronous, because all threads that could do it otherwise may hang.
  const release = () => {
    if (!isHanging) return
    isHanging = false
    renameSync(file, fifo)
    renameSync(original, file)
    letGo(fifo)
  }
  onTestFinished(release)
  return release
}

/** Opens and closes it as a writer, so that readers see an empty file. */
function letGo(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error // nobody reads
  }
}
