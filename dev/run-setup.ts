import { Listr, type ListrTask } from 'listr2'
import type { SetupReport, SetupStep } from './setup/step.ts'

/** Where nothing is redrawn, a line is printed only per this share of a step. */
const LINES_PER_STEP = 10

/**
 * Runs set-up steps one after another, since later ones may need earlier ones and each uses every core, and shows how
 * far they are. What is done already is shown as such, with what there is of it, and what this machine can do without
 * is left out with a word.
 */
export async function runSetup(steps: SetupStep[], signal: AbortSignal): Promise<void> {
  const tasks = steps.map((step) => setupTask(step, signal))
  await new Listr(tasks, {
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false },
    fallbackRenderer: 'verbose',
  }).run()
}

function setupTask(step: SetupStep, signal: AbortSignal): ListrTask {
  return {
    title: step.title,
    async task(_, task) {
      signal.throwIfAborted()
      if (await step.isDone()) {
        task.title = `${step.title}: reused, ${await step.reused()}`
        return
      }
      const reason = await step.whyNot?.()
      if (reason !== undefined) {
        task.skip(`${step.title}: left out, ${reason}`)
        return
      }
      const startedAt = Date.now()
      await step.run(
        progressLine((line) => {
          task.output = line
        }),
        signal,
      )
      task.title = `${step.title}: made in ${seconds(startedAt)}, ${await step.reused()}`
    },
  }
}

/**
 * Turns reports into lines such as ` 42 % compiling`, and on anything but a terminal drops those that bring little new.
 */
function progressLine(show: (line: string) => void): SetupReport {
  let lastShown: string | undefined
  return (fraction, text) => {
    const tenth = fraction === undefined ? text : String(Math.floor(fraction * LINES_PER_STEP))
    if (!process.stdout.isTTY && tenth === lastShown) return
    lastShown = tenth
    show(fraction === undefined ? text : `${String(Math.floor(fraction * 100)).padStart(3)} %  ${text}`)
  }
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`
}
