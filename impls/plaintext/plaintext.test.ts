import { testImplementation } from '../../bench/conformance/index.ts';
import plaintext from './index.ts';

testImplementation(plaintext);
testImplementation(plaintext, {
  options: { upload: 'items' },
  skip: [
    {
      reason: 'the length of an upload tells the total length of the items, rounded up (README.md)',
      checks: ['sends messages whose sizes do not depend on the length of items'],
    },
  ],
});
