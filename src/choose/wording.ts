// Numbers as people say them. Used by the reason, the break-even, the messages and the command's table.

/** Such as `0.4 ms`, `43 ms`, `1.2 s`, `2 min 5 s`. */
export function sayTime(ms: number): string {
  if (!Number.isFinite(ms)) return 'no end'
  if (ms < 0.001) return ms <= 0 ? '0 ms' : 'under 0.001 ms'
  if (ms < 999.5) return `${significant(ms)} ms`
  if (ms < 119_950) return `${significant(ms / 1000, ms < 99_950 ? 2 : 3)} s`
  const minutes = Math.floor(Math.round(ms / 1000) / 60)
  if (minutes < 120) return `${minutes} min ${Math.round(ms / 1000) % 60} s`
  return `${significant(ms / 3_600_000)} h`
}

/** Such as `0 B`, `12 kB`, `3.4 MB`. */
export function sayBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`
  if (bytes < 999_500) return `${significant(bytes / 1e3)} kB`
  if (bytes < 999_500_000) return `${significant(bytes / 1e6)} MB`
  return `${significant(bytes / 1e9)} GB`
}

/** Such as `1 call`, `20 calls`, `160 processes`. */
export function sayCount(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${sayNumber(count)} ${noun}${noun.endsWith('s') ? 'es' : 's'}`
}

/** Such as `1 000 000`. */
export function sayNumber(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** Such as `23 times`, `1.8 times`. */
export function sayTimes(factor: number): string {
  return `${significant(factor)} times`
}

function significant(value: number, digits = 2): string {
  const whole = Math.round(value)
  return whole >= 10 ** digits ? String(whole) : String(Number(value.toPrecision(digits)))
}
