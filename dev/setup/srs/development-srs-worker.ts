/**
 * Thread body of development-srs.ts: fills some lanes of the reference string. Lane l holds the points from l ×
 * lanePoints on.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { multiplesOfGenerator, type Points, power, timesFive } from './bn254.ts'
import { POINT_BYTES } from './srs-format.ts'

const REPORT_EVERY = 128

export interface SegmentRequest {
  points: SharedArrayBuffer
  firstLane: number
  lanes: number
  lanePoints: number
}

/** Points made since the last message. */
export interface SegmentProgress {
  points: number
}

function fill({ points, firstLane, lanes, lanePoints }: SegmentRequest): void {
  const bytes = Buffer.from(points)
  const starts = Array.from({ length: lanes }, (_, i) => power(5n, BigInt((firstLane + i) * lanePoints)))
  let current = multiplesOfGenerator(starts)
  for (let k = 0; k < lanePoints; k++) {
    if (k > 0) current = timesFive(current)
    writePoints(bytes, current, (lane) => ((firstLane + lane) * lanePoints + k) * POINT_BYTES)
    if ((k + 1) % REPORT_EVERY === 0)
      parentPort?.postMessage({ points: REPORT_EVERY * lanes } satisfies SegmentProgress)
  }
}

function writePoints(bytes: Buffer, { x, y }: Points, offsetOf: (lane: number) => number): void {
  for (let lane = 0; lane < x.length; lane++) {
    const hex = `${(x[lane] as bigint).toString(16).padStart(64, '0')}${(y[lane] as bigint).toString(16).padStart(64, '0')}`
    bytes.write(hex, offsetOf(lane), 'hex')
  }
}

fill(workerData as SegmentRequest)
