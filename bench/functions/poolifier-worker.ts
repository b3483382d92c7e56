import { ThreadWorker } from 'poolifier'
import { echo, spin } from './functions.ts'

export const worker = new ThreadWorker<number, number>({
  echo: (n) => echo(n!),
  spin: (n) => spin(n!),
})
