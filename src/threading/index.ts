export { type ThreadSetup, threadBackend } from './thread-worker.ts'
