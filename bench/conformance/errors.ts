/** Tells errors that were thrown on purpose from those that escaped. */

/** What V8 and Node say when code runs into something it did not expect. */
const ESCAPED =
  /Cannot (read|set|convert|mix|destructure|perform)|is not (a function|iterable|defined|a constructor|an object)|undefined|Invalid (typed array|array|DataView|array buffer) length|out of bounds|outside the bounds|(byte length|start offset) of \w+ should be|[Oo]ffset is|memory access|unreachable|call stack|The value of "|The "\w+" argument|circular structure|Unexpected (token|end)|\[object \w+\]/;

/** An Error class that no implementation throws on purpose. */
const NEVER_ON_PURPOSE = ['ReferenceError', 'SyntaxError', 'EvalError', 'AssertionError', 'RuntimeError'];

/**
 * Says what is unclear about an error that a party failed with after its peer misbehaved, or `undefined`
 * if it is clear: an Error whose message is a phrase of its own, not an engine's or an assertion's.
 */
export function whatIsUnclear(error: unknown): string | undefined {
  if (!(error instanceof Error))
    return `${typeof error === 'object' ? 'an object' : `a ${typeof error}`} that is no Error`;
  // In one line, whatever bytes of a message an engine quotes.
  const shown = `${error.name}: ${error.message}`.replaceAll(/\p{Cc}+/gu, ' ');
  if (error instanceof AggregateError) {
    return error.errors.map(whatIsUnclear).find((unclear) => unclear !== undefined);
  }
  if (error.message.trim().length < 10 || !error.message.includes(' ')) {
    return `an error that says too little ("${shown}")`;
  }
  const { code } = error as { code?: unknown };
  const isInternal =
    NEVER_ON_PURPOSE.includes(error.name) ||
    NEVER_ON_PURPOSE.includes(error.constructor.name) ||
    ((error instanceof TypeError || error instanceof RangeError) &&
      (ESCAPED.test(error.message) || (typeof code === 'string' && code.startsWith('ERR_'))));
  return isInternal
    ? `an error of its insides ("${shown}"), where it should say what was wrong with the message`
    : undefined;
}
