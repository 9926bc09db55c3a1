/** A line of the log for people at a terminal. */

/** `12:34:56.789 WARN  smtp.refused  client=192.0.2.1`, then the stack of a fault on lines of its own. */
export function readableLine(json: string): string {
  const { time, level, event, fault, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const head = [clock, String(level).toUpperCase().padEnd(5), printable(String(event))].join(' ');
  const rest = Object.keys(fields).length === 0 ? '' : `  ${readableFields(fields)}`;
  return `${head}${rest}\n${showFault(fault)}`;
}

/** `client=192.0.2.1  helo="two words"`; nothing in it steers a terminal. */
export function readableFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${printable(name)}=${show(value)}`)
    .join('  ');
}

function show(value: unknown): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  return /^[^\s"=]+$/.test(value) && printable(value) === value ? value : printable(JSON.stringify(value));
}

function showFault(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null || !('stack' in fault)) return '';
  const lines = String(fault.stack).split('\n');
  return lines.map((line) => `    ${printable(line)}\n`).join('');
}

/** What came over the network must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
