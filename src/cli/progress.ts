import type { ChooseProgress } from '../choose/index.ts'

/** Shows on the terminal how far the measuring is; elsewhere it is silent. */
export interface Progress {
  show(progress: ChooseProgress): void
  /** Clears the line and gives the cursor back. */
  end(): void
}

/** A spinner on standard error, if that is a terminal. */
export async function startProgress(title: string): Promise<Progress> {
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined }
  const { default: spin } = await import('yocto-spinner')
  const spinner = spin({ text: `measuring ${title}`, stream: process.stderr, handleSignals: false }).start()
  return {
    show({ label, done, total }) {
      spinner.text = `measuring ${title} (${Math.min(done + 1, total)} of ${total}): ${label}`
    },
    end() {
      spinner.stop()
    },
  }
}
