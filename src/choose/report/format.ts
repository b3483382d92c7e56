// How figures are written in the report: short, three digits at most, with their unit.

const MINUTE = 60_000
const UNITS = [
  { name: 'min', ms: MINUTE, from: 2 * MINUTE },
  { name: 's', ms: 1_000, from: 1_000 },
  { name: 'ms', ms: 1, from: 0 },
] as const

function digits(value: number): string {
  const size = Math.abs(value)
  const decimals = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3
  return String(Number(value.toFixed(decimals)))
}

function unitOf(ms: number): (typeof UNITS)[number] {
  return UNITS.find((unit) => ms >= unit.from) ?? UNITS[2]
}

/** A length of time, such as `0.42 ms`, `62 ms`, `1.41 s`, `3.2 min`. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms)) return 'no end'
  const unit = unitOf(ms)
  return `${ms > 0 && ms < 0.001 ? '< 0.001' : digits(ms / unit.ms)}\u00a0${unit.name}`
}

/** Labels for the ticks of one axis: all in the unit that fits its end. */
export function formatTicks(ticks: readonly number[], end: number): string[] {
  const unit = unitOf(end)
  return ticks.map((tick) => `${Number((tick / unit.ms).toPrecision(6))}\u00a0${unit.name}`)
}

/** A size, such as `0 B`, `14 kB`, `2.1 MB` (steps of 1 000). */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    if (Math.abs(value) < 1_000) break
    value /= 1_000
    unit = next
  }
  return `${digits(value)}\u00a0${unit}`
}

/** A whole number with its thousands set apart, such as `100 000`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u00a0')
}

/** A number and its noun: `1 call`, `24 calls`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How many times as fast: `4.5 times`. */
export function formatFactor(factor: number): string {
  return `${factor >= 10 ? Math.round(factor) : Number(factor.toFixed(1))} times`
}
