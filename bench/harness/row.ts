/** Sizes of a row's work: how many tasks, how long. Plain data, given to every subject. */
export type Size = Readonly<Record<string, number>>

/** Figures of one round, by the metric's name. Smaller is better, always. */
export type Figures = Readonly<Record<string, number>>

/** One of those that are compared: plait, or a peer. Runs in a process of its own, once a round. */
export interface Subject {
  readonly name: string
  /** Does the work, checks its results and measures; throws if a result is wrong. */
  run(size: Size): Promise<Figures>
}

/** A peer in another language: a program that prints its figures as JSON. */
export interface ForeignSubject {
  readonly name: string
  readonly command: string
  args(size: Size): string[]
}

/** A peer that cannot take part anywhere, and why. */
export interface AbsentSubject {
  readonly name: string
  readonly absent: string
}

export interface Metric {
  readonly name: string
  readonly unit: 'ms' | 'µs'
}

/** plait's figure is to be at most `ratio` times that of the peer. */
export interface Goal {
  readonly metric: string
  readonly peer: string
  readonly ratio: number
}

/** One line of the plan in bench/README.md: the same work, done by several subjects. The first is plait. */
export interface Row {
  readonly id: string
  readonly area: 'asyncio' | 'futures'
  readonly work: string
  readonly metrics: readonly Metric[]
  readonly subjects: readonly (Subject | ForeignSubject | AbsentSubject)[]
  readonly goals: readonly Goal[]
  readonly size: Size
  /** More of the size, found on this machine once before the row is measured. */
  calibrate?(): Size
  /** For a look whether it works at all; its figures mean nothing. */
  readonly quickSize: Size
}
