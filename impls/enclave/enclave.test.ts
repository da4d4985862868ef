import { testImplementation } from '../../bench/conformance.ts';
import { enclave, enclaveOblivious } from './index.ts';

const skip = [
  {
    reason: 'the enclave draws its own random bytes, and documents carry the time: only sizes repeat',
    checks: ['gives the same transcript for the same seed'],
  },
];

testImplementation(enclave, { skip });
testImplementation(enclaveOblivious, { skip });
testImplementation(enclave, {
  options: { upload: 'items' },
  skip: [
    ...skip,
    {
      reason:
        'the length of an upload tells the total length of the items, rounded up (../plaintext/README.md)',
      checks: ['sends messages whose sizes do not depend on the length of items'],
    },
  ],
});
