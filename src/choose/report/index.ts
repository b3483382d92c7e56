export { type ReportInfo, renderReport } from './render-report.tsx'
