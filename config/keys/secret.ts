import { inspect } from 'node:util'

const HIDDEN = '[secret]'

/**
 * Keeps a value that no log, error, JSON or debugger print shows. Only `reveal` gives it away, at the place where it is
 * used.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
