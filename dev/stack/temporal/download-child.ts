/**
 * `node download-child.ts <folder> <version>`: starts the SDK's ephemeral server once, which leaves its program in the
 * folder.
 */
import { mkdir } from 'node:fs/promises'
import { TestWorkflowEnvironment } from '@temporalio/testing'

const [downloadDir = '', version = ''] = process.argv.slice(2)
await mkdir(downloadDir, { recursive: true })
const server = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, version } },
})
await server.teardown()
