export { type AnyClass, type RegisterOptions, registerClass } from './class-registry.ts'
export { enclose, open } from './envelope.ts'
export { decodeError, type EncodedError, encodeError } from './error-codec.ts'
export {
  type ExportReference,
  type FunctionReference,
  type GlobalReference,
  referenceOf,
} from './function-reference.ts'
export { importingTask, refuseWhileImporting } from './importing.ts'
export type { AnyFunction, TaskFunction } from './module-exports.ts'
export type { BatchMessage, HostMessage, InitMessage, TaskMessage, WorkerMessage } from './protocol.ts'
export { resolveReference } from './resolve-reference.ts'
export { transferError } from './transfer-error.ts'
