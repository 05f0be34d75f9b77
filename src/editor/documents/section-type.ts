import { answerTitle, percent } from '../../core/tasks/describe';
import { DOC_SECTION } from '../../core/tasks/doc-section';
import type { ClassifiedSection } from './documents';

/** Labels that are named beside a heading. */
const NAMED = 3;

/** "How · 93%", or "What + Why · 61%": what a section is about, the most probable label first, and how sure the model is of that one. */
export function sectionType({ decision, probabilities }: ClassifiedSection): string {
  const { confidence } = decision;
  const labels = [...decision.labels].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  return `${answerTitle(DOC_SECTION, { labels: labels.slice(0, NAMED) })}${labels.length > NAMED ? ' + …' : ''} · ${percent(confidence)}`;
}
