import assert from 'node:assert/strict'

/** Runs `body`, which has to fail, and gives what it threw, whether it threw at once or later. */
export async function caught(body: () => unknown): Promise<any> {
  try {
    await body()
  } catch (error) {
    return error
  }
  return assert.fail('expected a failure, but it ended well')
}

/** What `assert.throws` and `assert.rejects` check for a wrong argument. */
export const INVALID_ARGUMENT = { code: 'PLAIT_INVALID_ARGUMENT' }
