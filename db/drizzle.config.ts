import { defineConfig } from 'drizzle-kit'

/** For `drizzle-kit generate`, run in the project's root; it never connects anywhere. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema/*.ts',
  out: './db/migrations',
  casing: 'snake_case',
})
