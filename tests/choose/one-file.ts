// A program whose function and whose call of `choose` stand in the same file. Run by choose.test.ts.
import { choose } from 'plait/choose'
import { workerInfo } from 'plait/futures'

export function double(n: number): number {
  return n * 2
}

async function main(): Promise<void> {
  const { measured } = await choose(double, [1, 2, 3, 4])
  const models = new Map(measured.map(({ model, ok }) => [model, ok]))
  console.log([...models].map(([model, ok]) => `${model} ${ok}`).join(', '))
}

if (process.env.UNGUARDED !== undefined || workerInfo().kind === 'main') await main()
