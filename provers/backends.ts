import { noir } from './noir/backend.ts'
import { simulated } from './simulated/backend.ts'

/** Every backend that there is. */
export const BACKENDS = [noir, simulated] as const

type Settings = (typeof BACKENDS)[number]['settings']

type Section = keyof Settings

/** What is each of these at once. */
type All<Each> = (Each extends unknown ? (each: Each) => void : never) extends (all: infer Whole) => void
  ? Whole
  : never

/** Gives the keys that backends add to a section of the configuration file. */
const keysOf = <S extends Section>(section: S): All<Settings[S]> =>
  Object.assign({}, ...BACKENDS.map(({ settings }) => settings[section]))

/** What the configuration file may say for backends. */
export const backendSettings = { artifacts: keysOf('artifacts'), prover: keysOf('prover') }
