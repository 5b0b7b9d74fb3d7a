import { settlesOn } from './scenario.ts'

settlesOn('anvil')
