export { type ChooseOptions, choose, chooseExport } from './choose.ts'
export type { ChooseProgress } from './measure.ts'
export { renderReport } from './report/index.ts'
export type {
  ChooseResult,
  CostModel,
  Lane,
  Model,
  Prediction,
  Row,
  RowProblem,
  Segment,
  Span,
} from './result.ts'
export { sayBytes, sayCount, sayTime } from './wording.ts'
