// The entry `plait`: the areas under their names. By path each stands alone: `plait/asyncio`, `plait/futures`.
export * as asyncio from './asyncio/index.ts'
export * as futures from './futures/index.ts'
