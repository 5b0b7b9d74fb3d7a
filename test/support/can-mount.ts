import { spawnSync } from 'node:child_process'

/** Whether tests may mount file systems in a namespace of their own: only root may, and not in every container. */
export const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0
