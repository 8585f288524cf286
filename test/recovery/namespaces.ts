// Owns commands that start the program in namespaces of its own, as containers do, or as another user.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Runs the command that follows it. */
export type Through = readonly string[]

/** Whether this process may make namespaces, mount in them and become another user; REQUIRE_MOUNT=1 says that it must. */
export const canUnshare =
  process.env.REQUIRE_MOUNT === '1' ||
  spawnSync('unshare', ['--mount', '--pid', '--fork', 'setpriv', '--reuid=65534', 'true']).status === 0

/** A pid namespace, in which the program is process 1. Killing what is started kills the program too. */
export const ownPids: Through = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
export const ownAllButNetwork: Through = [...ownPids, '--uts', '--ipc', '--cgroup', '--time']
/** Nobody outside can reach a server in it. */
export const ownNetwork: Through = [...ownAllButNetwork, '--net']
export const ownUsers: Through = [...ownAllButNetwork, '--user', '--map-root-user']

export const NOBODY = 65_534
export const asNobody: Through = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']

/** A mount namespace in which these shell commands are run first. */
export const withMounts = (commands: string): Through => [
  'unshare',
  '--mount',
  'sh',
  '-ec',
  `${commands}\nexec "$@"`,
  'sh',
]

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * What `docker run --read-only -v <folder>:/srv` makes of the Dockerfile: process 1 of an unprivileged user on a root that is
 * read-only, with the program in it and one folder that may be written.
 */
export const asContainer = (folder: string, root: string): Through => [
  ...ownAllButNetwork,
  '--mount',
  'sh',
  '-ec',
  `mount --bind / ${root}
   mount -o remount,ro,bind ${root}
   mount --bind ${dirname(dirname(process.execPath))} ${root}/opt
   mount --bind ${PROJECT} ${root}/mnt
   mount -o remount,ro,bind ${root}/mnt
   mount --bind ${folder} ${root}/srv
   mount --rbind /dev ${root}/dev
   mount -t proc proc ${root}/proc
   shift 2
   exec chroot ${root} ${[...asNobody, '--pdeathsig=KILL'].join(' ')} /opt/bin/node /mnt/dist/index.js "$@"`,
  'sh',
]
