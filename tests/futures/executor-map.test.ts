import { describe } from 'node:test'
import { executors } from './executors.ts'
import { mapContract } from './map.contract.ts'

for (const [name, make] of Object.entries(executors)) describe(name, () => mapContract(make))
