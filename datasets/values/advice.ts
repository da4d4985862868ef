/** What the terminal says on two files: what was dropped, what looks damaged, why nothing may match. */
import type { FileInspection } from './inspect.ts';
import type { Damage, ValueProfile } from './profile.ts';

const DAMAGE_TEXTS: Readonly<Record<Damage, string>> = {
  scientific: 'such as 1.67683E+15: a spreadsheet rounded long numbers; export the column again, as text',
  formula: 'such as ="00123": formulas, not values; export the column as text',
  formulaError: 'such as #N/A: errors of formulas',
  fraction: 'such as 123.0: whole numbers that a program wrote with a fraction; export them as text',
  replaced: 'with the mark � for lost characters: export the file again, as UTF-8',
  mojibake: 'such as Ã¼ for ü: text that was read in the wrong encoding; export it again, as UTF-8',
  missing: 'that seem to mean "not known" (such as N/A): they match each other; name them with --missing',
};

/** A key that more rows have than this share, and than so many, is a placeholder. */
const PLACEHOLDER_SHARE = 0.01;
const PLACEHOLDER_ROWS = 10;
/** Sharing less than this share of the smaller set is worth a word. */
const FEW_SHARE = 0.02;

/** What was dropped from a party's file, and what looks damaged in it, a line each. */
export function fileRemarks(inspection: FileInspection): string[] {
  const { role, size, columns, commonest } = inspection;
  const remarks: string[] = [];
  const dropped = [
    size.emptyKey > 0 && `${grouped(size.emptyKey)} without a key`,
    size.duplicates > 0 && `${grouped(size.duplicates)} with a key that an earlier row has`,
  ].filter((text) => text !== false);
  if (dropped.length > 0) {
    remarks.push(
      `${role}: of ${grouped(size.rows)} rows, ${grouped(size.items)} are compared; dropped: ${dropped.join(', ')}`,
    );
  }
  for (const { name, profile } of columns) {
    for (const [damage, count = 0] of Object.entries(profile.damages) as [Damage, number?][]) {
      const values = count === 1 ? '1 value' : `${grouped(count)} values`;
      remarks.push(`warning: ${role}, column "${name}": ${values} ${DAMAGE_TEXTS[damage]}`);
    }
  }
  if (commonest && commonest.rows >= Math.max(PLACEHOLDER_ROWS, size.rows * PLACEHOLDER_SHARE)) {
    remarks.push(
      `warning: ${role}: ${grouped(commonest.rows)} rows have one key, written as ${commonest.shape}: a placeholder, perhaps? Such rows match each other`,
    );
  }
  return remarks;
}

/** Whether so few items are shared that something may be wrong with how they are written. */
export function sharesFew(shared: number, receiver: number, sender: number): boolean {
  const smaller = Math.min(receiver, sender);
  return smaller > 0 && shared < Math.max(1, smaller * FEW_SHARE);
}

/** How a party's own values look, a line for each key column: to be held against the other's. */
export function lookOf({ role, columns }: FileInspection): string[] {
  return columns.map(({ name, profile }) => {
    if (profile.values === 0) return `${role}, "${name}": no values`;
    const { minLength, maxLength, usualLength, usualLengthShare, examples } = profile;
    const lengths =
      minLength === maxLength
        ? `all of ${minLength} characters`
        : `${minLength} to ${maxLength} characters, ${percent(usualLengthShare)} of ${usualLength}`;
    const traits = [
      profile.dates && `dates (${profile.dates})`,
      profile.leadingZeroShare > 0 && `${percent(profile.leadingZeroShare)} with leading zeros`,
      profile.upperCaseShare > 0.5 && 'in capitals',
      profile.lowerCaseShare > 0.5 && 'in small letters',
    ].filter((trait) => typeof trait === 'string');
    return `${role}, "${name}": ${[lengths, ...traits].join(', ')}; written as ${examples.join(' or ')} (9 a digit, A and a letters)`;
  });
}

/** Why two files may share nothing, from how their values look; only for who holds both. */
export function differencesOf(receiver: FileInspection, sender: FileInspection): string[] {
  const found: string[] = [];
  for (const [i, { name, profile: own }] of receiver.columns.entries()) {
    const other = sender.columns[i]?.profile;
    if (!other || own.values === 0 || other.values === 0) continue;
    for (const difference of differences(own, other)) found.push(`column "${name}": ${difference}`);
  }
  return found;
}

function differences(own: ValueProfile, other: ValueProfile): string[] {
  const found: string[] = [];
  if (own.dates !== other.dates && own.dates && other.dates) {
    found.push(`dates are written differently (${own.dates}, ${other.dates}): bring them into one form`);
  }
  if (Math.abs(own.leadingZeroShare - other.leadingZeroShare) > 0.05 || zerosLost(own, other)) {
    found.push('leading zeros were dropped on one side: try --normalise drop-leading-zeros');
  }
  if (Math.abs(own.digitsOnlyShare - other.digitsOnlyShare) > 0.5) {
    found.push('one side has digits only, the other more than that: try --normalise digits-only');
  }
  if (own.upperCaseShare > 0.5 !== other.upperCaseShare > 0.5) {
    found.push('one side is in capitals (that matters with --normalise exact only)');
  }
  if (own.usualLength !== other.usualLength && own.usualLengthShare > 0.5 && other.usualLengthShare > 0.5) {
    found.push(`lengths differ: mostly ${own.usualLength} and ${other.usualLength} characters`);
  }
  return found;
}

/** Numbers of one length on one side, of up to that length on the other. */
function zerosLost(own: ValueProfile, other: ValueProfile): boolean {
  const [padded, shorter] = own.leadingZeroShare > other.leadingZeroShare ? [own, other] : [other, own];
  return padded.leadingZeroShare > 0 && shorter.leadingZeroShare === 0 && padded.digitsOnlyShare > 0.5;
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'less than 1 %' : `${Math.round(share * 100)} %`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
