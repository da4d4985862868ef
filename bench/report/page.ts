import type { ReportModel } from './model.ts';
export function renderPage(_: ReportModel): string {
  return '';
}
