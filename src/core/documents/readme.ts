import type { Section } from '../sources/markdown/sections';

/** A section with what the model said of it. */
export interface AnsweredSection {
  readonly section: Pick<Section, 'heading' | 'level' | 'underlined' | 'range' | 'text'>;
  /** Probability of each label of doc-section. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What readers look for in a README, in the order in which it usually stands there. */
export const README_PARTS = ['about', 'usage', 'contributing', 'licence'] as const;
export type ReadmePart = (typeof README_PARTS)[number];

/** How a part is recognised: labels of doc-section, or a heading that says it plainly. */
const SIGNS: Readonly<Record<ReadmePart, { readonly labels: readonly string[]; readonly heading: RegExp }>> = {
  about: { labels: ['what', 'why'], heading: /\b(?:about|overview|introduction|description|features?|motivation|background|summary|abstract|what|why|goals?)\b/iu },
  usage: { labels: ['how'], heading: /\b(?:us(?:age|e|ing)|install\w*|set\W?up|quick\W?start|get(?:ting)? started|examples?|tutorial|demo|run(?:ning)?|build(?:ing)?|config\w*|deploy\w*|requirements?|api|commands?|options)\b/iu },
  contributing: { labels: ['contribution'], heading: /\b(?:contribut(?:e|ing|ions?)|develop(?:ment|ing|ers?)|hacking|pull requests?|get(?:ting)? involved|helping)\b/iu },
  licence: { labels: ['who'], heading: /\b(?:licen[cs]\w*|copyright|authors?|maintain(?:ers?|ed)|credits?|acknowledge?ments?|contributors|team|legal)\b/iu },
};

/**
 * A label less probable than this is not even suspected. Of 101 READMEs never trained on, what was called missing really was: contributing 61 of 61 times, licence 37 of 40,
 * usage 8 of 9. A higher one finds more (of 72, 49 and 14 in all), and errs more often.
 */
const UNSUSPECTED = 0.3;

/** Words of title and introduction that say what it is. */
const INTRODUCTION_WORDS = 5;

/** The sections that have a part of a README, certainly or maybe. */
export function sectionsWith<T extends AnsweredSection>(part: ReadmePart, sections: readonly T[]): T[] {
  const { labels, heading } = SIGNS[part];
  return sections.filter(({ section, probabilities }) => heading.test(section.heading) || labels.some((label) => (probabilities[label] ?? 0) >= UNSUSPECTED));
}

/** Parts that a README has no sign of. */
export function missingParts(sections: readonly AnsweredSection[]): ReadmePart[] {
  return README_PARTS.filter((part) => sectionsWith(part, sections).length === 0 && !(part === 'about' && hasIntroduction(sections)));
}

/** Whether title and introduction say what it is, whatever the model takes them for. */
function hasIntroduction([first]: readonly AnsweredSection[]): boolean {
  return first !== undefined && wordsOf(`${first.section.heading}\n${first.section.text}`).length >= INTRODUCTION_WORDS;
}

/** Words of the prose in a Markdown text: not of code, images, addresses and HTML. */
function wordsOf(text: string): string[] {
  const prose = text
    // Bounded, so that what is never closed is not searched for again and again.
    .replace(/^ {0,3}(`{3,9}|~{3,9})[^]*?(?:^ {0,3}\1|$(?![^]))/gmu, ' ')
    .replace(/`[^`\n]{0,300}`|!\[[^\]]{0,300}\](?:\([^)]{0,300}\))?|\]\([^)]{0,300}\)|<[^>]{0,300}>|https?:\/\/\S+/gu, ' ');
  return prose.match(/\p{L}[\p{L}\p{M}'’]*/gu) ?? [];
}

/** Words that hardly an English sentence does without, and that other languages hardly have. */
const FUNCTION_WORDS = new Set('the and to with this that from it you your can which when are by be for is of'.split(' '));

/** Share of them that English prose, however technical, hardly falls short of. */
const ENGLISH_SHARE = 0.06;

/** Words that it takes to tell. */
const ENOUGH_WORDS = 40;

/** Whether a README may be English, the only language that the model reads. One with few words may be. */
export function mayBeEnglish(sections: readonly AnsweredSection[]): boolean {
  const words = sections.flatMap(({ section }) => wordsOf(section.text));
  const share = words.filter((word) => FUNCTION_WORDS.has(word.toLowerCase())).length / words.length;
  return words.length < ENOUGH_WORDS || share >= ENGLISH_SHARE;
}

/** Where a new section goes, and what stands there around its content. */
export interface NewSection {
  readonly offset: number;
  /** Its heading, in the manner of those around it, and the empty lines that it takes. */
  readonly before: string;
  readonly after: string;
}

/** A section for a missing part: behind the last section of an earlier part, in front of what comes later. */
export function newSection(part: ReadmePart, title: string, sections: readonly AnsweredSection[], source: string): NewSection {
  const level = levelOfSections(sections);
  const isTop = ({ section }: AnsweredSection): boolean => section.level === level;
  const firstTop = sections.findIndex(isTop);
  const ranks = ranksOf(sections, isTop);
  const earlier = sections.findLastIndex((candidate, index) => isTop(candidate) && (ranks[index] ?? 0) < README_PARTS.indexOf(part));
  // Behind a section and those below it; without one, behind title and introduction.
  const next = earlier < 0 ? firstTop : sections.findIndex(({ section }, index) => index > earlier && section.level <= level);
  const underline = level <= 2 && sections[firstTop]?.section.underlined;
  const heading = underline ? `${title}\n${(level === 1 ? '=' : '-').repeat(title.length)}` : `${'#'.repeat(Math.min(6, level))} ${title}`;
  if (next === 0) {
    return { offset: sections[0]?.section.range.start ?? 0, before: `${heading}\n\n`, after: '\n\n' };
  }
  const end = (next < 0 ? sections.at(-1) : sections[next - 1])?.section.range.end ?? source.trimEnd().length;
  // At the start of a line where there is one: editors indent what goes on behind an indented line.
  const lineBreak = /\r\n|\n|\r/u.exec(source.slice(end));
  return lineBreak
    ? { offset: end + lineBreak.index + lineBreak[0].length, before: `\n${heading}\n\n`, after: '\n' }
    : { offset: end, before: `${end === 0 ? '' : '\n\n'}${heading}\n\n`, after: '' };
}

/** The level of the headings below the title, the first heading; the title's own where others stand beside it. */
function levelOfSections(sections: readonly AnsweredSection[]): number {
  const [title = 1, ...others] = sections.map(({ section }) => section.level).filter((level) => level > 0);
  return others.length > 0 ? Math.min(...others) : title + 1;
}

/** Numbers of the earliest part that each section has. One that has none belongs to the one of the top before it. */
function ranksOf(sections: readonly AnsweredSection[], isTop: (section: AnsweredSection) => boolean): number[] {
  let last = 0;
  return sections.map((section) => {
    const rank = README_PARTS.findIndex((part) => sectionsWith(part, [section]).length > 0);
    last = isTop(section) && rank >= 0 ? rank : last;
    return last;
  });
}
