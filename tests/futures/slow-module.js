// A module that workers take long to import: until the file that SLOW_GATE names exists.
import { appendFileSync, existsSync } from 'node:fs'

if (process.env.SLOW_GATE !== undefined) {
  appendFileSync(`${process.env.SLOW_GATE}.log`, 'importing\n')
  while (!existsSync(process.env.SLOW_GATE)) await new Promise((resolve) => setTimeout(resolve, 2))
}

export function started() {
  appendFileSync(`${process.env.SLOW_GATE}.log`, 'started\n')
  return new Promise(() => {})
}
