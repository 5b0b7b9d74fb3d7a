import { describe } from 'vitest'
import { hasGeth } from '../../support/nodes/geth.ts'
import { settlesOn } from './scenario.ts'

describe.runIf(hasGeth)('under the rules of its newest fork', () => settlesOn('geth'))
