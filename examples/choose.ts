// Which model fits? `choose` runs a sample of the work under each of them and answers with its reason.
import { choose } from 'plait/choose'
import { ask } from './functions/numbers.ts'

const questions = [[1], [2], [3]]
const { recommendation, reason, measured } = await choose(ask, questions, { count: 500 })

console.error(reason) // one sentence with the figures of this machine
console.log('tried:', new Set(measured.map((row) => row.model)))
console.log('take:', recommendation.model)

// Output:
// tried: Set(4) { 'sync', 'event-loop', 'threads', 'processes' }
// take: event-loop
