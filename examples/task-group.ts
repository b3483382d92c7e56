// A group is left only when everything started in it has ended. The first failure cancels the rest, and
// all failures arrive together.
import { ExceptionGroup, isCancelled, run, sleep, taskGroup } from 'plait/asyncio'

async function main() {
  const sum = await taskGroup(async (group) => {
    const two = group.createTask(() => sleep('2ms', 2))
    const three = group.createTask(() => sleep('1ms', 3))
    return (await two) + (await three)
  })
  console.log('sum:', sum)

  try {
    await taskGroup(async (group) => {
      group.createTask(async () => {
        await sleep('5ms')
        throw new RangeError('the second mirror has no such file')
      })
      group.createTask(async () => {
        try {
          await sleep('1h')
        } catch (error) {
          console.log('download cancelled:', isCancelled(error))
          throw error
        }
      })
    })
  } catch (error) {
    if (!(error instanceof ExceptionGroup)) throw error
    for (const failure of error.errors) console.log('failed:', failure.message)
  }
}

await run(main)

// Output:
// sum: 5
// download cancelled: true
// failed: the second mirror has no such file
