import { open, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type CachedFolder, cachedFolder } from '../cached-folder.ts'
import type { SetupReport } from '../step.ts'
import type { SegmentProgress, SegmentRequest } from './development-srs-worker.ts'
import { DEVELOPMENT_SRS, POINT_BYTES } from './srs-format.ts'

// The largest circuit (aggregate) has 2^21 rows.
const POINTS = 2 ** 21
// Points of one bigint batch are enough to share an inversion, and few enough for the processor's cache.
const LANES = 256
const MAX_THREADS = 8

/** Makes the development reference string: powers of the known secret τ = 5. Anybody can forge proofs under it. */
export function developmentSrsStep(cacheDir: string): CachedFolder {
  return cachedFolder({
    id: `srs-${DEVELOPMENT_SRS.name}`,
    title: `Reference string for development (${DEVELOPMENT_SRS.name})`,
    inputs: { name: DEVELOPMENT_SRS.name, points: String(POINTS), format: 'bn254_g1 64 B, bn254_g2 128 B, big-endian' },
    cacheDir,
    build: writeSrs,
    describe: async (dir) => `${POINTS.toLocaleString('en')} points in ${dir}`,
  })
}

async function writeSrs(dir: string, report: SetupReport, signal: AbortSignal): Promise<void> {
  const points = new SharedArrayBuffer(POINTS * POINT_BYTES)
  const threads = Math.min(availableParallelism(), MAX_THREADS)
  const lanesPerThread = LANES / threads
  let made = 0
  const segments = Array.from({ length: threads }, (_, i): SegmentRequest => {
    const firstLane = Math.round(i * lanesPerThread)
    return { points, firstLane, lanes: Math.round((i + 1) * lanesPerThread) - firstLane, lanePoints: POINTS / LANES }
  })
  await Promise.all(
    segments.map((segment) =>
      computeSegment(segment, signal, (more) => {
        made += more
        report(made / POINTS, `${made.toLocaleString('en')} of ${POINTS.toLocaleString('en')} points`)
      }),
    ),
  )
  await writeFile(join(dir, 'bn254_g2.dat'), DEVELOPMENT_SRS.g2)
  const file = await open(join(dir, 'bn254_g1.dat'), 'wx')
  await file.writeFile(new Uint8Array(points))
  await file.sync()
  await file.close()
}

function computeSegment(
  segment: SegmentRequest,
  signal: AbortSignal,
  onProgress: (points: number) => void,
): Promise<void> {
  const worker = new Worker(new URL('./development-srs-worker.ts', import.meta.url), { workerData: segment })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop, { once: true })
  return new Promise<void>((resolve, reject) => {
    worker.on('message', (message: SegmentProgress) => onProgress(message.points))
    worker.on('error', reject)
    // A thread that fails has said so by then.
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(signal.reason)))
  }).finally(() => signal.removeEventListener('abort', stop))
}
