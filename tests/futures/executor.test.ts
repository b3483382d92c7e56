import { describe } from 'node:test'
import { executorContract } from './executor.contract.ts'
import { executors } from './executors.ts'

for (const [name, make] of Object.entries(executors)) describe(name, () => executorContract(make))
