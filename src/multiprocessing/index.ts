export { type ProcessSetup, processBackend } from './process-worker.ts'
