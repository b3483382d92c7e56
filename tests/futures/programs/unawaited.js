// Submits work that nobody awaits: the program lives until it is done.
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'plait/futures'
import { later } from '../functions.js'

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor])
  new Pool({ maxWorkers: 1 })
    .submit(later, Pool.name)
    .addDoneCallback((future) => console.log(future.result()))
